"""The archives that are kept: what is committed late belongs to them as well."""

from __future__ import annotations

from datetime import timedelta

from svodka.domain.clock import ManualClock
from svodka.domain.codec import decode
from svodka.ingest.commit import commit_page
from svodka.past.archive import Basis
from svodka.past.asking import Asked
from svodka.past.shelf import Shelf
from tests.ingest_factory import T0, PlainClassifier, appeal, appeal_source, page, tiny_profile
from tests.scene_views import view_of


def test_what_was_learnt_at_an_instant_and_committed_later_is_shown_of_it(database):
    """A transaction takes its time: an archive of a moment ago is asked for again and has what came meanwhile."""
    profile = tiny_profile()
    shelf = Shelf(database, profile, ManualClock(T0 + timedelta(hours=1)))
    at = T0 + timedelta(minutes=30)
    asked = Asked(at=at, basis=Basis.SEEN, view=view_of("overview"))

    def tell(name, known_at):
        told = appeal(name, received_at=T0)
        commit_page(database, PlainClassifier(profile), appeal_source("one"), page(told), known_at)

    def shown():
        return decode(shelf.show(asked))["values"]["open"]["open_now"]["value"]

    tell("a", at - timedelta(minutes=20))
    assert shown() == 1
    tell("b", at - timedelta(seconds=1))
    assert shown() == 2
    shelf.close()
