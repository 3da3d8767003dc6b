"""What an accepted bulk file changes, by its manifest: entries `[listing id, sku, what was sent …]` of one file type."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from datetime import timedelta
from decimal import Decimal
from typing import Any

from django.utils import timezone

from catalog.actions.marks import (
    SentContent,
    mark_archived_sent,
    mark_content_sent,
    mark_prices_sent,
    mark_quantities_sent,
)
from catalog.actions.relations import mark_groups_sent, mark_returns_sent, mark_shipping_sent
from catalog.enums import FileType
from catalog.listing import content_hash
from catalog.models import Listing
from catalog.queries.listing import listings_of
from jetsync.enums import Priority
from jetsync.models import Merchant
from jetsync.sync.queue import enqueue

BATCH = 1000
STATUS_SOON = "catalog.status_soon"
# Jet shows a fresh SKU after about a minute (protocol: bulk files).
FIRST_LOOK = timedelta(minutes=1)
Entries = Sequence[list[Any]]


def note_accepted(merchant: Merchant, file_type: FileType, accepted: Entries) -> None:
    """Writes `sent` values of the entries that Jet took, a thousand at a time."""
    for start in range(0, len(accepted), BATCH):
        part = accepted[start : start + BATCH]
        _NOTES[file_type](merchant, part)


def ask_status(merchant: Merchant, key: str, **of: Any) -> None:
    """Has the status of what Jet has just accepted read soon, before the schedule comes round.

    `of` says whose: `operation` or `file` by pk, or `listings` as a short list of pks. Asked twice, it is read once.
    """
    enqueue(
        merchant,
        STATUS_SOON,
        key,
        priority=Priority.NORMAL,
        not_before=timezone.now() + FIRST_LOOK,
        data=of,
    )


def _note_content(merchant: Merchant, part: Entries) -> None:
    """The body is kept only while today's payload is still the one that was in the file."""
    variants = dict(
        Listing.objects.filter(merchant=merchant, pk__in=[entry[0] for entry in part]).values_list(
            "pk", "variant_id"
        )
    )
    built = listings_of(merchant, list(variants.values()))
    sent = []
    for listing_id, _sku, digest in part:
        result = built.get(variants.get(listing_id, 0))
        body = result.payload if result is not None and content_hash(result.payload) == digest else None
        sent.append(SentContent(listing_id, digest, body))
    mark_content_sent(merchant, sent)


def _note_prices(merchant: Merchant, part: Entries) -> None:
    nodes = {int(pk): _money(price) for entry in part for pk, price in entry[3].items()}
    mark_prices_sent(merchant, {entry[0]: Decimal(entry[2]) for entry in part}, nodes)


def _money(text: str | None) -> Decimal | None:
    return None if text is None else Decimal(text)


def _note_quantities(merchant: Merchant, part: Entries) -> None:
    mark_quantities_sent(merchant, {int(pk): n for entry in part for pk, n in entry[2].items()})


def _note_archived(merchant: Merchant, part: Entries) -> None:
    for archived in (True, False):
        ids = [entry[0] for entry in part if entry[2] is archived]
        mark_archived_sent(merchant, ids, archived=archived)


def _note_groups(merchant: Merchant, part: Entries) -> None:
    mark_groups_sent(merchant, {entry[2]: entry[3] for entry in part})


def _note_shipping(merchant: Merchant, part: Entries) -> None:
    mark_shipping_sent(merchant, {entry[0]: entry[2] for entry in part})


def _note_returns(merchant: Merchant, part: Entries) -> None:
    mark_returns_sent(merchant, {entry[0]: entry[2] for entry in part})


_NOTES: dict[FileType, Callable[[Merchant, Entries], None]] = {
    FileType.MERCHANT_SKUS: _note_content,
    FileType.PRICE: _note_prices,
    FileType.INVENTORY: _note_quantities,
    FileType.ARCHIVE: _note_archived,
    FileType.VARIATION: _note_groups,
    FileType.SHIPPING_EXCEPTION: _note_shipping,
    FileType.RETURNS_EXCEPTION: _note_returns,
}
