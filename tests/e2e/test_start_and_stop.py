"""The whole product starts on a fresh machine, ends without a trace and goes on with the data it had."""

from __future__ import annotations

import signal
import socket
import sqlite3
import stat

import pytest

from tests.e2e.processes import wait_until
from tests.e2e.product import find_free_port, run_word

READY_LIMIT_S = 25.0
_FEED = 'connector = "http_json"\n[source.params]\nfields = { id = ["n"], started_at = "t" }\n'


def read_appeal_ids(home):
    """Our ids in the database's file, read while nobody writes."""
    connection = sqlite3.connect(f"file:{home / 'svodka.sqlite3'}?mode=ro", uri=True)
    try:
        return {row[0] for row in connection.execute("SELECT id FROM appeals")}
    finally:
        connection.close()


def find_left_behind(product):
    """Sockets, locks and pid files below home, and whether the port still listens."""
    left = [
        str(path)
        for path in product.home.rglob("*")
        if stat.S_ISSOCK(path.stat().st_mode) or path.suffix in {".sock", ".lock", ".pid"}
    ]
    with socket.socket() as probe:
        if probe.connect_ex(("127.0.0.1", int(product.settings["port"]))) == 0:
            left.append("listening port")
    return left


@pytest.mark.timeout(240)
def test_a_fresh_start_fills_every_panel_and_a_clean_stop_leaves_nothing(make_product, open_wall):
    """All panels fresh within 25 s of the start; after SIGTERM no process, socket or lock; then it goes on."""
    product = make_product().start()
    began_s = wait_until(lambda: product.answers("/wall"), READY_LIMIT_S, "the wall answers")
    screen = open_wall(product)
    screen.wait_fresh(READY_LIMIT_S - began_s)
    shown = screen.view()
    assert shown.values["open_now"] > 0
    screen.close()

    assert product.stop() == 0
    wait_until(lambda: not product.find_processes(), 2, "no process left")
    assert find_left_behind(product) == []
    ids = read_appeal_ids(product.home)
    assert len(ids) >= shown.values["open_now"]

    product.start().wait_healthy()
    again = open_wall(product)
    again.wait_fresh()
    assert again.view().seq > shown.seq
    assert set(again.view().appeals)
    assert product.stop() == 0
    assert ids <= read_appeal_ids(product.home)


@pytest.mark.parametrize("how", [signal.SIGINT, signal.SIGKILL])
def test_however_the_supervisor_ends_its_children_end(make_product, how):
    """Ctrl-C, and kill -9, which asks nobody: a next start finds the home free."""
    product = make_product().start()
    product.wait_healthy()
    product.send(how)
    code = product.wait_end()
    assert code == (0 if how == signal.SIGINT else -how)
    wait_until(lambda: not product.find_processes(), 10, "no process left")
    product.start().wait_healthy()
    assert product.stop() == 0


def refuse(product):
    """Run a product that cannot start; return its one sentence."""
    product.start()
    code = product.wait_end(30)
    printed = product.read_output().strip()
    assert code == 2, printed
    assert "Traceback" not in printed
    assert len(printed.splitlines()) == 1, printed
    assert not product.find_processes()
    return printed


def test_a_port_in_use_is_one_sentence(make_product):
    """It names the port."""
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        port = str(taken.getsockname()[1])
        assert port in refuse(make_product(port=port))


def test_a_home_that_cannot_be_written_is_one_sentence(make_product, tmp_path):
    """A file stands where the folder should be, which stops root too."""
    in_the_way = tmp_path / "file"
    in_the_way.write_text("", encoding="ascii")
    assert str(in_the_way) in refuse(make_product(home=str(in_the_way / "home")))


def test_an_unknown_profile_is_one_sentence(make_product):
    """It names the profile that was asked for."""
    assert "atlantis" in refuse(make_product(profile="atlantis"))


def test_an_unreachable_database_is_one_sentence_without_its_password(make_product):
    """Nobody listens there, and the password stays out of the log."""
    address = f"postgresql://svodka:secret-word@127.0.0.1:{find_free_port()}/svodka"
    said = refuse(make_product(database_url=address))
    assert "database" in said.lower()
    assert "secret-word" not in said


@pytest.mark.parametrize("name", ["port", "clock", "log"])
def test_a_setting_of_the_wrong_form_is_one_sentence(make_product, name):
    """It names the variable."""
    assert f"SVODKA_{name.upper()}" in refuse(make_product(**{name: "nonsense"}))


@pytest.mark.parametrize("address", ["http://broker", "redis://broker:port", "nonsense"])
def test_what_is_no_address_of_a_broker_is_one_sentence(make_product, address):
    """Every child would die of it again and again."""
    assert "SVODKA_REDIS_URL" in refuse(make_product(redis_url=address))


@pytest.mark.parametrize(
    ("line", "said"),
    [
        ('connector = "soap"', "'soap' is none of"),
        ('connector = "http_json"', "required field `fields`"),
        (_FEED + 'kinds = { "a" = "comet" }', "comet"),
        (_FEED + 'statuses = { "a" = "ajar" }', "in_work"),
    ],
)
def test_a_source_that_no_connector_understands_is_one_sentence(make_product, tmp_path, line, said):
    """It names the source; without this only the poller would say so, again and again."""
    path = tmp_path / "sources.toml"
    path.write_text(
        '[provenance]\nsource = "invented"\ndate = "2026-01-01"\n[[source]]\nid = "duty"\nname = "Duty"\n'
        'records = "incidents"\nurl = "http://127.0.0.1:9/x"\n'
        f"interval_s = 30\nageing_s = 90\nstale_s = 300\ndead_s = 1800\n{line}",
        encoding="utf-8",
    )
    printed = refuse(make_product(sources=str(path)))
    assert "duty" in printed
    assert said in printed


def test_a_second_start_in_the_same_home_is_one_sentence(make_product):
    """Two supervisors on one database would poll and count twice."""
    first = make_product().start()
    first.wait_healthy()
    assert "home" in refuse(make_product(home=str(first.home))).lower()
    assert first.load_health()["seq"] > 0


def test_what_the_start_prints_is_an_address_and_a_link(make_product):
    """The operator sees where to look, and a one-time link."""
    product = make_product().start()
    product.wait_healthy()
    printed = product.output.read_text(encoding="utf-8")
    assert product.url in printed
    assert "/link/" in printed


def test_app_without_a_known_word_says_what_is_known():
    """A misspelt word is no traceback."""
    done = run_word("pool")
    assert done.returncode == 2
    assert "Traceback" not in done.stderr
