"""Rows of an operation that travels as files: which steps each has been through, and how it ends."""

from __future__ import annotations

from collections.abc import Sequence
from functools import reduce
from operator import or_

from django.db import connection
from django.db.models import Q, QuerySet

from catalog.actions.sending import KEPT_BACK, KEPT_FROM_JET, NOTHING_TO_SEND
from catalog.enums import Step
from catalog.models import Listing
from jetsync.actions.operation import NOT_SENT, finish_objects, finish_rows, refresh_progress
from jetsync.enums import RowState
from jetsync.models import Operation, OperationRow

ACCEPTED = "Accepted by Jet."
CANCELLED_BEHIND = "Accepted by Jet as far as it was sent; the rest was cancelled."


def _open(operation: Operation) -> QuerySet[OperationRow]:
    return OperationRow.objects.filter(
        merchant=operation.merchant_id, operation=operation, state__in=(RowState.WAITING, RowState.SENT)
    )


def has_sent_rows(operation: Operation) -> bool:
    """Whether Jet has something of it whose end was not noted yet."""
    return _open(operation).filter(state=RowState.SENT).exists()


def mark_step(operation: Operation, listing_ids: Sequence[int], step: Step, *, in_file: bool) -> None:
    """Notes that these rows have been through a step: `data` says of it whether a file carried them.

    `in_file` shows them as sent; one that was sent by an earlier step stays so. SKUs that Jet has not got end here when
    their data was kept back.
    """
    if step == Step.CONTENT and not in_file:
        unknown = Listing.objects.filter(
            merchant=operation.merchant_id, pk__in=listing_ids, content_sent_at=None
        )
        finish_objects(
            operation, list(unknown.values_list("pk", flat=True)), RowState.SKIPPED, **KEPT_FROM_JET
        )
    rows = _open(operation).filter(object_id__in=listing_ids)
    with connection.cursor() as cursor:
        cursor.execute(
            "UPDATE jetsync_operationrow SET data = data || jsonb_build_object(%s::text, %s::boolean),"
            " state = CASE WHEN %s THEN %s ELSE state END, updated_at = now()"
            " WHERE merchant_id = %s AND id = ANY(%s)",
            [
                str(step),
                in_file,
                in_file,
                RowState.SENT,
                operation.merchant_id,
                list(rows.values_list("pk", flat=True)),
            ],
        )


def next_step(operation: Operation) -> None:
    operation.data = {**operation.data, "position": operation.data.get("position", 0) + 1}
    operation.save(update_fields=["data"])


def finish_operation(operation: Operation) -> None:
    """All steps are through: rows still open were accepted in every one that had something to tell Jet."""
    kept = Q(**{f"data__{Step.CONTENT}": False})
    for state, words in ((RowState.SENT, ACCEPTED), (RowState.WAITING, NOTHING_TO_SEND)):
        rows = _open(operation).filter(state=state)
        _end(operation, rows.filter(kept), words + KEPT_BACK)
        _end(operation, rows, words)
    refresh_progress(operation, finish=True)


def finish_cancelled(operation: Operation) -> None:
    """Its files are through, and nothing more is sent. Rows of a file that never reached Jet are as unsent as the others."""
    rows = _open(operation)
    in_a_file = reduce(or_, (Q(**{f"data__{step}": True}) for step in operation.data["steps"]))
    _end(operation, rows.filter(in_a_file, state=RowState.SENT), CANCELLED_BEHIND)
    _end(operation, rows, NOT_SENT, RowState.CANCELLED)
    refresh_progress(operation, finish=True)


def _end(
    operation: Operation, rows: QuerySet[OperationRow], words: str, state: RowState = RowState.DONE
) -> None:
    finish_rows(operation, list(rows.values_list("pk", flat=True)), state, message=words)
