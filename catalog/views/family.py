"""The tab "Variations" of a product: its SKUs side by side, its options, the ten points per SKU."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from django.core.paginator import Paginator
from django.http import HttpResponse, HttpResponseRedirect
from django.shortcuts import render

from catalog.actions import publish
from catalog.actions.deleting import delete_all
from catalog.actions.options import make_combinations, plan_combinations
from catalog.combinations import Combination, combinations, default_pattern
from catalog.enums import ProductKind
from catalog.facts import VariantFacts
from catalog.forms.children import GRID_ROWS, ChildrenForm, OptionsForm, PatternForm
from catalog.models import Product, Variant, VariationGroup
from catalog.pages import page_url, variant_url
from catalog.queries.deleting import Reason, standing_in_way
from catalog.queries.product import get_product, variants_of
from catalog.queries.stock import get_variant
from catalog.queries.variation import GroupSetting, group_of, group_setting
from catalog.variation_checks import Check, ten_checks
from catalog.variations import GroupFacts
from catalog.views.product import section_tabs
from catalog.views.variation import input_url, shown_gaps
from jetsync.exceptions import DomainError
from jetsync.models import Merchant
from jetsync.panel.confirm import ConfirmPage, operation_url
from jetsync.panel.forms import put_on_form
from jetsync.panel.messages import say
from jetsync.queries.settings import get_options
from jetsync.tenancy.rights import Right, lack_of
from jetsync.tenancy.views import MerchantRequest, merchant_view
from jetsync.wording import counted

TAB = "variations"


@dataclass(frozen=True)
class ShownCheck:
    check: Check
    url: str


@dataclass(frozen=True)
class CheckedSku:
    variant: Variant
    checks: list[ShownCheck]

    @property
    def done(self) -> int:
        return sum(shown.check.is_done for shown in self.checks)


@merchant_view(Right.PRODUCTS_VIEW, write=Right.PRODUCTS_EDIT)
def variant_family(request: MerchantRequest, pk: int) -> HttpResponse:
    """The product of this SKU as a family; `do` tells the grid's form from that of the options."""
    variant = get_variant(request.merchant, pk)
    product = get_product(request.merchant, variant.product_id)
    read_only = not request.actor.may(Right.PRODUCTS_EDIT)
    variants = variants_of(product)
    page = Paginator(variants, GRID_ROWS).get_page(request.GET.get("page"))
    data = request.POST if request.method == "POST" else None
    do = request.POST.get("do", "")
    names = grid_names(product, variants)
    grid = ChildrenForm(
        data if do == "grid" else None,
        product=product,
        variants=list(page.object_list),
        names=names,
        read_only=read_only,
    )
    options = OptionsForm(data if do == "options" else None, product=product, read_only=read_only)
    if data is not None and not read_only and (words := _save(request, do, grid, options)):
        say(request, "success", words)
        here = page_url(request.merchant, "variant-family", pk=pk)
        return HttpResponseRedirect(f"{here}?page={page.number}" if page.number > 1 else here)
    wrong = bool(grid.errors) if do == "grid" else do == "options" and options.has_errors
    context = _context(request, product, variant, variants)
    context |= {"grid": grid, "option_form": options, "option_names": names, "page": page}
    return render(request, "catalog/variation/family.html", context, status=400 if wrong else 200)


def _save(request: MerchantRequest, do: str, grid: ChildrenForm, options: OptionsForm) -> str:
    """What was done, or "" when a rule is broken."""
    if do == "grid":
        count = grid.save(request.actor)
        if count is None:
            return ""
        return f"{counted(count, 'SKU')} changed." if count else "No SKU was changed."
    if do != "options":
        return ""
    followed = options.save(request.actor)
    if followed is None:
        return ""
    words = f"Options saved. {followed.changed} SKU{' follows' if followed.changed == 1 else 's follow'}."
    if followed.kept:
        words += f" {followed.kept} kept a price or weight that was set by hand."
    return words


def grid_names(product: Product, variants: Sequence[Variant]) -> list[str]:
    """The option columns: those of the product, then what its SKUs have beside them."""
    found = {str(option["name"]).lower(): str(option["name"]) for option in product.options}
    for row in variants:
        for item in row.options:
            name = str(item.get("name", "")).strip()
            if name:
                found.setdefault(name.lower(), name)
    return list(found.values())


def _context(
    request: MerchantRequest, product: Product, variant: Variant, variants: Sequence[Variant]
) -> dict[str, Any]:
    merchant = request.merchant
    ids = [row.pk for row in variants]
    group = group_of(merchant, ids)
    setting = group_setting(merchant, ids, group.refinements if group else ())
    known = {
        tuple(sorted((str(i.get("name")), str(i.get("value"))) for i in row.options)) for row in variants
    }
    return {
        "product": product,
        "variant": variant,
        "variants": variants,
        "is_variable": product.kind == ProductKind.VARIABLE,
        "tabs": section_tabs(merchant, variant, TAB),
        "back_url": variant_url(merchant, variant),
        "group": group,
        "state_key": f"group.{group.state}" if group else "",
        "gaps": shown_gaps(group) if group else [],
        "checked": checked_skus(merchant, variants, setting, group),
        "missing_count": max(0, len(combinations(product.options)) - len(known)) if product.options else 0,
        "follows": get_options(merchant).archive_children,
    }


