"""The ledgers of an order's lines: what was charged, and every decision of every app that pays it back.

Returns know their own movements. Refunds, which import returns and not the other way round, register theirs with
`register_movements`, so that both apps ask one account.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, replace

from django.db.models import Q

from orders.amounts import units_charged
from orders.models import Order, OrderLine
from orders.queries.line import LineCount, line_counts
from returns.enums import ANSWERED_STATUSES, HOLDING_STATES
from returns.models import ReturnLine
from returns.money import Amounts, Ledger, Movement

# `(order) -> (order line id, movement)` pairs
MovementSource = Callable[[Order], Iterable[tuple[int, Movement]]]

_sources: list[MovementSource] = []


def register_movements(source: MovementSource) -> MovementSource:
    """Adds an app's payments to every ledger. Registering twice changes nothing."""
    if source not in _sources:
        _sources.append(source)
    return source


@dataclass(frozen=True)
class LineLedger:
    """The ledger of one order line. `given` is what an answer or refund not stored yet would add; null shows none."""

    line: OrderLine
    ledger: Ledger
    given: Movement | None = None

    @property
    def left_after(self) -> Amounts:
        """What may still be paid back once `given` is stored."""
        return self.ledger.possible.floored_minus(self.given.amounts if self.given else Amounts())


def with_given(ledgers: Mapping[int, LineLedger], given: Mapping[int, Movement] | None) -> list[LineLedger]:
    """The ledgers with what is about to be given, by order line id; without it (None) as they stand."""
    if given is None:
        return list(ledgers.values())
    nothing = Movement(0, 0, Amounts())
    return [replace(row, given=given.get(pk, nothing)) for pk, row in ledgers.items()]


def line_ledgers(order: Order) -> dict[int, LineLedger]:
    """By order line id. Call it under the order's lock when something is decided with it. Four queries."""
    movements: dict[int, list[Movement]] = defaultdict(list)
    for source in _sources:
        for line_id, movement in source(order):
            movements[line_id].append(movement)
    counts = line_counts(order)
    is_untold = not any(count.shipped or count.cancelled for count in counts)
    return {
        count.line.pk: LineLedger(
            count.line, _ledger(count, tuple(movements[count.line.pk]), is_untold=is_untold)
        )
        for count in counts
    }


def _ledger(count: LineCount, movements: tuple[Movement, ...], *, is_untold: bool) -> Ledger:
    # An order that was complete before it was imported may come without shipments: all its units have left.
    shipped = count.line.quantity if is_untold else min(count.shipped, count.line.quantity)
    charged = Amounts.of(units_charged(count.line, shipped))
    return Ledger(shipped=shipped, charged=charged, movements=movements)


@register_movements
def return_movements(order: Order) -> Iterable[tuple[int, Movement]]:
    """Return lines that were decided: by us and not refused, or seen at Jet."""
    rows = (
        ReturnLine.objects.filter(
            merchant=order.merchant_id,
            parent__order=order,
            is_included=True,
            order_line__isnull=False,
            quantity_refunded__isnull=False,
        )
        .filter(Q(parent__send_state__in=HOLDING_STATES) | Q(parent__status__in=ANSWERED_STATUSES))
        .select_related("parent")
        .order_by("pk")
    )
    for row in rows:
        yield (
            row.order_line_id or 0,
            Movement(
                row.quantity_returned or 0,
                row.quantity_refunded or 0,
                row.settled,
                source=f"Return {row.parent}",
                page="returns:return-detail",
                object_id=row.parent_id,
            ),
        )
