"""The cancellation rate: Jet closes accounts of merchants who cancel too much ("fill or kill")."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta
from typing import Any

from django.db.models import Exists, F, OuterRef, Q, QuerySet, Subquery, Sum
from django.db.models.functions import Coalesce
from django.utils import timezone

from jetsync.jet.words.orders import ExceptionState
from jetsync.models import Merchant
from orders.enums import FAILED_STATES, HOLDING_SHIPMENTS, OrderState, ShipmentSource
from orders.models import Order, OrderLine, ShipmentLine
from orders.queries.order import all_orders

COUNTED = timedelta(days=30)


@dataclass(frozen=True)
class CancelRate:
    """Of the orders placed in the last 30 days: how many the merchant rejected, missed or cancelled."""

    orders: int
    lost: int

    @property
    def percent(self) -> float:
        return 100 * self.lost / self.orders if self.orders else 0.0


def cancel_rate(merchant: Merchant) -> CancelRate:
    """Shown beside every reject and cancel. Two queries."""
    recent = _recent(all_orders(merchant))
    # Few orders have cancelled units: named all at once, an index finds them; each order would look for its own.
    own = _own_units(ShipmentLine.objects.filter(merchant=merchant))
    lost = _lost(recent, Q(pk__in=own.values("shipment__order")))
    return CancelRate(orders=recent.count(), lost=lost.count())


def newly_lost(orders: QuerySet[Order]) -> int:
    """How many of these would join the lost ones of the rate, were all that is left of them rejected or cancelled."""
    left = Exists(
        _lines().annotate(shipped=_shipped()).filter(quantity__gt=F("cancel_requested") + F("shipped"))
    )
    losing = _recent(orders).filter(left).exclude(_unwanted())
    own = _own_units(ShipmentLine.objects.filter(shipment__order=OuterRef("pk")))
    return losing.count() - _lost(losing, Q(Exists(own))).count()


def _recent(orders: QuerySet[Order]) -> QuerySet[Order]:
    """Those of them that the rate counts: placed in the last 30 days, and past Jet's check."""
    return orders.filter(placed_at__gte=timezone.now() - COUNTED).exclude(state=OrderState.CREATED)


def _lost(orders: QuerySet[Order], has_own_units: Q) -> QuerySet[Order]:
    """By the merchant's doing: what the shopper or Jet asked to cancel, and what Jet cancelled itself, is not his."""
    failed = Q(state__in=FAILED_STATES) & ~(_by_jet() & Q(state=OrderState.EXPIRED))
    return orders.filter(failed | has_own_units).exclude(_unwanted())


def _own_units(rows: QuerySet[ShipmentLine]) -> QuerySet[ShipmentLine, Any]:
    """Lines of which more units are cancelled, or on their way to it, than the shopper or Jet asked for."""
    return (
        rows.filter(cancel_quantity__gt=0, shipment__state__in=HOLDING_SHIPMENTS)
        .exclude(_by_jet("shipment__order__"), shipment__source=ShipmentSource.JET)
        .order_by()
        .values("line", "line__cancel_requested", "shipment__order")
        .annotate(units=Sum("cancel_quantity"))
        .filter(units__gt=F("line__cancel_requested"))
    )


def _by_jet(prefix: str = "") -> Q:
    return Q(**{f"{prefix}exception_state": ExceptionState.CANCELLED_BY_JET})


def _unwanted() -> Q:
    """Every unit is asked to be cancelled; when Jet names none it means all."""
    wanted = OrderLine.objects.filter(order=OuterRef("order"), quantity__gt=F("cancel_requested"))
    named = _lines().filter(cancel_requested__gt=0)
    return Q(Exists(named.filter(~Exists(wanted)))) | (Q(is_directed_cancel=True) & ~Q(Exists(named)))


def _lines() -> QuerySet[OrderLine]:
    return OrderLine.objects.filter(order=OuterRef("pk"))


def _shipped() -> Coalesce:
    """Units of a line that were shipped, or are on their way to Jet as such."""
    rows = ShipmentLine.objects.filter(line=OuterRef("pk"), shipment__state__in=HOLDING_SHIPMENTS)
    return Coalesce(Subquery(rows.order_by().values("line").annotate(n=Sum("quantity")).values("n")), 0)
