"""What a sources file says about a form: nothing beyond the source itself."""

from __future__ import annotations

import msgspec


class Params(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Parameters of a form: none."""
