"""A target of the profile as a tile shows it."""

from __future__ import annotations

from svodka.profiles.model import Profile
from svodka.readmodels.values import TargetView


def target_of(profile: Profile, kpi: str) -> TargetView | None:
    """Return the profile's target of a KPI, None where it sets none: then no arc is drawn."""
    for target in profile.targets:
        if target.kpi == kpi:
            return TargetView(value=target.value, better=target.better, example=target.example)
    return None
