"""The settings page of store orders: methods, and what new orders get of them."""

from __future__ import annotations

from django.http import HttpResponse, HttpResponseRedirect

from jetsync.exceptions import DomainError
from jetsync.panel.forms import put_on_form
from jetsync.panel.messages import say
from jetsync.panel.setup.answers import settings_page
from jetsync.queries.settings import get_options
from jetsync.tenancy.rights import Right
from jetsync.tenancy.views import MerchantRequest, merchant_view
from orders.actions.store_settings import save_store_settings
from orders.forms.store import StoreOrdersForm
from orders.pages import order_list_url, store_settings_url
from orders.queries.store import chosen_methods, get_book, orders_to_store, store_methods

TAB = "store-orders"


@merchant_view(Right.SETTINGS_VIEW, write=Right.SETTINGS_EDIT)
def store_orders(request: MerchantRequest) -> HttpResponse:
    merchant = request.merchant
    form = StoreOrdersForm(
        request.POST or None,
        book=get_book(merchant),
        methods=store_methods(merchant),
        read_only=not request.actor.may(Right.SETTINGS_EDIT),
    )
    if request.method == "POST" and form.is_valid():
        try:
            save_store_settings(merchant, form.as_settings(), actor=request.actor)
        except DomainError as refused:
            put_on_form(form, refused)
        else:
            _say_saved(request)
            return HttpResponseRedirect(store_settings_url(merchant))
    chosen = chosen_methods(merchant)
    context = {
        "form": form,
        "method_rows": form.method_rows(),
        "problem": chosen.message if chosen.reason else "",
        "waiting": orders_to_store(merchant).count(),
        "waiting_url": order_list_url(merchant, f"reason={chosen.reason}") if chosen.reason else "",
        "customer_email": get_options(merchant).customer_email,
    }
    return settings_page(request, "orders/store_settings.html", TAB, context)


def _say_saved(request: MerchantRequest) -> None:
    chosen = chosen_methods(request.merchant)
    if chosen.reason is not None:
        say(request, "warning", f"The settings of store orders were saved. {chosen.message}")
        return
    say(
        request,
        "success",
        f"The settings of store orders were saved: paid by “{chosen.payment}”, shipped by “{chosen.shipping}”.",
    )
