"""The switch of the repricer and its limits; letting it go on after the breaker; undoing a run."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from decimal import Decimal
from typing import Any

from django.db import transaction

from catalog.models import Variant
from jetsync.actions.log import end_notice, record
from jetsync.actions.operation import RowSpec, finish_rows, start_operation
from jetsync.enums import RowState
from jetsync.exceptions import StateConflict
from jetsync.models import Merchant, Operation, OperationRow
from jetsync.queries.settings import has_keys
from jetsync.sync.queue import enqueue
from jetsync.sync.registry import operation_kind, undo_with
from jetsync.sync.requests import request_job
from jetsync.tenancy.actor import Actor
from jetsync.tenancy.rights import Right
from repricer.actions.offers import BY_HAND, FETCH
from repricer.actions.run import RUN, VARIANT, take_back
from repricer.enums import ChangeState
from repricer.models import RepriceChange, RepricerSetting
from repricer.queries.offers import for_sale

RELEASE, UNDO = "repricer.release", "repricer.undo_run"
BATCH = 500
CHANGED_SINCE = "Its price was set anew after the run, so it stays as it is."

operation_kind(UNDO, right=Right.PRODUCTS_EDIT)


@transaction.atomic
def save_setting(merchant: Merchant, changes: Mapping[str, Any], *, actor: Actor) -> RepricerSetting:
    """Switch and limits. Switched on, fresh figures are fetched and the first run follows them; switched off, every
    repriced SKU goes back to its store price in the background.
    """
    RepricerSetting.objects.get_or_create(merchant=merchant)
    row = RepricerSetting.objects.select_for_update(of=("self",)).get(merchant=merchant)
    old = {name: getattr(row, name) for name, value in changes.items() if getattr(row, name) != value}
    if not old:
        return row
    for name in old:
        setattr(row, name, changes[name])
    row.save(update_fields=[*old, "updated_at"])
    new = {name: changes[name] for name in old}
    record(merchant, "repricer.setting.changed", _words(new), actor=actor, about=row, old=old, new=new)
    if "is_on" in new:
        _switched(merchant, is_on=row.is_on)
    return row


def _words(new: Mapping[str, Any]) -> str:
    if "is_on" in new:
        return "The repricer was switched on" if new["is_on"] else "The repricer was switched off"
    return "The limits of the repricer were changed"


def _switched(merchant: Merchant, *, is_on: bool) -> None:
    if is_on:
        ask_for_run(merchant)
    elif Variant.objects.filter(merchant=merchant, repriced_price__isnull=False).exists():
        request_job(merchant, RELEASE, "all")


def ask_for_run(merchant: Merchant) -> None:
    """Fetches fresh figures; the run follows them. Without API keys or a SKU for sale there is nothing to fetch."""
    if has_keys(merchant) and for_sale(merchant).exists():
        request_job(merchant, FETCH, BY_HAND, data={"since": None})


@transaction.atomic
def resume(merchant: Merchant, *, passes_once: bool, actor: Actor) -> None:
    """Lets the repricer go on. `passes_once`: the next run may change as many SKUs as it wants.

    Raises StateConflict when it is not stopped.
    """
    row = RepricerSetting.objects.select_for_update(of=("self",)).filter(merchant=merchant).first()
    if row is None or row.frozen_at is None:
        raise StateConflict("The repricer is not stopped.", hint="Somebody may have let it go on just now.")
    reason = row.frozen_reason
    row.frozen_at, row.frozen_reason, row.passes_once = None, "", passes_once
    row.save(update_fields=["frozen_at", "frozen_reason", "passes_once", "updated_at"])
    limit = " The next run may change as many prices as it wants." if passes_once else ""
    record(
        merchant,
        "repricer.setting.resumed",
        f"The repricer goes on.{limit}",
        actor=actor,
        about=row,
        old={"frozen_reason": reason},
        new={"passes_once": passes_once},
    )
    end_notice(merchant, "repricer.frozen")
    ask_for_run(merchant)


def _foretold(operation: Operation) -> list[str]:
    count = OperationRow.objects.filter(
        merchant=operation.merchant_id, operation=operation, state=RowState.DONE
    ).count()
    return [
        f"{count:,} SKU{'' if count == 1 else 's'} get back the price from before the run, where nothing changed it since.",
        "While the repricer is on, it may change them again with Jet's next figures.",
    ]


def _has_rows(operation: Operation) -> bool:
    rows = OperationRow.objects.filter(merchant=operation.merchant_id, operation=operation)
    return rows.filter(state=RowState.DONE).exists()


@undo_with(
    RUN, says="The prices from before the run are set again, SKU by SKU.", foretells=_foretold, when=_has_rows
)
def undo_run(operation: Operation, actor: Actor) -> Operation:
    """A SKU whose price was set anew since keeps it and is named."""
    done = OperationRow.objects.filter(
        merchant=operation.merchant_id, operation=operation, state=RowState.DONE
    ).order_by("object_id")
    undoing = start_operation(
        operation.merchant,
        UNDO,
        f"Undo: {operation.title}",
        actor=actor,
        rows=(
            RowSpec(
                VARIANT, row.object_id, row.label, data={"old": row.before["value"], "new": row.data["value"]}
            )
            for row in done.iterator(chunk_size=BATCH)
        ),
        data={"run": operation.data.get("run")},
    )
    enqueue(operation.merchant, UNDO, f"operation:{undoing.pk}", operation=undoing)
    return undoing


@transaction.atomic
def undo_batch(operation: Operation, rows: Sequence[OperationRow]) -> None:
    """Writes the prices of before back and ends the rows. Safe to repeat: ended rows do not come again."""
    merchant = operation.merchant
    wanted = [
        (row.object_id, _price(row.data["old"]), _price(row.data["new"])) for row in rows if row.object_id
    ]
    back = take_back(merchant, wanted)
    done = [row.pk for row in rows if row.object_id in back]
    left = [row.pk for row in rows if row.object_id not in back]
    finish_rows(operation, done, RowState.DONE, message="It has its price of before.")
    finish_rows(operation, left, RowState.SKIPPED, code="changed_since", message=CHANGED_SINCE)
    changes = RepriceChange.objects.filter(merchant=merchant, run=operation.data.get("run"), variant__in=back)
    changes.update(state=ChangeState.UNDONE)
    actor = Actor(label=operation.actor_label, user=operation.actor)
    for row in Variant.objects.filter(merchant=merchant, pk__in=back).order_by("pk"):
        record(
            merchant,
            "repricer.price.undone",
            f"{row.sku}: its price from before the repricing was set again",
            actor=actor,
            about=row,
            operation=operation,
        )


def _price(text: str | None) -> Decimal | None:
    return None if text is None else Decimal(text)
