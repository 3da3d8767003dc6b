"""One repricing run: batch by batch under locks, with a breaker that takes everything of it back.

A batch decides and writes in one transaction, behind which its cursor stands; so a worker that dies loses nothing, and
two workers do nothing twice. No price leaves for Jet before the run has ended well.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from decimal import Decimal
from enum import Enum, auto
from typing import Any

from django.db import transaction
from django.db.models import F
from django.utils import timezone

from catalog.actions.deltas import push_deltas
from catalog.actions.repriced import lock_variants, set_repriced
from catalog.bulk import batches
from catalog.models import Listing, Variant
from jetsync.actions.log import notify
from jetsync.actions.mail import post_mail
from jetsync.actions.operation import refresh_progress, start_operation
from jetsync.enums import NoticeLevel, RowState
from jetsync.models import LogEntry, Merchant, Operation, OperationRow
from jetsync.sync.registry import operation_kind
from jetsync.tenancy.actor import SYSTEM
from jetsync.tenancy.managers import bulk_create
from jetsync.tenancy.rights import Right
from repricer.enums import ChangeState, RunKind, RunState
from repricer.models import RepriceChange, RepricerSetting, RepriceRun, SalesData
from repricer.pages import page_url
from repricer.planning import Plan, plan_batch
from repricer.queries.runs import due_variants, get_setting, open_run

RUN = "repricer.run"
VARIANT = "catalog.variant"
FROZEN_MAIL = "repricer.frozen"
# SKUs decided and written in one transaction; their facts take a few kilobytes each.
BATCH = 500

operation_kind(RUN, right=Right.PRODUCTS_EDIT)


class Step(Enum):
    MORE = auto()
    END = auto()
    TRIPPED = auto()


@dataclass(frozen=True)
class Outcome:
    """`run` None: nothing was to be done, or nothing may be; `words` say why."""

    run: RepriceRun | None
    words: str


def run_repricer(merchant: Merchant, kind: RunKind, beat: Callable[[], None]) -> Outcome:
    """Runs to its end, or goes on with the run that a dead worker left. `beat` is called before each batch."""
    run, why_not = begin_run(merchant, kind)
    if run is None:
        return Outcome(None, why_not)
    step = Step.MORE
    while step == Step.MORE:
        beat()
        step = _batch(run)
    if step == Step.TRIPPED:
        _trip(run)
    run.refresh_from_db()
    run.merchant = merchant
    return Outcome(run, run.message)


@transaction.atomic
def begin_run(merchant: Merchant, kind: RunKind) -> tuple[RepriceRun | None, str]:
    """The open run, or a new one; None with the reason when there is nothing to do."""
    setting = _locked_setting(merchant)
    known = open_run(merchant)
    if known is not None:
        if known.kind != kind:
            return None, "Another run is under way."
        known.merchant = merchant
        return known, ""
    if kind == RunKind.REPRICE and not setting.is_on:
        return None, "The repricer is off."
    if kind == RunKind.REPRICE and setting.frozen_at is not None:
        return None, "The repricer was stopped by its breaker and waits for you."
    total = due_variants(merchant, kind).count()
    if not total:
        return None, "No price was to be looked at."
    run = RepriceRun.objects.create(
        merchant=merchant,
        kind=kind,
        total=total,
        allowed=_allowed(setting, kind, total),
        step_percent=setting.step_percent,
    )
    if setting.passes_once and kind == RunKind.REPRICE:
        setting.passes_once = False
        setting.save(update_fields=["passes_once"])
    return run, ""


def _allowed(setting: RepricerSetting, kind: RunKind, total: int) -> int:
    """How many SKUs the run may change. A share of few is few: so many are allowed always."""
    if kind == RunKind.RELEASE or setting.passes_once:
        return total
    return min(total, max(setting.always_allowed, total * setting.share_percent // 100))


def _locked_setting(merchant: Merchant) -> RepricerSetting:
    RepricerSetting.objects.get_or_create(merchant=merchant)
    return RepricerSetting.objects.select_for_update(of=("self",)).get(merchant=merchant)


@transaction.atomic
def _batch(run: RepriceRun) -> Step:
    """Decides and writes the next SKUs. Nothing is written when the run would change more than it may."""
    merchant = run.merchant
    row = RepriceRun.objects.select_for_update(of=("self",)).get(merchant=merchant, pk=run.pk)
    row.merchant = merchant
    if row.state != RunState.RUNNING:
        return Step.END
    if row.kind == RunKind.REPRICE and not get_setting(merchant).is_on:
        return _finish(row, "The repricer was switched off meanwhile.")
    if row.operation_id and _is_cancelled(row):
        return _finish(row, "Cancelled.")
    due = due_variants(merchant, RunKind(row.kind), row.last_variant_id)
    ids = list(due.values_list("pk", flat=True)[:BATCH])
    if not ids:
        return _finish(row)
    here = lock_variants(merchant, ids)
    plans = plan_batch(merchant, here, kind=RunKind(row.kind), step_percent=row.step_percent)
    changes = [plan for plan in plans if plan.is_change]
    row.looked += len(here)
    if row.changed + len(changes) > row.allowed:
        row.save(update_fields=["looked"])  # what it was stopped by was looked at all the same
        return Step.TRIPPED
    _write(row, changes)
    figures = SalesData.objects.filter(merchant=merchant, variant__in=here)
    figures.update(acted_on=F("read_at"))
    row.changed, row.last_variant_id = row.changed + len(changes), ids[-1]
    row.save(update_fields=["looked", "changed", "last_variant_id", "operation"])
    return Step.MORE


def _is_cancelled(run: RepriceRun) -> bool:
    rows = Operation.objects.filter(merchant=run.merchant, pk=run.operation_id or 0)
    return rows.exclude(cancel_requested_at=None).exists()


def _write(run: RepriceRun, plans: Sequence[Plan]) -> None:
    if not plans:
        return
    merchant, now = run.merchant, timezone.now()
    if run.operation is None:
        title = f"Repricing, run {run.pk}" if run.kind == RunKind.REPRICE else "Back to store prices"
        run.operation = start_operation(merchant, RUN, title, actor=SYSTEM, data={"run": run.pk})
    set_repriced(merchant, {plan.variant_id: plan.new_value for plan in plans})
    targets = _targets(merchant, [plan.variant_id for plan in plans])
    changes = [
        RepriceChange(
            merchant=merchant,
            run=run,
            variant_id=plan.variant_id,
            sku=plan.sku,
            at=now,
            old_price=plan.old_price,
            new_price=targets.get(plan.variant_id) or plan.old_price,
            old_value=plan.old_value,
            new_value=plan.new_value,
            why=plan.why,
            words=plan.words[:400],
        )
        for plan in plans
    ]
    bulk_create(RepriceChange, changes)
    _note(run, changes)


def _targets(merchant: Merchant, ids: Sequence[int]) -> dict[int, Decimal | None]:
    """What Jet should have now: the floors of SKU and store have had their say."""
    rows = Listing.objects.filter(merchant=merchant, variant__in=list(ids))
    return dict(rows.values_list("variant_id", "price_target"))


def _note(run: RepriceRun, changes: Sequence[RepriceChange]) -> None:
    """The rows of the operation, by which it can be undone, and a line in each SKU's time line."""
    operation = run.operation
    assert operation is not None  # noqa: S101 -- made by the caller
    rows = [
        OperationRow(
            merchant=run.merchant,
            operation=operation,
            object_type=VARIANT,
            object_id=change.variant_id,
            label=change.sku,
            state=RowState.DONE,
            message=_words(change),
            before={"value": _text(change.old_value)},
            data={"value": _text(change.new_value)},
        )
        for change in changes
    ]
    bulk_create(OperationRow, rows)
    Operation.objects.filter(merchant=run.merchant, pk=operation.pk).update(total=F("total") + len(rows))
    bulk_create(
        LogEntry, [_line(run.merchant, "changed", change, _words(change), operation) for change in changes]
    )


