"""The cancellation rate: Jet closes accounts of merchants who cancel too much ("fill or kill")."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta

from django.db.models import Exists, F, OuterRef, Q, QuerySet, Subquery, Sum
from django.db.models.functions import Coalesce
from django.utils import timezone

from jetsync.jet.words.orders import ExceptionState
from jetsync.models import Merchant
from orders.enums import FAILED_STATES, HOLDING_SHIPMENTS, OrderState, ShipmentSource
from orders.models import Order, OrderLine, ShipmentLine
from orders.queries.order import all_orders
from orders.queries.sales import holding_units

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
    return CancelRate(orders=recent.count(), lost=_lost(recent).count())


def newly_lost(orders: QuerySet[Order]) -> int:
    """How many of these would join the lost ones of the rate, were all that is left of them rejected or cancelled."""
    left = Exists(
        _lines().annotate(shipped=_shipped()).filter(quantity__gt=F("cancel_requested") + F("shipped"))
    )
    losing = _recent(orders).filter(left).exclude(_unwanted())
    return losing.count() - _lost(losing).count()


def _recent(orders: QuerySet[Order]) -> QuerySet[Order]:
    """Those of them that the rate counts: placed in the last 30 days, and past Jet's check."""
    return orders.filter(placed_at__gte=timezone.now() - COUNTED).exclude(state=OrderState.CREATED)


def _lost(orders: QuerySet[Order]) -> QuerySet[Order]:
    """By the merchant's doing: what the shopper or Jet asked to cancel, and what Jet cancelled itself, is not his."""
    own_units = (
        holding_units()
        .filter(cancel_quantity__gt=0)
        .exclude(_by_jet("shipment__order__"), shipment__source=ShipmentSource.JET)
        .order_by()
        .values("line", "line__cancel_requested")
        .annotate(units=Sum("cancel_quantity"))
        .filter(units__gt=F("line__cancel_requested"))
    )
    failed = Q(state__in=FAILED_STATES) & ~(_by_jet() & Q(state=OrderState.EXPIRED))
    return orders.filter(failed | Exists(own_units)).exclude(_unwanted())


def _by_jet(prefix: str = "") -> Q:
    return Q(**{f"{prefix}exception_state": ExceptionState.CANCELLED_BY_JET})


def _unwanted() -> Q:
    """Every unit is asked to be cancelled; when Jet names none it means all."""
    is_named = Q(Exists(_lines().filter(cancel_requested__gt=0)))
    is_wanted = Q(Exists(_lines().filter(quantity__gt=F("cancel_requested"))))
    return (is_named & ~is_wanted) | (Q(is_directed_cancel=True) & ~is_named)


def _lines() -> QuerySet[OrderLine]:
    return OrderLine.objects.filter(order=OuterRef("pk"))


def _shipped() -> Coalesce:
    """Units of a line that were shipped, or are on their way to Jet as such."""
    rows = ShipmentLine.objects.filter(line=OuterRef("pk"), shipment__state__in=HOLDING_SHIPMENTS)
    return Coalesce(Subquery(rows.order_by().values("line").annotate(n=Sum("quantity")).values("n")), 0)
