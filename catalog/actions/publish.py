"""What a merchant asks for: upload, sync, archive, un-archive, read the status. Each is an operation.

`way`: few products go by direct calls, many as files, unless the merchant chose one. `expects`: the dry run that the
merchant has read; when something moved since, nothing is started (see catalog.queries.dry_run).
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

from django.db import transaction
from django.db.models import Q

from catalog.actions.left_out import skip_held, skip_unready
from catalog.actions.sending import (
    Way,
    check_ready,
    prepare_with,
    start_kind,
)
from catalog.actions.targets import refresh_targets
from catalog.enums import ListingStatus, Readiness, Step
from catalog.models import Listing
from catalog.queries.dry_run import Expected
from catalog.queries.variation import with_children
from jetsync.actions.operation import finish_objects, refresh_progress
from jetsync.enums import RowState
from jetsync.models import Merchant, Operation, OperationRow
from jetsync.queries.settings import get_options
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


def _start(merchant: Merchant, kind: str, variant_ids: Sequence[int], **how: Any) -> Operation:
    return start_kind(merchant, kind, _VERBS[kind], STEPS[kind], variant_ids, **how)


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


@prepare_with(UPLOAD)
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


@prepare_with(SYNC)
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
    reason: str = "",
) -> Operation:
    """Closes products on Jet: not purchasable, quantity 0. Children follow their parents, unless these go `alone`.

    `reason` stands in the title of the operation.
    """
    check_ready(merchant, variant_ids)
    ids = list(variant_ids) if alone else followed(merchant, variant_ids)
    return _start(merchant, ARCHIVE, ids, actor=actor, way=way, expects=expects, reason=reason)


@prepare_with(ARCHIVE)
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
    reason: str = "",
) -> Operation:
    """Opens archived products again; Jet lists them once it has their quantities. Others are passed over.

    Children follow their parents, unless these go `alone`.
    """
    check_ready(merchant, variant_ids)
    ids = list(variant_ids) if alone else followed(merchant, variant_ids)
    return _start(merchant, UNARCHIVE, ids, actor=actor, way=way, expects=expects, reason=reason)


@prepare_with(UNARCHIVE)
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
