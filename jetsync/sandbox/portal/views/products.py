"""Products as Jet sees them, and Jet's own verdict on one."""

from __future__ import annotations

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404

from jetsync.sandbox.listings.control import set_verdict
from jetsync.sandbox.models.account import MerchantAccount
from jetsync.sandbox.models.sku import ListingStatus, Sku
from jetsync.sandbox.portal.forms import VerdictForm
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
    return show(request, account, "product", sku=sku, stock=stock, form=form)


@act
def decide(request: HttpRequest, account: MerchantAccount, pk: int) -> HttpResponse:
    """Exclude a SKU, bar the merchant from it, or hand it back to the review."""
    sku = get_object_or_404(account.skus, pk=pk)
    form = VerdictForm(request.POST)
    if form.is_valid():
        sku = set_verdict(account, sku.merchant_sku, form.cleaned_data["verdict"])
        messages.success(request, f"{sku.merchant_sku} is now {sku.status}.")
    return go(account, "product", pk=pk)
