"""How many units of each line are shipped, cancelled, on their way to Jet, or left."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass

from django.db.models import Sum

from orders.amounts import Amounts, cancelled_charged
from orders.enums import HOLDING_SHIPMENTS, ShipmentState
from orders.models import Order, OrderLine, ShipmentLine


@dataclass(frozen=True)
class LineCount:
    """`shipped` and `cancelled` stand at Jet, `leaving_*` wait for Jet's answer."""

    line: OrderLine
    shipped: int = 0
    cancelled: int = 0
    leaving_shipped: int = 0
    leaving_cancelled: int = 0

    @property
    def reported(self) -> int:
        return self.shipped + self.cancelled + self.leaving_shipped + self.leaving_cancelled

    @property
    def remaining(self) -> int:
        """Units that are neither shipped nor cancelled, nor on their way."""
        return max(0, self.line.accountable - self.reported)

    @property
    def shippable(self) -> int:
        """Never more than was ordered, even when Jet wants more units cancelled than that (a generated test)."""
        return min(self.remaining, max(0, self.line.quantity - self.reported))

    @property
    def cancel_wanted(self) -> int:
        """What of the shopper's request has not been cancelled yet."""
        return min(
            self.remaining, max(0, self.line.cancel_requested - self.cancelled - self.leaving_cancelled)
        )

    @property
    def charged_for_cancelled(self) -> Amounts:
        """What the cancelled units would have cost, also of those that Jet has still to be told of."""
        return cancelled_charged(self.line, self.cancelled + self.leaving_cancelled)

    @property
    def is_accounted(self) -> bool:
        """Jet knows of every unit."""
        return self.shipped + self.cancelled >= self.line.accountable


def counted_units(line: OrderLine, rows: Iterable[ShipmentLine]) -> LineCount:
    """The same from rows that were read already, with their shipments."""
    sums: dict[str, int] = defaultdict(int)
    for row in rows:
        if row.shipment.state in HOLDING_SHIPMENTS:
            prefix = "" if row.shipment.state == ShipmentState.SENT else "leaving_"
            sums[f"{prefix}shipped"] += row.quantity
            sums[f"{prefix}cancelled"] += row.cancel_quantity
    return LineCount(line, **sums)


def line_counts(order: Order) -> list[LineCount]:
    """One per line, in order; two queries."""
    sums: dict[int, dict[str, int]] = defaultdict(lambda: defaultdict(int))
    rows = (
        ShipmentLine.objects.filter(
            merchant=order.merchant_id, shipment__order=order, shipment__state__in=HOLDING_SHIPMENTS
        )
        .values("line_id", "shipment__state")
        .annotate(shipped=Sum("quantity"), cancelled=Sum("cancel_quantity"))
    )
    for row in rows:
        prefix = "" if row["shipment__state"] == ShipmentState.SENT else "leaving_"
        sums[row["line_id"]][f"{prefix}shipped"] += row["shipped"]
        sums[row["line_id"]][f"{prefix}cancelled"] += row["cancelled"]
    lines = OrderLine.objects.filter(merchant=order.merchant_id, order=order).select_related("variant")
    return [LineCount(line, **sums[line.pk]) for line in lines]
