"""Giving products a profile, as an operation that can be undone. A product has one profile (features PRO-12)."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import Any

from django.db import transaction
from django.utils import timezone

from catalog.actions.targets import refresh_targets
from catalog.bulk import batches
from catalog.codes import Code
from catalog.models import Product, Profile, Variant
from catalog.price_guard import check_confirmed
from catalog.queries.map_price import assigned_slip
from catalog.queries.rules import price_guard
from jetsync.actions.log import record
from jetsync.actions.operation import (
    RowSpec,
    finish_rows,
    is_cancelled,
    mark_running,
    refresh_progress,
    start_operation,
)
from jetsync.enums import Priority, RowState
from jetsync.exceptions import InvalidInput, StateConflict
from jetsync.models import Merchant, Operation, OperationRow
from jetsync.sync.queue import enqueue
from jetsync.sync.registry import operation_kind, undo_with
from jetsync.tenancy.actor import Actor
from jetsync.tenancy.rights import Right
from jetsync.wording import counted

ASSIGN, ASSIGN_JOB = "catalog.assign_profile", "catalog.assign_profile"
PRODUCT = "catalog.product"
# SKUs recomputed within the request; so many take well under a second.
AT_ONCE = 300
# Products per transaction of the job.
BATCH = 500
NONE = "no profile"

operation_kind(ASSIGN, right=Right.PRODUCTS_EDIT)


@transaction.atomic
def assign_profile(
    merchant: Merchant,
    product_ids: Iterable[int],
    profile: Profile | None,
    *,
    actor: Actor,
    replace: bool = True,
    confirmed: str = "",
) -> Operation:
    """Gives these products the profile (None takes it away). Few are done when this returns, many by a job.

    `replace=False` raises StateConflict, naming how many, when some have another profile. Raises InvalidInput when no
    product is left of the choice, UnconfirmedPrice where SKUs would be sold below the profile's MAP price until
    `confirmed` has its mark.
    """
    ids = sorted(set(product_ids))
    if not replace:
        _check_free(merchant, ids, profile)
    slip = assigned_slip(merchant, ids, profile)
    check_confirmed([slip] if slip else [], confirmed, price_guard(merchant))
    name = profile.name if profile else NONE
    target = profile.pk if profile else None
    count = Product.objects.filter(merchant=merchant, pk__in=ids).count()
    if not count:
        raise InvalidInput("No product is chosen.", hint="Tick some products first.")
    rows = (
        RowSpec(PRODUCT, pk, title, before={"profile": old}, data={"profile": target})
        for batch in batches(ids, BATCH)
        for pk, title, old in _products(merchant, batch)
    )
    words = counted(count, "product")
    title = f"Assign profile {name} to {words}" if profile else f"Take the profile from {words}"
    return _start(merchant, title, rows, actor=actor)


def _products(merchant: Merchant, ids: Sequence[int]) -> Iterable[tuple[int, str, int | None]]:
    rows = Product.objects.filter(merchant=merchant, pk__in=ids).order_by("pk")
    return rows.values_list("pk", "title", "profile_id")


def _check_free(merchant: Merchant, ids: Sequence[int], profile: Profile | None) -> None:
    taken = Product.objects.filter(merchant=merchant, pk__in=ids).exclude(profile=None)
    if profile is not None:
        taken = taken.exclude(profile=profile)
    if count := taken.count():
        message = f"{count:,} of the products {'has' if count == 1 else 'have'} another profile already."
        hint = "A product has one profile. Send replace=true to replace it."
        raise StateConflict(message, hint=hint, code=Code.HAS_PROFILE, data={"products": count})


def _start(merchant: Merchant, title: str, rows: Iterable[RowSpec], *, actor: Actor) -> Operation:
    operation = start_operation(merchant, ASSIGN, title, actor=actor, rows=rows)
    if _skus_of(operation) <= AT_ONCE:
        return run_assignment(operation)
    key = f"operation:{operation.pk}"
    enqueue(merchant, ASSIGN_JOB, key, operation=operation, priority=Priority.NORMAL)
    return operation


def _skus_of(operation: Operation) -> int:
    ids = operation.rows.filter(merchant=operation.merchant_id).values("object_id")
    return Variant.objects.filter(merchant=operation.merchant_id, product__in=ids).count()


def _tell_product(
    operation: Operation, row: OperationRow, current: Mapping[int, int | None], names: Mapping[int, str]
) -> None:
    """A line on the product's own time line, of what was done; for many the operation's is enough."""
    pk, target = row.object_id or 0, row.data["profile"]
    now = current[pk]
    if now == target:
        return
    found = Product.objects.get(merchant=operation.merchant_id, pk=pk)
    record(
        operation.merchant,
        "catalog.product.profile_set",
        f"“{found.title}” got {_called(target, names)}",
        actor=Actor(label=operation.actor_label, user=operation.actor),
        about=found,
        operation=operation,
        old={"profile": names.get(now, "") if now else ""},
        new={"profile": names.get(target, "") if target else ""},
    )


def run_assignment(operation: Operation, heartbeat: Callable[[], None] = lambda: None) -> Operation:
    """Works off the rows that wait, batch by batch; goes on where an earlier run was stopped."""
    mark_running(operation)
    waiting = OperationRow.objects.filter(
        merchant=operation.merchant_id, operation=operation, state=RowState.WAITING
    ).order_by("pk")
    while rows := list(waiting[:BATCH]):
        heartbeat()
        if is_cancelled(operation):
            break
        _assign_batch(operation, rows)
        refresh_progress(operation)
    return refresh_progress(operation, finish=True)


@transaction.atomic
def _assign_batch(operation: Operation, rows: Sequence[OperationRow]) -> None:
    merchant = operation.merchant
    locked = Product.objects.filter(merchant=merchant, pk__in=[row.object_id for row in rows]).order_by("pk")
    current: dict[int, int | None] = dict(
        locked.select_for_update(of=("self",)).values_list("pk", "profile_id")
    )
    names = _locked_names(merchant, rows, current)
    groups: dict[int | None, list[int]] = {}
    ends: dict[tuple[RowState, str], list[int]] = {}
    for row in rows:
        state, message = _verdict(row, current, names)
        ends.setdefault((state, message), []).append(row.pk)
        if state == RowState.DONE and operation.total == 1:
            _tell_product(operation, row, current, names)
        if state == RowState.DONE and row.object_id is not None:
            groups.setdefault(row.data["profile"], []).append(row.object_id)
    for target, ids in groups.items():
        Product.objects.filter(merchant=merchant, pk__in=ids).update(
            profile_id=target, updated_at=timezone.now()
        )
    touched = Variant.objects.filter(
        merchant=merchant, product__in=[pk for ids in groups.values() for pk in ids]
    )
    refresh_targets(merchant, list(touched.values_list("pk", flat=True)))
    for (state, message), ids in ends.items():
        finish_rows(operation, ids, state, message=message)


def _locked_names(
    merchant: Merchant, rows: Sequence[OperationRow], current: Mapping[int, int | None]
) -> dict[int, str]:
    """Names of the profiles that the rows speak of. Locked: one that is deleted meanwhile must not be given out."""
    wanted = {*current.values(), *(row.data["profile"] for row in rows)} - {None}
    found = Profile.objects.filter(merchant=merchant, pk__in=wanted).order_by("pk")
    return dict(found.select_for_update(of=("self",), no_key=True).values_list("pk", "name"))


def _verdict(
    row: OperationRow, current: Mapping[int, int | None], names: Mapping[int, str]
) -> tuple[RowState, str]:
    """What becomes of one row. An undo leaves alone what was changed since."""
    target: int | None = row.data["profile"]
    pk = row.object_id
    if pk is None or pk not in current:
        return RowState.FAILED, "The product is gone."
    if target is not None and target not in names:
        return RowState.FAILED, "The profile was deleted."
    now = current[pk]
    if "only_if" in row.data and now != row.data["only_if"]:
        return RowState.SKIPPED, f"It got {_called(now, names)} since; left as it is."
    if now == target:
        return RowState.DONE, f"It had {_called(target, names)} already."
    return RowState.DONE, f"Now {_called(target, names)} instead of {_called(now, names)}."


def _called(pk: int | None, names: Mapping[int, str]) -> str:
    return f"profile {names.get(pk, pk)}" if pk is not None else NONE


@undo_with(ASSIGN)
def _undo(operation: Operation, actor: Actor) -> Operation:
    """Each product gets back the profile it had; one that was given another since keeps that."""
    done = OperationRow.objects.filter(
        merchant=operation.merchant_id, operation=operation, state=RowState.DONE
    ).order_by("pk")
    rows: list[RowSpec] = []
    for row in done.iterator(chunk_size=BATCH):
        was, became = row.before.get("profile"), row.data["profile"]
        if was != became:
            data: dict[str, Any] = {"profile": was, "only_if": became}
            rows.append(RowSpec(PRODUCT, row.object_id, row.label, before={"profile": became}, data=data))
    if not rows:
        raise StateConflict("No product got another profile by it.", hint="There is nothing to undo.")
    return _start(operation.merchant, f"Undo: {operation.title}", rows, actor=actor)
