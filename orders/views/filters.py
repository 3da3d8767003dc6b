"""What the lists of orders can be narrowed by. Every field stands in the address, so a saved view keeps it."""

from __future__ import annotations

from typing import Any, ClassVar

import django_filters
from django.db.models import Q, QuerySet
from django.utils import timezone

from jetsync.models import Merchant
from jetsync.panel.filters import (
    ChildFilter,
    DateRangeFilter,
    MomentRangeFilter,
    NumberRangeFilter,
    PanelFilterSet,
    SearchFilter,
)
from jetsync.queries.settings import current_nodes
from orders.enums import (
    FAILED_STATES,
    SHIPPABLE_STATES,
    STORE_ORDER_STATES,
    UNSHIPPED_STATES,
    FailureReason,
    OrderState,
)
from orders.models import Order, OrderLine
from orders.privacy import may_see_buyers
from orders.queries.answer_times import answer_conditions
from orders.queries.order import search_orders
from orders.queries.sales import SOLD, wholly_cancelled, without_wholly_cancelled
from orders.queries.summary import NEAR

VIEWS: dict[str, tuple[str, tuple[str, ...]]] = {
    "ready": ("Ready", (OrderState.READY,)),
    "ship": ("To ship", (OrderState.ACKNOWLEDGED,)),
    "progress": ("In progress", (OrderState.IN_PROGRESS,)),
    "done": ("Completed", (OrderState.COMPLETE,)),
    "cancelled": ("Cancelled", (OrderState.COMPLETE,)),
    "failed": ("Failed or rejected", FAILED_STATES),
}


def in_view(merchant: Merchant, orders: QuerySet[Order], key: str) -> QuerySet[Order]:
    """The orders of a tab. Jet calls an order complete of which every unit was cancelled; it stands in a tab of its own."""
    found = orders.filter(state__in=VIEWS[key][1])
    if key == "cancelled":
        return wholly_cancelled(merchant, found)
    if key == "done":
        return without_wholly_cancelled(merchant, found)
    return found


ANY_PROBLEM = "any"


class OrderSearch(SearchFilter):
    """Order ids, store order id and SKU; buyers only for those who may see them."""

    def __init__(self) -> None:
        super().__init__(lookups=(), placeholder="Order id, SKU or customer")

    def filter(self, qs: QuerySet[Any], value: str) -> QuerySet[Any]:
        actor = self.parent.request.actor
        return search_orders(qs, self.parent.merchant, value, with_buyers=may_see_buyers(actor))


class CustomerFilter(django_filters.CharFilter):  # type: ignore[misc]  # django-filter ships no types
    """Without the right to see buyers it finds nothing, so that names cannot be guessed."""

    def filter(self, qs: QuerySet[Any], value: str) -> QuerySet[Any]:
        if not value:
            return qs
        if not may_see_buyers(self.parent.request.actor):
            return qs.none()
        return qs.filter(buyer_name__icontains=value)


class StoreOrderFilter(django_filters.CharFilter):  # type: ignore[misc]  # as above
    """The number in the store, or the one that another program gave to the order at Jet; exactly."""

    def filter(self, qs: QuerySet[Any], value: str) -> QuerySet[Any]:
        text = value.strip()
        return qs.filter(Q(alt_order_id=text) | Q(store_order__number=text)) if text else qs


class ViewFilter(django_filters.ChoiceFilter):  # type: ignore[misc]  # as above
    """The tab."""

    def filter(self, qs: QuerySet[Any], value: str) -> QuerySet[Any]:
        return in_view(self.parent.merchant, qs, value) if value in VIEWS else qs


class ProblemFilter(django_filters.ChoiceFilter):  # type: ignore[misc]  # as above
    """One reason, or any at all."""

    def filter(self, qs: QuerySet[Any], value: str) -> QuerySet[Any]:
        if not value:
            return qs
        return qs.exclude(failure_reason="") if value == ANY_PROBLEM else qs.filter(failure_reason=value)


