"""The pictures of all SKUs with what was seen behind their addresses, and looking again."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, ClassVar

import django_filters
from django.db.models import Q, QuerySet
from django.http import HttpResponse, HttpResponseRedirect
from django.template.defaultfilters import filesizeformat
from django.utils.http import url_has_allowed_host_and_scheme
from django.views.decorators.http import require_POST

from catalog.actions.images import look_again
from catalog.enums import ImageState
from catalog.images import (
    GROUP_LABELS,
    GROUPS,
    NOT_READABLE,
    Finding,
    ImageVerdict,
    findings,
    same_pictures,
    slot_name,
)
from catalog.models import ImageFact, ImageUse, Variant
from catalog.pages import page_url, section_url, variant_url
from catalog.queries.images import all_images, facts_of, is_probing, pictures_of, users_of
from catalog.queries.stock import get_variant
from jetsync.exceptions import DomainError
from jetsync.models import Merchant, Selection
from jetsync.panel import cells
from jetsync.panel.confirm import ConfirmPage
from jetsync.panel.filters import PanelFilterSet, SearchFilter
from jetsync.panel.lists import BulkAction, Column, EmptyState, ListPage, PageAction, Tab
from jetsync.panel.messages import say, say_error
from jetsync.tenancy.actor import Actor
from jetsync.tenancy.rights import Right, lack
from jetsync.tenancy.views import MerchantRequest, merchant_view
from jetsync.wording import counted

SHOWN = 12
# The badge of a picture that is fine, only that it stands in the SKU already.
TWIN = "twin"


@dataclass(frozen=True)
class ShownPicture:
    """One picture of a SKU: where it stands, what was measured, what is wrong with it here."""

    name: str
    url: str
    badge: str
    size: str
    checked_at: datetime | None
    findings: list[Finding]


def size_words(fact: ImageFact) -> str:
    """ "1,200 x 900 pixels, JPEG, 240.0 KB"; empty before it was measured."""
    if not fact.width or not fact.height:
        return ""
    return f"{fact.width:,} x {fact.height:,} pixels, {fact.format}, {filesizeformat(fact.byte_count or 0)}"


def shown_pictures(uses: Sequence[ImageUse]) -> list[ShownPicture]:
    images = {row.fact.url: facts_of(row.fact) for row in uses}
    twins = {slot: found for slot, _url, found in same_pictures([(u.slot, u.fact.url) for u in uses], images)}
    shown = []
    for row in uses:
        found = findings(images[row.fact.url], row.slot)
        # Below 1000 pixels is a word about main images; an alternate of 500 is fine.
        verdict = row.fact.verdict if found else ImageVerdict.FINE.value
        if row.slot in twins:
            found.append(twins[row.slot])
            verdict = TWIN if verdict == ImageVerdict.FINE else verdict
        shown.append(
            ShownPicture(
                slot_name(row.slot),
                row.fact.url,
                f"image.{verdict}",
                size_words(row.fact),
                row.fact.checked_at,
                found,
            )
        )
    return shown


def images_card(merchant: Merchant, variant: Variant, actor: Actor) -> dict[str, Any] | None:
    """For the product's page; nothing where pictures are not fetched or the SKU has none."""
    uses = pictures_of(merchant, variant) if is_probing() else []
    if not uses:
        return None
    return {
        "pictures": shown_pictures(uses),
        "reminder": NOT_READABLE,
        "look_url": page_url(merchant, "variant-images-look", pk=variant.pk),
        "look_reason": lack(actor, Right.PRODUCTS_EDIT),
        "edit_url": section_url(merchant, variant.pk, "images"),
        "list_url": page_url(merchant, "image-list"),
    }


def images_section(request: MerchantRequest, variant: Variant) -> dict[str, Any]:
    """What the editor's section shows beside its inputs; `pictures` is empty before any was noted."""
    card = images_card(request.merchant, variant, request.actor) or {"pictures": []}
    return card | {"reminder": NOT_READABLE, "next": request.path, "edit_url": ""}


