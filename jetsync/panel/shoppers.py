"""Whose shopper a row of the log, a job or a call is about, for those who may not see him. Apps register theirs.

register_shoppers("orders.order", masks_of_orders)
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from typing import Any

from django.db.models import Q, QuerySet

from jetsync.masking import PersonMask
from jetsync.models import Attempt, Job, Merchant
from jetsync.panel.about import Named
from jetsync.panel.filters import SearchFilter, any_of
from jetsync.tenancy.actor import Actor
from jetsync.tenancy.rights import Right

# Masks by id, for ids of one kind; an id without a shopper is left out. A constant number of queries.
Masks = Callable[[Merchant, Collection[int]], Mapping[int, PersonMask]]

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


def shown_words(masks: Mapping[tuple[str, int], PersonMask], row: Named) -> Callable[[str], str]:
    """What makes of a text of the row one that the actor may read."""
    mask = masks.get((row.object_type, row.object_id or 0))
    return mask.text if mask is not None else str


class ReadableSearch(SearchFilter):
    """Finds what the person may read: words of a row about a shopper's order are hidden from some, and so not found.

    `open_lookups` are those of `lookups` that name no shopper.
    """

    def __init__(self, *, open_lookups: Sequence[str], **kwargs: Any) -> None:
        super().__init__(**kwargs)
        self.open_lookups = tuple(open_lookups)

    def filter(self, qs: QuerySet[Any], value: str) -> QuerySet[Any]:
        found = super().filter(qs, value)
        words = (value or "").strip()
        if not words or self.parent.request.actor.may(Right.BUYERS_VIEW):
            return found
        return found.filter(~Q(object_type__in=shopper_types()) | any_of(self.open_lookups, words))
