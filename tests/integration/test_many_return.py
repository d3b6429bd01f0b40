"""Hundreds of walls come back at once to a web process that was killed: the real server, cheap browsers."""

from __future__ import annotations

import signal

import pytest

from bench.crowd import Crowd
from svodka.domain.changes import ChangeKind
from svodka.domain.clock import SystemClock
from svodka.storage.change_log import Draft, append_changes
from svodka.storage.database import open_database
from svodka.storage.migrate import migrate
from tests.e2e.processes import wait_until
from tests.e2e.product import Product

WALLS_N = 300


@pytest.fixture
def web(tmp_path):
    product = Product(tmp_path, words=("web",), log="warning")
    product.home.mkdir(mode=0o700)
    yield product
    product.close()


def start(web):
    web.start()
    wait_until(lambda: web.answers("/wall"), 60, "the wall answers")
    crowd = Crowd(int(web.settings["port"]), "/socket.io/?EIO=4&transport=websocket", is_socketio=True, says_hello=True)
    crowd.grow(WALLS_N)
    return crowd


def test_hundreds_of_walls_come_back_at_once_and_all_of_them_follow(web):
    """Each is answered, nobody is turned away, and the next changes reach every one without a gap."""
    database = open_database(f"sqlite:///{web.home / 'svodka.sqlite3'}")
    migrate(database)

    def change():
        with database.write() as connection:
            return append_changes(connection, [Draft(kind=ChangeKind.TICK, key="clock")], SystemClock().now())

    for is_last in (False, True):
        crowd = start(web)
        for _ in range(3):
            head = change()
            crowd.listen(20, until=head)
        members = list(crowd.members.values())
        assert len(members) == WALLS_N
        assert {member.at for member in members} == {head}
        assert sum(member.lost_n for member in members) == 0
        if not is_last:
            web.send(signal.SIGKILL)
            web.wait_end()
        crowd.close()
    database.close()
    assert "too_many_browsers" not in web.read_output()
    assert "hello_refused" not in web.read_output()
