"""What the benchmarks must not let pass: each judge is shown a run that breaks one bound."""

from __future__ import annotations

import json
import socket
import subprocess

import msgspec
import pytest

from bench import endurance, fanout, latency
from bench.crowd import Member
from bench.systems import Raw, Svodka
from commands.children import Failures
from commands.run import _TEND_S
from tests.node import ROOT, node_command
from tests.wall_models import Retry


def test_a_browser_that_misses_the_first_message_of_a_measurement_has_lost_it():
    """It stands where the change before the measurement left it."""
    with socket.socket() as sock:
        member = Member(sock=sock)
        member.follow(40, 41)
        assert (member.lost_n, member.at) == (0, 41)
        member.follow(51, 61)
        assert member.lost_n == 10
        member.follow(56, 66)
        assert (member.doubled_n, member.covered_n, member.lost_n) == (5, 21, 10)


@pytest.mark.parametrize("name", ["lost", "doubled"])
def test_fanout_forgives_neither_loss_nor_doubling(name):
    row = fanout.Figures(
        server="svodka",
        clients=fanout.JUDGED_CLIENTS,
        p50_ms=1,
        p99_ms=2,
        max_ms=3,
        cpu_us_per_delivery=1,
        cpu_share=0.1,
        generator_cpu_share=0.1,
        kb_per_client=1,
        deliveries=50_000,
        lost=0,
        doubled=0,
    )
    rows = [msgspec.structs.replace(row, clients=50, deliveries=5000), row]
    assert fanout.judge(rows)
    assert not fanout.judge([rows[0], msgspec.structs.replace(row, **{name: 1})])


def _looks(**grown):
    """Forty looks at a page where nothing grows, except what is named, by so much with each look."""
    level = {"heap": 5_000_000, "nodes": 3000, "listeners": 80, "documents": 2, "webgl": 1, "renderer": 9_000_000}
    level |= {"web": 9_000_000, "redis": 1_000_000, "same": True, "origin": 1.0}
    return [
        endurance.Look(
            at_s=15.0 * n,
            commits_n=150 * n,
            seq=150 * n,
            **{name: value + n * grown.get(name, 0) for name, value in level.items()},
        )
        for n in range(40)
    ]


@pytest.mark.parametrize(("name", "by"), [("listeners", 1), ("documents", 1), ("nodes", 10)])
@pytest.mark.parametrize("quick", [False, True])
def test_a_page_that_keeps_listeners_or_documents_does_not_endure(name, by, quick):
    _, held = endurance.judge(_looks(), quick=quick)
    assert all(held.values())
    _, held = endurance.judge(_looks(**{name: by}), quick=quick)
    assert [key for key, is_so in held.items() if not is_so] == [name]


def _latency_figures(cpu_ms):
    spans = {"p50": 10.0, "p95": 20.0, "p99": 30.0, "max": 31.0, "n": 30}
    rate = dict.fromkeys(latency.KINDS, spans) | {"never_n": dict.fromkeys(latency.KINDS, 0)}
    rates = {name: rate | {"server_cpu_ms_per_event": cpu_ms} for name in ("1", "20", "100")}
    return {"rates": rates, "cold_s": 1.0}


def _systems():
    figures = {peer.name: _latency_figures(2.0) for peer in latency.PEERS}
    return figures | {latency.Svodka.name: _latency_figures(0.5), latency.Raw.name: _latency_figures(0.2)}


def test_cpu_is_judged_at_twenty_and_at_a_hundred():
    for rate in ("20", "100"):
        figures = _systems()
        assert all(latency.judge(figures).values())
        figures[latency.Svodka.name]["rates"][rate]["server_cpu_ms_per_event"] = 1.1
        assert [key for key, is_so in latency.judge(figures).items() if not is_so] == [f"cpu_at_{rate}"]


def test_a_peer_that_failed_is_no_comparison_won():
    """Of those that push; and where there are no peers at all nothing is said of them."""
    figures = _systems() | {"Panel": {"failed": "it gave up"}}
    held = latency.judge(figures)
    assert [key for key, is_so in held.items() if not is_so] == ["cpu_below_peers_at_20", "cpu_below_peers_at_100"]
    ours = {name: figures[name] for name in (latency.Svodka.name, latency.Raw.name)}
    assert not [key for key in latency.judge(ours) if "peers" in key]


@pytest.mark.parametrize("walls", [1, 7, 100, 2000])
@pytest.mark.parametrize("share", [0.0, 0.37, 0.999])
def test_models_try_again_when_walls_do(walls, share):
    script = (
        "import { createRetry } from './assets/js/retry.mjs';"
        f"const retry = createRetry(() => {share});"
        f"console.log(JSON.stringify(Array.from({{ length: 10 }}, () => retry.next({walls}) / 1000)));"
    )
    words = [*node_command(), "--input-type=module", "-e", script]
    told = json.loads(subprocess.run(words, cwd=ROOT, capture_output=True, text=True, check=True).stdout)
    retry = Retry(lambda: share)
    assert [retry.next_s(walls) for _ in told] == pytest.approx(told)


def test_ours_is_started_again_as_late_as_the_supervisor_would_at_worst():
    """A death right after a look is noticed by the next one, and the first look after the pause starts the process."""
    failures, now_s = Failures(), _TEND_S
    failures.note(now_s)
    while now_s < failures.not_before_s:
        now_s += _TEND_S
    assert Svodka.restart_pause_s == pytest.approx(now_s)
    assert Svodka.restart_pause_s > Raw.restart_pause_s == 0
