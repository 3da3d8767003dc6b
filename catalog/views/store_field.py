"""The tab "Store fields" of a SKU: everything that profiles and mappings can read from it."""

from __future__ import annotations

from django.http import HttpResponse, HttpResponseRedirect
from django.shortcuts import render

from catalog.forms.store_field import StoreFieldsForm
from catalog.models import Variant
from catalog.pages import page_url, variant_url
from catalog.queries.stock import get_variant
from catalog.queries.store_field import get_facts
from catalog.views.product import section_tabs
from jetsync.panel.messages import say
from jetsync.tenancy.rights import Right
from jetsync.tenancy.views import MerchantRequest, merchant_view

TAB = "store-fields"


@merchant_view(Right.PRODUCTS_VIEW, write=Right.PRODUCTS_EDIT)
def variant_fields(request: MerchantRequest, pk: int) -> HttpResponse:
    merchant = request.merchant
    variant = get_variant(merchant, pk)
    data = request.POST if request.method == "POST" else None
    form = StoreFieldsForm(
        data,
        variant=variant,
        facts=get_facts(merchant, pk),
        read_only=not request.actor.may(Right.PRODUCTS_EDIT),
    )
    if data is not None and form.save(request.actor):
        say(request, "success", f"{variant.sku}: store fields saved.")
        return HttpResponseRedirect(page_url(merchant, "variant-fields", pk=pk))
    context = {
        "form": form,
        "variant": variant,
        "product": variant.product,
        "tabs": section_tabs(merchant, variant, TAB),
        "back_url": variant_url(merchant, variant),
    }
    return render(request, "catalog/fields/variant.html", context, status=400 if form.errors else 200)


def count_own(variant: Variant) -> int | None:
    """The number on the tab: the store's own fields of this SKU and its product."""
    return len({*variant.data, *variant.product.data}) or None
