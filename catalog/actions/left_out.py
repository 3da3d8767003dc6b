"""SKUs that an operation leaves out before anything is sent, each with the reason and what to do."""

from __future__ import annotations

from collections.abc import Sequence

from django.db.models import Q, QuerySet

from catalog.bulk import batches, update_rows
from catalog.codes import Code
from catalog.enums import Readiness
from catalog.models import Listing
from jetsync.actions.operation import finish_objects, refresh_progress
from jetsync.activation.queries import live_share
from jetsync.activation.switching import WHOLE
from jetsync.enums import RowState
from jetsync.models import Operation, OperationRow

BATCH = 2000
HELD_HINT = "Widen the share under Settings, API activation, and they are uploaded."
# Uploaded, or on its way: such SKUs count to the share that is live.
STARTED = Q(is_wanted=True) | Q(content_sent_at__isnull=False)


def skip_held(operation: Operation, listings: QuerySet[Listing]) -> list[int]:
    """Leaves out SKUs that are new to Jet while only a share of the catalogue is live: widening the share sends them.

    Returns their ids.
    """
    if live_share(operation.merchant) == WHOLE:
        return []
    ids = list(listings.exclude(STARTED).values_list("pk", flat=True))
    words = "Held back: only a share of the SKUs is live yet."
    if finish_objects(operation, ids, RowState.SKIPPED, code=Code.HELD_BACK, message=words, hint=HELD_HINT):
        refresh_progress(operation, message="SKUs that are held back were left out, each with the reason.")
    return ids


def skip_unready(operation: Operation, listing_ids: Sequence[int] | None = None) -> None:
    """Leaves out the waiting rows of SKUs that Jet would refuse, with their gaps. `listing_ids` narrows it to these.

    They did not fail: nothing was tried, and trying again would end the same until the gaps are filled.
    """
    rows = OperationRow.objects.filter(
        merchant=operation.merchant_id, operation=operation, state=RowState.WAITING
    )
    if listing_ids is not None:
        rows = rows.filter(object_id__in=listing_ids)
    waiting = {pk: row for row, pk in rows.values_list("pk", "object_id") if pk is not None}
    skipped = 0
    for batch in batches(sorted(waiting), BATCH):
        unready = Listing.objects.filter(
            merchant=operation.merchant_id, pk__in=batch, readiness=Readiness.NOT_READY
        ).only("pk", "gaps")
        skipped += update_rows(
            OperationRow,
            operation.merchant,
            ("state", "code", "message", "hint"),
            [_unready_row(waiting[listing.pk], listing) for listing in unready],
            touch="updated_at",
        )
    if skipped:
        refresh_progress(operation, message=_unready_words(operation))


def _unready_words(operation: Operation) -> str:
    rows = OperationRow.objects.filter(
        merchant=operation.merchant_id, operation=operation, code=Code.NOT_READY
    )
    count = rows.count()
    if count == 1:
        return "1 product is not ready: it was left out, with the reason."
    return f"{count:,} products are not ready: they were left out, each with the reason."


def _unready_row(pk: int, listing: Listing) -> dict[str, object]:
    blocking = [gap for gap in listing.gaps if gap.get("level", "blocks") == "blocks"] or listing.gaps
    texts = " ".join(str(gap.get("message", "")) for gap in blocking[:3])
    return {
        "id": pk,
        "state": str(RowState.SKIPPED),
        "code": Code.NOT_READY,
        "message": (texts or "Not ready.")[:1000],
        "hint": "Open the product; each gap leads to the field that closes it.",
    }
