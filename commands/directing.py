"""The director in the processes: what is built of it, and the loop by which a poller brings the walls forward."""

from __future__ import annotations

from svodka.director.keeper import Keeper
from svodka.director.plan import stretch
from svodka.director.reader import load_plan
from svodka.domain.clock import Clock
from svodka.ingest.tenure import Tenure
from svodka.profiles.model import Profile
from svodka.realtime.loops import Loop
from svodka.realtime.relay import Relay
from svodka.settings import Settings
from svodka.storage.database import Database

LEASE = "director"
_LOOK_EVERY_S = 0.25  # of the two seconds within which an incident must be on the wall


def build_keeper(profile: Profile, clock: Clock, settings: Settings) -> Keeper:
    """Return what keeps the walls of this installation; on a quick clock scenes still stay their real seconds.

    Raises:
        ProfileError: The file of walls cannot be used.
    """
    plan = stretch(load_plan(profile, settings.walls), clock.rate)
    return Keeper(plan, profile, clock, knows=lambda _reference: True)


class Directing(Loop):
    """Brings the walls forward while this process holds the lease."""

    def __init__(self, keeper: Keeper, database: Database, tenure: Tenure, relay: Relay) -> None:
        super().__init__("director", _LOOK_EVERY_S)
        self._keeper, self._database = keeper, database
        self._tenure, self._relay = tenure, relay

    def step(self) -> None:
        """Look at the walls, and have what they are told published at once."""
        if self._tenure.holds(LEASE) and self._keeper.advance(self._database):
            self._relay.kick()