class ImageSearch(SearchFilter):
    def __init__(self) -> None:
        super().__init__(lookups=(), placeholder="Part of the address, or a SKU")

    def filter(self, qs: QuerySet[ImageFact], value: str) -> QuerySet[ImageFact]:
        words = (value or "").strip()
        if not words:
            return qs
        uses = ImageUse.objects.filter(merchant=self.parent.merchant, variant__sku__iexact=words)
        return qs.filter(Q(url__icontains=words) | Q(pk__in=uses.values("fact")))


class GroupFilter(django_filters.ChoiceFilter):  # type: ignore[misc]  # django-filter ships no types
    def filter(self, qs: QuerySet[ImageFact], value: str) -> QuerySet[ImageFact]:
        return qs.filter(verdict__in=[str(word.value) for word in GROUPS[value]]) if value in GROUPS else qs


class BrandFilter(django_filters.CharFilter):  # type: ignore[misc]  # as above
    """Pictures that a SKU of such a brand shows."""

    def filter(self, qs: QuerySet[ImageFact], value: str) -> QuerySet[ImageFact]:
        words = (value or "").strip()
        if not words:
            return qs
        uses = ImageUse.objects.filter(
            merchant=self.parent.merchant, variant__product__brand__icontains=words
        )
        return qs.filter(pk__in=uses.values("fact"))


class ImageFilter(PanelFilterSet):
    q = ImageSearch()
    brand = BrandFilter(label="Brand", max_length=100)
    group = GroupFilter(choices=list(GROUP_LABELS.items()), label="Standing", empty_label="Any")
    verdict = django_filters.ChoiceFilter(choices=ImageVerdict.choices, label="Problem", empty_label="Any")
    state = django_filters.ChoiceFilter(choices=ImageState.choices, label="State", empty_label="Any")
    bar: ClassVar[tuple[str, ...]] = ("q", "verdict")


def _skus(row: Any) -> cells.Cell:
    if row.users is None:
        return cells.text("", sub="No SKU shows it now")
    first = row.users.shown[0]
    others = [use.variant.sku for use in row.users.shown[1:]]
    more = row.users.count - len(row.users.shown)
    sub = ", ".join(others) + (f" and {more:,} more" if more > 0 else "")
    return cells.code(first.variant.sku, url=row.sku_url, sub=sub)


def _brand(row: Any) -> cells.Cell:
    """Of the SKUs that are named; a picture that brands share has several."""
    shown = row.users.shown if row.users is not None else ()
    return cells.text(", ".join(sorted({use.variant.product.brand for use in shown} - {""})))


def _verdict(row: ImageFact) -> cells.Cell:
    tried = f"Tried {counted(row.tries, 'time')}" if row.tries else ""
    sub = row.message if len(row.message) <= 90 else f"{row.message[:89]}…"  # noqa: PLR2004 -- two lines of a cell
    return cells.status(f"image.{row.verdict}", sub=". ".join(filter(None, [sub.rstrip("."), tried])))


def _size(row: ImageFact) -> cells.Cell:
    if not row.width or not row.height:
        return cells.text("")
    about = f"{row.format}, {filesizeformat(row.byte_count or 0)}"
    return cells.text(f"{row.width:,} x {row.height:,}", sub=about)


