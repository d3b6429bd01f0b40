"""Pages that nobody polled for: stored in the web process by the same `commit_page`, in a thread of their own.

A page of a source that pushes, or of the operator's form, waits for the database where no browser waits for it.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from svodka.domain.clock import Clock
from svodka.domain.records import PollResult
from svodka.ingest.commit import PageOutcome, commit_page
from svodka.ingest.ports import RecordClassifier
from svodka.profiles.model import SourceConfig
from svodka.storage.database import Connection, Database


class Storeroom:
    """Stores pages in one process.

    Args:
        database: Its own, used by nobody else.
        classifier: Finds the profile's terms.
        clock: The product's clock.
        in_time: Calls a function without arguments where waiting holds up nobody, and returns its result; raises
            StorageUnavailableError where that takes too long.
        after_commit: Has what was committed published at once.
    """

    def __init__(
        self,
        database: Database,
        classifier: RecordClassifier,
        clock: Clock,
        *,
        in_time: Callable[[Callable[[], Any]], Any] = lambda call: call(),
        after_commit: Callable[[], None] = lambda: None,
    ) -> None:
        self.database = database
        self.classifier = classifier
        self.clock = clock
        self.in_time = in_time
        self.after_commit = after_commit

    def store(
        self,
        source: SourceConfig,
        result: PollResult,
        beside: Callable[[Connection, PageOutcome], None] | None = None,
        *,
        after_polls_n: int | None = None,
    ) -> PageOutcome:
        """Store a page, in the present thread.

        Args:
            source: Its source.
            result: The page.
            beside: Written in the same transaction (`svodka.ingest.commit.commit_page`).
            after_polls_n: `polls_total` of the source when what the page rests on was read; None: it rests on nothing.

        Returns:
            What became of it.

        Raises:
            StorageUnavailableError: Nothing was stored.
            SourceTakenError: Nothing was stored; somebody has stored something of the source since.
        """
        return commit_page(
            self.database,
            self.classifier,
            source,
            result,
            self.clock,
            after_polls_n=after_polls_n,
            beside=beside,
        )
