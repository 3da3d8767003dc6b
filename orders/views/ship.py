"""The shipment form, cancelling what is left, and sending a refused shipment again."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from django.http import HttpResponse, HttpResponseRedirect, JsonResponse
from django.shortcuts import render
from django.views.decorators.http import require_GET, require_POST

from jetsync.exceptions import DomainError, InvalidInput
from jetsync.panel.confirm import ConfirmPage
from jetsync.panel.messages import say, say_error
from jetsync.queries.settings import get_options
from jetsync.resting import check_not_resting
from jetsync.tenancy.rights import Right
from jetsync.tenancy.views import MerchantRequest, merchant_view
from orders.actions.shipment import (
    cancel_rest,
    check_shippable,
    resend_shipment,
    resent_sentence,
    ship_order,
)
from orders.enums import OrderState
from orders.forms.shipment import ShipmentForm
from orders.models import Order
from orders.pages import order_url
from orders.queries.line import line_counts
from orders.queries.order import all_orders, get_order
from orders.queries.rate import cancel_rate, newly_lost
from orders.queries.shipment import get_shipment
from orders.tracking import guess_carrier, tidy, tracking_doubt, tracking_warning
from orders.validators import promised_day
from orders.views.rate import rate_now_and_after, rate_sentence
from orders.wording import cancel_words, way_of_shipment

# As long as a form takes a tracking number.
MOST_TYPED = 100


@merchant_view(Right.ORDERS_VIEW, write=Right.ORDERS_SHIP)
def ship(request: MerchantRequest, pk: int) -> HttpResponse:
    order = get_order(request.merchant, pk)
    counts = line_counts(order)
    is_post = request.method == "POST"
    form = ShipmentForm(request.POST if is_post else None, order=order, counts=counts)
    status = 200
    if is_post:
        if form.is_valid():
            try:
                shipment = ship_order(order, form.as_input(), actor=request.actor)
            except InvalidInput as refused:
                form.take_faults(refused)
            except DomainError as refused:
                say_error(request, refused)
                return HttpResponseRedirect(order_url(order))
            else:
                is_sent = get_options(request.merchant).send_tracking
                named = f"Shipment {shipment} of order {order}"
                say(request, "success", way_of_shipment(named, is_sent=is_sent))
                number, carrier = shipment.tracking_number, shipment.carrier
                if (warning := tracking_warning(number, carrier)) and not tracking_doubt(number, carrier):
                    say(request, "warning", warning)
                return HttpResponseRedirect(order_url(order))
        status = 400
    return render(request, "orders/ship.html", _ship_context(request, order, form), status=status)


@require_GET
@merchant_view(Right.ORDERS_VIEW)
def tracking(request: MerchantRequest) -> JsonResponse:
    """What a typed or scanned number says, for the script of the form: the number, a guess, a warning."""
    text, carrier = (request.GET.get(name, "")[:MOST_TYPED] for name in ("number", "carrier"))
    guess = guess_carrier(text)
    note = f"{guess}, guessed from the tracking number." if guess else ""
    return JsonResponse(
        {
            "number": tidy(text),
            "carrier": str(guess or ""),
            "note": note,
            "warning": tracking_warning(text, carrier),
        }
    )


def _ship_context(request: MerchantRequest, order: Order, form: ShipmentForm) -> dict[str, Any]:
    blocked = ""
    try:
        check_not_resting(request.merchant)
        check_shippable(order)
    except DomainError as refused:
        blocked = f"{refused.message} {refused.hint}".strip()
    if not blocked and not any(row.count.remaining for row in form.rows()):
        blocked = "Every unit is shipped, cancelled or on its way to Jet."
    rate = rate_sentence(cancel_rate(request.merchant))
    return {
        "order": order,
        "form": form,
        "rows": form.rows(),
        "blocked": blocked,
        "rate": rate,
        "promised": promised_day(order),
        "cancel_words": cancel_words(row.count.line for row in form.rows()),
        "tracking_note": form.tracking_note,
    }


class CancelOrder(ConfirmPage):
    """Cancels all that is left. Before the order is accepted this is a rejection, which has its own page."""

    right, write_right = Right.ORDERS_VIEW, Right.ORDERS_SHIP
    noun = ("order", "orders")
    danger = True
    confirm_label = "Cancel the order"

    def get_target(self, **kwargs: Any) -> Order:
        return get_order(self.request.merchant, kwargs["pk"])

    def get_title(self, target: Order) -> str:
        return f"Cancel order {target}"

    def get_cancel_url(self, target: Order) -> str:
        return order_url(target)

    def get_blockers(self, target: Order) -> Sequence[str]:
        if target.state == OrderState.READY:
            return (f"Order {target} has not been accepted. Reject it instead.",)
        try:
            check_shippable(target)
        except DomainError as refused:
            return (refused.message,)
        if not any(count.remaining for count in line_counts(target)):
            return ("Every unit is shipped, cancelled or on its way to Jet.",)
        return ()

    def get_consequences(self, target: Order) -> Sequence[str]:
        left = [count for count in line_counts(target) if count.remaining]
        return (
            *(f"{count.line.sku}: {count.remaining} cancelled" for count in left),
            "Jet is told at once and tells the shopper. This cannot be taken back.",
            rate_now_and_after(
                cancel_rate(self.request.merchant),
                newly_lost(all_orders(self.request.merchant).filter(pk=target.pk)),
            ),
        )

    def perform(self, target: Order, form: None) -> str:  # noqa: ARG002 -- hook
        cancel_rest(target, actor=self.request.actor)
        say(self.request, "success", f"The rest of order {target} is cancelled; Jet is being told.")
        return order_url(target)


@merchant_view(Right.ORDERS_VIEW, write=Right.ORDERS_SHIP)
@require_POST
def resend(request: MerchantRequest, pk: int) -> HttpResponse:
    shipment = get_shipment(request.merchant, pk)
    try:
        sent = resend_shipment(shipment, actor=request.actor)
    except DomainError as refused:
        say_error(request, refused)
    else:
        is_sent = get_options(request.merchant).send_tracking
        say(request, "success" if is_sent else "warning", resent_sentence(sent, is_sent=is_sent))
    return HttpResponseRedirect(order_url(shipment.order))
