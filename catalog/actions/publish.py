"""What a merchant asks for: upload, sync, archive, un-archive, read the status. Each is an operation.

`way`: few products go by direct calls, many as files, unless the merchant chose one. `expects`: the dry run that the
merchant has read; when something moved since, nothing is started (see catalog.queries.dry_run).
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from enum import StrEnum
from typing import Any

from django.db import connection, transaction
from django.db.models import Q

from catalog.actions.left_out import skip_held, skip_unready
from catalog.actions.targets import refresh_targets
from catalog.bulk import batches, update_rows
from catalog.codes import Code
from catalog.enums import ListingStatus, Readiness, Step
from catalog.models import Listing
from catalog.queries.dry_run import Expected, digests_of, moved_since, moved_words
from catalog.queries.variation import with_children
from jetsync.actions.operation import RowSpec, finish_objects, refresh_progress, start_operation
from jetsync.enums import OPEN_OPERATION_STATES, Priority, RowState
from jetsync.exceptions import InvalidInput, StateConflict
from jetsync.models import Merchant, Operation, OperationRow
from jetsync.queries.settings import current_nodes, get_options
from jetsync.sync.client import current_account
from jetsync.sync.queue import enqueue
from jetsync.sync.registry import operation_kind, retry_with, undo_with
from jetsync.tenancy.actor import Actor
from jetsync.tenancy.rights import Right

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
# SKUs recomputed in one transaction. Up to as many are prepared in the request, so that a person learns at once what is
# left out; a larger set would hold its locks for longer than a request may take, so its job does it.
PREPARED_AT_ONCE = 1000


class Way(StrEnum):
    AUTO = "auto"
    DIRECT = "direct"
    FILES = "files"


STEPS = {
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
    found = Listing.objects.filter(merchant=merchant, variant__in=variant_ids).select_related("variant")
    rows = found.only("archived_target", "is_wanted", "variant__sku").order_by("pk")
    known = {row.variant_id for row in rows}
    if len(known) < len(variant_ids):  # the listing of a SKU is made with its first targets
        refresh_targets(merchant, set(variant_ids) - known, push=False)
        return list(rows.all())
    return list(rows)


def check_ready(merchant: Merchant, variant_ids: Sequence[int]) -> None:
    """Raises what stands in the way of any sending: keys, an empty selection, no node."""
    current_account(merchant)  # raises with the way to the settings when keys are missing
    if not variant_ids:
        raise InvalidInput("No product is selected.", hint="Tick some rows first.")
    if not current_nodes(merchant).exists():
        raise InvalidInput(
            "No fulfilment node is set.", hint="Add one under Settings, Jet account.", code=Code.NODE_MISSING
        )


def way_for(merchant: Merchant, count: int, way: Way = Way.AUTO) -> Way:
    """DIRECT or FILES: the merchant's choice, else by the limit of the settings."""
    if way != Way.AUTO:
        return way
    return Way.FILES if count > get_options(merchant).direct_upload_limit else Way.DIRECT


@transaction.atomic
def start_sending(
    merchant: Merchant,
    kind: str,
    title: str,
    rows: Sequence[RowSpec],
    steps: Sequence[Step],
    *,
    actor: Actor,
    way: Way = Way.AUTO,
    data: dict[str, Any] | None = None,
) -> Operation:
    """Freezes the set and enqueues the job. A row's `data` may name steps (`{"price": true}`) that it is past already."""
    only_reads = list(steps) == [Step.STATUS]
    use_files = not only_reads and way_for(merchant, len(rows), way) == Way.FILES
    operation = start_operation(
        merchant,
        kind,
        title,
        actor=actor,
        rows=rows,
        data={"steps": [str(step) for step in steps], "files": use_files, "way": str(way), **(data or {})},
    )
    enqueue(
        merchant,
        FILES_JOB if use_files else DIRECT_JOB,
        f"operation:{operation.pk}",
        operation=operation,
        priority=Priority.NOW if operation.total == 1 else Priority.NORMAL,
    )
    return operation


def listing_row(listing: Listing, **data: Any) -> RowSpec:
    before = {"archived_target": listing.archived_target, "is_wanted": listing.is_wanted}
    return RowSpec(LISTING, listing.pk, listing.variant.sku, before=before, data=data)


def _start(
    merchant: Merchant,
    kind: str,
    variant_ids: Sequence[int],
    *,
    actor: Actor,
    way: Way = Way.AUTO,
    expects: Expected | None = None,
    data: dict[str, Any] | None = None,
) -> Operation:
    chosen = sorted(set(variant_ids))
    rows = [listing_row(row) for batch in batches(chosen, BATCH) for row in _rows(merchant, batch)]
    title = f"{_VERBS[kind]} {_words(len(chosen))}"
    data = {**(data or {}), **({"prepared": 0} if kind in _PREPARE else {})}
    operation = start_sending(merchant, kind, title, rows, STEPS[kind], actor=actor, way=way, data=data)
    if len(rows) <= PREPARED_AT_ONCE or expects is not None:
        prepare_all(operation)
    hold_to(operation, expects)
    return operation


