"""SKUs that an operation leaves out before anything is sent, each with the reason and what to do."""

from __future__ import annotations

from collections.abc import Sequence

from django.db.models import Q, QuerySet

from catalog.actions.sending import GAPS_HINT
from catalog.bulk import batches, update_rows
from catalog.codes import Code
from catalog.enums import Readiness
from catalog.listing import NEVER_LIVE
from catalog.models import Listing
from catalog.queries.kept import ENDS_SALE
from jetsync.actions.operation import finish_objects, refresh_progress
from jetsync.activation.queries import live_share
from jetsync.activation.switching import WHOLE
from jetsync.enums import RowState
from jetsync.models import Operation, OperationRow

BATCH = 2000
HELD_HINT = "Widen the share under Settings, API activation, and they are uploaded."
ENDS_SALE_HINT = (
    "Fill the gaps. Or upload it from the list of products and say there that it may go off sale."
)
_LEFT_OUT = {True: "it was left out, with the reason", False: "they were left out, each with the reason"}
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

    Also those that Jet sells and would hold back, unless the operation was told that it may end their sale. They did not
    fail: nothing was tried, and trying again would end the same until the gaps are filled.
    """
    unsendable = Q(readiness=Readiness.NOT_READY)
    if not operation.data.get("may_end_sale"):
        unsendable |= ENDS_SALE
    rows = OperationRow.objects.filter(
        merchant=operation.merchant_id, operation=operation, state=RowState.WAITING
    )
    if listing_ids is not None:
        rows = rows.filter(object_id__in=listing_ids)
    waiting = {pk: row for row, pk in rows.values_list("pk", "object_id") if pk is not None}
    skipped = 0
    for batch in batches(sorted(waiting), BATCH):
        unready = Listing.objects.filter(unsendable, merchant=operation.merchant_id, pk__in=batch).only(
            "pk", "gaps", "readiness"
        )
        skipped += update_rows(
            OperationRow,
            operation.merchant,
            ("state", "code", "message", "hint"),
            [_row_of(waiting[listing.pk], listing) for listing in unready],
            touch="updated_at",
        )
    if skipped:
        refresh_progress(operation, message=_unready_words(operation))


def _unready_words(operation: Operation) -> str:
    rows = OperationRow.objects.filter(
        merchant=operation.merchant_id, operation=operation, code=Code.NOT_READY
    )
    kept = OperationRow.objects.filter(
        merchant=operation.merchant_id, operation=operation, code=Code.ENDS_SALE
    )
    texts = []
    if count := rows.count():
        them = "1 product is" if count == 1 else f"{count:,} products are"
        texts.append(f"{them} not ready: {_LEFT_OUT[count == 1]}.")
    if count := kept.count():
        them = "1 product is" if count == 1 else f"{count:,} products are"
        texts.append(f"{them} sold at Jet and would not be as stored now: {_LEFT_OUT[count == 1]}.")
    return " ".join(texts)


def _row_of(pk: int, listing: Listing) -> dict[str, object]:
    return (_unready_row if listing.readiness == Readiness.NOT_READY else _kept_row)(pk, listing)


def _kept_row(pk: int, listing: Listing) -> dict[str, object]:
    texts = [str(gap.get("message", "")) for gap in listing.gaps if gap.get("level") == NEVER_LIVE]
    return {
        "id": pk,
        "state": str(RowState.SKIPPED),
        "code": Code.ENDS_SALE,
        "message": f"Jet sells it as it was sent, and may not as it is now: {' '.join(texts[:3])}"[:1000],
        "hint": ENDS_SALE_HINT,
    }


def _unready_row(pk: int, listing: Listing) -> dict[str, object]:
    blocking = [gap for gap in listing.gaps if gap.get("level", "blocks") == "blocks"] or listing.gaps
    texts = " ".join(str(gap.get("message", "")) for gap in blocking[:3])
    return {
        "id": pk,
        "state": str(RowState.SKIPPED),
        "code": Code.NOT_READY,
        "message": (texts or "Not ready.")[:1000],
        "hint": GAPS_HINT,
    }
