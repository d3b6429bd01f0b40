"""A line between browser and server that a test cuts, stalls and mends."""

from __future__ import annotations

import contextlib
import socket
import threading

_CHUNK = 65536


class Wire:
    """Hands TCP connections on to another port of the loopback; two threads for each."""

    def __init__(self, target: int) -> None:
        self._target = target
        self._open: set[socket.socket] = set()
        self._lock = threading.Lock()
        self._flows = threading.Event()
        self._flows.set()
        self._refuses = False
        self._server = socket.create_server(("127.0.0.1", 0), backlog=64)
        self.port = int(self._server.getsockname()[1])
        self._threads = [threading.Thread(target=self._accept, daemon=True)]
        self._threads[0].start()

    def cut(self) -> None:
        """End all connections and take no new ones."""
        self._refuses = True
        self._end_all()

    def stall(self) -> None:
        """Keep all connections and carry nothing."""
        self._flows.clear()

    def mend(self) -> None:
        """Carry everything again."""
        self._refuses = False
        self._flows.set()

    def close(self) -> None:
        """End it, and wait for its threads."""
        self.cut()
        self._flows.set()
        with contextlib.suppress(OSError):
            self._server.shutdown(socket.SHUT_RDWR)
        self._server.close()
        for thread in self._threads:
            thread.join(5)

    def _accept(self) -> None:
        while True:
            try:
                near, _ = self._server.accept()
            except OSError:
                return
            far = None
            with contextlib.suppress(OSError):
                far = None if self._refuses else socket.create_connection(("127.0.0.1", self._target))
            if far is None:
                near.close()
                continue
            with self._lock:
                self._open |= {near, far}
            pair = [threading.Thread(target=self._carry, args=ends, daemon=True) for ends in ((near, far), (far, near))]
            threading.Thread(target=self._finish, args=(pair, near, far), daemon=True).start()

    def _finish(self, pair: list[threading.Thread], near: socket.socket, far: socket.socket) -> None:
        for thread in pair:
            thread.start()
        for thread in pair:
            thread.join()
        with self._lock:
            self._open -= {near, far}
        near.close()
        far.close()

    def _carry(self, here: socket.socket, there: socket.socket) -> None:
        with contextlib.suppress(OSError):
            while data := here.recv(_CHUNK):
                self._flows.wait()
                there.sendall(data)
        for end in (here, there):
            with contextlib.suppress(OSError):
                end.shutdown(socket.SHUT_RDWR)

    def _end_all(self) -> None:
        with self._lock:
            for end in self._open:
                with contextlib.suppress(OSError):
                    end.shutdown(socket.SHUT_RDWR)