def _words(change: RepriceChange) -> str:
    return f"{change.old_price:,.2f} → {change.new_price:,.2f}: {change.words}"


def _text(value: Decimal | None) -> str | None:
    return None if value is None else str(value)


def _line(
    merchant: Merchant, end: str, change: RepriceChange, words: str, operation: Operation | None
) -> LogEntry:
    return LogEntry(
        merchant=merchant,
        action=f"repricer.price.{end}",
        message=f"{change.sku}: {words}"[:500],
        actor_label=SYSTEM.label,
        object_type=VARIANT,
        object_id=change.variant_id,
        object_label=change.sku,
        old={"price": str(change.old_price)},
        new={"price": str(change.new_price)},
        operation=operation,
    )


def _finish(run: RepriceRun, words: str = "") -> Step:
    """The prices go to Jet now, in the transaction in which the run ends."""
    skus = f"{run.looked:,} SKU{'' if run.looked == 1 else 's'}"
    run.state, run.finished_at = RunState.DONE, timezone.now()
    run.message = f"{words} {run.changed:,} of {skus} changed.".strip()
    run.save(update_fields=["state", "finished_at", "message"])
    if run.operation is not None:
        refresh_progress(run.operation, message=run.message, finish=True)
        push_deltas(run.merchant)
    return Step.END


