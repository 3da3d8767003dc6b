"""The pages of the connection: settings, key, guide, carriers and a look at what is exported."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from django.http import HttpResponse, HttpResponseRedirect
from django.utils import timezone
from django.views.decorators.http import require_POST

from jetsync.exceptions import DomainError, InvalidInput
from jetsync.models import Merchant
from jetsync.panel.confirm import ConfirmPage
from jetsync.panel.forms import put_on_form
from jetsync.panel.messages import say, say_outcome
from jetsync.panel.setup.answers import settings_page
from jetsync.queries.settings import get_options
from jetsync.tenancy.rights import Right
from jetsync.tenancy.views import MerchantRequest, merchant_view
from jetsync.wording import counted
from orders.models import Order, ShipStationConnection
from orders.queries.order import all_orders, search_orders
from orders.queries.shipment import waiting_shipments
from orders.shipstation import connecting
from orders.shipstation.export import Unexportable, order_element, orders_document
from orders.shipstation.forms import CarriersForm, ConnectionForm, PreviewForm
from orders.shipstation.overview import boxes_of, state_of
from orders.shipstation.pages import page_url, store_url
from orders.shipstation.queries import (
    calls_of,
    carrier_rules,
    exported_order,
    get_connection,
    newest_orders,
    units_of,
    waiting_notices,
)
from orders.shipstation.words import StatusWord

TAB = "shipstation"
CALLS_SHOWN = 5
EXAMPLES = 5


def _page(request: MerchantRequest, template: str, context: dict[str, Any]) -> HttpResponse:
    return settings_page(request, f"orders/shipstation/{template}.html", TAB, context)


def _facts(merchant: Merchant, connection: ShipStationConnection) -> dict[str, Any]:
    return {
        "connection": connection,
        "state": f"shipstation.{state_of(connection, timezone.now())}",
        "store_url": store_url(merchant),
        "boxes": boxes_of(connection),
    }


@merchant_view(Right.SETTINGS_VIEW, write=Right.SETTINGS_EDIT)
def connection(request: MerchantRequest) -> HttpResponse:
    """State, settings and the last calls of the merchant's connection."""
    merchant, stored = request.merchant, get_connection(request.merchant)
    read_only = not request.actor.may(Right.SETTINGS_EDIT)
    form = ConnectionForm(request.POST or None, connection=stored, read_only=read_only)
    if request.method == "POST" and form.is_valid():
        try:
            connecting.save_settings(merchant, form.as_settings(), actor=request.actor)
        except DomainError as refused:
            put_on_form(form, refused)
        else:
            say(request, "success", "The settings of ShipStation were saved.")
            return HttpResponseRedirect(page_url(merchant, "shipstation"))
    options = get_options(merchant)
    context = {
        **_facts(merchant, stored),
        "form": form,
        "calls": list(calls_of(merchant).order_by("-pk")[:CALLS_SHOWN]),
        "open_carriers": list(carrier_rules(merchant).filter(is_open=True)),
        "waiting": waiting_notices(merchant).count(),
        "delivery_days": options.shipstation_delivery_days,
        "is_sending": options.send_tracking,
        "held_back": 0 if options.send_tracking else waiting_shipments(merchant).count(),
    }
    return _page(request, "connection", context)


class MakeKey(ConfirmPage):
    """Makes user name and key, or a new key, and shows it once."""

    right = write_right = Right.SETTINGS_EDIT
    noun = ("key", "keys")

    def get_target(self, **kwargs: Any) -> ShipStationConnection:  # noqa: ARG002 -- one per merchant
        return get_connection(self.request.merchant)

    def get_title(self, target: ShipStationConnection) -> str:
        return "Renew the key for ShipStation" if target.has_key else "Make user name and key for ShipStation"

    @property
    def confirm_label(self) -> str:  # type: ignore[override]  # depends on the target
        return "Renew the key" if get_connection(self.request.merchant).has_key else "Make user name and key"

    def get_names(self, target: ShipStationConnection) -> Sequence[str]:
        return (f"{target.user_name}, key {target.key_hint}…",) if target.has_key else ()

    def get_cancel_url(self, target: ShipStationConnection) -> str:  # noqa: ARG002 -- hook
        return page_url(self.request.merchant, "shipstation")

    def get_blockers(self, target: ShipStationConnection) -> Sequence[str]:  # noqa: ARG002 -- hook
        try:
            connecting.check_may_hand_out_buyers(self.request.actor)
        except DomainError as refused:
            return (refused.message,)
        return ()

    def get_consequences(self, target: ShipStationConnection) -> Sequence[str]:
        if target.has_key:
            return (
                "The old key stops working at once. ShipStation gets nothing until you type the new one in.",
                "The user name stays. The new key is shown once.",
            )
        return (
            "ShipStation can read orders with shoppers' names and addresses, and report parcels.",
            "The key is shown once.",
        )

    def perform(self, target: ShipStationConnection, form: Any) -> HttpResponse:  # noqa: ARG002 -- hook
        stored, key = connecting.renew_key(self.request.merchant, actor=self.request.actor)
        response = _page(self.request, "key", {**_facts(self.request.merchant, stored), "key": key})
        response["Cache-Control"] = "no-store"
        return response


