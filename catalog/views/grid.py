"""The product grid: one row per SKU."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from typing import Any, ClassVar

import django_filters
from django.db.models import Q, QuerySet

from catalog.enums import ListingStatus, Readiness
from catalog.listing.result import HINT, Gap
from catalog.models import Listing, StoreCategory, Variant
from catalog.pages import page_url, variant_url
from catalog.queries.drift import FACETS, drifted
from catalog.queries.errors import gap_label, with_gap
from catalog.queries.files import rejected_count
from catalog.queries.oversold import offered_at_zero
from catalog.queries.overview import (
    PART_LABELS,
    STATUS_GROUPS,
    counts_by_part,
    listings_by_part,
    part_conditions,
    with_stock,
)
from catalog.queries.product import (
    all_variants,
    last_sync,
    listing_of,
    node_id_of,
    pieces_of,
)
from catalog.queries.profile import products_with_profile
from catalog.queries.sold_out import sold_out
from catalog.queries.taxonomy import jet_paths
from catalog.slots import bulk_actions, stock_parts
from catalog.views.grid_at_jet import AT_JET, NO_PIECES, shown_at_jet
from catalog.views.sku_list import IMAGE, TITLE, ProductSearch, SkuList
from jetsync.panel import cells
from jetsync.panel.counting import COUNT_LIMIT
from jetsync.panel.filters import LARGEST_ID, NumberRangeFilter, PanelFilterSet, SuggestFilter
from jetsync.panel.lists import BulkAction, Column, EmptyState, PageAction, Tab
from jetsync.tenancy.rights import Right
from jetsync.wording import counted

PARTS = part_conditions("listing__")


class StatusFilter(django_filters.ChoiceFilter):  # type: ignore[misc]  # django-filter ships no types
    """One of Jet's statuses, or several as the dashboard sums them up."""

    CHOICES = (*ListingStatus.choices, *((key, label) for key, (label, _statuses) in STATUS_GROUPS.items()))

    def filter(self, qs: QuerySet[Variant], value: str) -> QuerySet[Variant]:
        if value in STATUS_GROUPS:
            return qs.filter(listing__status__in=STATUS_GROUPS[value][1])
        return qs.filter(listing__status=value) if value else qs


class PartFilter(django_filters.ChoiceFilter):  # type: ignore[misc]  # as above
    def filter(self, qs: QuerySet[Variant], value: str) -> QuerySet[Variant]:
        return qs.filter(PARTS[value]) if value in PARTS else qs


class ChangedFilter(django_filters.ChoiceFilter):  # type: ignore[misc]  # as above
    """What Jet has not got yet."""

    CHOICES = (("price", "Price"), ("content", "Product data"), ("quantity", "Quantity"))

    def filter(self, qs: QuerySet[Variant], value: str) -> QuerySet[Variant]:
        if value == "quantity":
            return qs.filter(
                node_stock__quantity_dirty=True, listing__content_sent_at__isnull=False
            ).distinct()
        if value in {"price", "content"}:
            return qs.filter(**{f"listing__{value}_dirty": True, "listing__content_sent_at__isnull": False})
        return qs


class AtJetFilter(django_filters.ChoiceFilter):  # type: ignore[misc]  # as above
    """SKUs that Jet has: open or archived, as they are wanted to be. What a vacation counts."""

    CHOICES = (("open", "Open, or on its way to it"), ("archived", "Archived, or on its way to it"))

    def filter(self, qs: QuerySet[Variant], value: str) -> QuerySet[Variant]:
        if not value:
            return qs
        return qs.filter(listing__content_sent_at__isnull=False, listing__archived_target=value == "archived")


class StockFilter(django_filters.ChoiceFilter):  # type: ignore[misc]  # as above
    """By the pieces that Jet should have, as the dashboard counts them. Other apps add parts of their own."""

    CHOICES = (("out", "Sold out: for sale with quantity 0"), ("some", "With inventory at any node"))

    def filter(self, qs: QuerySet[Variant], value: str) -> QuerySet[Variant]:
        merchant = self.parent.merchant
        if value == "out":
            return qs.filter(pk__in=sold_out(merchant).values("pk"))
        if value == "some":
            return qs.filter(pk__in=with_stock(merchant).values("variant"))
        part = next((part for part in stock_parts(self.parent.request.actor) if part.key == value), None)
        return qs.filter(pk__in=part.ids(merchant)) if part else qs


