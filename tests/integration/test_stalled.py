"""The dead man's handle: without a heartbeat from a poller a web process says so, and takes it back when one comes."""

from __future__ import annotations

import signal
from collections.abc import Iterator
from pathlib import Path
from urllib.error import HTTPError

import pytest

from svodka.domain.codec import decode
from svodka.realtime.messages import STALLED_AFTER_S
from tests.e2e.processes import wait_until
from tests.e2e.product import Product
from tests.scrape import scrape


@pytest.fixture
def pair(tmp_path: Path) -> Iterator[tuple[Product, Product]]:
    """A web process and a poller on one home, without a supervisor; no source answers."""
    made = [Product(tmp_path, words=(word,), simulator_url="http://127.0.0.1:9") for word in ("web", "poll")]
    try:
        yield made[0], made[1]
    finally:
        for product in made:
            product.close()


def read_health(web: Product) -> tuple[int, dict]:
    try:
        return 200, web.load_health()
    except HTTPError as error:
        return error.code, decode(error.read())


def test_a_poller_that_is_gone_turns_health_to_503_and_a_new_one_turns_it_back(pair: tuple[Product, Product]):
    """No source has to be silent for that: here none ever answered, which alone is only `degraded`."""
    web, poll = pair
    web.start()
    wait_until(lambda: web.answers("/healthz"), 60, "web answers")
    poll.start()
    port = int(web.settings["port"])
    wait_until(lambda: read_health(web)[1]["pipeline_s"] < 3, 60, "a heartbeat arrives")
    code, health = read_health(web)
    assert (code, health["status"]) == (200, "degraded")
    poll.send(signal.SIGKILL)
    poll.wait_end()
    took_s = wait_until(lambda: read_health(web)[0] == 503, STALLED_AFTER_S + 10, "503")
    assert took_s > STALLED_AFTER_S - 11  # the last heartbeat was up to ten seconds old, and no source made it fail
    assert read_health(web)[1]["status"] == "stalled"
    assert scrape(port).value("svodka_pipeline_age_seconds") > STALLED_AFTER_S
    assert scrape(port).value("svodka_loop_still_seconds", loop="pulse") < 10, "it is watched"
    poll.start()
    wait_until(lambda: read_health(web)[0] == 200, 60, "200 again")
    wait_until(lambda: "pipeline_recovered" in web.read_output(100_000), 10, "the log says so")
    events = [line for line in web.read_output(100_000).splitlines() if '"event":"pipeline_' in line]
    assert ["stalled" in line for line in events] == [True, False]
