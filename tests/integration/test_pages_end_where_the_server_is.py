"""The browser's own code against the real log and gateway: whatever the road does, a page ends as the server is.

The Python side commits through the real ingest and reads with the real relay, reader and gateway. The page is the
real `socket.mjs` and `reduce.mjs` in node, which also watches that no row is seen twice, out of order or set back.
"""

from __future__ import annotations

from collections import Counter
from random import Random
from typing import get_args, get_type_hints

import pytest

from svodka.director.facts import PlainFacts
from svodka.director.keeper import Keeper
from svodka.director.reader import load_plan
from svodka.domain import codec
from svodka.domain.changes import ChangeKind, RowChange
from svodka.ingest.cells import CellCounter
from svodka.readmodels.registry import READ_MODELS, TABLE_LIMITS
from svodka.realtime import relay as relay_module
from svodka.realtime import round as round_module
from svodka.realtime.gateway import Gateway
from svodka.realtime.reader import LogReader, Order, Position
from svodka.realtime.relay import Relay
from tests.faulty_road import CALM, Bus, Faults, Road
from tests.histories import History
from tests.ingest_factory import appeal, incident
from tests.pages import Pages
from tests.scene_views import view_of

PAGES = {f"page-{n}": "overview" for n in range(16)} | {
    "northern": "area:north",
    "southern": "area:south",
    "heating": "sector:heat",
    "roads": "sector:roads",
}
STEADY = "page-0"  # its line breaks only in the test that breaks all
ROUGH = Faults(drop=0.04, double=0.04, delay=0.08, cut=0.01, flood=0.01)
BREAKS = Faults(cut=0.05, flood=0.03)
HEALED_WITHIN_ROUNDS = 14


class Region:
    """A history, the road from it, and twenty pages at its end."""

    def __init__(self, database, seed, monkeypatch):
        chance = Random(seed)
        self.history = History(database, seed)
        self.bus = Bus(Random(seed + 1))
        monkeypatch.setattr(relay_module, "connect_redis", lambda _url: self.bus)
        self.relay = Relay(database, "redis://nowhere")
        reader, self.fresh_reader = (LogReader(database, self.history.profile, self.history.clock) for _ in range(2))
        self.pages = Pages()
        self.road = Road(self.pages, PAGES, chance)
        clock, profile = self.history.clock, self.history.profile
        self.keeper = Keeper(load_plan(profile), profile, clock, PlainFacts())
        self.cells = CellCounter(database, profile, clock)
        self.now_s = 0.0
        self.gateway = Gateway(reader, self.road, clock, now_s=lambda: self.now_s)
        self.chance = chance

    def round(self, seconds, *, product_seconds=None):
        """Let time pass, publish, send and travel once; the product's clock may stand meanwhile."""
        self.history.clock.advance(seconds=seconds if product_seconds is None else product_seconds)
        self.now_s += seconds
        self.relay.step()
        self.bus.deliver(self.gateway)
        self.gateway.step()
        self.gateway.pulse.step()
        self.road.travel(self.gateway, seconds)

    def set_faults(self, faults):
        self.bus.faults = self.road.faults = faults

    def compare_now(self, seconds):
        """Let time pass and compare every page that is at the tip with a fresh snapshot."""
        self.history.clock.advance(seconds=seconds)
        self.history.tick()
        for name in PAGES:
            if name != STEADY and self.chance.random() < 0.1:
                self.road.cut(name, rounds=self.chance.randrange(1, 8))
        self.round(1.0, product_seconds=0)
        self.compare([name for name in PAGES if self.road.is_watching(name)])

    def compare(self, names):
        """Hold pages against fresh snapshots."""
        views = {name: view_of(PAGES[name]) for name in names}
        order = Order(epoch="", tip=0, heard={}, positions=frozenset(Position(view) for view in views.values()))
        fresh = self.fresh_reader.read(order).snapshots
        expected = {view: shown(codec.decode(text)) for view, text in fresh.items()}
        for page in self.pages.show(*views):
            assert_same(page.state, expected[views[page.page]], page.page)

    def heal(self):
        """No more faults: within a few seconds every page is what a fresh snapshot is."""
        self.set_faults(CALM)
        for _ in range(HEALED_WITHIN_ROUNDS):
            self.round(1.0)
        self.history.tick()  # what time alone changed is told; from here on it stands
        for _ in range(3):
            self.round(1.0, product_seconds=0)
        self.compare(PAGES)


def assert_same(state, expected, name):
    """Compare part by part, so that a difference names its place."""
    assert state is not None, name
    told = shown(state)
    for part in ("epoch", "seq", "limits"):
        assert told[part] == expected[part], name
    for part in ("values", "tables"):
        assert told[part].keys() == expected[part].keys()
        for word, thing in told[part].items():
            assert thing == expected[part][word], (name, word)


def shown(state):
    """Return what a page shows: the order of the incidents is the panel's own affair, instants are of the frame."""
    state = {key: state[key] for key in ("epoch", "seq", "limits", "tables", "values")}
    incidents = sorted(state["tables"]["incidents"], key=lambda row: row["id"])
    return state | {"tables": state["tables"] | {"incidents": incidents}}


@pytest.fixture
def small_tables(monkeypatch):
    """Limits that a short history reaches."""
    monkeypatch.setitem(TABLE_LIMITS, "appeals", 20)
    monkeypatch.setitem(TABLE_LIMITS, "incidents", 6)
    monkeypatch.setattr(round_module, "MAX_FRAME_CHANGES", 60)


