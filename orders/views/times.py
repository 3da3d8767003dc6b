"""The board of answer times."""

from __future__ import annotations

from django.http import HttpResponse
from django.shortcuts import render

from jetsync.models import Merchant
from jetsync.queries.settings import get_options
from jetsync.tenancy.rights import Right
from jetsync.tenancy.views import MerchantRequest, merchant_view
from jetsync.wording import counted
from orders.days import last_days
from orders.pages import order_list_url
from orders.queries.answer_times import answer_times


@merchant_view(Right.ORDERS_VIEW)
def times(request: MerchantRequest) -> HttpResponse:
    merchant = request.merchant
    periods = answer_times(merchant)
    untimed = periods[-1].untimed
    context = {
        "periods": [(period, _orders_url(merchant, period.days)) for period in periods],
        "has_any": any(period.orders for period in periods),
        "untimed": f"{counted(untimed, 'order')} of the last {periods[-1].days} days" if untimed else "",
        "untimed_url": _orders_url(merchant, periods[-1].days) + "untimed",
        "options": get_options(merchant),
        "mode": f"{merchant.get_mode_display().lower()} mode",
    }
    return render(request, "orders/answer_times.html", context)


def _orders_url(merchant: Merchant, days: int) -> str:
    """The list of a period's orders; the answer that is asked for is to be put at its end."""
    return order_list_url(merchant, f"released_after={last_days(merchant, days)[0]}&answer=")
