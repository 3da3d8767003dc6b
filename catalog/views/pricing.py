"""The price rules: type, look at what they do to real products, save."""

from __future__ import annotations

from typing import Any

from django.http import HttpResponse, HttpResponseRedirect
from django.shortcuts import render

from catalog.actions.price_rules import save_price_rules
from catalog.forms.pricing import PriceRulesForm
from catalog.models import Variant
from catalog.pages import page_url
from catalog.price_guard import Asked
from catalog.queries.pricing import PricePreview, price_card, price_preview
from catalog.queries.product import listing_of
from catalog.queries.rules import price_rules as stored_rules
from jetsync.models import Merchant
from jetsync.panel.messages import say
from jetsync.panel.setup.tabs import settings_tabs
from jetsync.queries.settings import get_options
from jetsync.tenancy.actor import Actor
from jetsync.tenancy.rights import Right
from jetsync.tenancy.views import MerchantRequest, merchant_view
from jetsync.wording import counted


@merchant_view(Right.SETTINGS_VIEW, write=Right.SETTINGS_EDIT)
def price_rules(request: MerchantRequest) -> HttpResponse:
    """POST with `do=look` shows what the typed rules would do and saves nothing."""
    merchant = request.merchant
    form = _form(request, merchant)
    if request.method != "POST":
        stored = get_options(merchant)
        found = price_preview(merchant, stored_rules(stored), percent=stored.price_step_percent)
        return _page(request, form, found)
    if not form.is_valid():
        return _page(request, form, None, status=400)
    preview = price_preview(merchant, form.rules(), percent=form.instance.price_step_percent)
    if request.POST.get("do") == "look":
        return _page(request, form, preview, is_look=True)
    asked = preview.asked() if form.changed_data and preview.needs_confirmation else None
    if asked and request.POST.get("confirmed") != asked.mark:
        return _page(request, form, preview, status=409, asked=asked)
    save_price_rules(
        form.instance,
        old=form.old_values(),
        actor=request.actor,
        confirmed=asked.reasons if asked else (),
    )
    say(request, "success", _saved_words(form, preview))
    return HttpResponseRedirect(page_url(merchant, "price-rules"))


@merchant_view(Right.SETTINGS_VIEW)
def price_example(request: MerchantRequest) -> HttpResponse:
    """The example alone, for htmx while the form is being filled; reads its fields from the address."""
    form = PriceRulesForm(request.GET, instance=get_options(request.merchant), merchant=request.merchant)
    preview = None
    if form.is_valid():
        percent = form.instance.price_step_percent
        preview = price_preview(request.merchant, form.rules(), percent=percent)
    return render(request, "catalog/pricing/example.html", {"form": form, "preview": preview})


def _form(request: MerchantRequest, merchant: Merchant) -> PriceRulesForm:
    may_edit = request.actor.may(Right.SETTINGS_EDIT)
    data = request.POST if request.method == "POST" else None
    return PriceRulesForm(data, instance=get_options(merchant), merchant=merchant, read_only=not may_edit)


def _page(
    request: MerchantRequest,
    form: PriceRulesForm,
    preview: PricePreview | None,
    *,
    status: int = 200,
    asked: Asked | None = None,
    is_look: bool = False,
) -> HttpResponse:
    context = {
        "form": form,
        "preview": preview,
        "tabs": settings_tabs(request, "pricing"),
        "asked": asked,
        "is_look": is_look,
        "asked_title": _asked_title(preview) if preview and asked else "",
    }
    return render(request, "catalog/pricing/rules.html", context, status=status)


def _asked_title(preview: PricePreview) -> str:
    if not preview.large:
        return "Not all SKUs were computed"
    skus = "1 SKU" if preview.large == 1 else f"{preview.large:,} SKUs"
    return f"{skus} would change by more than {preview.percent}%"


def _saved_words(form: PriceRulesForm, preview: PricePreview) -> str:
    if not form.changed_data:
        return "No price rule was changed."
    skus = counted(preview.total, "SKU")
    return f"The price rules are saved. They are applied to {skus} now, and changed prices go to Jet."


def pricing_card(merchant: Merchant, variant: Variant, actor: Actor) -> dict[str, Any]:
    return {
        "price": price_card(merchant, variant),
        "listing": listing_of(variant),
        "may_edit_rules": actor.may(Right.SETTINGS_VIEW),
    }