def prepare_all(operation: Operation) -> None:
    while prepare(operation):
        pass


@transaction.atomic
def prepare(operation: Operation) -> bool:
    """Brings the next thousand SKUs of the frozen set up to date before any is sent; False when all are.

    Ends the rows that have nothing to be sent. Safe to repeat: how far it came (`prepared`, the pk of a row) is stored
    with what it wrote.
    """
    done = operation.data.get("prepared")
    if done is None:
        return False
    rows = OperationRow.objects.filter(
        merchant=operation.merchant_id, operation=operation, state=RowState.WAITING, pk__gt=done
    )
    batch = list(rows.order_by("pk").values_list("pk", "object_id")[:PREPARED_AT_ONCE])
    listings = Listing.objects.filter(merchant=operation.merchant_id, pk__in=[pk for _row, pk in batch])
    variant_ids = list(listings.values_list("variant_id", flat=True))
    if variant_ids:
        _PREPARE[operation.kind](operation, variant_ids)
    data = {name: value for name, value in operation.data.items() if name != "prepared"}
    if batch:
        data["prepared"] = batch[-1][0]
    operation.data = data
    operation.save(update_fields=["data"])
    return bool(batch)


def _refuse_twin(operation: Operation, expects: Expected) -> None:
    """What one dry run showed is sent once: the second press of the button waits here for the first, and ends."""
    merchant, mark = operation.merchant, expects.fingerprint
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT pg_advisory_xact_lock(hashtextextended(%s, 0))", [f"exact:{merchant.pk}:{mark}"]
        )
    twins = Operation.objects.filter(
        merchant=merchant, kind=operation.kind, state__in=OPEN_OPERATION_STATES, data__shown=mark
    )
    twin = twins.exclude(pk=operation.pk).first()
    if twin is not None:
        raise StateConflict(
            f"“{twin.title}” sends just this already.",
            hint="Open it to see how far it is.",
            code=Code.ALREADY_STARTED,
        )


def hold_to(operation: Operation, expects: Expected | None) -> None:
    """Refuses with what moved since the dry run; else the rows carry what they are to send, for the jobs to compare.

    Call last, inside the transaction that starts the operation: its refusal takes the start back. Raises StateConflict.
    """
    if expects is None:
        return
    merchant, steps = operation.merchant, [Step(step) for step in operation.data["steps"]]
    _refuse_twin(operation, expects)
    open_rows = OperationRow.objects.filter(merchant=merchant, operation=operation, state=RowState.WAITING)
    ids = dict(open_rows.values_list("object_id", "pk"))
    now = digests_of(merchant, [pk for pk in ids if pk is not None], steps)
    moved = moved_since(expects, now)
    if moved is not None:
        raise StateConflict(
            f"Data has moved since this dry run: {moved_words(merchant, moved)}.",
            hint="Nothing was sent. Look at the dry run again.",
            code=Code.DATA_MOVED,
        )
    rows = [{"id": ids[pk], "data": {"expects": digest}} for pk, digest in now.items()]
    update_rows(OperationRow, merchant, ("data",), rows)
    operation.data = {**operation.data, "exact": True, "shown": expects.fingerprint}
    operation.save(update_fields=["data"])


@transaction.atomic
def upload(
    merchant: Merchant,
    variant_ids: Sequence[int],
    *,
    actor: Actor,
    way: Way = Way.AUTO,
    expects: Expected | None = None,
    launch: bool = False,
    may_end_sale: bool = False,
) -> Operation:
    """Lists products on Jet. Those that are not ready are left out with their first gaps; the others go on.

    While only a share of the catalogue is live, new SKUs are left out, too, unless it is the `launch` that widens it. So
    are SKUs that Jet sells and would hold back as they are now, unless it `may_end_sale` (ADR 16).
    """
    check_ready(merchant, variant_ids)
    data = {name: True for name, is_said in (("launch", launch), ("may_end_sale", may_end_sale)) if is_said}
    return _start(merchant, UPLOAD, variant_ids, actor=actor, way=way, expects=expects, data=data)


def _prepare_upload(operation: Operation, variant_ids: Sequence[int]) -> None:
    merchant = operation.merchant
    refresh_targets(merchant, variant_ids, push=False)
    listings = Listing.objects.filter(merchant=merchant, variant__in=variant_ids)
    if not operation.data.get("launch"):
        listings = listings.exclude(pk__in=skip_held(operation, listings))
    listings.exclude(readiness=Readiness.NOT_READY).update(is_wanted=True)
    skip_unready(operation, list(listings.values_list("pk", flat=True)))


@transaction.atomic
def sync(
    merchant: Merchant,
    variant_ids: Sequence[int],
    *,
    actor: Actor,
    way: Way = Way.AUTO,
    expects: Expected | None = None,
) -> Operation:
    """Sends quantity and price of listed products again, whatever was sent before."""
    check_ready(merchant, variant_ids)
    return _start(merchant, SYNC, variant_ids, actor=actor, way=way, expects=expects)


