"""Mails about stock and bulk files."""

from __future__ import annotations

from collections.abc import Sequence

from django.db.models import QuerySet

from catalog.models import BulkFile, Variant
from catalog.pages import page_url, product_list_url, variant_url
from catalog.queries.files import REJECTED, files_of
from catalog.queries.low_stock import stock_of
from jetsync.mail.kinds import Event, MailItem, MailKind, register_mail
from jetsync.mail.writing import absolute
from jetsync.models import Merchant
from jetsync.queries.settings import get_options
from jetsync.tenancy.rights import Right
from jetsync.wording import counted

# A preview shows so many of the latest.
PREVIEWED = 3
# Of Jet's words about a file; its page has all.
ERRORS_SHOWN = 3


def _marked_low(merchant: Merchant) -> QuerySet[Variant]:
    """As noted when it was looked at last."""
    return Variant.objects.filter(merchant=merchant, low_stock_at__isnull=False)


def low_skus(merchant: Merchant, events: Sequence[Event]) -> list[MailItem]:
    """With the stock of this moment; a SKU that was filled up meanwhile is left out. Three queries."""
    ids = [event.object_id for event in events if event.object_id is not None]
    rows = _marked_low(merchant).filter(pk__in=ids).select_related("product")
    left = stock_of(merchant, ids)
    limit = get_options(merchant).low_stock_limit
    return [_sku(merchant, row, left.get(row.pk) or 0, limit) for row in rows.order_by("sku")]


def _sku(merchant: Merchant, row: Variant, left: int, limit: int) -> MailItem:
    return MailItem(
        label=row.sku,
        url=absolute(variant_url(merchant, row)),
        side=f"{left:,} left",
        lines=(row.title or row.product.title,),
        notes=(f"Your limit is {limit:,}.",),
        about=("catalog.variant", row.pk),
    )


def rejected_files(merchant: Merchant, events: Sequence[Event]) -> list[MailItem]:
    """One query. What was refused comes with the event: a file that is resubmitted counts anew."""
    rows = BulkFile.objects.filter(merchant=merchant, pk__in=[event.object_id for event in events])
    found = {row.pk: row for row in rows.defer("manifest", "upload_url")}
    return [
        _file(merchant, found[event.object_id], event.facts.get("refused"))
        for event in events
        if event.object_id in found
    ]


def _file(merchant: Merchant, row: BulkFile, refused: int | None) -> MailItem:
    of_all = f"of {counted(row.sku_count, 'product')}"
    if row.message:
        what = (
            f"{row.get_file_type_display()}: not sent, {of_all.removeprefix('of ')} wait for the next file."
        )
    else:
        count = row.error_count if refused is None else refused
        what = f"{row.get_file_type_display()}: {count:,} {of_all} refused."
    errors = [str(text)[:300] for text in row.errors[:ERRORS_SHOWN]]
    more = len(row.errors) - len(errors)
    return MailItem(
        label=row.name,
        url=absolute(page_url(merchant, "file-detail", pk=row.pk)),
        lines=(what,),
        notes=tuple(filter(None, [row.message, *errors, f"and {more:,} more errors" if more > 0 else ""])),
        about=("catalog.bulkfile", row.pk),
    )


def _events(rows: QuerySet[Variant] | QuerySet[BulkFile]) -> list[Event]:
    return [Event(pk) for pk in rows.values_list("pk", flat=True)[:PREVIEWED]]


register_mail(
    MailKind(
        name="catalog.low_stock",
        label="Low stock",
        explanation="Once when a SKU falls below your threshold limit, and again only after it has risen to it.",
        position=60,
        right=Right.PRODUCTS_VIEW,
        template="mail/catalog/low_stock",
        headline=lambda items, total: (
            f"Low stock: {items[0].label}, {items[0].side}"
            if total == 1
            else f"Low stock: {counted(total, 'SKU')}"
        ),
        items=low_skus,
        recent=lambda merchant: _events(_marked_low(merchant).order_by("-low_stock_at", "-pk")),
        sample=lambda merchant: [
            MailItem(
                "HF-KET-25",
                side="2 left",
                lines=("Kettle, 2.5 qt",),
                notes=(f"Your limit is {get_options(merchant).low_stock_limit:,}.",),
            )
        ],
        list_url=product_list_url,
        list_label="Open the products",
        switch="mail_low_stock",
    ),
    MailKind(
        name="catalog.rejected_file",
        label="Rejected files",
        explanation="Bulk files that Jet refused in whole or in part, and those that could not be sent.",
        position=70,
        right=Right.PRODUCTS_VIEW,
        template="mail/catalog/rejected_file",
        headline=lambda _items, total: (
            "A bulk file came back with errors"
            if total == 1
            else f"{total:,} bulk files came back with errors"
        ),
        items=rejected_files,
        recent=lambda merchant: _events(files_of(merchant).filter(state__in=REJECTED).order_by("-pk")),
        sample=lambda _merchant: [
            MailItem(
                "products-20181128-0915.json",
                lines=("Products: 2 of 340 products refused.",),
                notes=(
                    "HF-KET-25: the UPC has 11 digits, 12 expected",
                    "HF-MUG-12: the main image is too small",
                ),
            )
        ],
        list_url=lambda merchant: page_url(merchant, "file-list"),
        list_label="Open the bulk files",
        switch="mail_rejected_files",
    ),
)