class GapFilter(django_filters.ChoiceFilter):  # type: ignore[misc]  # as above
    """SKUs with a gap of one cause, as the page of errors counts them."""

    def filter(self, qs: QuerySet[Variant], value: str) -> QuerySet[Variant]:
        return with_gap(qs, self.parent.merchant, value) if value else qs


class DriftFilter(django_filters.ChoiceFilter):  # type: ignore[misc]  # as above
    """Where Jet shows something else than it accepted."""

    CHOICES = (("any", "Anything"), *FACETS.items())

    def filter(self, qs: QuerySet[Variant], value: str) -> QuerySet[Variant]:
        if not value:
            return qs
        return qs.filter(listing__in=drifted(self.parent.merchant, value).values("pk"))


class ProfileFilter(SuggestFilter):
    def filter(self, qs: QuerySet[Variant], value: str) -> QuerySet[Variant]:
        return qs.filter(products_with_profile(self.parent.merchant, value)) if value.strip() else qs


class NodeFilter(django_filters.NumberFilter):  # type: ignore[misc]  # as above
    """By Jet's category in force: the product's own, else the mapping of its store category."""

    def filter(self, qs: QuerySet[Variant], value: Any) -> QuerySet[Variant]:
        if value is None:
            return qs
        mapped = Q(product__jet_node_id=None, product__store_category__mapping__jet_node_id=value)
        return qs.filter(Q(product__jet_node_id=value) | mapped)


class GroupFilter(django_filters.ChoiceFilter):  # type: ignore[misc]  # as above
    """By the variation group a SKU belongs to."""

    CHOICES = (("parent", "Leads a group"), ("child", "Member of a group"), ("none", "In no group"))

    def filter(self, qs: QuerySet[Variant], value: str) -> QuerySet[Variant]:
        if value == "parent":
            return qs.filter(variation_group__isnull=False)
        if value == "child":
            return qs.filter(variation_member__isnull=False)
        if value == "none":
            return qs.filter(variation_group=None, variation_member=None)
        return qs


class OversoldFilter(django_filters.ChoiceFilter):  # type: ignore[misc]  # as above
    def filter(self, qs: QuerySet[Variant], value: str) -> QuerySet[Variant]:
        return qs.filter(pk__in=offered_at_zero(self.parent.merchant).values("pk")) if value else qs


class ProductFilter(PanelFilterSet):
    q = ProductSearch()
    status = StatusFilter(choices=StatusFilter.CHOICES, label="Jet status", empty_label="Any Jet status")
    readiness = django_filters.ChoiceFilter(
        field_name="listing__readiness", choices=Readiness.choices, label="Readiness", empty_label="Any"
    )
    part = PartFilter(choices=list(PART_LABELS.items()), label="Part", empty_label="All")
    name = django_filters.CharFilter(
        field_name="product__title", lookup_expr="icontains", label="Product name"
    )
    model = django_filters.CharFilter(
        field_name="mfr_part_number", lookup_expr="istartswith", label="Model (MPN)"
    )
    brand = django_filters.CharFilter(field_name="product__brand", lookup_expr="icontains", label="Brand")
    category = django_filters.ModelChoiceFilter(
        field_name="product__store_category", queryset=None, label="Store category", empty_label="Any"
    )
    enabled = django_filters.ChoiceFilter(
        field_name="product__is_active",
        choices=[("True", "Enabled"), ("False", "Disabled")],
        label="Status",
        empty_label="Any",
    )
    price = NumberRangeFilter(field_name="price", label="Price in USD")
    quantity = NumberRangeFilter(field_name="quantity", label="Quantity in store")
    changed = ChangedFilter(choices=ChangedFilter.CHOICES, label="Not sent yet", empty_label="Any")
    at_jet = AtJetFilter(choices=AtJetFilter.CHOICES, label="At Jet", empty_label="Any")
    drift = DriftFilter(choices=DriftFilter.CHOICES, label="Differs at Jet", empty_label="Any")
    gap = GapFilter(choices=[], label="Gap", empty_label="Any (see Products, Errors)")
    profile = ProfileFilter("catalog:profile-names", label="Profile")
    node = NodeFilter(label="Jet category id", min_value=1, max_value=LARGEST_ID, decimal_places=0)
    group = GroupFilter(choices=GroupFilter.CHOICES, label="Variation group", empty_label="Any")
    oversold = OversoldFilter(
        choices=[("True", "Offered with none in store")], label="Oversell", empty_label="Any"
    )
    low = django_filters.ChoiceFilter(
        field_name="low_stock_at",
        lookup_expr="isnull",
        exclude=True,
        choices=[("True", "Below your threshold")],
        label="Low stock",
        empty_label="Any",
    )
    stock = StockFilter(choices=StockFilter.CHOICES, label="Stock at Jet", empty_label="Any")
    upload = django_filters.NumberFilter(
        field_name="last_upload", label="Last import no.", min_value=1, max_value=LARGEST_ID, decimal_places=0
    )
    bar: ClassVar[tuple[str, ...]] = ("q", "status")

    def set_choices(self) -> None:
        self.filters["category"].queryset = StoreCategory.objects.filter(merchant=self.merchant).order_by(
            "path"
        )
        gap = self.data.get("gap", "")
        self.filters["gap"].extra["choices"] = [(gap, gap_label(gap))] if gap else []
        more = [(part.key, part.label) for part in stock_parts(self.request.actor)]
        self.filters["stock"].extra["choices"] = [*StockFilter.CHOICES, *more]