def _prepare_sync(operation: Operation, variant_ids: Sequence[int]) -> None:
    refresh_targets(operation.merchant, variant_ids, push=False)


@transaction.atomic
def archive(
    merchant: Merchant,
    variant_ids: Sequence[int],
    *,
    actor: Actor,
    way: Way = Way.AUTO,
    expects: Expected | None = None,
    alone: bool = False,
) -> Operation:
    """Closes products on Jet: not purchasable, quantity 0. Children follow their parents, unless these go `alone`."""
    check_ready(merchant, variant_ids)
    ids = list(variant_ids) if alone else followed(merchant, variant_ids)
    return _start(merchant, ARCHIVE, ids, actor=actor, way=way, expects=expects)


def _prepare_archive(operation: Operation, variant_ids: Sequence[int]) -> None:
    _set_archived(operation.merchant, variant_ids, archived=True)


@transaction.atomic
def unarchive(
    merchant: Merchant,
    variant_ids: Sequence[int],
    *,
    actor: Actor,
    way: Way = Way.AUTO,
    expects: Expected | None = None,
    alone: bool = False,
) -> Operation:
    """Opens archived products again; Jet lists them once it has their quantities. Others are passed over.

    Children follow their parents, unless these go `alone`.
    """
    check_ready(merchant, variant_ids)
    ids = list(variant_ids) if alone else followed(merchant, variant_ids)
    return _start(merchant, UNARCHIVE, ids, actor=actor, way=way, expects=expects)


def _prepare_unarchive(operation: Operation, variant_ids: Sequence[int]) -> None:
    _skip_open(operation, variant_ids)
    _set_archived(operation.merchant, variant_ids, archived=False)


def followed(merchant: Merchant, variant_ids: Sequence[int]) -> list[int]:
    """These SKUs, and the children that are archived and un-archived with them as the settings say (features CFG-17)."""
    return with_children(merchant, variant_ids, follow=get_options(merchant).archive_children)


def _skip_open(operation: Operation, variant_ids: Sequence[int]) -> None:
    """Only archived products are un-archived (features PRD-10)."""
    archived = Q(archived_target=True) | Q(archived_sent=True) | Q(archived_live=True)
    archived |= Q(status=ListingStatus.ARCHIVED)
    rows = Listing.objects.filter(merchant=operation.merchant_id, variant__in=variant_ids)
    ids = list(rows.exclude(archived).values_list("pk", flat=True))
    if finish_objects(operation, ids, RowState.SKIPPED, message="It is not archived."):
        refresh_progress(operation)


def _set_archived(merchant: Merchant, variant_ids: Sequence[int], *, archived: bool) -> None:
    Listing.objects.filter(merchant=merchant, variant__in=variant_ids).update(archived_target=archived)
    refresh_targets(merchant, variant_ids, push=False)


_PREPARE: dict[str, Callable[[Operation, Sequence[int]], None]] = {
    UPLOAD: _prepare_upload,
    SYNC: _prepare_sync,
    ARCHIVE: _prepare_archive,
    UNARCHIVE: _prepare_unarchive,
}


def read_status(merchant: Merchant, variant_ids: Sequence[int], *, actor: Actor) -> Operation:
    """Asks Jet for status, price and quantity of each product now."""
    check_ready(merchant, variant_ids)
    return _start(merchant, READ_STATUS, variant_ids, actor=actor)


def _variants_of(operation: Operation, **rows: object) -> list[int]:
    ids = OperationRow.objects.filter(
        merchant=operation.merchant_id, operation=operation, **rows
    ).values_list("object_id", flat=True)
    listings = Listing.objects.filter(merchant=operation.merchant_id, pk__in=list(ids))
    return list(listings.values_list("variant_id", flat=True))


ACTIONS: dict[str, Callable[..., Operation]] = {
    UPLOAD: upload,
    SYNC: sync,
    ARCHIVE: archive,
    UNARCHIVE: unarchive,
    READ_STATUS: read_status,
}


def _retry(operation: Operation, actor: Actor) -> Operation:
    extra = {"alone": True} if operation.kind in {ARCHIVE, UNARCHIVE} else {}
    if operation.data.get("may_end_sale"):
        extra = {"may_end_sale": True}
    return ACTIONS[operation.kind](
        operation.merchant, _variants_of(operation, state=RowState.FAILED), actor=actor, **extra
    )


for _kind in ACTIONS:
    operation_kind(_kind, right=Right.PRODUCTS_PUBLISH)
    retry_with(_kind)(_retry)


@undo_with(ARCHIVE)
def _undo_archive(operation: Operation, actor: Actor) -> Operation:
    """Brings back those that were open before; earlier archived ones stay archived."""
    ids = _variants_of(operation, before__archived_target=False)
    return unarchive(operation.merchant, ids, actor=actor, alone=True)


@undo_with(UNARCHIVE)
def _undo_unarchive(operation: Operation, actor: Actor) -> Operation:
    ids = _variants_of(operation, before__archived_target=True)
    return archive(operation.merchant, ids, actor=actor, alone=True)
