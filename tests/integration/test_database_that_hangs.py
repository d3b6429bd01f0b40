"""A PostgreSQL that is stopped keeps its connections and answers nothing: no process is ended for that."""

from __future__ import annotations

import os
import signal
import threading

import sqlalchemy as sa

from commands.pulse import Alive, Pulse
from svodka.realtime.loops import Loop
from svodka.storage.database import open_database
from tests.e2e.processes import wait_until

LIMIT_S = 0.5


class Asking(Loop):
    """Asks the database again and again, until it is told to stand still without it."""

    def __init__(self, database):
        super().__init__("asking", 0.01)
        self.database = database
        self.go_on = threading.Event()
        self.go_on.set()

    def step(self):
        """Ask, or stand still for another reason."""
        self.go_on.wait()
        with self.database.read() as connection:
            connection.execute(sa.text("SELECT 1"))


def test_a_loop_that_waits_for_a_stopped_server_goes_on_showing_that_it_lives(postgres_url):
    database = open_database(postgres_url)
    with database.read() as connection:
        server = connection.scalar(sa.text("SELECT pg_backend_pid()"))
    loop, pulse = Asking(database), Pulse(0.0)
    alive = Alive(pulse.write_fd, [loop], [database], limit_s=LIMIT_S)
    loop.start()
    try:
        os.kill(server, signal.SIGSTOP)
        wait_until(lambda: loop.still_s() > 3 * LIMIT_S, 10, "the loop waits for the server")
        alive.beat()
        assert pulse.silent_s(1.0) == 0
        os.kill(server, signal.SIGCONT)
        wait_until(lambda: loop.still_s() < LIMIT_S and database.longest_s() < LIMIT_S, 10, "it goes on")
        loop.go_on.clear()
        wait_until(lambda: loop.still_s() > 3 * LIMIT_S, 10, "the loop stands still by itself")
        alive.beat()
        assert pulse.silent_s(2.0) == 1
    finally:
        os.kill(server, signal.SIGCONT)
        loop.go_on.set()
        loop.stop()
        pulse.close()
        os.close(pulse.write_fd)
        database.close()
