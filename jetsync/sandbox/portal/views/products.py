"""Products as Jet sees them, and Jet's own verdict on one."""

from __future__ import annotations

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404

from jetsync.sandbox.listings.control import set_competitor, set_verdict
from jetsync.sandbox.models.account import MerchantAccount
from jetsync.sandbox.models.sku import ListingStatus, Sku
from jetsync.sandbox.portal.forms import CompetitorForm, VerdictForm
from jetsync.sandbox.portal.pages import act, go, page, paged, show


@page
def products(request: HttpRequest, account: MerchantAccount) -> HttpResponse:
    rows = Sku.objects.filter(merchant=account)
    status, text = request.GET.get("status", ""), request.GET.get("q", "").strip()
    if status in ListingStatus.values:
        rows = rows.filter(status=status)
    if text:
        rows = rows.filter(merchant_sku__icontains=text)
    return show(
        request,
        account,
        "products",
        page=paged(request, rows),
        statuses=ListingStatus.values,
        status=status,
        text=text,
    )


@page
def product(request: HttpRequest, account: MerchantAccount, pk: int) -> HttpResponse:
    sku = get_object_or_404(account.skus, pk=pk)
    names = dict(account.nodes.values_list("node_id", "name"))
    stock = [(names.get(node_id, node_id), entry["quantity"]) for node_id, entry in sku.inventory.items()]
    form = VerdictForm(initial={"verdict": sku.verdict})
    given = sku.competitor or {}
    competitor = CompetitorForm(
        initial={name: given.get(name) for name in ("item_price", "shipping_price")}, prefix="competitor"
    )
    return show(request, account, "product", sku=sku, stock=stock, form=form, competitor=competitor)


@act
def decide(request: HttpRequest, account: MerchantAccount, pk: int) -> HttpResponse:
    """Exclude a SKU, bar the merchant from it, or hand it back to the review."""
    sku = get_object_or_404(account.skus, pk=pk)
    form = VerdictForm(request.POST)
    if form.is_valid():
        sku = set_verdict(account, sku.merchant_sku, form.cleaned_data["verdict"])
        messages.success(request, f"{sku.merchant_sku} is now {sku.status}.")
    return go(account, "product", pk=pk)


@act
def compete(request: HttpRequest, account: MerchantAccount, pk: int) -> HttpResponse:
    """Let another seller ask a price, or hand that back to the dice."""
    sku = get_object_or_404(account.skus, pk=pk)
    form = CompetitorForm(request.POST, prefix="competitor")
    if not form.is_valid():
        messages.error(request, "The price was not understood; nothing was changed.")
        return go(account, "product", pk=pk)
    given = form.cleaned_data
    set_competitor(account, sku.merchant_sku, given["item_price"], given["shipping_price"] or 0)
    words = "made up again" if given["item_price"] is None else f"${given['item_price']:,.2f}"
    messages.success(request, f"The best other offer of {sku.merchant_sku} is {words}.")
    return go(account, "product", pk=pk)