@transaction.atomic
def _trip(run: RepriceRun) -> None:
    """Freezes the repricer, gives every SKU of the run its price of before, and tells people. Once."""
    merchant = run.merchant
    setting = _locked_setting(merchant)
    row = RepriceRun.objects.select_for_update(of=("self",)).get(merchant=merchant, pk=run.pk)
    row.merchant = merchant
    if row.state != RunState.RUNNING:
        return
    restored = _restore(row)
    reason = (
        f"Run {row.pk} wanted to change more than {row.allowed:,} of {row.total:,} SKUs, which is your limit. "
        + (f"{restored:,} prices were taken back." if restored else "No price was changed.")
    )
    row.state, row.finished_at, row.message = RunState.FROZEN, timezone.now(), reason[:300]
    row.save(update_fields=["state", "finished_at", "message"])
    setting.frozen_at, setting.frozen_reason = row.finished_at, reason[:300]
    setting.save(update_fields=["frozen_at", "frozen_reason"])
    if row.operation is not None:
        refresh_progress(row.operation, message=reason, finish=True)
        push_deltas(merchant)
    notify(
        merchant,
        "repricer.frozen",
        "The repricer has stopped itself",
        level=NoticeLevel.DANGER,
        body=f"{reason} Look at the run, then let it go on or leave it stopped.",
        url=page_url(merchant, "repricer"),
    )
    post_mail(merchant, FROZEN_MAIL, about=row)


def _restore(run: RepriceRun) -> int:
    """Those that still have what the run gave them; returns how many."""
    merchant, restored = run.merchant, 0
    changes = RepriceChange.objects.filter(merchant=merchant, run=run, state=ChangeState.APPLIED)
    for batch in batches(changes.order_by("variant_id").iterator(chunk_size=BATCH), BATCH):
        ids = take_back(merchant, [(row.variant_id, row.old_value, row.new_value) for row in batch])
        back = [row for row in batch if row.variant_id in ids]
        changes.filter(variant__in=ids).update(state=ChangeState.RESTORED)
        SalesData.objects.filter(merchant=merchant, variant__in=ids).update(acted_on=None)
        words = "the breaker of the repricer took its price back"
        bulk_create(LogEntry, [_line(merchant, "restored", row, words, run.operation) for row in back])
        OperationRow.objects.filter(merchant=merchant, operation=run.operation, object_id__in=ids).update(
            state=RowState.CANCELLED, message="The breaker took it back."
        )
        restored += len(ids)
    return restored


def take_back(merchant: Merchant, wanted: Sequence[tuple[int, Any, Any]]) -> set[int]:
    """(variant, value before, value given): writes the value before where the given one still stands. Returns where."""
    here = lock_variants(merchant, [variant_id for variant_id, _old, _new in wanted])
    now = dict(Variant.objects.filter(merchant=merchant, pk__in=here).values_list("pk", "repriced_price"))
    back = {pk: old for pk, old, new in wanted if pk in now and now[pk] == new}
    set_repriced(merchant, back)
    return set(back)