def _category(row: Any) -> cells.Cell:
    store = row.product.store_category
    words = f"{store or 'No store category'} → {row.jet_path or 'no Jet category'}"
    jet = f"Jet: {_leaf(row.jet_path)}" if row.jet_path else ""
    return cells.text(_leaf(str(store)), sub=jet, hint=words) if store else cells.text(jet, hint=words)


def _waits_for(listing: Listing | None) -> dict[str, str]:
    """`words` name what keeps the SKU from Jet's shop, in a line's length; `hint` has every gap in full.

    A ready SKU has no words: what is merely worth knowing about it stands on its page.
    """
    gaps = listing.gaps if listing else []
    serious = [gap for gap in gaps if gap.get("level") != HINT]
    if not serious:
        return {"words": "", "hint": " ".join(gap.get("message", "") for gap in gaps)}
    words = gap_label(Gap.from_json(serious[0]).key)
    more = f" +{len(serious) - 1}" if len(serious) > 1 else ""
    return {"words": f"{words}{more}", "hint": " ".join(gap.get("message", "") for gap in serious)}


def _leaf(path: str) -> str:
    return path.rpartition(" > ")[2]


def _price(row: Variant) -> cells.Cell:
    listing = listing_of(row)
    waits = listing is not None and listing.content_sent_at is not None and listing.price_dirty
    if listing is None:
        return cells.money(row.price)
    if waits and listing.price_sent is not None:
        return cells.money(row.price, sub=f"Jet has ${listing.price_sent:,.2f}")
    target = listing.price_target
    return cells.money(row.price, sub=f"${target:,.2f} for Jet" if target not in (None, row.price) else "")


def _quantity(row: Any) -> cells.Cell:
    in_store = "not counted" if row.quantity is None else f"{row.quantity:,} in store"
    words = [in_store] if row.quantity != row.for_jet else []
    if row.quantity == 0 and row.for_jet:
        words.append("can be oversold")
    if row.low_stock_at is not None:
        words.append("below your threshold")
    return cells.number(row.for_jet, sub=", ".join(words))


def _jet_words(listing: Listing | None) -> str:
    """Jet's own status where it differs from ours, and its first sub-status."""
    if listing is None:
        return ""
    subs = listing.jet_sub_status or []
    more = f" +{len(subs) - 1}" if len(subs) > 1 else ""
    words = [f"{subs[0]}{more}"] if subs else []
    if listing.jet_status and listing.jet_status != listing.get_status_display():
        words.insert(0, f"Jet: {listing.jet_status}")
    return " · ".join(words)


def _error(row: Variant) -> cells.Cell:
    listing = listing_of(row)
    text = listing.error_message if listing else ""
    return cells.text(text if len(text) <= 90 else f"{text[:89]}…", hint=text)  # noqa: PLR2004 -- two lines of a cell


