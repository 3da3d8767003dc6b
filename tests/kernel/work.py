"""Two kinds of jobs for the tests of the queue."""

from __future__ import annotations

import pytest

from jetsync.enums import Queue
from jetsync.sync import registry

# The keys of the jobs that ran, and what the next runs raise (None: nothing).
ran: list[str] = []
outcome: list[BaseException | None] = []


def declare_kinds(monkeypatch: pytest.MonkeyPatch) -> None:
    """The only kinds there are: `test.work`, and `test.urgent` of the urgent queue."""
    ran.clear()
    outcome.clear()
    monkeypatch.setattr(registry, "_kinds", {})

    @registry.handler("test.work", label="Work", right=None, max_attempts=3)
    def work(context):
        ran.append(context.job.key)
        context.note(f"did {context.job.key}")
        if outcome and (error := outcome.pop(0)) is not None:
            raise error

    @registry.handler("test.urgent", label="Urgent work", right=None, queue=Queue.URGENT)
    def urgent(context):
        ran.append(context.job.key)
