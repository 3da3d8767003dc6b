"""One order, and the button that fetches new ones."""

from __future__ import annotations

from dataclasses import dataclass, field
from decimal import Decimal
from functools import cached_property
from types import SimpleNamespace
from typing import Any

from django.http import HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.utils import timezone
from django.views.decorators.http import require_POST

from jetsync.panel.details import live_seconds, timeline_for, with_words
from jetsync.panel.messages import say_outcome
from jetsync.queries.settings import get_options
from jetsync.resting import resting_reason
from jetsync.tenancy.rights import Right, lack
from jetsync.tenancy.views import MerchantRequest, merchant_view
from orders.actions.answer import accept_order
from orders.actions.fetch import fetch_now
from orders.actions.many import refresh_now
from orders.amounts import Amounts, line_charged, order_charged
from orders.enums import OrderState, ShipmentState
from orders.fixing import Fix, fixes_for
from orders.methods import method_label
from orders.models import Order, OrderLine, Shipment
from orders.pages import order_list_url, order_url
from orders.privacy import may_see_buyers, shown_address, shown_buyer, shown_raw, shown_text
from orders.queries.held import holders_of
from orders.queries.line import LineCount, line_counts
from orders.queries.order import get_order
from orders.queries.sales import is_wholly_cancelled
from orders.queries.shipment import shipments_of
from orders.queries.store import documents_of, store_order_of
from orders.queries.summary import NEAR
from orders.reading import AGREED, read_line, told
from orders.related import related_to
from orders.shipstation.queries import waiting_notices_of
from orders.statuses import order_status_key
from orders.wording import answer_label, cancel_words, jet_words


@dataclass(frozen=True)
class ShownLine:
    line: OrderLine
    count: LineCount
    charged: Amounts

    @cached_property
    def at_jet(self) -> dict[str, Decimal | int]:
        """Units, price and total that Jet shows by now, where they are others than those that were agreed."""
        shown = told(read_line(self.line.raw))
        differing = {name for name in AGREED & shown.keys() if getattr(self.line, name) != shown[name]}
        if not differing:
            return {}
        agreed = {name: getattr(self.line, name) for name in AGREED}
        total = line_charged(SimpleNamespace(**{**agreed, **shown})).total
        return {name: shown[name] for name in differing} | {"total": total}

    @property
    def item_answer(self) -> str:
        return self.line.planned_status or self.line.ack_status


@dataclass(frozen=True)
class Choices:
    """What can be done with the order now; a text is the reason why not."""

    answer: str = ""
    ship: str = ""
    cancel: str = ""
    is_open: bool = field(default=False)


def choices_for(request: MerchantRequest, order: Order, counts: list[LineCount]) -> Choices:
    rests = resting_reason(request.merchant)
    answer = lack(request.actor, Right.ORDERS_ACKNOWLEDGE) or rests
    ship = lack(request.actor, Right.ORDERS_SHIP) or rests
    if order.state == OrderState.READY and order.planned_answer:
        answer = answer or f"The answer ({answer_label(order.planned_answer)}) is on its way to Jet."
    if not any(count.remaining for count in counts):
        ship = ship or "Every unit is shipped, cancelled or on its way to Jet."
    return Choices(answer=answer, ship=ship, cancel=ship, is_open=order.is_shippable)


