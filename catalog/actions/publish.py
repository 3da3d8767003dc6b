"""What a merchant asks for: upload, sync, archive, un-archive, read the status. Each is an operation."""

from __future__ import annotations

from collections.abc import Sequence

from django.db import transaction

from catalog.actions.targets import refresh_targets
from catalog.bulk import batches, update_rows
from catalog.enums import Readiness, Step
from catalog.models import Listing
from jetsync.actions.operation import RowSpec, refresh_progress, start_operation
from jetsync.enums import Priority, RowState
from jetsync.exceptions import InvalidInput
from jetsync.models import Merchant, Operation, OperationRow
from jetsync.queries.settings import current_nodes, get_options
from jetsync.sync.client import current_account
from jetsync.sync.queue import enqueue
from jetsync.sync.registry import retry_with, undo_with
from jetsync.tenancy.actor import Actor

UPLOAD, SYNC, ARCHIVE, UNARCHIVE, READ_STATUS = (
    "catalog.upload",
    "catalog.sync",
    "catalog.archive",
    "catalog.unarchive",
    "catalog.read_status",
)
DIRECT_JOB, FILES_JOB = "catalog.publish", "catalog.publish_files"
LISTING = "catalog.listing"
BATCH = 2000


_STEPS = {
    UPLOAD: [
        Step.CONTENT,
        Step.PRICE,
        Step.INVENTORY,
        Step.VARIATION,
        Step.SHIPPING,
        Step.RETURNS,
    ],
    SYNC: [Step.PRICE, Step.INVENTORY],
    ARCHIVE: [Step.ARCHIVE],
    UNARCHIVE: [Step.ARCHIVE, Step.INVENTORY],
    READ_STATUS: [Step.STATUS],
}
_VERBS = {
    UPLOAD: "Upload",
    SYNC: "Send price and quantity of",
    ARCHIVE: "Archive",
    UNARCHIVE: "Un-archive",
    READ_STATUS: "Read the status of",
}


def _words(count: int) -> str:
    return f"{count:,} product{'' if count == 1 else 's'}"


def _rows(merchant: Merchant, variant_ids: Sequence[int]) -> list[Listing]:
    rows = Listing.objects.filter(merchant=merchant, variant__in=variant_ids).select_related("variant")
    return list(rows.order_by("pk"))


def _check_ready(merchant: Merchant, variant_ids: Sequence[int]) -> None:
    current_account(merchant)  # raises with the way to the settings when keys are missing
    if not variant_ids:
        raise InvalidInput("No product is selected.", hint="Tick some rows first.")
    if not current_nodes(merchant).exists():
        raise InvalidInput(
            "No fulfilment node is set.", hint="Add one under Settings, Jet account.", code="node_missing"
        )


@transaction.atomic
def _start(merchant: Merchant, kind: str, variant_ids: Sequence[int], *, actor: Actor) -> Operation:
    """Freezes the set and enqueues the job: direct calls for few products, files for many."""
    options = get_options(merchant)
    steps = [str(step) for step in _STEPS[kind]]
    use_files = len(variant_ids) > options.direct_upload_limit and kind != READ_STATUS
    rows = (
        RowSpec(
            LISTING,
            listing.pk,
            listing.variant.sku,
            before={"archived_target": listing.archived_target, "is_wanted": listing.is_wanted},
        )
        for batch in batches(sorted(set(variant_ids)), BATCH)
        for listing in _rows(merchant, batch)
    )
    operation = start_operation(
        merchant,
        kind,
        f"{_VERBS[kind]} {_words(len(set(variant_ids)))}",
        actor=actor,
        rows=rows,
        data={"steps": steps, "files": use_files},
    )
    enqueue(
        merchant,
        FILES_JOB if use_files else DIRECT_JOB,
        f"operation:{operation.pk}",
        operation=operation,
        priority=Priority.NOW if operation.total == 1 else Priority.NORMAL,
    )
    return operation


@transaction.atomic
def upload(merchant: Merchant, variant_ids: Sequence[int], *, actor: Actor) -> Operation:
    """Lists products on Jet. Those that are not ready fail at once with their first gap; the others go on."""
    _check_ready(merchant, variant_ids)
    refresh_targets(merchant, variant_ids, push=False)
    operation = _start(merchant, UPLOAD, variant_ids, actor=actor)
    unready: list[int] = []
    for batch in batches(sorted(set(variant_ids)), BATCH):
        listings = Listing.objects.filter(merchant=merchant, variant__in=batch)
        listings.exclude(readiness=Readiness.NOT_READY).update(is_wanted=True)
        unready += _fail_unready(operation, list(listings.filter(readiness=Readiness.NOT_READY)))
    if unready:
        refresh_progress(operation)
    return operation