def checked_skus(
    merchant: Merchant, variants: Sequence[Variant], setting: GroupSetting, group: VariationGroup | None
) -> list[CheckedSku]:
    """The ten points of each SKU (features VAR-01)."""
    facts = [setting.facts[row.pk] for row in variants if row.pk in setting.facts]
    if not facts:
        return []
    given = GroupFacts(_parent(facts, group), facts, group.refinements if group else (), setting.taxonomy)
    return [
        CheckedSku(
            row,
            [
                ShownCheck(check, input_url(merchant, row.pk, check.field))
                for check in ten_checks(setting.facts[row.pk], given, quantity=row.quantity)
            ],
        )
        for row in variants
    ]


def _parent(facts: Sequence[VariantFacts], group: VariationGroup | None) -> VariantFacts:
    wanted = group.parent_id if group else facts[0].pk
    return next((row for row in facts if row.pk == wanted), facts[0])


@merchant_view(Right.PRODUCTS_EDIT)
def product_combinations(request: MerchantRequest, pk: int) -> HttpResponse:
    """Shows which SKUs the options would make under a pattern (GET), and makes them (POST)."""
    product = get_product(request.merchant, pk)
    variants = variants_of(product)
    given = request.POST if request.method == "POST" else request.GET
    pattern = given.get("pattern", "").strip() or default_pattern(product.options)
    form = PatternForm({"pattern": pattern})
    plan: list[Combination] = []
    try:
        if request.method == "POST" and form.is_valid():
            skus = make_combinations(product, pattern, actor=request.actor)
            say(request, "success", _made_words(skus))
            return HttpResponseRedirect(page_url(request.merchant, "variant-family", pk=variants[0].pk))
        if form.is_valid():
            plan = plan_combinations(product, variants, pattern)
    except DomainError as error:
        put_on_form(form, error)
    context = {
        "product": product,
        "form": form,
        "pattern": pattern,
        "plan": plan,
        "wrong": sum(row.problem is not None for row in plan),
        "back_url": page_url(request.merchant, "variant-family", pk=variants[0].pk) if variants else "",
    }
    return render(request, "catalog/variation/combinations.html", context, status=400 if form.errors else 200)


def _made_words(skus: Sequence[str]) -> str:
    more = f" and {len(skus) - 3} more" if len(skus) > 3 else ""  # noqa: PLR2004 -- a sentence
    return f"{counted(len(skus), 'SKU')} made: {', '.join(skus[:3])}{more}."


class DeleteChild(ConfirmPage):
    """Deletes a SKU that Jet does not have open; one that it has is archived instead."""

    right = write_right = Right.PRODUCTS_EDIT
    noun = ("SKU", "SKUs")
    danger = True
    reason: Reason | None = None

    @property
    def confirm_label(self) -> str:  # type: ignore[override]  # depends on the SKU
        return "Archive at Jet" if self.is_open else "Delete"

    @property
    def is_open(self) -> bool:
        return self.reason == Reason.LISTED

    def get_target(self, **kwargs: Any) -> Variant:
        variant = get_variant(self.request.merchant, kwargs["pk"])
        self.reason = standing_in_way(self.request.merchant, [variant.pk]).get(variant.pk)
        return variant

    def get_title(self, target: Variant) -> str:
        return f"Archive {target.sku}" if self.is_open else f"Delete {target.sku}"

    def get_consequences(self, target: Variant) -> Sequence[str]:
        if self.is_open:
            return [
                f"Jet has SKU {target.sku} open, so it is archived instead; then it can be deleted here.",
                "Shoppers can no longer buy it and its quantity at Jet becomes 0.",
            ]
        return [
            f"The SKU is taken out of “{target.product.title}” with its price, stock, images and codes.",
            "A product goes with its last SKU. Orders keep their lines.",
            "This cannot be undone.",
        ]

    def get_blockers(self, target: Variant) -> Sequence[str]:
        if self.is_open:
            may = self.request.actor.may(Right.PRODUCTS_PUBLISH)
            return [] if may else [lack_of(Right.PRODUCTS_PUBLISH)]
        if self.reason is not None:
            return [f"SKU {target.sku} stays: {self.reason.words}. {self.reason.hint}"]
        return []

    def get_cancel_url(self, target: Variant) -> str:
        return page_url(self.request.merchant, "variant-family", pk=target.pk)

    def perform(self, target: Variant, form: Any) -> str:  # noqa: ARG002 -- no form
        if self.is_open:
            operation = publish.archive(
                self.request.merchant, [target.pk], actor=self.request.actor, alone=True
            )
            say(self.request, "success", f"{target.sku} is being archived at Jet.")
            return operation_url(operation)
        delete_all(self.request.merchant, [target.pk], actor=self.request.actor)
        say(self.request, "success", f"SKU {target.sku} is deleted.")
        others = Product.objects.filter(merchant=self.request.merchant, pk=target.product_id)
        if not others.exists():
            return page_url(self.request.merchant, "product-list")
        return page_url(self.request.merchant, "product-detail", pk=target.product_id)