@merchant_view(Right.ORDERS_VIEW)
def order_detail(request: MerchantRequest, pk: int) -> HttpResponse:
    order = get_order(request.merchant, pk)
    order.merchant = request.merchant  # addresses name it; it need not be read again
    counts = line_counts(order)
    lines = [ShownLine(count.line, count, line_charged(count.line)) for count in counts]
    is_cancelled = is_wholly_cancelled(order, counts)
    context = {
        "order": order,
        "status_key": order_status_key(order.state, order.planned_answer, is_cancelled=is_cancelled),
        "is_cancelled": is_cancelled,
        "planned_label": answer_label(order.planned_answer),
        "answer_label": answer_label(order.acknowledgement_status),
        "lines": lines,
        "has_cancel_wish": any(count.line.cancel_requested for count in counts),
        **_totals(counts),
        "cancel_words": cancel_words(count.line for count in counts),
        "shipments": _shipments(order),
        "store": {"order": store_order_of(order), "documents": list(documents_of(order))},
        "shipstation_notices": waiting_notices_of(order),
        "related": related_to(order, request.actor),
        "choices": choices_for(request, order, counts),
        "buyer": shown_buyer(order, request.actor),
        "address": shown_address(order, request.actor),
        "sees_buyers": may_see_buyers(request.actor),
        "fixes": _fixes(request, order, [count.line for count in counts]),
        "jet_words": jet_words(order, [count.line for count in counts]) if order.failure_reason else "",
        "raw": shown_raw(order.raw, request.actor, order=order),
        "timeline": with_words(
            timeline_for(request.merchant, "orders.order", order.pk), shown_text(order, request.actor)
        ),
        "is_deliver_near": _is_near(order),
        "fallback": _fallback_words(order),
        "waits_for_switch": not get_options(request.merchant).send_tracking,
        "live_seconds": live_seconds(is_busy=_is_busy(order)),
    }
    return render(request, "orders/order_detail.html", context)


def _totals(counts: list[LineCount]) -> dict[str, Any]:
    """What was ordered, what of it is cancelled, and what the shopper is charged: units are charged as they ship."""
    charged = order_charged(count.line for count in counts)
    cancelled = sum((count.charged_for_cancelled.total for count in counts), Decimal(0))
    return {"charged": charged, "cancelled_total": cancelled, "charged_total": charged.total - cancelled}


def _fixes(request: MerchantRequest, order: Order, lines: list[OrderLine]) -> list[Fix]:
    return fixes_for(request.merchant, order, lines, request.actor, holders_of(request.merchant, lines))


def _shipments(order: Order) -> list[tuple[Shipment, dict[str, Any]]]:
    return [
        (
            shipment,
            {
                "status": f"shipment.{shipment.state}",
                "is_refused": shipment.state == ShipmentState.REFUSED,
                "method": method_label(shipment.method),
            },
        )
        for shipment in shipments_of(order)
    ]


def _is_busy(order: Order) -> bool:
    """Something of this order is on its way to Jet, so the page will soon say something else."""
    on_its_way = (ShipmentState.QUEUED, ShipmentState.CHECKING)
    return bool(order.planned_answer) or any(row.state in on_its_way for row in shipments_of(order))


def _is_near(order: Order) -> bool:
    return bool(order.deliver_by and order.is_shippable and order.deliver_by - timezone.now() < NEAR)


def _fallback_words(order: Order) -> str:
    """What happens to this order when nobody acts."""
    if not order.is_answerable:
        return ""
    options = get_options(order.merchant)
    return f"When 2 minutes are left: {options.get_fallback_policy_display().lower()}."


@merchant_view(Right.ORDERS_VIEW, write=Right.ORDERS_ACKNOWLEDGE)
@require_POST
def retry(request: MerchantRequest, pk: int) -> HttpResponse:
    """Accepts an order whose problem has been mended; one that still stands is named."""
    order = get_order(request.merchant, pk)
    with say_outcome(request, f"Order {order} can be delivered now and is accepted; Jet is being told."):
        accept_order(order, actor=request.actor)
    return HttpResponseRedirect(order_url(order))


@merchant_view(Right.ORDERS_VIEW, write=Right.ORDERS_FETCH)
@require_POST
def refresh(request: MerchantRequest, pk: int) -> HttpResponse:
    """Reads the order again from Jet; what came of it stands on its time line."""
    order = get_order(request.merchant, pk)
    with say_outcome(request, f"Asking Jet for order {order} again. The time line shows what came of it."):
        refresh_now(order, actor=request.actor)
    return HttpResponseRedirect(order_url(order))


@merchant_view(Right.ORDERS_VIEW, write=Right.ORDERS_FETCH)
@require_POST
def fetch(request: MerchantRequest) -> HttpResponse:
    with say_outcome(request, "Asking Jet for new orders. This list shows them by itself."):
        fetch_now(request.merchant, actor=request.actor)
    return HttpResponseRedirect(order_list_url(request.merchant))
