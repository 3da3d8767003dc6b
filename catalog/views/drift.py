"""Where Jet shows something else than it accepted, and everything Jet shows of one SKU."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from datetime import timedelta
from typing import Any, ClassVar

import django_filters
from django.db.models import QuerySet
from django.http import HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.utils import timezone
from django.utils.functional import cached_property
from django.views.decorators.http import require_POST

from catalog.actions.drift import send_ours, take_theirs
from catalog.actions.reading import read_all_now
from catalog.models import Listing, Variant
from catalog.pages import page_url, variant_url
from catalog.price_guard import CONFIRMED, asked_about, tick_words
from catalog.queries.at_jet import compared
from catalog.queries.drift import FACETS, archiving_of, drifted, drifts_of, with_price_gap
from catalog.queries.drift_places import quantities_to_take
from catalog.queries.drift_prices import prices_to_take
from catalog.queries.reading import Readings, readings_of
from catalog.queries.rules import price_guard, price_rules
from catalog.queries.stock import get_variant
from catalog.sync.reading import read_one
from catalog.views.product import section_tabs
from jetsync.exceptions import DomainError
from jetsync.models import Merchant, Selection
from jetsync.panel import cells
from jetsync.panel.confirm import SHOWN_NAMES, ConfirmPage, operation_url
from jetsync.panel.filters import PanelFilterSet, SearchFilter
from jetsync.panel.lists import BulkAction, Column, EmptyState, ListPage, PageAction, Tab
from jetsync.panel.messages import say, say_error
from jetsync.panel.rendering import when_text
from jetsync.queries.settings import get_options
from jetsync.tenancy.rights import Right
from jetsync.tenancy.views import MerchantRequest, merchant_view
from jetsync.wording import counted

PAGE_KEY = "drift"
# Data read before this is read again when the page is opened (features PRD-14).
FRESH = timedelta(minutes=1)
# Prices that the page of “Take theirs” works out, and those that it lists.
MOST_PRICES, SHOWN_PRICES = 2000, 10


class FacetFilter(django_filters.ChoiceFilter):  # type: ignore[misc]  # django-filter ships no types
    def filter(self, qs: QuerySet[Listing], value: str) -> QuerySet[Listing]:
        return qs.filter(pk__in=drifted(self.parent.merchant, value).values("pk")) if value in FACETS else qs


class DriftFilter(PanelFilterSet):
    q = SearchFilter(
        lookups=("variant__sku__icontains", "variant__product__title__icontains"), placeholder="SKU or name"
    )
    facet = FacetFilter(choices=list(FACETS.items()), label="What differs", empty_label="Anything")
    bar: ClassVar[tuple[str, ...]] = ("q", "facet")


class DriftPage(ListPage):
    right = Right.PRODUCTS_VIEW
    page_key = PAGE_KEY
    title = "Drift"
    subtitle = "SKUs where Jet shows another value than it accepted from you, with nothing on its way."
    noun = ("SKU", "SKUs")
    filter_class = DriftFilter
    default_sort = "-since"
    columns = (
        Column(
            "sku", "SKU", lambda row: cells.code(row.variant.sku), sort=("variant__sku",), is_primary=True
        ),
        Column("title", "Product", lambda row: row.variant.title or row.variant.product.title),
        Column("drifts", "What differs", "catalog/drift/values.html"),
        Column(
            "money",
            "Price difference",
            lambda row: cells.money(row.price_gap or None),
            sort=("price_gap",),
            align="end",
        ),
        Column("since", "Since", lambda row: cells.ago(row.drift_since), sort=("drift_since",)),
        Column("read", "Read from Jet", lambda row: cells.ago(row.status_read_at), sort=("status_read_at",)),
    )
    bulk_actions = (
        BulkAction(
            "ours", "Send ours", "catalog:drift-ours", Right.PRODUCTS_PUBLISH, "primary", "cloud-upload"
        ),
        BulkAction("theirs", "Take theirs", "catalog:drift-theirs", Right.PRODUCTS_EDIT, "", "download"),
    )
    page_actions = (
        PageAction(
            "Read from Jet now",
            url_name="catalog:drift-read",
            right=Right.PRODUCTS_PUBLISH,
            method="post",
            icon="refresh",
        ),
    )
    empty = EmptyState(
        "No drift",
        "Jet shows what it accepted, as last read. The values are compared whenever a product's status is read.",
        "circle-check",
    )

    @cached_property
    def readings(self) -> Readings:
        return readings_of(self.request.merchant)

    def get_subtitle(self) -> str:
        oldest = self.readings.oldest
        age = (
            "Nothing was read from Jet yet."
            if oldest is None
            else f"The oldest reading is of {when_text(oldest)}."
        )
        return " ".join(filter(None, (self.subtitle, age, self.reading_words())))

    def reading_words(self) -> str:
        """How far the reading of every SKU is, "" while none is at work."""
        now = self.readings.now
        if now is None:
            return ""
        total = now.get("total")
        if not total:
            return "Every SKU is going to be read from Jet."
        return f"Jet is being read: {now.get('read', 0):,} of {total:,} SKUs."

    def get_empty(self) -> EmptyState:
        if self.readings.oldest is None:
            return EmptyState(
                "Nothing to compare yet", "Jet was not read yet. It is, after an upload.", "refresh"
            )
        return self.empty

    def get_queryset(self) -> QuerySet[Listing]:
        rows = with_price_gap(drifted(self.request.merchant)).select_related("variant__product")
        return rows.defer("live_body", "content_sent_body", "gaps", "variant__product__description")

    def get_rows(self, rows: list[Any]) -> list[Any]:
        found = drifts_of(self.request.merchant, [row.pk for row in rows])
        for row in rows:
            row.drifts = found.get(row.pk, [])
        return rows

    def get_tabs(self) -> Sequence[Tab]:
        return (Tab("All"), *(Tab(label, f"facet={key}") for key, label in FACETS.items()))

    def row_url(self, row: Listing) -> str:
        return page_url(self.request.merchant, "variant-at-jet", pk=row.variant_id)

    def row_label(self, row: Listing) -> str:
        return row.variant.sku


class _DriftAction(ConfirmPage):
    page_key, noun = PAGE_KEY, ("SKU", "SKUs")

    def rows(self, target: Selection) -> QuerySet[Listing]:
        return drifted(self.request.merchant).filter(pk__in=target.ids)

    def get_names(self, target: Selection) -> Sequence[str]:
        return list(
            self.rows(target).order_by("variant__sku").values_list("variant__sku", flat=True)[:SHOWN_NAMES]
        )

    def get_cancel_url(self, target: Selection) -> str:  # noqa: ARG002 -- hook
        return page_url(self.request.merchant, "drift")

    def get_blockers(self, target: Selection) -> Sequence[str]:
        return [] if self.rows(target).exists() else ["Nothing differs any more."]


class SendOurs(_DriftAction):
    right = write_right = Right.PRODUCTS_PUBLISH
    confirm_label = "Send ours"

    def get_title(self, target: Selection) -> str:
        return f"Send our values of {self.count_words(target)}"

    def get_consequences(self, target: Selection) -> Sequence[str]:  # noqa: ARG002 -- hook
        return [
            "Of each SKU only the values that differ are sent again, as they stand here now.",
            "Jet's own values are overwritten. If Jet changed them on purpose, it may do so again.",
            "There is no undo: what Jet shows was never your store's. The time line of each SKU keeps it.",
        ]

    def perform(self, target: Selection, form: Any) -> str:  # noqa: ARG002 -- no form
        operation = send_ours(self.request.merchant, target.ids, actor=self.request.actor)
        say(self.request, "success", f"Started: {operation.title}.")
        return operation_url(operation)


class TakeTheirs(_DriftAction):
    right = write_right = Right.PRODUCTS_EDIT
    confirm_label = "Take theirs"
    template_name = "catalog/drift/theirs.html"

    def get_title(self, target: Selection) -> str:
        return f"Take Jet's values of {self.count_words(target)}"

    def get_consequences(self, target: Selection) -> Sequence[str]:
        return [
            "Price, quantity and product data of the store become what Jet shows; nothing is sent.",
            *_archiving_words(self.request.merchant, target.ids),
            "Brand, description and category are shared by all SKUs of a product; the others go to Jet with the new ones.",
            "Under a price rule the store gets the price from which the rule makes exactly Jet's.",
            "You can undo this from the operation's page.",
        ]

    def extra_context(self, target: Selection) -> dict[str, Any]:
        merchant = self.request.merchant
        prices = prices_to_take(merchant, target.ids[:MOST_PRICES])
        slips = [price.slip for price in prices if price.slip]
        percent = price_guard(merchant).percent
        asked = asked_about(slips[:SHOWN_PRICES], percent) if slips else None
        quantities = quantities_to_take(merchant, target.ids[:MOST_PRICES])
        return {
            "quantities": quantities[:SHOWN_PRICES],
            "quantity_count": len(quantities),
            "prices": prices[:SHOWN_PRICES],
            "price_count": len(prices),
            "solved_count": sum(price.solved.price is not None for price in prices),
            "asked": asked and replace(asked, words=tick_words(len(slips), percent)),
            "rule": price_rules(get_options(merchant)).words,
        }

    def perform(self, target: Selection, form: Any) -> str:  # noqa: ARG002 -- no form
        operation = take_theirs(
            self.request.merchant,
            target.ids,
            actor=self.request.actor,
            confirms_prices=bool(self.request.POST.get(CONFIRMED)),
        )
        say(self.request, "success", f"Started: {operation.title}.")
        return operation_url(operation)


def _archiving_words(merchant: Merchant, listing_ids: Sequence[int]) -> list[str]:
    """Which SKUs stop being sold, and which are sold again, once the store follows Jet."""
    found = archiving_of(merchant, listing_ids)
    said = []
    for is_archived, one, many in (
        (True, "becomes archived here too", "become archived here too"),
        (False, "is open here again", "are open here again"),
    ):
        skus = [sku for sku, archived in found if archived is is_archived]
        if skus:
            more = f" and {len(skus) - SHOWN_NAMES:,} more" if len(skus) > SHOWN_NAMES else ""
            words = one if len(skus) == 1 else many
            said.append(f"{counted(len(skus), 'SKU')} {words}: {', '.join(skus[:SHOWN_NAMES])}{more}.")
    return said


@merchant_view(Right.PRODUCTS_VIEW, write=Right.PRODUCTS_PUBLISH)
def at_jet(request: MerchantRequest, pk: int) -> HttpResponse:
    """Everything Jet shows of the SKU, beside what it should have and what it accepted.

    POST reads from Jet. With scripts the page does that by itself when what it knows is older than a minute (`?live=1`
    gives only the fresh part), for those who may read from Jet.
    """
    variant = get_variant(request.merchant, pk)
    here = page_url(request.merchant, "variant-at-jet", pk=variant.pk)
    if request.method == "POST" and request.GET.get("live"):
        return _live(request, variant, here)
    if request.method == "POST":
        try:
            read_one(request.merchant, variant)
            say(request, "success", f"{variant.sku} was read from Jet.")
        except DomainError as error:
            say_error(request, error)
        return HttpResponseRedirect(here)
    return render(request, "catalog/product/at_jet.html", _context(request, variant, here))


def _live(request: MerchantRequest, variant: Variant, here: str) -> HttpResponse:
    error = None
    try:
        if _is_stale(variant):
            read_one(request.merchant, variant)
    except DomainError as raised:
        error = raised
    context = _context(request, get_variant(request.merchant, variant.pk), here)
    context |= {"error": error, "fetches": False}
    return render(request, "catalog/product/at_jet_values.html", context)


def _listing(variant: Variant) -> Listing | None:
    return getattr(variant, "listing", None)


def _is_stale(variant: Variant) -> bool:
    listing = _listing(variant)
    if listing is None or listing.content_sent_at is None:
        return False
    return listing.status_read_at is None or listing.status_read_at < timezone.now() - FRESH


def _context(request: MerchantRequest, variant: Variant, here: str) -> dict[str, Any]:
    return {
        "variant": variant,
        "product": variant.product,
        "listing": _listing(variant),
        "rows": compared(request.merchant, variant),
        "tabs": section_tabs(request.merchant, variant, "at-jet"),
        "back_url": variant_url(request.merchant, variant),
        "here": here,
        "fetches": _is_stale(variant) and request.actor.may(Right.PRODUCTS_PUBLISH),
    }


@require_POST
@merchant_view(Right.PRODUCTS_VIEW, write=Right.PRODUCTS_PUBLISH)
def read_all(request: MerchantRequest) -> HttpResponse:
    """Reads every uploaded SKU from Jet, as the schedule does."""
    operation = read_all_now(request.merchant, actor=request.actor)
    say(
        request,
        "success",
        f"“{operation.title}” has begun. What differs appears under Drift meanwhile.",
    )
    return HttpResponseRedirect(operation_url(operation))
