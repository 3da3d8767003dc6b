"""What hangs on an order: rows of apps that know orders, while orders know nothing of them.

Each app registers a provider in its `panel_items.py`; the order page shows what the member may open.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal

from jetsync.tenancy.actor import Actor
from jetsync.tenancy.rights import Right
from orders.models import Order


@dataclass(frozen=True)
class RelatedRow:
    """`status` is a badge's key, `amount` USD: what goes back to the shopper, None while nobody decided."""

    label: str
    url: str
    status: str
    amount: Decimal | None
    at: datetime | None


@dataclass(frozen=True)
class RelatedKind:
    """`rows(order)` costs a constant number of queries. `noun` and `plural` count them in a sentence."""

    noun: str
    plural: str
    right: Right
    position: int
    rows: Callable[[Order], Sequence[RelatedRow]]


@dataclass(frozen=True)
class Related:
    """The rows of one kind; at least one."""

    kind: RelatedKind
    rows: Sequence[RelatedRow]

    @property
    def count_words(self) -> str:
        return f"{len(self.rows)} {self.kind.noun if len(self.rows) == 1 else self.kind.plural}"


_kinds: dict[str, RelatedKind] = {}


def register_related(kind: RelatedKind) -> None:
    """Registering the same noun again replaces it."""
    _kinds[kind.noun] = kind


def related_to(order: Order, actor: Actor) -> list[Related]:
    """What hangs on the order and the actor may open, kinds without rows left out."""
    kinds = sorted(_kinds.values(), key=lambda kind: kind.position)
    found = [Related(kind, kind.rows(order)) for kind in kinds if actor.may(kind.right)]
    return [related for related in found if related.rows]