class ProductList(SkuList):
    right = Right.PRODUCTS_VIEW
    page_key = "products"
    title = "Products"
    default_sort = "-added"
    tabs_keep_filters = True
    filter_class = ProductFilter
    columns = (
        IMAGE,
        replace(TITLE, label="Product name"),
        Column("sku", "SKU", cell="catalog/cells/sku.html", sort=("sku",)),
        Column("mfr_part_number", "Model", default_on=False),
        Column("brand", "Brand", cell=lambda row: row.product.brand, default_on=False),
        Column("category", "Category", cell=_category),
        Column("price", "Price", cell=_price, sort=("price",), align="end"),
        Column(
            "quantity",
            "For Jet",
            cell=_quantity,
            sort=("quantity",),
            align="end",
            hint="Quantity Jet should have",
        ),
        Column(
            "enabled",
            "Status",
            cell=lambda row: "Enabled" if row.product.is_active else "Disabled",
            default_on=False,
        ),
        Column("ready", "Ready", cell="catalog/cells/ready.html", sort=("listing__readiness",)),
        Column("jet", "Jet status, last sync", cell="catalog/cells/jet.html", sort=("listing__status",)),
        *AT_JET,
        Column("error", "Error", cell=_error, default_on=False),
        Column("added", "Added", cell=lambda row: cells.when(row.created_at), sort=("pk",), default_on=False),
    )
    bulk_actions = (
        BulkAction(
            "upload", "Upload", "catalog:publish-upload", Right.PRODUCTS_PUBLISH, "primary", "cloud-upload"
        ),
        BulkAction(
            "sync", "Sync price and stock", "catalog:publish-sync", Right.PRODUCTS_PUBLISH, "", "refresh"
        ),
        BulkAction(
            "status", "Jet status", "catalog:publish-status", Right.PRODUCTS_PUBLISH, "", "list-search"
        ),
        BulkAction("archive", "Archive", "catalog:publish-archive", Right.PRODUCTS_PUBLISH, "", "archive"),
        BulkAction(
            "unarchive", "Un-archive", "catalog:publish-unarchive", Right.PRODUCTS_PUBLISH, "", "archive-off"
        ),
        BulkAction(
            "category", "Assign category", "catalog:category-assign", Right.PRODUCTS_EDIT, "", "category"
        ),
    )

    def get_columns(self) -> Sequence[Column]:
        columns = super().get_columns()
        return shown_at_jet(columns) if self.query.get("drift") else columns

    def get_bulk_actions(self) -> Sequence[BulkAction]:
        return (*self.bulk_actions, *bulk_actions())

    def get_queryset(self) -> QuerySet[Variant]:
        return all_variants(self.request.merchant)

    def get_rows(self, rows: list[Any]) -> list[Any]:
        pieces = pieces_of(self.request.merchant, rows)
        paths = jet_paths(self.request.merchant, (node_id_of(row) for row in rows))
        for row in rows:
            row.pieces = pieces.get(row.pk, NO_PIECES)
            row.for_jet = row.pieces.target
            row.jet_path = paths.get(node_id_of(row) or 0, "")
            row.page_url = self.row_url(row)
            row.synced_at = last_sync(listing_of(row))
            row.waits_for = _waits_for(listing_of(row))
            row.jet_words = _jet_words(listing_of(row))
        return rows

    def row_url(self, row: Variant) -> str:
        return variant_url(self.request.merchant, row)

    def get_tabs(self) -> Sequence[Tab]:
        narrowed = self._narrowed()
        if narrowed is not None:
            counts = counts_by_part(narrowed, most=COUNT_LIMIT)
            return (Tab("All"), *(Tab(PART_LABELS[key], f"part={key}", counts.get(key)) for key in PARTS))
        rows = listings_by_part(self.request.merchant)
        return (Tab("All"), *(Tab(PART_LABELS[key], f"part={key}", rows=rows[key]) for key in PARTS))

    def _narrowed(self) -> QuerySet[Variant] | None:
        """The SKUs that the filters beside the tabs leave; None without any."""
        kept = self.first_page.copy()
        for name in ("part", "sort"):
            kept.pop(name, None)
        if not any(kept.values()):
            return None
        view = ProductFilter(kept, self.get_queryset(), merchant=self.request.merchant, request=self.request)
        rows: QuerySet[Variant] = view.qs
        return rows

    def get_page_actions(self) -> Sequence[PageAction]:
        merchant = self.request.merchant
        rejected = rejected_count(merchant)
        files = f"{counted(rejected, 'uploaded file')} with errors"
        failed = PageAction(files, f"{page_url(merchant, 'file-list')}?only=rejected", icon="alert-triangle")
        return (
            *([failed] if rejected else []),
            PageAction(
                "CSV upload", page_url(merchant, "csv-upload"), right=Right.PRODUCTS_EDIT, icon="file-upload"
            ),
            PageAction(
                "New product",
                page_url(merchant, "product-create"),
                right=Right.PRODUCTS_EDIT,
                primary=True,
                icon="plus",
            ),
        )

    def get_empty(self) -> EmptyState:
        return EmptyState(
            "No product yet",
            "Products come from your store, from a CSV file, or are typed in here. Then the checklist says what Jet needs.",
            "package",
            PageAction(
                "Upload a CSV file",
                page_url(self.request.merchant, "csv-upload"),
                right=Right.PRODUCTS_EDIT,
                icon="file-upload",
            ),
        )
