"""Whose shopper a row of the log, a job or a call is about, for those who may not see him. Apps register theirs.

register_shoppers("orders.order", masks_of_orders)
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from typing import Any

from django.db.models import Q, QuerySet

from jetsync.masking import PersonMask
from jetsync.models import Attempt, Job, LogEntry, Merchant
from jetsync.panel.about import Named
from jetsync.panel.filters import SearchFilter, any_of
from jetsync.tenancy.actor import Actor
from jetsync.tenancy.rights import Right

# Masks by id, for ids of one kind; an id without a shopper is left out. A constant number of queries.
Masks = Callable[[Merchant, Collection[int]], Mapping[int, PersonMask]]

# The newest calls of the jobs of one list, whose bodies say whom their words may be about.
CALLS_READ = 500

_masks: dict[str, Masks] = {}


def register_shoppers(label: str, masks: Masks) -> None:
    """`label` is the model's in lower case."""
    _masks[label] = masks


def shopper_types() -> frozenset[str]:
    """The labels of all that is about a shopper."""
    return frozenset(_masks)


def masks_for(merchant: Merchant, actor: Actor, rows: Iterable[Named]) -> dict[tuple[str, int], PersonMask]:
    """`(object type, id) -> mask` of what the rows name; empty for an actor who may see shoppers."""
    return {} if actor.may(Right.BUYERS_VIEW) else masks_of(merchant, rows)


def masks_of(merchant: Merchant, rows: Iterable[Named]) -> dict[tuple[str, int], PersonMask]:
    """The same whoever asks: for texts that leave the panel."""
    wanted: dict[str, set[int]] = {}
    for row in rows:
        if row.object_id is not None and row.object_type in _masks:
            wanted.setdefault(row.object_type, set()).add(row.object_id)
    return {
        (label, pk): mask
        for label, ids in wanted.items()
        for pk, mask in _masks[label](merchant, ids).items()
    }


def masks_by_job(merchant: Merchant, actor: Actor, jobs: Iterable[Job]) -> dict[int, PersonMask]:
    """Job id -> mask: the shopper of what it is about, else whoever the bodies of its newest calls name.

    Empty for an actor who may see shoppers. A constant number of queries.
    """
    if actor.may(Right.BUYERS_VIEW):
        return {}
    asked = list(jobs)
    known = masks_of(merchant, asked)
    masks = {job.pk: known.get((job.object_type, job.object_id or 0)) for job in asked}
    bodies: dict[int, list[str]] = {pk: [] for pk, mask in masks.items() if mask is None}
    if bodies:
        calls = Attempt.objects.filter(merchant=merchant, job__in=list(bodies)).order_by("-id")
        for pk, sent, answer in calls.values_list("job_id", "request_cut", "answer_cut")[:CALLS_READ]:
            bodies[pk or 0] += (sent, answer)
    return {pk: mask or PersonMask.of_bodies(bodies[pk]) for pk, mask in masks.items()}


def words_of_log(
    merchant: Merchant, actor: Actor, entries: Sequence[LogEntry]
) -> dict[int, Callable[[str], str]]:
    """Entry id -> what makes of its texts ones that the actor may read: by its object, else by the job that wrote it."""
    masks = masks_for(merchant, actor, entries)
    untied = [] if actor.may(Right.BUYERS_VIEW) else [row for row in entries if not row.object_type]
    wrote = {row.job_id for row in untied if row.job_id}
    jobs = Job.objects.filter(merchant=merchant, pk__in=wrote) if wrote else ()
    by_job = masks_by_job(merchant, actor, jobs)
    words = {row.pk: shown_words(masks, row) for row in entries}
    return words | {row.pk: words_through(by_job.get(row.job_id or 0)) for row in untied}


def masks_by_call(merchant: Merchant, actor: Actor, calls: Iterable[Attempt]) -> dict[int, PersonMask]:
    """Call id -> the mask of its job, or of its own bodies where it has none. Empty and bounded as `masks_by_job`."""
    if actor.may(Right.BUYERS_VIEW):
        return {}
    asked = list(calls)
    by_job = masks_by_job(merchant, actor, {call.job for call in asked if call.job})
    lone = [call.pk for call in asked if call.job is None]
    bodies = Attempt.objects.filter(merchant=merchant, pk__in=lone).values_list(
        "pk", "request_cut", "answer_cut"
    )
    own = {pk: PersonMask.of_bodies((sent, answer)) for pk, sent, answer in bodies} if lone else {}
    return {call.pk: by_job[call.job_id] if call.job_id in by_job else own[call.pk] for call in asked}


def mask_of_job(
    merchant: Merchant, actor: Actor, job: Job | None, calls: Iterable[Attempt]
) -> PersonMask | None:
    """None for those who may see shoppers. Else the shopper of the order it is about, or whoever the bodies name."""
    if actor.may(Right.BUYERS_VIEW):
        return None
    return mask_of_calls(merchant, job, calls)


def mask_of_calls(merchant: Merchant, job: Job | None, calls: Iterable[Attempt]) -> PersonMask:
    """The same whoever asks."""
    known = masks_of(merchant, [job] if job else [])
    bodies = (body for call in calls for body in (call.request_cut, call.answer_cut))
    return next(iter(known.values()), None) or PersonMask.of_bodies(bodies)


def words_through(mask: PersonMask | None) -> Callable[[str], str]:
    """What makes of a text one that the actor may read; without a mask all of it."""
    return str if mask is None else mask.text


def shown_words(masks: Mapping[tuple[str, int], PersonMask], row: Named) -> Callable[[str], str]:
    """What makes of a text of the row one that the actor may read."""
    return words_through(masks.get((row.object_type, row.object_id or 0)))


class ReadableSearch(SearchFilter):
    """Finds what the person may read: words of a row about a shopper's order are hidden from some, and so not found.

    `open_lookups` are those of `lookups` that name no shopper. `hides_untied`: rows about no known object may name one.
    """

    def __init__(self, *, open_lookups: Sequence[str], hides_untied: bool = False, **kwargs: Any) -> None:
        super().__init__(**kwargs)
        self.open_lookups = tuple(open_lookups)
        self.hidden_types = frozenset({""} if hides_untied else ())

    def filter(self, qs: QuerySet[Any], value: str) -> QuerySet[Any]:
        found = super().filter(qs, value)
        words = (value or "").strip()
        if not words or self.parent.request.actor.may(Right.BUYERS_VIEW):
            return found
        return found.filter(
            ~Q(object_type__in=shopper_types() | self.hidden_types) | any_of(self.open_lookups, words)
        )
