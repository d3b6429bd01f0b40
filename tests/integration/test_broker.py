"""The embedded broker: real servers, every one that this machine has."""

from __future__ import annotations

import shutil
import stat
import subprocess
import sys
from pathlib import Path

import pytest
import redis

from svodka.domain.errors import StartError
from svodka.realtime.broker import Broker, find_broker_binary
from svodka.realtime.lockfile import LockFile
from tests.e2e.processes import wait_until


def packaged_binary():
    from svodka.realtime.broker import _packaged_binary

    return _packaged_binary()


BINARIES = sorted({path for path in (shutil.which("redis-server"), packaged_binary()) if path})


@pytest.fixture(params=BINARIES, ids=lambda path: path.rsplit("/", 1)[-1])
def broker(request, tmp_path):
    broker = Broker(tmp_path / "b", request.param)
    broker.start()
    yield broker
    broker.stop()


def client_of(broker):
    return redis.Redis.from_url(broker.url, socket_timeout=5)


def test_it_listens_on_a_private_socket_only(broker):
    """No port on any network, and nobody else's processes get in."""
    with client_of(broker) as client:
        assert client.ping()
        assert client.config_get("port")["port"] == "0"
    mode = Path(broker.url.removeprefix("unix://")).stat().st_mode
    assert stat.S_ISSOCK(mode)
    assert mode & 0o077 == 0


def test_stopping_leaves_no_process_socket_or_lock(broker, tmp_path):
    """And what it held is there at the next start."""
    with client_of(broker) as client:
        client.set("kept", "1")
    process = broker.process
    broker.stop()
    assert process.poll() is not None
    assert not [path for path in (tmp_path / "b").rglob("*") if path.name in {"lock", "broker.sock"}]
    broker.start()
    with client_of(broker) as client:
        assert client.get("kept") == b"1"


def test_a_second_broker_on_the_same_folder_is_refused_while_the_first_lives(broker, tmp_path):
    """Servers do not lock their folder themselves; two would write one file."""
    with pytest.raises(StartError, match="running already"):
        Broker(tmp_path / "b", broker._binary).start()


def test_a_damaged_append_only_file_is_set_aside(broker, tmp_path):
    """The server refuses to start on it; it holds nothing that could be lost."""
    with client_of(broker) as client:
        for n in range(500):
            client.set(f"key-{n}", "x" * 50)
    broker.stop()
    parts = [path for path in (tmp_path / "b").rglob("*.aof") if path.stat().st_size > 1000]
    assert len(parts) == 1
    data = bytearray(parts[0].read_bytes())
    data[len(data) // 2 : len(data) // 2 + 200] = b"\x00" * 200
    parts[0].write_bytes(bytes(data))
    broker.start()
    with client_of(broker) as client:
        assert client.dbsize() == 0
    assert list((tmp_path / "b").glob("*.damaged"))


def test_a_long_home_puts_the_socket_elsewhere(tmp_path):
    """A unix socket's path holds 108 bytes."""
    folder = tmp_path / ("long" * 30)
    broker = Broker(folder, find_broker_binary())
    broker.start()
    path = Path(broker.url.removeprefix("unix://"))
    assert len(str(path)) < 108
    assert path.parent.stat().st_mode & 0o077 == 0
    broker.stop()
    assert not path.parent.exists()


@pytest.mark.parametrize("binary", BINARIES)
def test_it_ends_with_a_killed_parent(binary, tmp_path):
    """Kill -9 of the supervisor leaves no server and no held lock behind."""
    code = (
        "import sys, pathlib, time\n"
        "from svodka.realtime.broker import Broker\n"
        "broker = Broker(pathlib.Path(sys.argv[1]), sys.argv[2])\n"
        "broker.start(); print(broker.process.pid, flush=True); time.sleep(60)\n"
    )
    parent = subprocess.Popen(
        [sys.executable, "-c", code, str(tmp_path / "b"), binary], stdout=subprocess.PIPE, text=True
    )
    with parent:
        pid = int(parent.stdout.readline())
        parent.kill()
    wait_until(lambda: not Path(f"/proc/{pid}").exists(), 5, "the server has ended")
    again = Broker(tmp_path / "b", binary)
    again.start()
    again.stop()


def test_a_lock_is_held_by_one_and_leaves_no_file(tmp_path):
    """Also when the file is removed and made again between an open and a lock."""
    first, second = LockFile(tmp_path / "lock"), LockFile(tmp_path / "lock")
    assert first.take()
    assert not second.take()
    first.give_back()
    assert not (tmp_path / "lock").exists()
    assert second.take()
    second.give_back()
