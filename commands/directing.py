"""The director in the processes: what is built of it, and the loop by which a poller brings the walls forward."""

from __future__ import annotations

from collections.abc import Iterator

from svodka.director.facts import Scenes
from svodka.director.keeper import Keeper
from svodka.director.plan import Plan, references, stretch
from svodka.director.reader import load_plan
from svodka.domain.clock import Clock
from svodka.ingest.tenure import Tenure
from svodka.profiles.model import Profile
from svodka.realtime.loops import Loop
from svodka.realtime.relay import Relay
from svodka.scenes.book import SceneBook, scene_folders
from svodka.scenes.model import parse_ref
from svodka.settings import Settings
from svodka.storage.database import Database

LEASE = "director"
_STEPS_TO_A_LOOK_AT_FILES = 8
_LOOK_EVERY_S = 0.25  # of the two seconds within which an incident must be on the wall


class KnownScenes:
    """The scenes of a book, as the director asks for them.

    Args:
        book: Looked at anew by whoever keeps it.
    """

    def __init__(self, book: SceneBook) -> None:
        self._book = book

    def knows(self, reference: str) -> bool:
        """Return whether there is a scene for a reference."""
        ref = parse_ref(reference)
        return ref is not None and self._book.knows(ref)

    def takes(self, scene: str) -> str:
        """Return what a scene takes by its id."""
        found = self._book.scenes.get(scene)
        return "" if found is None else found.takes or ""


def build_keeper(profile: Profile, clock: Clock, settings: Settings, book: SceneBook) -> Keeper:
    """Return what keeps the walls of this installation; on a quick clock scenes still stay their real seconds.

    Raises:
        ProfileError: The file of walls cannot be used.
    """
    plan = stretch(load_plan(profile, settings.walls), clock.rate)
    return Keeper(plan, profile, clock, KnownScenes(book))


def find_faults(plan: Plan, scenes: Scenes) -> Iterator[str]:
    """Yield a line for every scene of a plan that does not exist.

    Yields:
        Where the plan names it, and how.
    """
    for place, reference in references(plan):
        scene, _, argument = reference.partition(":")
        takes = scenes.takes(scene)
        is_pattern = argument == "*" or argument.startswith("worst-")
        if not (bool(takes) if is_pattern else scenes.knows(reference)):
            yield f"{place}: there is no scene {reference}"


class Directing(Loop):
    """Brings the walls forward while this process holds the lease."""

    def __init__(
        self, profile: Profile, clock: Clock, settings: Settings, *, database: Database, tenure: Tenure, relay: Relay
    ) -> None:
        super().__init__("director", _LOOK_EVERY_S)
        self._book = SceneBook(profile, scene_folders(profile, settings.scenes))
        self._keeper, self._database = build_keeper(profile, clock, settings, self._book), database
        self._tenure, self._relay = tenure, relay
        for fault in find_faults(self._keeper.plan, KnownScenes(self._book)):
            self._log.warning("wall_scene_unknown", fault=fault)

    def step(self) -> None:
        """Look at the walls, and have what they are told published at once; now and then at the scene files."""
        if self.steps_n % _STEPS_TO_A_LOOK_AT_FILES == 0:
            self._book.refresh()
        if self._tenure.holds(LEASE) and self._keeper.advance(self._database):
            self._relay.kick()
