"""Orders, their history, and the generator."""

from __future__ import annotations

import json
from datetime import timedelta

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404

from jetsync.sandbox.clock import now
from jetsync.sandbox.marketplace.body import Refused
from jetsync.sandbox.marketplace.returns import returnable_units
from jetsync.sandbox.marketplace.words import OrderStatus
from jetsync.sandbox.models.account import MerchantAccount
from jetsync.sandbox.models.order import Order, OrderSource
from jetsync.sandbox.models.sku import Sku
from jetsync.sandbox.orders import actions, shopping
from jetsync.sandbox.orders.render import order_record
from jetsync.sandbox.portal.forms import OrderGeneratorForm, ShoppersForm
from jetsync.sandbox.portal.pages import act, go, page, paged, show
from jetsync.sandbox.switches import Switches

SUGGESTED_SKUS = 200


@page
def orders(request: HttpRequest, account: MerchantAccount) -> HttpResponse:
    rows = Order.objects.filter(merchant=account).order_by("-pk").prefetch_related("items")
    status, text = request.GET.get("status", ""), request.GET.get("q", "").strip()
    if status in OrderStatus.values:
        rows = rows.filter(status=status)
    if text:
        rows = rows.filter(reference_order_id=text) | rows.filter(merchant_order_id=text.lower())
    return show(
        request,
        account,
        "orders",
        page=paged(request, rows),
        statuses=OrderStatus.values,
        status=status,
        text=text,
    )


@page
def order(request: HttpRequest, account: MerchantAccount, order_id: str) -> HttpResponse:
    found = _get(account, order_id)
    switches = Switches.of(account)
    expires = switches["expire_unacknowledged"] and found.status == OrderStatus.READY
    items = list(found.items.all())
    return show(
        request,
        account,
        "order",
        order=found,
        items=items,
        events=found.events.all(),
        shipments=found.shipments.all(),
        returns=found.returns.all(),
        refunds=found.refunds.all(),
        expires_at=actions.deadline(found, switches["acknowledge_minutes"]) if expires else None,
        can_release=found.status == OrderStatus.CREATED,
        can_cancel=found.status in (OrderStatus.READY, *actions.SHIPPABLE) and not found.directed_cancel,
        can_return=any(returnable_units(item) for item in items),
        as_json=json.dumps(order_record(found), indent=2),
    )


@act
def release(request: HttpRequest, account: MerchantAccount, order_id: str) -> HttpResponse:
    """End the fraud check early."""
    found = _get(account, order_id)
    if found.status != OrderStatus.CREATED:
        raise Refused(f"The order is in the state '{found.status}'.")
    actions.release(found, now())
    messages.success(request, f"Order {found.reference_order_id} is ready.")
    return go(account, "order", order_id=order_id)


@act
def cancel(request: HttpRequest, account: MerchantAccount, order_id: str) -> HttpResponse:
    """The shopper wants everything that is still open cancelled."""
    found = _get(account, order_id)
    actions.direct_cancel(found, actions.all_open_units(found), now())
    messages.success(request, f"The merchant is asked to cancel order {found.reference_order_id}.")
    return go(account, "order", order_id=order_id)


@page
def generator(request: HttpRequest, account: MerchantAccount) -> HttpResponse:
    initial = {"sku": request.GET.get("sku", "")}
    return _generator(request, account, OrderGeneratorForm(account, initial=initial))


@act
def generate(request: HttpRequest, account: MerchantAccount) -> HttpResponse:
    """Orders for one chosen SKU."""
    form = OrderGeneratorForm(account, request.POST)
    if not form.is_valid():
        return _generator(request, account, form, status=400)
    data = form.cleaned_data
    made = shopping.generate(
        account,
        [(data["sku"], data["quantity"], data["cancel_quantity"])],
        data["node"],
        count=data["count"],
        source=OrderSource.PORTAL,
        at=now(),
        created_minutes=_minutes(account, data["state"]),
    )
    messages.success(request, f"{len(made)} order(s) generated, the first is {made[0].reference_order_id}.")
    return go(account, "orders")


@act
def shoppers(request: HttpRequest, account: MerchantAccount) -> HttpResponse:
    """Random shoppers buy what is live and in stock."""
    form = ShoppersForm(request.POST)
    if not form.is_valid():
        return _generator(request, account, OrderGeneratorForm(account), shoppers_form=form, status=400)
    minutes = _minutes(account, form.cleaned_data["state"])
    for number in range(form.cleaned_data["count"]):
        # One second apart, so that lists have an order.
        at = now() + timedelta(milliseconds=number)
        if shopping.shop(account, at=at, created_minutes=minutes) is None:
            raise Refused("No SKU is live and in stock, so nobody can buy.")
    messages.success(request, f"{form.cleaned_data['count']} order(s) placed.")
    return go(account, "orders")


def _generator(
    request: HttpRequest,
    account: MerchantAccount,
    form: OrderGeneratorForm,
    *,
    shoppers_form: ShoppersForm | None = None,
    status: int = 200,
) -> HttpResponse:
    skus = Sku.objects.filter(merchant=account, price__isnull=False).exclude(inventory={})
    return show(
        request,
        account,
        "order_generator",
        status,
        form=form,
        shoppers_form=shoppers_form or ShoppersForm(prefix=None, auto_id="shoppers_%s"),
        skus=skus.values_list("merchant_sku", flat=True)[:SUGGESTED_SKUS],
    )


def _minutes(account: MerchantAccount, state: str) -> float:
    return float(Switches.of(account)["created_minutes"]) if state == "created" else 0


def _get(account: MerchantAccount, order_id: str) -> Order:
    return get_object_or_404(Order, merchant=account, merchant_order_id=order_id)
