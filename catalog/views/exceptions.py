"""Pages about how one SKU ships and returns otherwise, and copying that to others."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from django.http import HttpResponse, HttpResponseRedirect
from django.shortcuts import render

from catalog.actions.exception_copies import copy_exceptions
from catalog.actions.exceptions import delete_return_exception, delete_shipping_exception
from catalog.forms.exceptions import CopyForm, ReturnExceptionForm, ShippingExceptionForm
from catalog.models import Listing, ShippingException, Variant
from catalog.pages import page_url, variant_url
from catalog.queries.exceptions import get_shipping_exception, return_exception_of, shipping_exceptions_of
from catalog.queries.product import listing_of
from catalog.queries.stock import get_variant
from catalog.views.product import section_tabs
from catalog.views.sku_list import SkuConfirmPage
from jetsync.exceptions import NotFound
from jetsync.models import Selection
from jetsync.panel.confirm import ConfirmPage, operation_url
from jetsync.panel.messages import say
from jetsync.queries.settings import current_nodes
from jetsync.tenancy.rights import Right
from jetsync.tenancy.views import MerchantRequest, merchant_view
from jetsync.wording import counted

SHIPPING_TAB, RETURNS_TAB = "shipping-exceptions", "return-exceptions"


def _frame(request: MerchantRequest, variant: Variant, tab: str, facet: str) -> dict[str, Any]:
    """What both pages show around their forms. `at_jet` says in a word where Jet stands."""
    listing = listing_of(variant)
    return {
        "variant": variant,
        "product": variant.product,
        "listing": listing,
        "tabs": section_tabs(request.merchant, variant, tab),
        "back_url": variant_url(request.merchant, variant),
        "at_jet": _at_jet(listing, facet),
        "refusal": listing if listing and listing.error_code == f"{facet}_refused" else None,
        "products_url": page_url(request.merchant, "product-list"),
    }


def _at_jet(listing: Listing | None, facet: str) -> str:
    """none | first | refused | waiting | same"""
    if listing is None:
        return "none"
    target, sent = getattr(listing, f"{facet}_target"), getattr(listing, f"{facet}_sent")
    if not target and not sent:
        return "none"
    if listing.content_sent_at is None:
        return "first"
    if listing.error_code == f"{facet}_refused":
        return "refused"
    return "same" if target == sent else "waiting"


@merchant_view(Right.PRODUCTS_VIEW)
def shipping_exceptions(request: MerchantRequest, pk: int) -> HttpResponse:
    variant = get_variant(request.merchant, pk)
    context = {
        **_frame(request, variant, SHIPPING_TAB, "shipping"),
        "rows": shipping_exceptions_of(variant),
        "has_nodes": current_nodes(request.merchant).exists(),
    }
    return render(request, "catalog/exceptions/shipping.html", context)


@merchant_view(Right.PRODUCTS_EDIT)
def shipping_exception_new(request: MerchantRequest, pk: int) -> HttpResponse:
    return _edit(request, get_variant(request.merchant, pk), None)


@merchant_view(Right.PRODUCTS_EDIT)
def shipping_exception_edit(request: MerchantRequest, pk: int) -> HttpResponse:
    row = get_shipping_exception(request.merchant, pk)
    return _edit(request, get_variant(request.merchant, row.variant_id), row)


def _edit(request: MerchantRequest, variant: Variant, row: ShippingException | None) -> HttpResponse:
    back = page_url(request.merchant, SHIPPING_TAB, pk=variant.pk)
    if not current_nodes(request.merchant).exists():
        say(request, "warning", "A shipping exception belongs to a fulfilment node. Add one first.")
        return HttpResponseRedirect(back)
    data = request.POST if request.method == "POST" else None
    form = ShippingExceptionForm(data, variant=variant, row=row)
    if data is not None and form.save(request.actor):
        say(request, "success", f"The shipping exception of {variant.sku} is saved.")
        return HttpResponseRedirect(back)
    context = {
        **_frame(request, variant, SHIPPING_TAB, "shipping"),
        "form": form,
        "row": row,
        "list_url": back,
    }
    return render(
        request, "catalog/exceptions/shipping_form.html", context, status=400 if form.errors else 200
    )


class DeleteShippingException(ConfirmPage):
    right = write_right = Right.PRODUCTS_EDIT
    noun = ("shipping exception", "shipping exceptions")
    confirm_label = "Delete"
    danger = True

    def get_target(self, **kwargs: Any) -> ShippingException:
        return get_shipping_exception(self.request.merchant, kwargs["pk"])

    def get_title(self, target: ShippingException) -> str:
        return f"Delete a shipping exception of {target.variant.sku}"

    def get_names(self, target: ShippingException) -> Sequence[str]:
        return (f"{target.node.name}: {target}",)

    def get_consequences(self, target: ShippingException) -> Sequence[str]:
        is_last = shipping_exceptions_of(target.variant).count() == 1
        return [
            "Jet is told an empty list, so the SKU ships like your account again."
            if is_last
            else "Jet is told the exceptions that are left."
        ]

    def get_cancel_url(self, target: ShippingException) -> str:
        return page_url(self.request.merchant, SHIPPING_TAB, pk=target.variant_id)

    def perform(self, target: ShippingException, form: Any) -> str:  # noqa: ARG002 -- no form
        delete_shipping_exception(target, actor=self.request.actor)
        say(self.request, "success", f"The shipping exception of {target.variant.sku} is deleted.")
        return self.get_cancel_url(target)


@merchant_view(Right.PRODUCTS_VIEW, write=Right.PRODUCTS_EDIT)
def return_exception(request: MerchantRequest, pk: int) -> HttpResponse:
    """The form is closed until a return location exists (features RLO-04)."""
    variant = get_variant(request.merchant, pk)
    data = request.POST if request.method == "POST" else None
    form = ReturnExceptionForm(data, variant=variant, read_only=not request.actor.may(Right.PRODUCTS_EDIT))
    if data is not None and form.save(request.actor):
        say(request, "success", f"The return exception of {variant.sku} is saved.")
        return HttpResponseRedirect(page_url(request.merchant, RETURNS_TAB, pk=variant.pk))
    context = {**_frame(request, variant, RETURNS_TAB, "returns"), "form": form, "row": form.row}
    return render(request, "catalog/exceptions/returns.html", context, status=400 if form.errors else 200)


class DeleteReturnException(ConfirmPage):
    right = write_right = Right.PRODUCTS_EDIT
    noun = ("return exception", "return exceptions")
    confirm_label = "Delete"
    danger = True

    def get_target(self, **kwargs: Any) -> Variant:
        variant = get_variant(self.request.merchant, kwargs["pk"])
        if return_exception_of(variant) is None:
            raise NotFound(f"SKU {variant.sku} has no return exception.")
        return variant

    def get_title(self, target: Variant) -> str:
        return f"Delete the return exception of {target.sku}"

    def get_consequences(self, target: Variant) -> Sequence[str]:  # noqa: ARG002 -- hook
        return ["Jet is told an empty list, so the SKU comes back as your account says."]

    def get_cancel_url(self, target: Variant) -> str:
        return page_url(self.request.merchant, RETURNS_TAB, pk=target.pk)

    def perform(self, target: Variant, form: Any) -> str:  # noqa: ARG002 -- no form
        delete_return_exception(target, actor=self.request.actor)
        say(self.request, "success", f"The return exception of {target.sku} is deleted.")
        return self.get_cancel_url(target)


class CopyExceptions(SkuConfirmPage):
    """Over the grid's frozen selection."""

    right = write_right = Right.PRODUCTS_EDIT
    page_key = "products"
    noun = ("SKU", "SKUs")
    confirm_label = "Copy exceptions"
    form_class = CopyForm

    def get_title(self, target: Selection) -> str:
        return f"Copy exceptions to {self.count_words(target)}"

    def get_form_kwargs(self, target: Selection) -> dict[str, Any]:  # noqa: ARG002 -- hook
        return {"merchant": self.request.merchant}

    def get_consequences(self, target: Selection) -> Sequence[str]:  # noqa: ARG002 -- hook
        return [
            "Their own exceptions of the ticked kinds are replaced.",
            "Jet is told of those that are listed; the others bring it along with their first upload.",
            "It can be undone from the operation's page.",
        ]

    def perform(self, target: Selection, form: Any) -> str:
        operation = copy_exceptions(
            form.cleaned_data["source"], target.ids, form.cleaned_data["parts"], actor=self.request.actor
        )
        say(self.request, "success", f"Copying to {counted(operation.total, 'SKU')} has begun.")
        return operation_url(operation)