def _fail_unready(operation: Operation, listings: Sequence[Listing]) -> list[int]:
    rows = dict(
        OperationRow.objects.filter(
            merchant=operation.merchant_id, operation=operation, object_id__in=[row.pk for row in listings]
        ).values_list("object_id", "pk")
    )
    update_rows(
        OperationRow,
        operation.merchant,
        ("state", "code", "message", "hint"),
        [_unready_row(rows[listing.pk], listing) for listing in listings],
        touch="updated_at",
    )
    return [listing.pk for listing in listings]


def _unready_row(pk: int, listing: Listing) -> dict[str, object]:
    blocking = [gap for gap in listing.gaps if gap.get("level", "blocks") == "blocks"] or listing.gaps
    texts = " ".join(str(gap.get("message", "")) for gap in blocking[:3])
    return {
        "id": pk,
        "state": str(RowState.FAILED),
        "code": "not_ready",
        "message": (texts or "Not ready.")[:1000],
        "hint": "Open the product; each gap leads to the field that closes it.",
    }


@transaction.atomic
def sync(merchant: Merchant, variant_ids: Sequence[int], *, actor: Actor) -> Operation:
    """Sends quantity and price of listed products again, whatever was sent before."""
    _check_ready(merchant, variant_ids)
    refresh_targets(merchant, variant_ids, push=False)
    return _start(merchant, SYNC, variant_ids, actor=actor)


@transaction.atomic
def archive(merchant: Merchant, variant_ids: Sequence[int], *, actor: Actor) -> Operation:
    """Closes products on Jet: not purchasable, quantity 0."""
    _check_ready(merchant, variant_ids)
    operation = _start(merchant, ARCHIVE, variant_ids, actor=actor)
    _set_archived(merchant, variant_ids, archived=True)
    return operation


@transaction.atomic
def unarchive(merchant: Merchant, variant_ids: Sequence[int], *, actor: Actor) -> Operation:
    """Opens archived products again; Jet lists them once it has their quantities."""
    _check_ready(merchant, variant_ids)
    operation = _start(merchant, UNARCHIVE, variant_ids, actor=actor)
    _set_archived(merchant, variant_ids, archived=False)
    return operation


def _set_archived(merchant: Merchant, variant_ids: Sequence[int], *, archived: bool) -> None:
    for batch in batches(sorted(set(variant_ids)), BATCH):
        Listing.objects.filter(merchant=merchant, variant__in=batch).update(archived_target=archived)
        refresh_targets(merchant, batch, push=False)


def read_status(merchant: Merchant, variant_ids: Sequence[int], *, actor: Actor) -> Operation:
    """Asks Jet for status, price and quantity of each product now."""
    _check_ready(merchant, variant_ids)
    return _start(merchant, READ_STATUS, variant_ids, actor=actor)


def _variants_of(operation: Operation, **rows: object) -> list[int]:
    ids = OperationRow.objects.filter(
        merchant=operation.merchant_id, operation=operation, **rows
    ).values_list("object_id", flat=True)
    listings = Listing.objects.filter(merchant=operation.merchant_id, pk__in=list(ids))
    return list(listings.values_list("variant_id", flat=True))


_ACTIONS = {UPLOAD: upload, SYNC: sync, ARCHIVE: archive, UNARCHIVE: unarchive, READ_STATUS: read_status}


def _retry(operation: Operation, actor: Actor) -> Operation:
    return _ACTIONS[operation.kind](
        operation.merchant, _variants_of(operation, state=RowState.FAILED), actor=actor
    )


for _kind in _ACTIONS:
    retry_with(_kind)(_retry)


@undo_with(ARCHIVE)
def _undo_archive(operation: Operation, actor: Actor) -> Operation:
    """Brings back those that were open before; earlier archived ones stay archived."""
    return unarchive(operation.merchant, _variants_of(operation, before__archived_target=False), actor=actor)


@undo_with(UNARCHIVE)
def _undo_unarchive(operation: Operation, actor: Actor) -> Operation:
    return archive(operation.merchant, _variants_of(operation, before__archived_target=True), actor=actor)
