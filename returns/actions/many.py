"""Accepting many returns in full: an operation with a row per return, decided one by one by the job SETTLE_MANY.

A return is a transaction of its own: a long list holds no locks, and what was decided stands whatever happens to the
rest.
"""

from __future__ import annotations

from collections.abc import Iterable

from django.db import transaction
from django.utils import timezone

from jetsync.actions.operation import RowSpec, finish_rows, mark_running, refresh_progress, start_operation
from jetsync.enums import Priority, RowState
from jetsync.exceptions import DomainError, StateConflict
from jetsync.models import Merchant, Operation, OperationRow
from jetsync.resting import check_not_resting
from jetsync.sync.queue import enqueue
from jetsync.sync.registry import operation_kind
from jetsync.tenancy.actor import Actor
from jetsync.tenancy.rights import Right
from jetsync.wording import counted
from returns.actions.settling import ledgers_for, settle_return
from returns.queries import all_returns, lock_return, return_lines
from returns.second_person import WAITS, WAITS_HINT
from returns.validators import full_decision

SETTLE_MANY = "returns.settle_many"
RETURN = "returns.return"

operation_kind("returns.settle", right=Right.RETURNS_SETTLE)


@transaction.atomic
def settle_many(merchant: Merchant, return_ids: Iterable[int], *, actor: Actor) -> Operation:
    """Agrees to each of these returns, any number, and gives the shopper all he asks for; a result row per return.

    A return that cannot be paid in full any more needs a reason and fails with that sentence; one that takes no
    answer is skipped.
    """
    check_not_resting(merchant)
    found = list(
        all_returns(merchant)
        .filter(pk__in=list(return_ids))
        .only("merchant_id", "reference_return_authorization_id", "merchant_return_authorization_id")
        .order_by("pk")
    )
    rows = [RowSpec(RETURN, returned.pk, str(returned)) for returned in found]
    operation = start_operation(
        merchant, "returns.settle", f"Settle {counted(len(found), 'return')} in full", actor=actor, rows=rows
    )
    mark_running(operation)
    if found:
        enqueue(merchant, SETTLE_MANY, str(operation.pk), priority=Priority.NOW, operation=operation)
    return refresh_progress(operation)


@transaction.atomic
def settle_row(operation: Operation, pk: int, *, actor: Actor) -> None:
    """Answers the return of one row, once: the row's lock and the return's decide. The job that tells Jet ends it."""
    row = OperationRow.objects.select_for_update(of=("self",)).get(merchant=operation.merchant_id, pk=pk)
    if row.state != RowState.WAITING:
        return
    try:
        with transaction.atomic():
            returned = lock_return(operation.merchant, int(row.object_id or 0))
            decision = full_decision(return_lines(returned), ledgers_for(returned))
            settled = settle_return(returned, decision, actor=actor, operation=operation)
    except DomainError as refused:
        state = RowState.SKIPPED if isinstance(refused, StateConflict) else RowState.FAILED
        finish_rows(operation, [pk], state, code=refused.code, message=refused.message, hint=refused.hint)
        return
    if settled.is_waiting:  # no job of this operation will ever end its row
        finish_rows(operation, [pk], RowState.DONE, code="second_person", message=WAITS, hint=WAITS_HINT)
    else:
        OperationRow.objects.filter(merchant=row.merchant_id, pk=pk).update(
            state=RowState.SENT, updated_at=timezone.now()
        )
