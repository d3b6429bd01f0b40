"""Bad manners that any address of the simulator can be asked with: `/rough/<manner>/<address>`."""

from __future__ import annotations

import threading
from collections import Counter

import msgspec

from simulator.georeport import Response

_HTML = b"<!DOCTYPE html><html><head><title>Log in</title></head><body><form>Please log in.</form></body></html>"
_NO_WORDS = b""
_STATUSES = ("400", "401", "403", "404", "408", "500", "502", "503")
_MOODS = ("", "", "503", "", "half", "", "html", "429")
_MAX_COUNTED = 1000


class Manners:
    """Spoils answers.

    - `400` … `503`: that status and nothing else;
    - `429`, `long-wait`: 429 with Retry-After of five seconds, of thirty years;
    - `html`: a page to log in, with status 200 and the promised content type;
    - `nothing`: an answer of no bytes; `cut`: half of the document, as if it were the whole;
    - `half`: hangs up in the middle; `slow`: in pieces, over two seconds; `hang`: says nothing for a minute;
    - `redirect`: to another host;
    - `moody`: by turns as it should be, 503, half, a page to log in, 429.
    """

    def __init__(self) -> None:
        self._asked: Counter[str] = Counter()
        self._lock = threading.Lock()
        self._answers = {
            **{status: _bare(int(status)) for status in _STATUSES},
            "429": _bare(429, ("Retry-After", "5")),
            "long-wait": _bare(429, ("Retry-After", "1000000000")),
            "redirect": _bare(302, ("Location", "http://elsewhere.invalid/")),
        }

    def knows(self, manner: str) -> bool:
        """Whether there is such a manner."""
        return manner in self._answers or manner in {"html", "nothing", "cut", "half", "slow", "hang", "moody"}

    def spoil(self, manner: str, address: str, response: Response | None) -> Response | None:
        """Return an answer as a system of such manners gives it; None stays None."""
        if response is None:
            return None
        if manner == "moody":
            manner = self._mood(address)
        if manner in self._answers:
            return self._answers[manner]
        if manner == "html":
            return msgspec.structs.replace(response, body=_HTML)
        if manner == "nothing":
            return msgspec.structs.replace(response, body=_NO_WORDS)
        if manner == "cut":
            return msgspec.structs.replace(response, body=response.body[: len(response.body) // 2])
        return msgspec.structs.replace(response, manner=manner)

    def _mood(self, address: str) -> str:
        with self._lock:
            if len(self._asked) > _MAX_COUNTED:
                self._asked.clear()
            self._asked[address] += 1
            return _MOODS[self._asked[address] % len(_MOODS)]


def _bare(status: int, *headers: tuple[str, str]) -> Response:
    return Response(status, "text/plain; charset=utf-8", f"{status}\n".encode(), headers=headers)
