"""Case files: what support needs to know of one object, as text without shoppers and secrets. Apps register theirs.

register_case("orders.order", Right.ORDERS_VIEW, name=..., text=...)
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from django.http import Http404

from jetsync.models import Merchant
from jetsync.tenancy.actor import Actor
from jetsync.tenancy.rights import Right


@dataclass(frozen=True)
class CaseKind:
    """Both raise Http404 for what is not this merchant's; `text` also notes in the log that it was made."""

    right: Right
    name: Callable[[Merchant, int], str]
    text: Callable[[Merchant, Actor, int], str]


_kinds: dict[str, CaseKind] = {}


def register_case(
    label: str,
    right: Right,
    *,
    name: Callable[[Merchant, int], str],
    text: Callable[[Merchant, Actor, int], str],
) -> None:
    """`label` is the model's in lower case; `right` is that of the object's page."""
    _kinds[label] = CaseKind(right, name, text)


def case_kind(label: str, actor: Actor) -> CaseKind:
    """Raises Http404 for an object that has no case file, or none for this person."""
    kind = _kinds.get(label)
    if kind is None or not actor.may(kind.right):
        raise Http404("There is no case file of this.")
    return kind
