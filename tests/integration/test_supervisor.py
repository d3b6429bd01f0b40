"""The supervisor: children that die come back, the network stays shut until access is set up."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
from pathlib import Path

import pytest

from commands.children import Failures, restart_pause_s
from commands.pulse import HUNG_AFTER_S
from tests.e2e.processes import wait_until
from tests.e2e.product import ROOT, Product


@pytest.fixture
def make_product(tmp_path):
    made = []

    def make(**settings):
        made.append(Product(tmp_path, **settings))
        return made[-1]

    yield make
    for product in made:
        product.close()


def find_pid(product, word):
    """Find a child; the broker's server writes over its environment, so it is known by its socket's path."""
    found = [pid for pid, line in {**product.find_processes(), **find_brokers(product)}.items() if word in line]
    return found[0] if found else None


def find_brokers(product):
    found = {}
    for path in Path("/proc").glob("[0-9]*/cmdline"):
        try:
            line = path.read_bytes().replace(b"\0", b" ").decode(errors="replace")
        except OSError:  # it has ended meanwhile
            continue
        if str(product.home / "broker" / "broker.sock") in line:
            found[int(path.parent.name)] = line
    return found


def count_records(product):
    return sum(source["records_total"] for source in product.load_health()["sources"].values())


def test_pauses_grow_and_stay_bounded():
    """Half a second first, half a minute at most."""
    pauses = [restart_pause_s(n) for n in range(1, 12)]
    assert pauses[0] == 0.5
    assert pauses == sorted(pauses)
    assert pauses[-1] == 30


def test_a_long_life_forgives_earlier_deaths():
    """Whatever died six times in its first minute, and then once a month, comes back at once."""
    failures = Failures()
    assert [failures.note(now_s, now_s) for now_s in range(3)] == [0.5, 1.0, 2.0]
    assert failures.note(100.0, 10.0) == 0.5
    assert failures.not_before_s == 100.5


def last_heard(product):
    """When the source that was read last was read."""
    return max(view["last_success_at"] for view in product.load_health()["sources"].values())


@pytest.mark.timeout(150)
def test_children_that_are_killed_come_back_and_the_data_stay(make_product):
    """Web, poller and broker, one after the other; at the end everything ends within its limit."""
    product = make_product().start()
    product.wait_healthy()
    said = [line for line in product.read_output(100_000).splitlines() if not line.startswith("{")]
    assert len(said) == 2, said  # the address and the operator's link, nothing of the children
    private = [*product.home.glob("svodka.*"), *product.home.glob("broker/*"), product.home / "secret.key"]
    assert not [path for path in private if path.lstat().st_mode & 0o077]
    for word in ("app.py web", "app.py poll", "broker.sock"):
        before = find_pid(product, word)
        assert before is not None, product.find_processes()
        os.kill(before, signal.SIGKILL)
        wait_until(lambda word=word, before=before: find_pid(product, word) not in {None, before}, 20, f"{word} again")
        wait_until(lambda: product.answers("/healthz"), 20, "it answers")
    records_n = count_records(product)
    heard = last_heard(product)
    wait_until(lambda: last_heard(product) > heard, 30, "sources are asked again")  # at a quiet hour nothing is new
    assert count_records(product) >= records_n > 0
    assert product.stop() == 0
    assert not {**product.find_processes(), **find_brokers(product)}
    left = {path.name for path in product.home.rglob("*")} & {"svodka.lock", "lock", "broker.sock"}
    assert not left


@pytest.mark.timeout(150)
def test_children_that_hang_without_dying_are_replaced(make_product):
    """All three are stopped at once, as a deadlock would; they are others half a minute later, and all goes on."""
    product = make_product().start()
    product.wait_healthy()
    hanging = {word: find_pid(product, word) for word in ("app.py web", "app.py poll", "broker.sock")}
    assert None not in hanging.values()
    for pid in hanging.values():
        os.kill(pid, signal.SIGSTOP)
    for word, pid in hanging.items():
        took_s = wait_until(lambda word=word, pid=pid: find_pid(product, word) not in {None, pid}, 60, f"{word} again")
        assert took_s < HUNG_AFTER_S + 10
    wait_until(lambda: product.answers("/healthz"), 30, "it answers")
    records_n = count_records(product)
    heard = last_heard(product)
    wait_until(lambda: last_heard(product) > heard, 40, "sources are asked again")
    assert count_records(product) >= records_n > 0
    output = product.read_output(100_000)
    assert output.count('"event":"child_hung"') == 2
    assert output.count('"event":"broker_hung"') == 1
    assert product.stop() == 0


def test_the_network_is_not_served_before_access_has_been_set_up(make_product):
    """One sentence says what to do; afterwards it starts."""
    product = make_product(host="0.0.0.0").start()  # noqa: S104 - what is refused
    assert product.wait_end(30) == 2
    assert "app.py link create" in product.read_output()
    assert "Traceback" not in product.read_output()


def test_links_are_made_listed_and_revoked_on_the_command_line(tmp_path):
    """The token is shown once, at creation; the list has none."""

    def link(*words):
        environ = {**os.environ, "SVODKA_HOME": str(tmp_path / "home")}
        return subprocess.run(
            [sys.executable, "app.py", "link", *words],
            cwd=ROOT,
            env=environ,
            capture_output=True,
            text=True,
            check=False,
        )

    made = link("create", "--role", "wall", "--label", "hall")
    link_id, url = made.stdout.split()
    token = url.rsplit("/", 1)[-1]
    listed = link("list").stdout
    assert link_id in listed
    assert token not in listed
    assert link("revoke", link_id).returncode == 0
    assert "revoked" in link("list").stdout
    assert "used" not in link("create", "--role", "wall", "--label", "day", "--days", "1", "--once").stderr
    assert "in force until" in link("list").stdout
    assert link("create", "--role", "wall", "--label", "never", "--days", "-1").returncode == 2
    again = link("revoke", link_id)
    assert again.returncode == 2
    assert len(again.stderr.strip().splitlines()) == 1
