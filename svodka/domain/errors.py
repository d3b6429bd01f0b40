"""Errors named by what the caller must do.

SvodkaError
├── StartError                 the operator mends the set-up; the process says one sentence and ends
├── SourceUnavailableError     try again later (after retry_after_s where the source said so)
├── SourceContractBrokenError  the answer as a whole is not what the source promised: tell the operator
├── SourceTakenError          another poller stored something of the source meanwhile: drop the answer
├── RecordUnreadableError      one record goes to quarantine, the rest of the page goes on
├── StorageUnavailableError    the database cannot be reached or refuses writes: keep the cursor, try again
└── AccessDeniedError          the principal may not do this

ProfileError (the operator mends a file of the region profile) stands beside the tree: profiles lie below this folder.
"""

from __future__ import annotations

from svodka.domain.reasons import RejectReason
from svodka.profiles.errors import ProfileError

__all__ = [
    "AccessDeniedError",
    "ProfileError",
    "RecordUnreadableError",
    "SourceContractBrokenError",
    "SourceTakenError",
    "SourceUnavailableError",
    "StartError",
    "StorageUnavailableError",
    "SvodkaError",
]


class SvodkaError(Exception):
    """Root of every error that the project raises on purpose."""


class StartError(SvodkaError):
    """The process cannot start; the message is one sentence that says what to do."""


class SourceUnavailableError(SvodkaError):
    """The source did not answer, or answered that it cannot serve now."""

    def __init__(self, message: str, *, retry_after_s: float | None = None) -> None:
        super().__init__(message)
        self.retry_after_s = retry_after_s


class SourceContractBrokenError(SvodkaError):
    """The answer is not of the promised form (HTML for JSON, half a document, too large, a redirect elsewhere).

    `status` is the one with which the source refused the question, None where something else is the trouble.
    """

    def __init__(self, message: str, *, status: int | None = None) -> None:
        super().__init__(message)
        self.status = status


class SourceTakenError(SvodkaError):
    """Another poller stored something of this source since the question was asked: the answer may be the older one."""


class RecordUnreadableError(SvodkaError):
    """One record cannot be read; its neighbours can. `word` is as in `Rejected` and no part of the text."""

    def __init__(self, reason: RejectReason, detail: str = "", *, word: str = "") -> None:
        super().__init__(f"{reason.value}: {detail}" if detail else reason.value)
        self.reason = reason
        self.detail = detail
        self.word = word


class StorageUnavailableError(SvodkaError):
    """The database cannot be reached, is read-only or is full."""


class AccessDeniedError(SvodkaError):
    """The principal may not perform the action."""
