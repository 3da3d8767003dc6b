"""How an operation over listings begins: its frozen rows and its job, rows brought up to date, held to a dry run."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from enum import StrEnum
from typing import Any

from django.db import connection, transaction

from catalog.actions.targets import refresh_targets
from catalog.bulk import batches, update_rows
from catalog.codes import Code
from catalog.enums import Step
from catalog.models import Listing
from catalog.queries.dry_run import Expected, digests_of, moved_since, moved_words
from jetsync.actions.operation import RowSpec, start_operation
from jetsync.enums import OPEN_OPERATION_STATES, Priority, RowState
from jetsync.exceptions import InvalidInput, StateConflict
from jetsync.models import Merchant, Operation, OperationRow
from jetsync.queries.settings import current_nodes, get_options
from jetsync.sync.client import current_account
from jetsync.sync.queue import enqueue
from jetsync.tenancy.actor import Actor
from jetsync.wording import counted

Preparer = Callable[[Operation, Sequence[int]], None]

DIRECT_JOB, FILES_JOB = "catalog.publish", "catalog.publish_files"
LISTING = "catalog.listing"
BATCH = 2000
NOTHING_TO_SEND = "There was nothing to send."
KEPT_BACK = " Product data was kept back: a gap was opened after the sending had begun."
GAPS_HINT = "Open the product; each gap leads to the field that closes it."
# As `finish_rows` takes it: of a SKU that Jet does not have, nothing else can be sent.
KEPT_FROM_JET = {
    "code": str(Code.NOT_READY),
    "message": "Not sent: a gap was opened after the sending had begun.",
    "hint": GAPS_HINT,
}
# SKUs recomputed in one transaction. Up to as many are prepared in the request, so that a person learns at once what is
# left out; a larger set would hold its locks for longer than a request may take, so its job does it.
PREPARED_AT_ONCE = 1000
# Kind of operation -> brings some of its SKUs up to date, and ends the rows that have nothing to be sent.
_PREPARERS: dict[str, Preparer] = {}


class Way(StrEnum):
    AUTO = "auto"
    DIRECT = "direct"
    FILES = "files"


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


def _rows(merchant: Merchant, variant_ids: Sequence[int]) -> list[Listing]:
    found = Listing.objects.filter(merchant=merchant, variant__in=variant_ids).select_related("variant")
    rows = found.only("archived_target", "is_wanted", "variant__sku").order_by("pk")
    known = {row.variant_id for row in rows}
    if len(known) < len(variant_ids):  # the listing of a SKU is made with its first targets
        refresh_targets(merchant, set(variant_ids) - known, push=False)
        return list(rows.all())
    return list(rows)


def prepare_with(kind: str) -> Callable[[Preparer], Preparer]:
    """Registers what is done with the SKUs of operations of this kind before any is sent."""

    def register(function: Preparer) -> Preparer:
        _PREPARERS[kind] = function
        return function

    return register


def start_kind(
    merchant: Merchant,
    kind: str,
    verb: str,
    steps: Sequence[Step],
    variant_ids: Sequence[int],
    *,
    actor: Actor,
    way: Way = Way.AUTO,
    expects: Expected | None = None,
    data: dict[str, Any] | None = None,
    reason: str = "",
) -> Operation:
    """Freezes these SKUs; few are brought up to date at once, many by the job. `verb` begins the title, `reason` ends it."""
    chosen = sorted(set(variant_ids))
    rows = [listing_row(row) for batch in batches(chosen, BATCH) for row in _rows(merchant, batch)]
    title = f"{verb} {counted(len(chosen), 'product')}{f' ({reason})' if reason else ''}"
    data = {**(data or {}), **({"prepared": 0} if kind in _PREPARERS else {})}
    operation = start_sending(merchant, kind, title, rows, steps, actor=actor, way=way, data=data)
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
        _PREPARERS[operation.kind](operation, variant_ids)
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
