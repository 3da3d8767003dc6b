"""A worker that dies around a call of Jet, in the process of the test: no clean-up of the runner runs."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import timedelta
from typing import Any
from unittest.mock import patch

from django.utils import timezone

from jetsync.enums import JobState
from jetsync.jet.exchange import Call
from jetsync.jet.transport import Transport
from jetsync.models import Job
from jetsync.sync.claims import free_lost_jobs
from jetsync.sync.runner import run_job


class WorkerDied(BaseException):
    """Passes every `except Exception`, as SIGKILL does: open transactions roll back, nothing is written down."""


@contextmanager
def dying(*, after: bool, method: str = "") -> Iterator[list[str]]:
    """The first call of Jet (with this method) never leaves, or (`after`) is never heard the answer of.

    Yields the paths at which a worker died: empty when there was no such call.
    """
    places: list[str] = []
    exchange = Transport._exchange

    def die(transport: Transport, call: Call) -> Any:
        if places or "token" in call.path or (method and call.method != method):
            return exchange(transport, call)
        places.append(call.path)
        if after:
            exchange(transport, call)
        raise WorkerDied

    with patch.object(Transport, "_exchange", die):
        yield places


def run_and_die(job: Job, *, after: bool, method: str = "") -> bool:
    """Runs a due job in such a worker. True when it died, which leaves the job running."""
    with dying(after=after, method=method) as places:
        try:
            run_job(job.pk)
        except WorkerDied:
            return bool(places)
    return False


def reclaim_lost_jobs() -> int:
    """Time passes until the leases of dead workers end, and the beat frees their jobs."""
    Job.objects.filter(state=JobState.RUNNING).update(lease_until=timezone.now() - timedelta(seconds=1))
    return free_lost_jobs()
