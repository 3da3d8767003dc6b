"""Time lines of the catalogue: what people did, what was sent by calls and files, and what Jet answered."""

from __future__ import annotations

from functools import reduce
from operator import or_
from typing import Any

from django.db.models import Q

from catalog.actions.price_rules import SAVED
from catalog.enums import FileState, FileType, Step
from catalog.models import Listing, Product, SkuError, Variant, VariationGroup
from catalog.pages import page_url
from catalog.queries.files import InFile, files_with
from jetsync.enums import RowState
from jetsync.models import LogEntry, Merchant, OperationRow
from jetsync.panel.confirm import operation_url
from jetsync.panel.details import Level, TimelineEntry, timeline_for
from jetsync.panel.values import field_words, in_words
from jetsync.queries.trail import HAPPENED

PRODUCT_LENGTH, GROUP_LENGTH, RULES_LENGTH = 40, 30, 5


def product_timeline(
    merchant: Merchant, product: Product, variant: Variant, listing: Listing | None
) -> list[TimelineEntry]:
    """What happened to the product, this SKU and its listing, and the files that carried it, newest first."""
    entries = timeline_for(merchant, "catalog.product", product.pk, PRODUCT_LENGTH)
    entries += timeline_for(merchant, "catalog.variant", variant.pk, PRODUCT_LENGTH)
    if listing is not None:
        entries += timeline_for(merchant, "catalog.listing", listing.pk, PRODUCT_LENGTH)
        entries += [_file_entry(merchant, row) for row in files_with(merchant, listing.pk)]
    entries += _operation_entries(merchant, product, variant, listing)
    entries += _rule_entries(merchant, variant)
    return _newest(entries, PRODUCT_LENGTH)


def _operation_entries(
    merchant: Merchant, product: Product, variant: Variant, listing: Listing | None
) -> list[TimelineEntry]:
    """What was done to the SKU as one of many. One query.

    An operation that has written a line about this SKU itself is left out: a direct upload has rows about listings and
    writes about SKUs.
    """
    objects = {"catalog.variant": variant.pk, "catalog.product": product.pk}
    if listing is not None:
        objects["catalog.listing"] = listing.pk
    about = reduce(or_, (Q(object_type=name, object_id=pk) for name, pk in objects.items()))
    told = LogEntry.objects.filter(about, merchant=merchant, operation__isnull=False)
    rows = OperationRow.objects.filter(about, merchant=merchant, state__in=HAPPENED)
    rows = rows.exclude(operation__in=told.values("operation")).select_related("operation__merchant")
    return [_operation_entry(row) for row in rows.order_by("-pk")[:PRODUCT_LENGTH]]


def _operation_entry(row: OperationRow) -> TimelineEntry:
    operation, failed = row.operation, row.state == RowState.FAILED
    after = row.data.get("after") if not failed else None
    names = after if isinstance(after, dict) else {}
    changes = [
        (field_words(name), in_words(row.before.get(name), name=name), in_words(value, name=name))
        for name, value in names.items()
    ]
    return TimelineEntry(
        at=row.updated_at,
        icon="alert-triangle" if failed else "user" if operation.actor_id else "robot",
        title=operation.title,
        body=" ".join(filter(None, (row.message, row.hint))),
        actor=operation.actor_label,
        level="danger" if failed else "info",
        extra={"url": operation_url(operation), "changes": changes},
    )


def _rule_entries(merchant: Merchant, variant: Variant) -> list[TimelineEntry]:
    """The price for Jet of every SKU comes from the rules, so a change of them is part of each SKU's story."""
    rows = LogEntry.objects.filter(
        merchant=merchant, object_type="jetsync.options", action=SAVED, created_at__gte=variant.created_at
    ).order_by("-id")
    return [
        TimelineEntry(
            row.created_at, "tag", row.message, "The price for Jet is made by them since.", row.actor_label
        )
        for row in rows[:RULES_LENGTH]
    ]


def group_timeline(merchant: Merchant, group: VariationGroup) -> list[TimelineEntry]:
    """What happened to the group, with Jet's last acceptance and all of its refusals, newest first."""
    entries = timeline_for(merchant, "catalog.variationgroup", group.pk, GROUP_LENGTH)
    if group.sent_at is not None:
        what = "An older version of the group" if group.dirty else "The group"
        entries.append(
            TimelineEntry(
                group.sent_at, "cloud-upload", f"{what} was taken by Jet.", "", "jetsync", "success"
            )
        )
    refusals = SkuError.objects.filter(
        merchant=merchant, listing__variant=group.parent_id, step=Step.VARIATION
    )
    entries += [
        TimelineEntry(
            row.created_at, "alert-triangle", "Jet refused the group", row.message, "jetsync", "danger"
        )
        for row in refusals.order_by("-pk")[:GROUP_LENGTH]
    ]
    return _newest(entries, GROUP_LENGTH)


def _newest(entries: list[TimelineEntry], limit: int) -> list[TimelineEntry]:
    return sorted(entries, key=lambda entry: entry.at, reverse=True)[:limit]


def _file_entry(merchant: Merchant, row: InFile) -> TimelineEntry:
    """One file as this SKU sees it: what went, and whether Jet took or refused it."""
    file = row.file
    body, level = _answer(row)
    return TimelineEntry(
        at=file.finished_at or file.sent_at or file.created_at,
        icon="alert-triangle" if level == "danger" else "cloud-upload",
        title=f"{_what(row)} in a bulk file{_values(row)}",
        body=body,
        actor="jetsync",
        level=level,
        extra={"url": page_url(merchant, "file-detail", pk=file.pk), "status": f"file.{file.state}"},
    )


def _what(row: InFile) -> str:
    """Files that archive and files that open again are of one type; the manifest says which way this SKU went."""
    if row.file.file_type == FileType.ARCHIVE and row.values and row.values[0] is False:
        return "Un-archive"
    return row.file.get_file_type_display()


def _answer(row: InFile) -> tuple[str, Level]:
    if row.errors:
        return f"Jet refused it: {'; '.join(row.errors)}", "danger"
    if row.file.state == FileState.FAILED:
        return row.file.message or "The file did not reach Jet.", "warning"
    if row.file.applied_at is None:
        return "Jet has not answered yet.", "info"
    return "Jet took it.", "success"


def _values(row: InFile) -> str:
    """The number that went, where the manifest has one: prices and the pieces over all nodes."""
    value: Any = row.values[0] if row.values else None
    if row.file.file_type == FileType.PRICE and isinstance(value, str):
        return f": ${value}"
    if row.file.file_type == FileType.INVENTORY and isinstance(value, dict):
        return f": {sum(value.values()):,}"
    return ""
