"""Giving products a profile: from the grid, from the profile's page, from the product's page."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from django.db.models import QuerySet
from django.http import HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.views.decorators.http import require_POST

from catalog.actions.assigning import assign_profile
from catalog.edit_words import content_words
from catalog.forms.assigning import AssignToForm, ChooseProfileForm
from catalog.models import Product, Profile, StoreCategory, Variant
from catalog.pages import page_url, variant_url
from catalog.price_guard import CONFIRMED, UnconfirmedPrice
from catalog.queries.profile import (
    get_profile,
    present_profiles,
    products_of_variants,
    products_to_assign,
)
from catalog.queries.stock import get_variant
from catalog.views.asking import AsksAboutMapPrice
from catalog.views.sku_list import SkuConfirmPage
from jetsync.exceptions import DomainError, InvalidInput
from jetsync.models import Merchant, Operation, Selection
from jetsync.panel.confirm import operation_url
from jetsync.panel.messages import say, say_error
from jetsync.queries.settings import get_options
from jetsync.tenancy.actor import Actor
from jetsync.tenancy.rights import Right
from jetsync.tenancy.views import MerchantRequest, merchant_view

SHOWN = 12
SHOWN_PROFILES = 6
UNDO = "You can undo it on the operation's page: every product gets back the profile it had."
PRICES = "Price and stock are not touched."


def warnings(products: QuerySet[Product], profile: Profile | None = None) -> list[str]:
    """What these products have now, and how many lose it (features PRO-12)."""
    present = present_profiles(products)
    free = present.pop("", 0)
    same = present.pop(profile.name, 0) if profile else 0
    found = []
    if present:
        named = [f"{count:,} {name}" for name, count in list(present.items())[:SHOWN_PROFILES]]
        more = "" if len(present) <= SHOWN_PROFILES else f" and {len(present) - SHOWN_PROFILES} more profiles"
        lost, who = sum(present.values()), "another profile" if profile else "a profile"
        has = "product has" if lost == 1 else "products have"
        found.append(f"{lost:,} {has} {who} now ({', '.join(named)}{more}); it is replaced.")
    if same:
        found.append(f"{same:,} {'has' if same == 1 else 'have'} this profile already.")
    if free:
        found.append(f"{free:,} {'has' if free == 1 else 'have'} no profile yet.")
    return found


class _Assigns(AsksAboutMapPrice):
    def assign(self, products: QuerySet[Product], profile: Profile | None) -> str:
        merchant = self.request.merchant
        ids = list(products.values_list("pk", flat=True))
        confirmed = self.asked_of(ids, profile)
        operation = assign_profile(merchant, ids, profile, actor=self.request.actor, confirmed=confirmed)
        say(self.request, "success", done_words(operation))
        return operation_url(operation)


class AssignProfile(_Assigns, SkuConfirmPage):
    """Over the grid's frozen selection, whose ids are SKUs."""

    right = write_right = Right.PRODUCTS_EDIT
    page_key = "products"
    noun = ("SKU", "SKUs")
    confirm_label = "Assign profile"
    form_class = ChooseProfileForm

    def get_title(self, target: Selection) -> str:
        return f"Assign a profile to {self.count_words(target)}"

    def get_form_kwargs(self, target: Selection) -> dict[str, Any]:  # noqa: ARG002 -- hook
        return {"merchant": self.request.merchant}

    def get_consequences(self, target: Selection) -> Sequence[str]:
        products = self._products(target)
        return [
            *warnings(products),
            "All variants of a product share its profile.",
            content_words(get_options(self.request.merchant)),
            PRICES,
            UNDO,
        ]

    def get_blockers(self, target: Selection) -> Sequence[str]:  # noqa: ARG002 -- hook
        if Profile.objects.filter(merchant=self.request.merchant).exists():
            return ()
        return ("There is no profile yet. Make one under Mapping, Profiles.",)

    def _products(self, target: Selection) -> QuerySet[Product]:
        return products_of_variants(self.request.merchant, target.ids)

    def perform(self, target: Selection, form: Any) -> str:
        return self.assign(self._products(target), form.cleaned_data["profile"])


@dataclass(frozen=True)
class AssignTarget:
    profile: Profile
    products: QuerySet[Product]
    where: str
    count: int

    def __str__(self) -> str:
        return self.where


