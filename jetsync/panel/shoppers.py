"""Whose shopper a row of the log, a job or a call is about, for those who may not see him. Apps register theirs.

register_shoppers("orders.order", masks_of_orders)
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from typing import Any

from django.contrib.postgres.expressions import ArraySubquery
from django.db.models import OuterRef, Q, QuerySet

from jetsync.masking import HiddenWhole, PersonMask
from jetsync.models import Attempt, Job, LogEntry, Merchant
from jetsync.panel.about import Named
from jetsync.panel.filters import SearchFilter, any_of
from jetsync.sync.quoting import names_nobody
from jetsync.tenancy.actor import Actor
from jetsync.tenancy.rights import Right

# Masks by id, for ids of one kind; an id without a shopper is left out. A constant number of queries.
Masks = Callable[[Merchant, Collection[int]], Mapping[int, PersonMask]]

# The newest calls of a job, whose bodies say whom its words may be about: more than a dozen tries of two calls each.
CALLS_READ = 30

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
    """`job_masks`; empty for an actor who may see shoppers."""
    return {} if actor.may(Right.BUYERS_VIEW) else job_masks(merchant, jobs)


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
    """`call_masks`; empty for an actor who may see shoppers."""
    return {} if actor.may(Right.BUYERS_VIEW) else call_masks(merchant, calls)


def job_masks(merchant: Merchant, jobs: Iterable[Job]) -> dict[int, PersonMask]:
    """Job id -> mask: the shopper of what it is about, else whoever the bodies of its calls name.

    Where these were not all read, or there are none, its words may quote anybody and are hidden whole. A constant
    number of queries.
    """
    asked = list(jobs)
    known = _known_masks(merchant, asked)
    untied = [job for job in asked if job.pk not in known]
    newest = _newest_calls(merchant, [job.pk for job in untied])
    bodies = _bodies(merchant, {pk for ids in newest.values() for pk in ids})
    return known | {job.pk: _mask_of_job(job, newest.get(job.pk, []), bodies) for job in untied}


def call_masks(merchant: Merchant, calls: Iterable[Attempt]) -> dict[int, PersonMask]:
    """Call id -> the mask of its job's object, else of its own bodies and those of its job's newest calls.

    An answer whose bodies were not kept may quote anybody: its words are hidden whole. A constant number of queries.
    """
    asked = list(calls)
    jobs = {call.job.pk: call.job for call in asked if call.job}
    known = _known_masks(merchant, jobs.values())
    untied = [call for call in asked if call.job_id not in known]
    newest = _newest_calls(merchant, {call.job_id for call in untied if call.job_id})
    bodies = _bodies(merchant, {call.pk for call in untied}.union(*newest.values()))
    return {
        call.pk: known[call.job_id]
        if call.job_id in known
        else _mask_of_call(call, newest.get(call.job_id or 0, []), bodies)
        for call in asked
    }


def _known_masks(merchant: Merchant, jobs: Iterable[Job]) -> dict[int, PersonMask]:
    """Job id -> the mask of what it is about, as far as a shopper is known for it."""
    asked = list(jobs)
    known = masks_of(merchant, asked)
    found = {job.pk: known.get((job.object_type, job.object_id or 0)) for job in asked}
    return {pk: mask for pk, mask in found.items() if mask is not None}


def _newest_calls(merchant: Merchant, jobs: Collection[int]) -> dict[int, list[int]]:
    """Job id -> its newest calls, one more than are read: each job's own, however many another one made."""
    if not jobs:
        return {}
    calls = Attempt.objects.filter(merchant=merchant, job=OuterRef("pk")).order_by("-id").values("pk")
    rows = Job.objects.filter(merchant=merchant, pk__in=jobs)
    return dict(rows.values_list("pk", ArraySubquery(calls[: CALLS_READ + 1])))


def _bodies(merchant: Merchant, calls: Collection[int]) -> dict[int, list[str]]:
    """Call id -> what of its two bodies was kept."""
    if not calls:
        return {}
    rows = Attempt.objects.filter(merchant=merchant, pk__in=calls)
    return {
        pk: [body for body in (sent, answer) if body]
        for pk, sent, answer in rows.values_list("pk", "request_cut", "answer_cut")
    }


def _mask_of_job(job: Job, newest: list[int], bodies: Mapping[int, list[str]]) -> PersonMask:
    read = [body for pk in newest[:CALLS_READ] for body in bodies.get(pk, ())]
    if not names_nobody(job) and (not read or len(newest) > CALLS_READ):
        return HiddenWhole()
    return PersonMask.of_bodies(read)


def _mask_of_call(call: Attempt, newest: list[int], bodies: Mapping[int, list[str]]) -> PersonMask:
    """Without an answer nobody is quoted: the words are then our own."""
    own = bodies.get(call.pk, [])
    if not own and call.status is not None and not names_nobody(call.job):
        return HiddenWhole()
    return PersonMask.of_bodies([*own, *(body for pk in newest[:CALLS_READ] for body in bodies.get(pk, ()))])


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
