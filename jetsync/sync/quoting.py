"""What a job says where many people read it: Jet's words may quote the shopper of an order that nobody named."""

from __future__ import annotations

from jetsync.masking import PersonMask
from jetsync.models import Attempt, Job

# The newest calls say whom the words may be about.
CALLS_READ = 50

_without: set[str] = set()


def register_without_shoppers(*apps: str) -> None:
    """The jobs of these apps (the first part of their kind) handle no shopper, so none of their words can name one."""
    _without.update(apps)


def names_nobody(job: Job | None) -> bool:
    return job is not None and job.kind.partition(".")[0] in _without


def words_for_all(job: Job, message: str) -> str:
    """`message` without the shoppers that the bodies of the job's calls name.

    Of calls whose answers were not kept nobody can tell whom they quote: then only where to read it.
    """
    calls = Attempt.objects.filter(merchant=job.merchant_id, job=job).order_by("-id")
    newest = list(calls.values_list("status", "request_cut", "answer_cut")[:CALLS_READ])
    bodies = [body for _status, *both in newest for body in both if body]
    is_answered = any(status is not None for status, *_both in newest)
    if message and is_answered and not bodies and not names_nobody(job):
        return f"What Jet answered is not kept and may name a shopper. Job {job.pk} says what failed."
    return PersonMask.of_bodies(bodies).text(message)
