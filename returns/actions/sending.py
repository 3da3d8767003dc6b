"""The way of a stored decision to Jet; returns and refunds alike.

Whatever happens to the worker or the line, the next try finds `checking` and looks at Jet first.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import Any, TypeVar

from django.db import transaction
from django.db.models import QuerySet
from django.utils import timezone

from jetsync.enums import OPEN_JOB_STATES
from jetsync.models import Job, Merchant
from jetsync.tenancy.actor import SYSTEM, Actor
from orders.queries.job import Work, was_cancelled
from returns.enums import IN_FLIGHT_STATES, SendState
from returns.models import Decided

D = TypeVar("D", bound=Decided)


def mark_checking(row: Decided) -> None:
    """On the wire; written before the call. The row is locked."""
    row.send_state = SendState.CHECKING
    row.save(update_fields=["send_state", "updated_at"])


def take_back(row: Decided) -> None:
    """The call surely had no effect at Jet: the decision waits again as if it had not been tried."""
    rows = type(row).objects.filter(merchant=row.merchant_id, pk=row.pk, send_state=SendState.CHECKING)
    rows.update(send_state=SendState.QUEUED)


def mark_failed(row: Decided, job: Job, *, looks: str, correct: str) -> None:
    """The job gave up. A refused decision frees its money; one whose arrival is unknown keeps holding it.

    `looks` is the hint while Jet is still asked, `correct` the one for a refusal that brings none. The row is locked.
    """
    is_unknown = row.send_state == SendState.CHECKING
    if not is_unknown:
        row.send_state = SendState.REFUSED
    row.failure_message = job.message[:500]
    row.failure_hint = (looks if is_unknown else job.hint or correct)[:500]
    row.save(update_fields=["send_state", "failure_message", "failure_hint", "updated_at"])


def mark_confirmed(row: Decided, actor: Actor) -> None:
    """A second person has said yes: it goes on its way. The row is locked."""
    row.send_state = SendState.QUEUED
    row.confirmed_by, row.confirmed_at = actor.label[:150], timezone.now()
    row.save(update_fields=["send_state", "confirmed_by", "confirmed_at", "updated_at"])


def resume_all(
    merchant: Merchant,
    rows: QuerySet[D],
    kind: str,
    *,
    lock: Callable[[Merchant, int], D],
    send: Callable[[D], object],
    withdraw: Callable[..., Any],
) -> int:
    """Those of `rows` on their way whose job of this kind is gone: cancelled ones are withdrawn, the others sent
    again. Returns how many were sent.

    A worker killed between two transactions, or a job cancelled by hand, leaves nothing stuck. One transaction per
    row: its locks last no longer, and what one of them lacks keeps none of the others.
    """

    @transaction.atomic
    def resume(pk: int) -> bool:
        row = lock(merchant, pk)
        if not row.is_in_flight:  # it moved since it was listed
            return False
        if row.send_state == SendState.QUEUED and was_cancelled(merchant, Work(kind, rows.model, pk)):
            withdraw(row, actor=SYSTEM)
            return False
        send(row)
        return True

    stuck = sorted(rows.filter(send_state__in=IN_FLIGHT_STATES).values_list("pk", flat=True))
    at_work = keys_at_work(merchant, kind, stuck)
    return sum(resume(pk) for pk in stuck if pk not in at_work)


def keys_at_work(merchant: Merchant, kind: str, keys: Iterable[int]) -> set[int]:
    """Those of the rows that have an open job of this kind."""
    jobs = Job.objects.filter(
        merchant=merchant, kind=kind, key__in=[str(key) for key in keys], state__in=OPEN_JOB_STATES
    )
    return {int(key) for key in jobs.values_list("key", flat=True)}