class AssignTo(_Assigns):
    """One click on the profile's page: all products of a store category, all without a profile, or all."""

    right = write_right = Right.PRODUCTS_EDIT
    noun = ("product", "products")
    confirm_label = "Assign profile"

    def get_target(self, **kwargs: Any) -> AssignTarget:
        merchant = self.request.merchant
        profile = get_profile(merchant, kwargs["pk"])
        form = AssignToForm(self.request.GET, merchant=merchant)
        if not form.is_valid():
            # Never "all products" for a category that is not there.
            raise InvalidInput("This store category holds no product.", hint="Choose another one.")
        given = form.cleaned_data
        category, without = given["category"], given["without"]
        products = products_to_assign(
            merchant, store_category=int(category) if category else None, without_profile=without
        ).exclude(profile=profile)
        path = StoreCategory.objects.get(merchant=merchant, pk=int(category)).path if category else ""
        where = f"products of {path}" if path else "products"
        where += " without a profile" if without else ""
        return AssignTarget(profile, products, f"All {where}", products.count())

    def get_title(self, target: AssignTarget) -> str:
        return f"Assign profile “{target.profile.name}”"

    def get_count(self, target: AssignTarget) -> int:
        return target.count

    def get_names(self, target: AssignTarget) -> Sequence[str]:
        return list(target.products.order_by("title").values_list("title", flat=True)[:SHOWN])

    def get_consequences(self, target: AssignTarget) -> Sequence[str]:
        return [
            f"{target}.",
            *warnings(target.products, target.profile),
            content_words(get_options(self.request.merchant)),
            PRICES,
            UNDO,
        ]

    def get_blockers(self, target: AssignTarget) -> Sequence[str]:
        return () if target.count else (f"No product is left: all of them have {target.profile.name}.",)

    def get_cancel_url(self, target: AssignTarget) -> str:
        return page_url(self.request.merchant, "profile-detail", pk=target.profile.pk)

    def extra_context(self, target: AssignTarget) -> dict[str, Any]:
        self.asked_of(target.products, target.profile)
        return super().extra_context(target)

    def perform(self, target: AssignTarget, form: Any) -> str:  # noqa: ARG002 -- no form
        return self.assign(target.products, target.profile)


def done_words(operation: Operation) -> str:
    if operation.is_open:
        return f"Started: {operation.title}."
    return f"Done: {operation.title}."


@require_POST
@merchant_view(Right.PRODUCTS_EDIT)
def product_profile(request: MerchantRequest, pk: int) -> HttpResponse:
    """The card on the product's page; `pk` is one of its SKUs."""
    variant = get_variant(request.merchant, pk)
    back = HttpResponseRedirect(f"{variant_url(request.merchant, variant)}#profile")
    form = ChooseProfileForm(request.POST, merchant=request.merchant)
    if not form.is_valid():
        say(request, "error", "Choose a profile, or “No profile”.")
        return back
    profile: Profile | None = form.cleaned_data["profile"]
    before = variant.product.profile
    given = request.POST.get(CONFIRMED, "")
    try:
        assign_profile(request.merchant, [variant.product_id], profile, actor=request.actor, confirmed=given)
    except UnconfirmedPrice as error:
        return _ask_about(request, variant, error)
    except DomainError as error:
        say_error(request, error)
        return back
    now = f"profile “{profile.name}”" if profile else "no profile"
    was = f" instead of “{before.name}”" if before and before != profile else ""
    say(request, "success", f"“{variant.product.title}” has {now}{was}.")
    return back


def _ask_about(request: MerchantRequest, variant: Variant, error: UnconfirmedPrice) -> HttpResponse:
    """The card has no place for a question: a page of its own, which sends the same choice with the tick."""
    context = {
        "page_title": f"Assign a profile to {variant.product.title}",
        "count_words": "1 product",
        "consequences": error.asked.reasons,
        "confirm_label": "Assign it all the same",
        "cancel_url": f"{variant_url(request.merchant, variant)}#profile",
        "carried": [("profile", request.POST.get("profile", "")), (CONFIRMED, error.asked.mark)],
    }
    return render(request, "catalog/mapping_confirm.html", context)


def profile_card(merchant: Merchant, variant: Variant, actor: Actor) -> dict[str, Any] | None:
    """For the product's page; nothing before the first profile is made."""
    profile = variant.product.profile
    form = ChooseProfileForm(merchant=merchant, chosen=profile.pk if profile else None)
    if not form.found:
        return None
    return {
        "profile": profile,
        "form": form if actor.may(Right.PRODUCTS_EDIT) else None,
        "url": page_url(merchant, "product-profile", pk=variant.pk),
        "profile_url": page_url(merchant, "profile-detail", pk=profile.pk)
        if profile and actor.may(Right.MAPPING_VIEW)
        else "",
    }
