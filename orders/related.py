"""What hangs on an order: rows of apps that know orders, while orders know nothing of them.

Each app registers a provider in its `panel_items.py`; the order page shows what the member may open.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
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
class Trace:
    """By what the log, jobs, mails and calls about an order's things are found.

    `names`: label by id of `object_type`, the model's label in lower case. `paths`: addresses at Jet about them alone.
    """

    object_type: str
    names: Mapping[int, str]
    paths: frozenset[str] = frozenset()
    urls: Mapping[int, str] = field(default_factory=dict)


@dataclass(frozen=True)
class RelatedKind:
    """`rows(order)` costs a constant number of queries, `trace(order)` one. `noun` and `plural` count them in a sentence."""

    noun: str
    plural: str
    right: Right
    position: int
    rows: Callable[[Order], Sequence[RelatedRow]]
    trace: Callable[[Order], Trace]


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


def traces_of(order: Order, actor: Actor) -> list[Trace]:
    """The traces of what hangs on the order and the actor may open; one query per kind."""
    kinds = sorted(_kinds.values(), key=lambda kind: kind.position)
    found = [kind.trace(order) for kind in kinds if actor.may(kind.right)]
    return [trace for trace in found if trace.names]
