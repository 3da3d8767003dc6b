"""Reading many rows of Jet in several runs of one job; returns and refunds alike."""

from __future__ import annotations

from dataclasses import asdict, dataclass
from datetime import datetime
from typing import Self

from django.utils import timezone

from jetsync.sync.failures import Again
from jetsync.sync.runner import JobContext

# One run reads at most this many, then lets other merchants' work pass: about 10 s at 50 ms a read.
BATCH = 200
# 20,000 rows; what is left waits for the next time.
MOST_ROUNDS = 100


@dataclass
class Tally:
    """What one reading brought, kept over its runs. `began` is its first run's time, ISO."""

    began: str
    read: int = 0
    unreadable: int = 0
    rounds: int = 0

    @classmethod
    def of(cls, ctx: JobContext) -> Self:
        return cls(**{"began": timezone.now().isoformat(), **ctx.job.data.get("tally", {})})

    @property
    def since(self) -> datetime:
        return datetime.fromisoformat(self.began)

    def go_on(self, *, is_more: bool) -> None:
        """Call it last in a run. Raises Again while rows are left that were not read since the first one began."""
        if is_more and self.rounds < MOST_ROUNDS:
            self.rounds += 1
            raise Again(tally=asdict(self))