class ImageList(ListPage):
    right = Right.PRODUCTS_VIEW
    page_key = "images"
    title = "Images"
    subtitle = (
        "What stands behind the addresses that Jet would get. Fetched in the background, again after 30 days."
    )
    noun = ("image", "images")
    default_sort = "-added"
    filter_class = ImageFilter
    live_seconds = 15
    columns = (
        Column("image", "Image", cell=lambda row: cells.image(row.url)),
        Column("url", "Address", cell=lambda row: cells.address(row.url), is_primary=True),
        Column("skus", "SKU", cell=_skus),
        Column("brand", "Brand", cell=_brand),
        Column("verdict", "Verdict", cell=_verdict, sort=("verdict",)),
        Column("size", "Size in pixels", cell=_size),
        Column("checked", "Looked at", cell=lambda row: cells.ago(row.checked_at)),
        Column("due", "Next look", cell=lambda row: cells.when(row.due_at), default_on=False),
        Column("added", "Added", cell=lambda row: cells.when(row.created_at), sort=("pk",), default_on=False),
    )
    bulk_actions = (
        BulkAction("look", "Look again", "catalog:images-look", Right.PRODUCTS_EDIT, "primary", "refresh"),
    )

    def get_queryset(self) -> QuerySet[ImageFact]:
        return all_images(self.request.merchant)

    def get_rows(self, rows: list[Any]) -> list[Any]:
        merchant = self.request.merchant
        users = users_of(merchant, [row.pk for row in rows])
        for row in rows:
            row.users = users.get(row.pk)
            if row.users is not None:
                row.sku_url = section_url(merchant, row.users.shown[0].variant_id, "images")
        return rows

    def row_url(self, row: Any) -> str:  # noqa: ARG002 -- the SKU is the link
        return ""

    def row_label(self, row: ImageFact) -> str:
        return row.url

    def get_tabs(self) -> Sequence[Tab]:
        rows = all_images(self.request.merchant)
        return (
            Tab("All"),
            *(
                Tab(
                    GROUP_LABELS[key],
                    f"group={key}",
                    rows=rows.filter(verdict__in=[str(word.value) for word in GROUPS[key]]),
                )
                for key in GROUPS
            ),
        )

    def get_empty(self) -> EmptyState:
        if not is_probing():
            return EmptyState(
                "Pictures are not fetched here", "The operator has switched it off.", "photo-off"
            )
        return EmptyState(
            "No image yet",
            "As soon as a product has an image address, the picture is fetched and measured by itself.",
            "photo",
            PageAction("Products", page_url(self.request.merchant, "product-list")),
        )


class LookAgain(ConfirmPage):
    right = write_right = Right.PRODUCTS_EDIT
    page_key = "images"
    noun = ("image", "images")
    confirm_label = "Look again"

    def get_title(self, target: Selection) -> str:
        return f"Look again at {self.count_words(target)}"

    def get_names(self, target: Selection) -> Sequence[str]:
        rows = all_images(self.request.merchant).filter(pk__in=target.ids[:SHOWN])
        return list(rows.order_by("pk").values_list("url", flat=True))

    def get_consequences(self, target: Selection) -> Sequence[str]:  # noqa: ARG002 -- hook
        return [
            "The pictures are fetched in the background, at most four at once from one server.",
            "The SKUs that show them are judged anew. Nothing is sent to Jet by it.",
        ]

    def perform(self, target: Selection, form: Any) -> str:  # noqa: ARG002 -- no form
        count = look_again(self.request.merchant, target.ids, actor=self.request.actor)
        words = "1 image is" if count == 1 else f"{count:,} images are"
        say(self.request, "success", f"{words} looked at again. The list shows the result by itself.")
        return page_url(self.request.merchant, "image-list")


@require_POST
@merchant_view(Right.PRODUCTS_EDIT)
def look_again_at_variant(request: MerchantRequest, pk: int) -> HttpResponse:
    """All pictures of one SKU."""
    variant = get_variant(request.merchant, pk)
    given = request.POST.get("next", "")
    is_here = url_has_allowed_host_and_scheme(given, {request.get_host()})
    back = HttpResponseRedirect(given if is_here else f"{variant_url(request.merchant, variant)}#images")
    ids = [row.fact_id for row in pictures_of(request.merchant, variant)]
    if not ids:
        say(request, "warning", f"{variant.sku} has no image that can be fetched.")
        return back
    try:
        count = look_again(request.merchant, ids, actor=request.actor)
    except DomainError as error:
        say_error(request, error)
        return back
    words = "Its image is" if count == 1 else f"All {count} images are"
    say(request, "success", f"{variant.sku}: {words[0].lower()}{words[1:]} looked at again in a moment.")
    return back
