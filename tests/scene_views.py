"""Views for tests: the overview on a wall, and of every area and every sector what exists for it, by reference."""

from __future__ import annotations

import msgspec

from svodka.readmodels.keys import Key, Scope
from svodka.readmodels.pages import EVERYTHING
from svodka.readmodels.registry import READ_MODELS, TABLE_LIMITS, key_of
from svodka.readmodels.view import View
from svodka.realtime.messages import Hello


def view_of(reference: str) -> View:
    """Return the view of `overview`, `area:<slug>` or `sector:<slug>`."""
    name, _, slug = reference.partition(":")
    if name == "overview":
        return msgspec.structs.replace(EVERYTHING, keys=EVERYTHING.keys | {Key("stage", Scope(wall="main"))})
    of_part = {name: slug}
    keys = {key_of(model.stem, Scope(**of_part)) for model in READ_MODELS if name in model.takes}
    return View(scene=reference, keys=frozenset(keys | {Key("sources")}), tables=frozenset(TABLE_LIMITS), **of_part)


def find_view(hello: Hello) -> View:
    """Return the view of the scene that a page wants."""
    return view_of(hello.scene or "overview")
