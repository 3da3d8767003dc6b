"""Operations over chosen products: few by direct calls here, many by files (files.py)."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import timedelta

from catalog.actions import publish as _publish  # noqa: F401 -- importing registers what is prepared
from catalog.actions.accepted import ask_status
from catalog.actions.sending import DIRECT_JOB, KEPT_BACK, KEPT_FROM_JET, NOTHING_TO_SEND, prepare
from catalog.enums import Step
from catalog.models import Listing
from catalog.queries.dry_run import STEP_WORDS, Expected, digests_of, moved_since, moved_words
from catalog.sync.calls import run_step, wait_for_archive_files
from jetsync.actions.log import record
from jetsync.actions.operation import (
    finish_rows,
    is_cancelled,
    mark_running,
    refresh_progress,
)
from jetsync.enums import RowState
from jetsync.models import Operation, OperationRow
from jetsync.sync.failures import Again, PermanentFailure
from jetsync.sync.operations import operation_handler
from jetsync.sync.runner import JobContext
from jetsync.tenancy.actor import Actor

# Rows done in one go before other work of the queue gets its turn.
ROWS_PER_RUN = 25


@operation_handler(DIRECT_JOB, label="Send products one by one", lease=timedelta(minutes=3))
def send_one_by_one(context: JobContext, operation: Operation) -> None:
    """Each waiting row goes through its steps. A refused row is marked and the next one is taken."""
    mark_running(operation)
    prepare_next(context, operation)
    waiting = OperationRow.objects.filter(
        merchant=context.merchant, operation=operation, state=RowState.WAITING
    ).order_by("pk")
    rows = list(waiting[:ROWS_PER_RUN])
    if Step.ARCHIVE in operation.data["steps"] and not is_cancelled(operation):
        wait_for_archive_files(context, [row.object_id for row in rows if row.object_id is not None])
    for row in rows:
        if is_cancelled(operation):
            break
        _send_row(context, operation, row)
    fresh = refresh_progress(operation)
    context.note(f"{fresh.done} of {fresh.total} sent, {fresh.failed} failed.")
    if waiting.exists() and not is_cancelled(operation):
        raise Again
    if fresh.done and str(Step.CONTENT) in operation.data["steps"]:
        ask_status(context.merchant, f"operation:{operation.pk}", operation=operation.pk)


def prepare_next(context: JobContext, operation: Operation) -> None:
    """Before anything of a large set is sent, it is brought up to date batch by batch; comes back for the next one."""
    if is_cancelled(operation) or not prepare(operation):
        return
    rows = OperationRow.objects.filter(merchant=context.merchant, operation=operation)
    count = rows.filter(pk__lte=operation.data["prepared"]).count()
    context.note(f"Making ready: {count:,} of {operation.total:,}.")
    raise Again


def _send_row(context: JobContext, operation: Operation, row: OperationRow) -> None:
    listing = (
        Listing.objects.select_related("variant")
        .filter(merchant=context.merchant, pk=row.object_id or 0)
        .first()
    )
    if listing is None:
        finish_rows(operation, [row.pk], RowState.SKIPPED, message="The product was deleted meanwhile.")
        return
    if (moved := moved_refusal(operation, row, listing)) is not None:
        finish_rows(operation, [row.pk], RowState.FAILED, **moved)
        return
    steps = [Step(step) for step in operation.data["steps"] if step not in row.data]
    try:
        sent = _run_steps(context, listing, steps)
    except PermanentFailure as refusal:
        finish_rows(
            operation,
            [row.pk],
            RowState.FAILED,
            code=refusal.code,
            message=refusal.message,
            hint=refusal.hint,
        )
        _log(context, operation, listing, refusal.message)
        return
    if sent is None:
        finish_rows(operation, [row.pk], RowState.SKIPPED, **KEPT_FROM_JET)
        return
    words = _done_words(sent)
    if Step.CONTENT in steps and Step.CONTENT not in sent:
        words += KEPT_BACK
    finish_rows(operation, [row.pk], RowState.DONE, message=words)
    if Step.STATUS not in steps:
        _log(context, operation, listing, f"{listing.variant.sku}: {words}")
    if operation.total > 1:
        refresh_progress(operation)


def _run_steps(context: JobContext, listing: Listing, steps: Sequence[Step]) -> list[Step] | None:
    """The steps that had something to tell Jet; None for a SKU that Jet has not got and whose data was kept back."""
    sent = []
    for step in steps:
        if run_step(context, listing, step):
            sent.append(step)
        elif step == Step.CONTENT and listing.content_sent_at is None:
            return None
    return sent


def moved_refusal(operation: Operation, row: OperationRow, listing: Listing) -> dict[str, str] | None:
    """For rows that may send only what a dry run has shown: how to fail this one when its data moved since."""
    expects = row.data.get("expects")
    if expects is None:
        return None
    steps = [Step(step) for step in operation.data["steps"]]
    now = digests_of(operation.merchant, [listing.pk], steps).get(listing.pk)
    moved = moved_since(Expected({listing.pk: expects}), {listing.pk: now or {}})
    if moved is None:
        return None
    words = moved_words(operation.merchant, moved)
    return {
        "code": "data_moved",
        "message": f"Not sent: data has moved since the dry run: {words}.",
        "hint": "Look at the dry run again.",
    }


def _done_words(sent: Sequence[Step]) -> str:
    """Names only what went out: a SKU without exceptions has none to send."""
    if list(sent) == [Step.STATUS]:
        return "Read."
    if not sent:
        return NOTHING_TO_SEND
    return "Sent: " + ", ".join(STEP_WORDS[step] for step in sent) + "."


def _log(context: JobContext, operation: Operation, listing: Listing, message: str) -> None:
    actor = Actor(label=operation.actor_label, user=operation.actor)
    record(
        context.merchant,
        f"{operation.kind}.sent",
        message,
        actor=actor,
        about=listing.variant,
        job=context.job,
        operation=operation,
    )
