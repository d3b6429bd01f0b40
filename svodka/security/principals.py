"""Who asks. Until accounts exist there are walls and operators, each known by an access link."""

from __future__ import annotations

from enum import StrEnum

import msgspec


class Role(StrEnum):
    """What kind of asker a principal is.

    NOBODY has shown nothing. GUEST came by a link to one briefing. LOCAL is a browser on the machine itself until
    the first wall link is made. WALL and OPERATOR came by a link. PICTURE is the renderer of one frozen moment.
    SOURCE is a system that pushes and has signed.
    """

    NOBODY = "nobody"
    LOCAL = "local"
    WALL = "wall"
    OPERATOR = "operator"
    GUEST = "guest"
    PICTURE = "picture"
    SOURCE = "source"


class Principal(msgspec.Struct, frozen=True, kw_only=True):
    """An asker.

    Attributes:
        role: Its kind.
        link_id: The access link it came by, for walls and operators.
        briefing: The one briefing that a guest may see.
        frozen: Token of the frozen moment that a renderer may see.
        source: The source whose secret it signed with.
        on_machine: The request came over loopback, not through a proxy.
    """

    role: Role
    link_id: str = ""
    briefing: str = ""
    frozen: str = ""
    source: str = ""
    on_machine: bool = False


NOBODY = Principal(role=Role.NOBODY)