@require_POST
@merchant_view(Right.SETTINGS_EDIT)
def switch(request: MerchantRequest) -> HttpResponse:
    """On with `on=1`, else off."""
    on = request.POST.get("on") == "1"
    with say_outcome(request, f"ShipStation is switched {'on' if on else 'off'}."):
        connecting.switch(request.merchant, on=on, actor=request.actor)
    return HttpResponseRedirect(page_url(request.merchant, "shipstation"))


@merchant_view(Right.SETTINGS_VIEW)
def guide(request: MerchantRequest) -> HttpResponse:
    """The seven steps, with what is to be typed in and what is done."""
    return _page(request, "guide", _facts(request.merchant, get_connection(request.merchant)))


@merchant_view(Right.SETTINGS_VIEW, write=Right.SETTINGS_EDIT)
def carriers(request: MerchantRequest) -> HttpResponse:
    """ShipStation's carriers and services beside Jet's."""
    merchant = request.merchant
    rows = list(carrier_rules(merchant))
    read_only = not request.actor.may(Right.SETTINGS_EDIT)
    form = CarriersForm(request.POST or None, rows=rows, read_only=read_only)
    if request.method == "POST" and form.is_valid():
        try:
            count = connecting.save_carriers(merchant, form.as_changes(), actor=request.actor)
        except InvalidInput as refused:
            form.take_faults(refused)
        else:
            say(
                request,
                "success",
                f"{counted(count, 'line')} of the carrier table changed."
                if count
                else "No carrier was changed.",
            )
            return HttpResponseRedirect(page_url(merchant, "shipstation-carriers"))
    context = {
        "form": form,
        "open": [row for row in rows if row.is_open],
        "connection": get_connection(merchant),
    }
    return _page(request, "carriers", context)


@require_POST
@merchant_view(Right.SETTINGS_EDIT)
def default_carriers(request: MerchantRequest) -> HttpResponse:
    """Brings the usual lines back that are missing."""
    connecting.add_default_carriers(request.merchant)
    say(request, "success", "The usual carriers are in the table; your own choices stay.")
    return HttpResponseRedirect(page_url(request.merchant, "shipstation-carriers"))


@merchant_view(Right.BUYERS_VIEW)
def preview(request: MerchantRequest) -> HttpResponse:
    """One order exactly as ShipStation would get it, and whether it would."""
    merchant, stored = request.merchant, get_connection(request.merchant)
    form = PreviewForm(request.GET or None)
    number = form.cleaned_data["order"].strip() if form.is_valid() else ""
    found = search_orders(all_orders(merchant), merchant, number, with_buyers=False).order_by(
        "-placed_at", "-pk"
    )
    pk = found.values_list("pk", flat=True).first()
    order = exported_order(merchant, stored, pk) if pk is not None else None
    context = {
        **_facts(merchant, stored),
        "form": form,
        "number": number,
        "order": order,
        "examples": newest_orders(merchant, EXAMPLES),
        **(_shown(merchant, stored, order) if order else {}),
    }
    return _page(request, "preview", context)


def _shown(merchant: Merchant, stored: ShipStationConnection, order: Order) -> dict[str, Any]:
    word: str = order.status_word  # type: ignore[attr-defined]  # annotated
    shown = {
        "status_label": StatusWord(word).label,
        "word": stored.word_for(word),
        "is_chosen": word in stored.export_statuses,
        "is_other_mode": order.account.mode != merchant.mode,
    }
    try:
        element = order_element(order, stored, get_options(merchant), units_of([order]))
    except Unexportable as refused:
        return {**shown, "refused": refused}
    return {**shown, "xml": orders_document([element], pages=1, page=1)}
