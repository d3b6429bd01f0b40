"""What a sources file may say about VK: `[source.params]`."""

from __future__ import annotations

from typing import Literal

import msgspec

from datasources._toolkit.limits import HttpLimits

Kind = Literal["posts", "comments", "mentions"]


class Community(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """A community that is read.

    Attributes:
        id: Its number, without a sign.
        area: The municipality that it belongs to, as the profile names it; "": words and places decide.
    """

    id: int
    area: str = ""


class Params(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Parameters of one source of VK. The access token is `http.bearer_file`.

    Attributes:
        communities: Whose walls are read and whose mentions are looked for.
        take: What is an appeal: `posts` of citizens on the wall, their `comments` there, posts and comments elsewhere
            that mention the community (`mentions`, which VK shows to a user's token only). What the community itself
            writes is none.
        replies_answer: A comment of the community answers the comment or post under which it stands.
        min_chars: Shorter texts are passed over and counted.
        watch_h: How long a post is looked at for new comments and edits, in hours from its publication.
        reread_s: After how long comments are read again although their number has not changed.
        overlap_s: How far behind the last reading mentions are asked for, for what VK found late.
        query: Constant parameters.
        http: Limits of one answer, and the token.
    """

    communities: tuple[Community, ...]
    take: tuple[Kind, ...] = ("posts", "comments")
    replies_answer: bool = True
    min_chars: int = 10
    watch_h: float = 168.0
    reread_s: float = 3600.0
    overlap_s: float = 3600.0
    query: dict[str, str] = {}
    http: HttpLimits = HttpLimits()

    def __post_init__(self) -> None:
        """Refuse what would read nothing.

        Raises:
            ValueError: It would.
        """
        if not self.communities or not self.take:
            message = "communities and take must name something"
            raise ValueError(message)
        if any(community.id <= 0 for community in self.communities):
            message = "communities go by their number without a sign"
            raise ValueError(message)
        if self.watch_h <= 0 or min(self.min_chars, self.reread_s, self.overlap_s) < 0:
            message = "watch_h must be above 0; min_chars, reread_s and overlap_s at least 0"
            raise ValueError(message)

    @property
    def needs_wall(self) -> bool:
        """Whether walls are read at all."""
        return "posts" in self.take or "comments" in self.take

    def area_of(self, community: int) -> str | None:
        """Return the municipality of a community, None where it has none."""
        return next((each.area for each in self.communities if each.id == community), "") or None
