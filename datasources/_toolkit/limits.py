"""How long and how large an answer may be; part of every source's params as `[source.params.http]`."""

from __future__ import annotations

import msgspec

MIB = 1024 * 1024


class HttpLimits(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Limits of one request.

    Attributes:
        connect_s: Seconds until the connection stands.
        read_s: Seconds of silence in the middle of an answer.
        total_s: Seconds for the whole answer, however it trickles in.
        max_bytes: Size of the answer after decompression.
        authorization_file: File that holds the value of the Authorization header, "" for none. A secret
            never stands in a sources file, an error or a log.
    """

    connect_s: float = 5.0
    read_s: float = 15.0
    total_s: float = 30.0
    max_bytes: int = 8 * MIB
    authorization_file: str = ""

    def __post_init__(self) -> None:
        """Refuse limits that would mean "never" or "at once".

        Raises:
            ValueError: A limit is not positive.
        """
        if min(self.connect_s, self.read_s, self.total_s, self.max_bytes) <= 0:
            message = "limits of http must be above 0"
            raise ValueError(message)
