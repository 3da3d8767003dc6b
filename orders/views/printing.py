"""Pages for paper: packing slips of one or many orders, and a pick list. They need no script and show no contacts."""

from __future__ import annotations

from collections.abc import Collection
from datetime import date

from django.http import HttpResponse
from django.shortcuts import render
from django.utils import timezone

from jetsync.exceptions import InvalidInput, NotFound
from jetsync.ids import parse_id
from jetsync.queries.saved_view import get_selection
from jetsync.queries.settings import current_return_locations
from jetsync.tenancy.rights import Right
from jetsync.tenancy.views import MerchantRequest, merchant_view
from jetsync.wording import counted
from orders.barcode import bar_code
from orders.pages import order_list_url, order_url
from orders.privacy import may_see_buyers, shown_address
from orders.queries.order import get_order
from orders.queries.printing import Slip, pick_list, slips_of

# Pages of one print; a browser lays out so many within seconds.
MOST_SLIPS = 200
MOST_PICKED = 1_000


@merchant_view(Right.ORDERS_VIEW)
def packing_slip(request: MerchantRequest, pk: int) -> HttpResponse:
    """One order's slip; `?prices=1` with prices."""
    order = get_order(request.merchant, pk)
    return _slips(request, [order.pk], order_url(order))


@merchant_view(Right.ORDERS_VIEW)
def packing_slips(request: MerchantRequest) -> HttpResponse:
    """A slip per ticked order, each on a page of its own."""
    return _slips(request, _ticked(request, MOST_SLIPS), order_list_url(request.merchant))


def _slips(request: MerchantRequest, ids: Collection[int], back: str) -> HttpResponse:
    slips = slips_of(request.merchant, ids)
    orders = {slip.order.pk for slip in slips}
    context = {
        "title": f"Packing slip of order {slips[0].order}" if len(orders) == 1 else "Packing slips",
        "slips": [
            (slip, shown_address(slip.order, request.actor), _day(request, slip), bar_code(str(slip.order)))
            for slip in slips
        ],
        "left_out": _left_out(len(ids) - len(orders)),
        "return_to": current_return_locations(request.merchant).first(),
        "sees_buyers": may_see_buyers(request.actor),
        "prices": request.GET.get("prices") == "1",
        "back": back,
    }
    return render(request, "orders/print/slips.html", context)


def _day(request: MerchantRequest, slip: Slip) -> date | None:
    """On which the order was placed, in the merchant's zone."""
    placed = slip.order.placed_at
    return placed.astimezone(request.merchant.zone).date() if placed else None


def _left_out(count: int) -> str:
    if not count:
        return ""
    return f"{counted(count, 'chosen order')} left out: not acknowledged, or nothing to pack."


@merchant_view(Right.ORDERS_VIEW)
def pick(request: MerchantRequest) -> HttpResponse:
    """What the ticked orders still need, by node and SKU."""
    ids = _ticked(request, MOST_PICKED)
    lines = pick_list(request.merchant, ids)
    orders = dict.fromkeys(name for line in lines for name in line.orders)
    context = {
        "title": "Pick list",
        "lines": lines,
        "codes": [(name, bar_code(name)) for name in orders],
        "pieces": counted(sum(line.pieces for line in lines), "piece"),
        "chosen": counted(len(ids), "chosen order"),
        "today": timezone.localdate(timezone=request.merchant.zone),
        "back": order_list_url(request.merchant),
    }
    return render(request, "orders/print/pick.html", context)


def _ticked(request: MerchantRequest, most: int) -> list[int]:
    """Raises NotFound without a selection of this person, InvalidInput for one that is too large."""
    number, user = parse_id(request.GET.get("selection")), request.actor.user
    if not number or user is None:
        raise NotFound("Nothing is selected.", hint="Go back to the list and tick some orders.")
    ids = list(get_selection(request.merchant, "orders", number, user).ids)
    if len(ids) > most:
        raise InvalidInput(
            f"At most {most:,} orders can be printed at once; {len(ids):,} are selected.",
            hint="Filter the list and select fewer.",
        )
    return ids