class AnswerFilter(django_filters.ChoiceFilter):  # type: ignore[misc]  # as above
    """By what became of Jet's 15 minutes and by whom, as the answer times count it."""

    CHOICES = (
        ("in_time", "Answered in time"),
        ("late", "Answered late"),
        ("lost", "Not answered in time"),
        ("known", "In time, late or not at all"),
        ("automatic", "Answered automatically"),
        ("person", "Answered by a person"),
        ("saved", "Accepted by the fallback"),
        ("untimed", "Answered elsewhere, without a time"),
    )

    def filter(self, qs: QuerySet[Any], value: str) -> QuerySet[Any]:
        return qs.filter(answer_conditions(timezone.now())[value], ready_at__isnull=False) if value else qs


class ShipByFilter(django_filters.ChoiceFilter):  # type: ignore[misc]  # as above
    """Orders still to ship by their date. "near" leaves out what is late already."""

    def filter(self, qs: QuerySet[Any], value: str) -> QuerySet[Any]:
        if not value:
            return qs
        now = timezone.now()
        due = Q(ship_by__lt=now) if value == "late" else Q(ship_by__gte=now, ship_by__lt=now + NEAR)
        return qs.filter(due, state__in=SHIPPABLE_STATES)


# Of the work list: Jet has its yes, and something else is in the way.
ACCEPTED = "accepted"
UNSHIPPED = "unshipped"
COUNTS_AS_SALE = "sold"
SHIPPABLE = "shippable"


def of_state(value: str) -> Q:
    """Orders of a state or of several; those that Jet still checks stand with the accepted ones."""
    if value == ACCEPTED:
        return Q(state__in=(OrderState.CREATED, *STORE_ORDER_STATES))
    if value == UNSHIPPED:
        return Q(state__in=UNSHIPPED_STATES)
    if value == SHIPPABLE:
        return Q(state__in=SHIPPABLE_STATES)
    return Q(state=value)


class StateFilter(django_filters.ChoiceFilter):  # type: ignore[misc]  # as above
    """One state, or several under one word. What counts as a sale is decided where sales are summed."""

    def filter(self, qs: QuerySet[Any], value: str) -> QuerySet[Any]:
        if value == COUNTS_AS_SALE:
            return without_wholly_cancelled(self.parent.merchant, qs.filter(SOLD))
        return qs.filter(of_state(value)) if value else qs


class FailedFilter(PanelFilterSet):
    q = OrderSearch()
    reason = ProblemFilter(
        choices=[(ANY_PROBLEM, "Any problem"), *FailureReason.choices], label="Problem", empty_label="All"
    )
    state = StateFilter(
        choices=[
            *OrderState.choices,
            (ACCEPTED, "Accepted, in any state"),
            (UNSHIPPED, "Still to be shipped"),
            (COUNTS_AS_SALE, "Sold: counted in the sales"),
            (SHIPPABLE, "Accepted and not shipped in full"),
        ],
        label="Order status",
        empty_label="Any",
    )
    order_id = django_filters.CharFilter(
        field_name="reference_order_id", lookup_expr="startswith", label="Order ID"
    )
    store_order = StoreOrderFilter(label="Store order number")
    customer = CustomerFilter(label="Customer")
    total = NumberRangeFilter(field_name="total", label="Total in USD")
    placed = DateRangeFilter(field_name="placed_at", label="Date added")
    released = DateRangeFilter(field_name="ready_at", label="Released by Jet")
    answer = AnswerFilter(choices=AnswerFilter.CHOICES, label="Answer", empty_label="Any")
    updated = DateRangeFilter(field_name="updated_at", label="Date modified")
    completed = MomentRangeFilter(field_name="completed_at", label="Completed")
    sku = ChildFilter(OrderLine, "order_id", "sku", label="SKU, exactly")
    sku_start = ChildFilter(OrderLine, "order_id", "sku__startswith", label="SKU begins with")
    node = django_filters.ModelChoiceFilter(queryset=None, label="Fulfilment node", empty_label="All")
    ship_by = ShipByFilter(
        choices=[("near", "Within 2 days"), ("late", "Passed")], label="Ship by", empty_label="Any"
    )
    deliver_by = DateRangeFilter(field_name="deliver_by", label="Deliver by")
    bar: ClassVar[tuple[str, ...]] = ("q", "reason")

    def set_choices(self) -> None:
        self.filters["node"].queryset = current_nodes(self.merchant)


class OrderFilter(FailedFilter):
    view = ViewFilter(
        choices=[(key, label) for key, (label, _states) in VIEWS.items()], label="Part", empty_label="All"
    )
    bar: ClassVar[tuple[str, ...]] = ("q", "state")
