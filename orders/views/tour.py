"""A walk through one test order, in four steps that tick themselves. In test mode only."""

from __future__ import annotations

from django.http import HttpResponseBase
from django.shortcuts import redirect, render

from catalog.activation import first_uploaded_sku
from jetsync.activation.generators import order_generator_url
from jetsync.enums import Mode
from jetsync.models import Merchant
from jetsync.panel.messages import say
from jetsync.tenancy.rights import Right
from jetsync.tenancy.views import MerchantRequest, merchant_view
from orders.enums import FAILED_STATES, OrderState
from orders.models import Order
from orders.pages import order_list_url
from orders.queries.order import all_orders
from orders.queries.sales import without_wholly_cancelled


def last_order_to_walk(merchant: Merchant) -> Order | None:
    """The rehearsal cancels an order as well; one that ended without a parcel shows nobody how to ship."""
    orders = all_orders(merchant).exclude(state__in=FAILED_STATES)
    return without_wholly_cancelled(merchant, orders).order_by("-pk").first()


@merchant_view(Right.ORDERS_VIEW)
def tour(request: MerchantRequest) -> HttpResponseBase:
    """About the test order that came last and went, or can still go, all the way."""
    merchant = request.merchant
    if merchant.mode != Mode.TEST:
        say(request, "info", "The tour of a test order is there in test mode only.")
        return redirect(order_list_url(merchant))
    order = last_order_to_walk(merchant)
    context = {
        "order": order,
        "is_shipped": order is not None and order.state == OrderState.COMPLETE,
        "sku": first_uploaded_sku(merchant),
        "generator": order_generator_url(merchant),
    }
    return render(request, "orders/tour.html", context)
