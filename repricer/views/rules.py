"""What the repricer may do: the tab of a product, the list of all, profiles, many at once, and files in and out."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import tzinfo
from operator import attrgetter
from typing import Any, ClassVar

import django_filters
from django.db.models import QuerySet
from django.http import HttpResponse, HttpResponseRedirect
from django.shortcuts import render

from catalog.models import Variant
from catalog.pages import page_url as catalog_url
from catalog.pages import variant_url
from catalog.queries.profile import get_profile
from catalog.queries.stock import get_variant
from catalog.views.product import section_tabs
from catalog.views.sku_list import IMAGE, SKU, TITLE, ProductSearch, SkuConfirmPage, SkuList
from jetsync.exceptions import DomainError
from jetsync.models import Merchant, Selection
from jetsync.panel import cells
from jetsync.panel.confirm import operation_url
from jetsync.panel.filters import NumberRangeFilter, PanelFilterSet
from jetsync.panel.forms import add_words, put_on_form
from jetsync.panel.list_sheets import Sheet, SheetColumn
from jetsync.panel.lists import BulkAction, Column, EmptyState, PageAction, Tab
from jetsync.panel.messages import say
from jetsync.tenancy.actor import Actor
from jetsync.tenancy.rights import Right
from jetsync.tenancy.views import MerchantRequest, merchant_view
from jetsync.wording import counted
from repricer.actions.rules import set_profile_rule, set_rule
from repricer.actions.rules_file import import_bounds, set_by_percent
from repricer.forms import BoundsFileForm, BoundsForm, ManyBoundsForm, ProfileBoundsForm
from repricer.pages import page_url
from repricer.queries.rules import (
    BY_PROFILE,
    COMPLETE,
    SOME,
    counted_parts,
    load_bounds,
    own_values,
    profile_values,
    profiles_with_rules,
    variants_with_rules,
)
from repricer.rules import COLUMNS, LABELS

TAB = "auto-repricing"
PAGE_KEY = "repricer-bounds"
PARTS = {
    "complete": ("Complete", COMPLETE),
    "partial": ("Something missing", SOME & ~COMPLETE),
    "profile": ("By profile", BY_PROFILE),
    "none": ("None", ~SOME & ~BY_PROFILE),
}


@merchant_view(Right.PRODUCTS_VIEW, write=Right.PRODUCTS_EDIT)
def bounds(request: MerchantRequest, pk: int) -> HttpResponse:
    """The tab of one SKU (features REP-02)."""
    merchant, variant = request.merchant, get_variant(request.merchant, pk)
    data = request.POST if request.method == "POST" else None
    form = BoundsForm(data, variant=variant, read_only=not request.actor.may(Right.PRODUCTS_EDIT))
    if data is not None and form.is_valid():
        try:
            set_rule(variant, form.changes(), actor=request.actor)
        except DomainError as error:
            put_on_form(form, error)
        else:
            say(request, "success", f"{variant.sku}: bounds of the repricer saved.")
            return HttpResponseRedirect(page_url(merchant, "bounds", pk=variant.pk))
    context = {
        "form": form,
        "variant": variant,
        "product": variant.product,
        "tabs": section_tabs(merchant, variant, TAB),
        "back_url": variant_url(merchant, variant),
        "products_url": catalog_url(merchant, "product-list"),
        "profile": variant.product.profile,
        "from_profile": profile_values(variant),
        "bounds": load_bounds(merchant, [variant.pk])[variant.pk],
    }
    return render(request, "repricer/bounds.html", context, status=400 if form.errors else 200)


class _PartFilter(django_filters.ChoiceFilter):  # type: ignore[misc]  # django-filter ships no types
    def filter(self, qs: QuerySet[Variant], value: str) -> QuerySet[Variant]:
        return qs.filter(PARTS[value][1]) if value in PARTS else qs


class BoundsFilter(PanelFilterSet):
    q = ProductSearch()
    part = _PartFilter(
        choices=[(key, label) for key, (label, _rows) in PARTS.items()], label="Bounds", empty_label="Any"
    )
    min_price = NumberRangeFilter(field_name="reprice_rule__min_price", label="Min Price")
    max_price = NumberRangeFilter(field_name="reprice_rule__max_price", label="Max Price")
    bar: ClassVar[tuple[str, ...]] = ("q", "part")


def _own(name: str) -> Any:
    return lambda row: cells.money(getattr(own_values(row), name))


def _percents(row: Variant) -> cells.Cell:
    values = profile_values(row)
    if values.min_percent is None and values.max_percent is None and values.bid is None:
        return cells.text("")
    ends = [
        f"{value.normalize():f}%" if value else "open" for value in (values.min_percent, values.max_percent)
    ]
    bid = f"bid ${values.bid:,.2f}" if values.bid else ""
    return cells.text(f"{' to '.join(ends)}", sub=" · ".join(filter(None, [str(row.product.profile), bid])))


def _columns(_actor: Actor, _zone: tzinfo) -> Sequence[SheetColumn]:
    """The columns that an upload reads."""
    return [
        SheetColumn("sku", attrgetter("sku")),
        *(SheetColumn(column, attrgetter(f"own.{name}")) for column, name in COLUMNS.items()),
    ]


def _sheet_rows(merchant: Merchant, ids: Sequence[int]) -> Any:
    found: dict[int, Any] = variants_with_rules(merchant).in_bulk(list(ids))
    for row in (found[pk] for pk in ids if pk in found):
        row.own = own_values(row)
        yield row


class BoundsList(SkuList):
    right = Right.PRODUCTS_VIEW
    page_key = PAGE_KEY
    title = "Bounds of the repricer"
    subtitle = "Between which prices, and how far below the best offer, the repricer may set each product."
    default_sort = "title"
    columns: Sequence[Column] = (
        IMAGE,
        TITLE,
        SKU,
        Column("price", "Price", cell=lambda row: cells.money(row.price), sort=("price",), align="end"),
        *(
            Column(name, LABELS[name], cell=_own(name), sort=(f"reprice_rule__{name}",), align="end")
            for name in LABELS
        ),
        Column("profile", "From profile", cell=_percents),
    )
    filter_class = BoundsFilter
    sheet = Sheet("bounds", _columns, _sheet_rows)
    bulk_actions: Sequence[BulkAction] = (
        BulkAction("set", "Set bounds", "repricer:set-many", Right.PRODUCTS_EDIT, "primary", "adjustments"),
    )
    page_actions = (
        PageAction("Profiles", url_name="repricer:profile-list", icon="layers-intersect"),
        PageAction("Upload CSV", url_name="repricer:upload", right=Right.PRODUCTS_EDIT, icon="file-upload"),
    )

    def get_queryset(self) -> QuerySet[Variant]:
        return variants_with_rules(self.request.merchant)

    def get_tabs(self) -> Sequence[Tab]:
        # Finding those that have none would look at every SKU of the store.
        rows = counted_parts(self.request.merchant)
        return (
            Tab("All"),
            *(Tab(label, f"part={key}", rows=rows.get(key)) for key, (label, _part) in PARTS.items()),
        )

    def row_url(self, row: Variant) -> str:
        return page_url(self.request.merchant, "bounds", pk=row.pk)

    def get_empty(self) -> EmptyState:
        return EmptyState(
            "No product yet",
            "Bounds belong to products. They come from your store, from a CSV file, or are typed in.",
            "package",
            PageAction("Products", catalog_url(self.request.merchant, "product-list"), icon="package"),
        )


@merchant_view(Right.PRODUCTS_EDIT)
def upload(request: MerchantRequest) -> HttpResponse:
    is_post = request.method == "POST"
    form = BoundsFileForm(request.POST, request.FILES) if is_post else BoundsFileForm()
    if is_post and form.is_valid():
        given = form.cleaned_data["file"]
        try:
            operation = import_bounds(
                request.merchant, given.file, name=given.name, size=given.size, actor=request.actor
            )
        except DomainError as error:
            add_words(form, "file", f"{error.message} {error.hint}".strip(), error.code)
        else:
            failed = f" Not stored: {counted(operation.failed, 'row')}." if operation.failed else ""
            say(
                request,
                "success",
                f"{given.name}: bounds of {counted(operation.done, 'SKU')} stored.{failed}",
            )
            return HttpResponseRedirect(operation_url(operation))
    context = {
        "form": form,
        "list_url": page_url(request.merchant, "bounds-list"),
        "columns": ["sku", *COLUMNS],
    }
    return render(request, "repricer/upload.html", context, status=400 if form.errors else 200)


class SetMany(SkuConfirmPage):
    """Over a frozen selection of this list."""

    right = write_right = Right.PRODUCTS_EDIT
    page_key = PAGE_KEY
    confirm_label = "Set bounds"
    form_class = ManyBoundsForm

    def get_title(self, target: Selection) -> str:
        return f"Set bounds of {self.count_words(target)}"

    def get_consequences(self, target: Selection) -> Sequence[str]:  # noqa: ARG002 -- hook
        return [
            "The percentages are of each product's price for Jet, and are stored as amounts.",
            "A product whose lower bound would be above its upper one is left as it is and named.",
            "It can be undone from the operation's page.",
        ]

    def get_cancel_url(self, target: Selection) -> str:  # noqa: ARG002 -- hook
        return page_url(self.request.merchant, "bounds-list")

    def perform(self, target: Selection, form: Any) -> str:
        operation = set_by_percent(
            self.request.merchant, target.ids, **form.cleaned_data, actor=self.request.actor
        )
        say(self.request, "success", f"Bounds of {counted(operation.done, 'product')} are set.")
        return operation_url(operation)


class SetManyProducts(SetMany):
    """Over a frozen selection of the product grid."""

    page_key = "products"

    def get_cancel_url(self, target: Selection) -> str:  # noqa: ARG002 -- hook
        return catalog_url(self.request.merchant, "product-list")


class SetManyOffers(SetMany):
    """Over a frozen selection of the grid of sales data."""

    page_key = "sales-data"

    def get_cancel_url(self, target: Selection) -> str:  # noqa: ARG002 -- hook
        return page_url(self.request.merchant, "sales-data")


@merchant_view(Right.PRODUCTS_VIEW)
def profile_list(request: MerchantRequest) -> HttpResponse:
    context = {
        "profiles": [
            (row, getattr(row, "reprice_rule", None)) for row in profiles_with_rules(request.merchant)
        ],
        "list_url": page_url(request.merchant, "bounds-list"),
        "profiles_url": catalog_url(request.merchant, "profile-list"),
    }
    return render(request, "repricer/profiles.html", context)


@merchant_view(Right.PRODUCTS_VIEW, write=Right.PRODUCTS_EDIT)
def profile_bounds(request: MerchantRequest, pk: int) -> HttpResponse:
    merchant, profile = request.merchant, get_profile(request.merchant, pk)
    stored = getattr(profile, "reprice_rule", None)
    names = ("min_percent", "max_percent", "bid")
    form = ProfileBoundsForm(
        request.POST if request.method == "POST" else None,
        initial={name: getattr(stored, name, None) for name in names},
        read_only=not request.actor.may(Right.PRODUCTS_EDIT),
    )
    if form.is_bound and form.is_valid():
        try:
            set_profile_rule(profile, form.values(), actor=request.actor)
        except DomainError as error:
            put_on_form(form, error)
        else:
            say(request, "success", f"Bounds of profile “{profile.name}” saved.")
            return HttpResponseRedirect(page_url(merchant, "profile-list"))
    context = {"form": form, "profile": profile, "list_url": page_url(merchant, "profile-list")}
    return render(request, "repricer/profile_bounds.html", context, status=400 if form.errors else 200)
