"""Shipping many orders: a list is given, looked through, and sent."""

from __future__ import annotations

from typing import Any

from django.http import HttpResponse, HttpResponseRedirect
from django.shortcuts import render

from jetsync.exceptions import DomainError, InvalidInput
from jetsync.ids import parse_id
from jetsync.panel.confirm import operation_url
from jetsync.panel.messages import say
from jetsync.queries.saved_view import get_selection
from jetsync.tenancy.rights import Right
from jetsync.tenancy.views import MerchantRequest, merchant_view
from jetsync.wording import counted
from orders.actions.many import check_few
from orders.actions.ship_many import ship_many
from orders.forms.ship_many import ShipManyForm
from orders.parcel_check import Parcel, judge_parcels
from orders.parcels import ParcelTable, as_text
from orders.queries.order import all_orders
from orders.queries.parcels import orders_to_ship

# A page that a packer works down; the rest of the chosen orders follows when these are gone.
MOST_SHOWN = 100


@merchant_view(Right.ORDERS_VIEW, write=Right.ORDERS_SHIP)
def ship_list(request: MerchantRequest) -> HttpResponse:
    """GET shows the chosen orders and the ways in. POST looks the list through, or sends it (`stage`)."""
    chosen = _chosen(request)
    shown = orders_to_ship(request.merchant, chosen, MOST_SHOWN) if chosen is not None else []
    if request.method != "POST":
        return _entry(request, ShipManyForm(orders=shown), len(shown))
    form = ShipManyForm(request.POST, request.FILES, orders=shown)
    if not form.is_valid():
        return _entry(request, form, len(shown), status=400)
    try:
        table = form.table()
    except InvalidInput as refused:
        return _entry(request, form, len(shown), status=400, error=refused)
    values: dict[str, Any] = {
        name: form.cleaned_data[name] for name in ("ship_on", "shares", "confirms_tracking")
    }
    if request.POST.get("stage") != "ship":
        parcels = judge_parcels(request.merchant, table.rows, **values)
        return _preview(request, form, table, parcels)
    try:
        operation = ship_many(request.merchant, table.rows, actor=request.actor, **values)
    except DomainError as refused:
        return _entry(request, form, len(shown), status=refused.status, error=refused)
    say(request, "success", f"Shipping {counted(operation.total, 'parcel')}.")
    return HttpResponseRedirect(operation_url(operation))


def _chosen(request: MerchantRequest) -> Any:
    """The ticked orders, None without any. Raises NotFound for somebody else's selection, InvalidInput for too many."""
    number, user = parse_id(request.GET.get("selection")), request.actor.user
    if not number or user is None:
        return None
    ids = check_few(get_selection(request.merchant, "orders", number, user).ids)
    return all_orders(request.merchant).filter(pk__in=ids)


def _entry(
    request: MerchantRequest,
    form: ShipManyForm,
    shown: int,
    *,
    status: int = 200,
    error: DomainError | None = None,
) -> HttpResponse:
    chosen = _chosen(request)
    context = {
        "form": form,
        "error": error,
        "has_chosen": chosen is not None,
        "shown": shown,
        "chosen_count": chosen.count() if chosen is not None else 0,
        "is_full": shown == MOST_SHOWN,
        "most": MOST_SHOWN,
    }
    return render(request, "orders/ship_many.html", context, status=status)


def _preview(
    request: MerchantRequest, form: ShipManyForm, table: ParcelTable, parcels: list[Parcel]
) -> HttpResponse:
    ready = sum(parcel.is_ready for parcel in parcels)
    wrong = sum(bool(parcel.fault) for parcel in parcels)
    done = len(parcels) - ready - wrong
    values = form.cleaned_data
    kept = {name: values[name] or "" for name in ("ship_on", "shares", "confirms_tracking")}
    text = {"rows": as_text(table.rows), **kept}
    context = {
        "form": ShipManyForm(text),
        "parcels": parcels,
        "ready": ready,
        "wrong": wrong,
        "headline": f"{ready:,} to be shipped, {wrong:,} cannot be, {done:,} shipped before",
        "untracked": table.untracked,
        "submit": f"Ship {counted(ready, 'parcel')}",
    }
    return render(request, "orders/ship_many_check.html", context)