@pytest.mark.usefixtures("small_tables")
@pytest.mark.parametrize(("kind", "frames_n"), [("sqlite", 3_000), ("postgres", 500)])
def test_lost_doubled_shuffled_messages_and_broken_lines_end_in_the_servers_state(request, monkeypatch, kind, frames_n):
    """Thousands of frames to twenty pages, each with faults of its own; looked at every few hundred rounds."""
    region = Region(request.getfixturevalue(f"{kind}_database"), 7, monkeypatch)
    with region.pages:
        while region.road.counts["frame"] < frames_n:
            region.set_faults(ROUGH)
            for _ in range(100):
                for _ in range(region.chance.choice([0, 1, 1, 1, 2])):
                    region.history.step(rare_share=0.05)
                region.round(region.chance.choice([0.2, 0.5, 1.0]))
                if region.chance.random() < 0.02:
                    region.road.reload(region.chance.choice(list(PAGES)))
            region.heal()
        counts = [page.counts for page in region.pages.show(*PAGES)]
    total = {word: sum(one[word] for one in counts) for word in counts[0]}
    assert all(n > frames_n / 100 for n in total.values()), total
    assert all(region.road.counts[fault] > frames_n / 200 for fault in ("drop", "double", "delay"))
    assert min(region.road.counts["cut"], region.road.counts["flood"], region.road.counts["missed"]) > frames_n / 500
    assert kind != "sqlite" or {"prune", "begin_epoch", "commit_many"} <= region.history.done.keys()


class Witness:
    """Reads along what comes over pub/sub and what goes to the pages."""

    def __init__(self, region):
        self.kinds, self.row_ops, self.values = set(), set(), {}
        hear, tell = region.gateway.hear, region.road.tell

        def hear_too(announcement):
            self.kinds |= {kind for change in announcement.changes for kind in change.kinds(region.history.clock.now())}
            hear(announcement)

        def tell_too(event, text, view):
            if event == "frame":
                frame = codec.decode(text.decode())
                self.row_ops |= {(change["table"], change["op"]) for change in frame["rows"]}
                for stem, value in frame["values"].items():
                    self.values.setdefault(stem, set()).add(codec.encode(value))
            tell(event, text, view)

        region.gateway.hear, region.road.tell = hear_too, tell_too


@pytest.mark.usefixtures("small_tables")
@pytest.mark.parametrize(("kind", "seed", "steps_n"), [("sqlite", 1, 160), ("postgres", 2, 60)])
def test_a_snapshot_and_the_frames_after_it_are_the_next_snapshot_for_every_kind_of_row_and_value(
    request, monkeypatch, kind, seed, steps_n
):
    """Looked at after every single step; one page watches all the time, others are away for a while."""
    region = Region(request.getfixturevalue(f"{kind}_database"), seed, monkeypatch)
    witness = Witness(region)
    total = Counter()
    with region.pages:
        for _ in range(steps_n):
            region.history.step(rare_share=0.08)
            region.keeper.advance(region.history.database)
            region.cells.look()
            region.compare_now(region.chance.choice([0.2, 1, 7, 61, 600, 3600, 20_000]))
        for page in region.pages.show(*PAGES):
            total.update(page.counts)
    assert witness.kinds == set(ChangeKind)
    assert witness.row_ops == {("appeals", "put"), ("incidents", "put"), ("incidents", "del")}  # appeals never go
    assert {op for _, op in witness.row_ops} == set(get_args(get_type_hints(RowChange)["op"]))
    changing = {key.partition("@")[0] for key, values in witness.values.items() if len(values) > 1}
    assert changing == {model.stem for model in READ_MODELS} | {"stage"}
    assert total["applied"] > total["snapshot"] > steps_n / 10


def test_more_incidents_than_a_page_holds_and_more_changes_than_a_frame_takes(sqlite_database, monkeypatch):
    """At the real limits: the gravest five hundred stay on the page while the others come and go."""
    region = Region(sqlite_database, 5, monkeypatch)
    levels = ("grave", "mild")
    with region.pages:
        for step in range(14):
            told = [incident(f"i{n}", level=levels[n % 3 > 0]) for n in range(490 + step % 5 * 5)]
            region.history.commit(told)
            if step == 6:
                region.history.commit([appeal(f"a{n}") for n in range(round_module.MAX_FRAME_CHANGES + 1)])
            region.compare_now(1)
        assert all(page.counts["snapshot"] > 1 for page in region.pages.show(STEADY))
        region.heal()  # also those whose lines were cut from the beginning


@pytest.mark.parametrize("seed", [6])
def test_no_incident_passes_unseen_while_lines_break(sqlite_database, monkeypatch, seed):
    """Whatever was ever open is seen by every page: as open, or told of as over."""
    region = Region(sqlite_database, seed, monkeypatch)
    with region.pages:
        region.heal()
        region.set_faults(BREAKS)
        for _ in range(160):
            for _ in range(region.chance.choice([1, 1, 2, 6])):
                region.history.step(rare_share=0.04)
            region.round(1.0, product_seconds=region.chance.choice([1, 10, 70]))
            if region.chance.random() < 0.1:
                region.road.reload(region.chance.choice(list(PAGES)))
        region.heal()
        assert len(region.history.ever_open) > 30
        pages = region.pages.show(*(name for name, scene in PAGES.items() if scene == "overview"))
        for page in pages:
            assert region.history.ever_open <= {*page.seen, *page.missed}
        assert sum(len({*page.missed} - {*page.seen}) for page in pages) > 20
