"""The picker, the overview and the keys."""

from __future__ import annotations

from django.contrib import messages
from django.db.models import Count
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.http import require_GET, require_http_methods

from jetsync.sandbox.clock import now
from jetsync.sandbox.models.account import TEST, MerchantAccount
from jetsync.sandbox.models.order import OrderEvent
from jetsync.sandbox.orders.checklist import setup_flags
from jetsync.sandbox.portal.forms import MerchantForm
from jetsync.sandbox.portal.pages import act, address, page, show, with_addresses
from jetsync.sandbox.seed import open_account

LAST_EVENTS = 12
FLAG_NAMES = {
    "IsMerchantSkuUploaded": "SKU sent",
    "IsPriceUploaded": "Price sent",
    "IsInventoryUploaded": "Inventory sent",
    "IsOrderCreated": "Order generated",
    "IsOrderAcknowledged": "Order acknowledged",
    "IsOrderShipped": "Order shipped",
    "IsOrderCanceled": "Order cancelled",
    "IsReturnComplete": "Return completed",
}


@require_http_methods(["GET", "POST"])
@with_addresses
def picker(request: HttpRequest) -> HttpResponse:
    """Choose whose portal to open, or open an account for another merchant: it has its keys at once."""
    form = MerchantForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        account = open_account(form.cleaned_data["name"])
        messages.success(request, f"{account.name} has a test and a live account. These are the test keys.")
        return redirect(address(account, "keys"))
    accounts = MerchantAccount.objects.order_by("name", "-mode").annotate(waiting=Count("orders"))
    context = {"accounts": accounts, "form": form, "sandbox_time": now()}
    return render(request, "sandbox/picker.html", context, status=400 if form.errors else 200)


@require_GET
@with_addresses
def tools(request: HttpRequest) -> HttpResponse:
    """The address the real portal had for its generators: straight there when it is clear whose.

    The real one knew by the log-in who asked; here `?user=` names the API user, and `?for=returns` the other generator.
    """
    accounts = MerchantAccount.objects.filter(mode=TEST)
    if request.GET.get("user"):
        accounts = accounts.filter(user=request.GET["user"])
    found = list(accounts[:2])
    generator = "return-generator" if request.GET.get("for") == "returns" else "order-generator"
    return redirect(address(found[0], generator)) if len(found) == 1 else redirect("portal:picker")


@page
def overview(request: HttpRequest, account: MerchantAccount) -> HttpResponse:
    events = OrderEvent.objects.filter(order__merchant=account).select_related("order").order_by("-pk")
    flags = setup_flags(account)
    return show(
        request,
        account,
        "overview",
        groups=[
            ("Products", "products", _counts(account.skus)),
            ("Orders", "orders", _counts(account.orders)),
            ("Returns", "returns", _counts(account.returns)),
            ("Refunds", "refunds", _counts(account.refunds)),
        ],
        events=events[:LAST_EVENTS],
        steps=[(name, flags[key]) for key, name in FLAG_NAMES.items()],
        effects=account.effects.values("kind").annotate(total=Count("id")).order_by("kind"),
    )


@page
def keys(request: HttpRequest, account: MerchantAccount) -> HttpResponse:
    return show(request, account, "keys")


@act
def reveal(request: HttpRequest, account: MerchantAccount) -> HttpResponse:
    """Show the secret once, on the answer to a POST, so that it is in no address and no history."""
    return show(request, account, "keys", secret=account.secret)


def _counts(rows: object) -> list[tuple[str, int]]:
    return list(rows.values_list("status").annotate(total=Count("id")).order_by("status"))  # type: ignore[attr-defined]  # four managers, one shape
