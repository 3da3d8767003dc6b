"""Setting what the repricer may do: of one SKU, of many as an operation that can be undone, and of a profile."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import asdict
from decimal import Decimal
from typing import Any

from django.db import transaction

from catalog.bulk import batches
from catalog.models import Profile, Variant
from catalog.problems import raise_problems
from jetsync.actions.log import record
from jetsync.actions.operation import RowSpec, finish_rows, refresh_progress, start_operation
from jetsync.enums import RowState
from jetsync.exceptions import InvalidInput, StateConflict
from jetsync.models import Merchant, Operation, OperationRow
from jetsync.sync.registry import operation_kind, undo_with
from jetsync.tenancy.actor import Actor
from jetsync.tenancy.managers import bulk_create
from jetsync.tenancy.rights import Right
from repricer.actions.effects import after_bounds, after_profile
from repricer.models import ProfileRule, RepriceRule
from repricer.rules import ProfileValues, RuleValues, profile_problems, rule_problems, rule_words

SET_RULES, UNDO = "repricer.set_rules", "repricer.undo_rules"
VARIANT = "catalog.variant"
# SKUs of one file or one selection: written in one transaction, which takes a few seconds.
MOST = 20_000
BATCH = 1000
CHANGED_SINCE = "Its bounds were changed afterwards, so they stay as they are."

operation_kind(SET_RULES, right=Right.PRODUCTS_EDIT)
operation_kind(UNDO, right=Right.PRODUCTS_EDIT)


@transaction.atomic
def set_rule(variant: Variant, changes: Mapping[str, Decimal | None], *, actor: Actor) -> RuleValues:
    """Changes the named values of one SKU; None empties one. Raises InvalidInput with the fields; nothing is stored then."""
    merchant = variant.merchant
    before = _locked(merchant, [variant.pk])[variant.pk]
    now = before.changed(changes)
    raise_problems(rule_problems(now), variant.sku)
    if now == before:
        return now
    _write(merchant, {variant.pk: now})
    moved = {name: value for name, value in now.as_dict().items() if value != before.as_dict()[name]}
    record(
        merchant,
        "repricer.rule.changed",
        f"{variant.sku}: {rule_words(moved)}",
        actor=actor,
        about=variant,
        old={name: before.as_json()[name] for name in moved},
        new={name: now.as_json()[name] for name in moved},
    )
    return now


@transaction.atomic
def set_rules(
    merchant: Merchant,
    wanted: Mapping[int, Mapping[str, Decimal | None]],
    *,
    title: str,
    actor: Actor,
    failed: Sequence[RowSpec] = (),
    lines: Mapping[int, int] | None = None,
) -> Operation:
    """Changes values of many SKUs (variant pk -> changes); a SKU whose values break a rule is left and named.

    `failed`: rows that could not be read at all, with code and words in their data; `lines`: where in a file each SKU
    stood. Raises InvalidInput for too many.
    """
    if len(wanted) > MOST:
        raise InvalidInput(
            f"{len(wanted):,} SKUs at once are too many, {MOST:,} can be.", hint="Do it in parts."
        )
    operation = start_operation(merchant, SET_RULES, title, actor=actor, rows=failed)
    _end_failed(operation)
    for batch in batches(sorted(wanted), BATCH):
        _set_batch(operation, {pk: wanted[pk] for pk in batch}, lines or {})
    return refresh_progress(operation, finish=True)


def _set_batch(
    operation: Operation, wanted: Mapping[int, Mapping[str, Decimal | None]], lines: Mapping[int, int]
) -> None:
    merchant = operation.merchant
    before = _locked(merchant, sorted(wanted))
    skus = dict(Variant.objects.filter(merchant=merchant, pk__in=list(before)).values_list("pk", "sku"))
    good: dict[int, RuleValues] = {}
    rows = []
    for pk, own in before.items():
        now = own.changed(wanted[pk])
        row = OperationRow(
            merchant=merchant,
            operation=operation,
            object_type=VARIANT,
            object_id=pk,
            label=skus[pk],
            line=lines.get(pk),
        )
        problems = rule_problems(now)
        if problems:
            row.state, row.code, row.message, row.hint = (
                RowState.FAILED,
                problems[0].rule,
                problems[0].message,
                problems[0].fix,
            )
        elif now == own:
            row.state, row.message = RowState.SKIPPED, "These are its values already."
        else:
            good[pk] = now
            row.state, row.before, row.data = RowState.DONE, own.as_json(), {"new": now.as_json()}
            row.message = rule_words(wanted[pk])[:1000]
        rows.append(row)
    bulk_create(OperationRow, rows, batch_size=BATCH)
    operation.total += len(rows)
    Operation.objects.filter(merchant=merchant, pk=operation.pk).update(total=operation.total)
    _write(merchant, good)


def _end_failed(operation: Operation) -> None:
    rows = OperationRow.objects.filter(merchant=operation.merchant_id, operation=operation)
    for row in rows:
        told = row.data
        finish_rows(
            operation,
            [row.pk],
            RowState.FAILED,
            code=told.get("code", ""),
            message=told.get("message", ""),
            hint=told.get("hint", ""),
        )


@undo_with(SET_RULES)
def undo_rules(operation: Operation, actor: Actor) -> Operation:
    """Gives every SKU back what it had; one that was changed since keeps its values and is named."""
    done = OperationRow.objects.filter(
        merchant=operation.merchant_id, operation=operation, state=RowState.DONE
    ).order_by("pk")
    if not done.exists():
        raise StateConflict(f"“{operation.title}” changed nothing.", hint="There is nothing to undo.")
    undoing = start_operation(
        operation.merchant,
        UNDO,
        f"Undo: {operation.title}",
        actor=actor,
        rows=(
            RowSpec(VARIANT, row.object_id, row.label, data={"old": row.before, "new": row.data["new"]})
            for row in done.iterator(chunk_size=BATCH)
        ),
    )
    rows = OperationRow.objects.filter(merchant=operation.merchant_id, operation=undoing).order_by("pk")
    for batch in batches(rows.iterator(chunk_size=BATCH), BATCH):
        _undo_batch(undoing, batch)
    return refresh_progress(undoing, finish=True)


def _undo_batch(undoing: Operation, rows: Sequence[OperationRow]) -> None:
    now = _locked(undoing.merchant, sorted(row.object_id for row in rows if row.object_id))
    back: dict[int, RuleValues] = {}
    done, changed, gone = [], [], []
    for row in rows:
        own = now.get(row.object_id or 0)
        if own is None:
            gone.append(row.pk)
        elif own != RuleValues.from_json(row.data["new"]):
            changed.append(row.pk)
        else:
            back[row.object_id or 0] = RuleValues.from_json(row.data["old"])
            done.append(row.pk)
    _write(undoing.merchant, back)
    finish_rows(undoing, done, RowState.DONE, message="It has its bounds of before.")
    finish_rows(undoing, changed, RowState.SKIPPED, code="changed_since", message=CHANGED_SINCE)
    finish_rows(undoing, gone, RowState.SKIPPED, message="The SKU was deleted meanwhile.")


def _locked(merchant: Merchant, ids: Sequence[int]) -> dict[int, RuleValues]:
    """The present values of these SKUs, which nobody changes until this transaction ends. Unknown ones are left out."""
    variants = Variant.objects.filter(merchant=merchant, pk__in=ids).order_by("pk")
    here = list(variants.select_for_update(of=("self",), no_key=True).values_list("pk", flat=True))
    rows = RepriceRule.objects.filter(merchant=merchant, variant__in=here)
    found = {row.variant_id: row.values for row in rows}
    return {pk: found.get(pk, RuleValues()) for pk in here}


def _write(merchant: Merchant, wanted: Mapping[int, RuleValues]) -> None:
    """A SKU without any value has no row."""
    empty = [pk for pk, values in wanted.items() if values.is_empty]
    RepriceRule.objects.filter(merchant=merchant, variant__in=empty).delete()
    rows = [
        RepriceRule(merchant=merchant, variant_id=pk, **values.as_dict())
        for pk, values in wanted.items()
        if not values.is_empty
    ]
    bulk_create(
        RepriceRule,
        rows,
        batch_size=BATCH,
        update_conflicts=True,
        unique_fields=["variant"],
        update_fields=["min_price", "max_price", "bid", "cost", "updated_at"],
    )
    after_bounds(merchant, list(wanted))


@transaction.atomic
def set_profile_rule(profile: Profile, values: ProfileValues, *, actor: Actor) -> None:
    """What the products of a profile share. Raises InvalidInput with the fields."""
    raise_problems(profile_problems(values))
    merchant = profile.merchant
    before = (
        ProfileRule.objects.select_for_update(of=("self",)).filter(merchant=merchant, profile=profile).first()
    )
    old = before.values if before else ProfileValues()
    if old == values:
        return
    if values == ProfileValues():
        ProfileRule.objects.filter(merchant=merchant, profile=profile).delete()
    else:
        ProfileRule.objects.update_or_create(merchant=merchant, profile=profile, defaults=asdict(values))
    after_profile(profile)
    record(
        merchant,
        "repricer.profile_rule.changed",
        f"Profile {profile.name}: bounds of the repricer were changed",
        actor=actor,
        about=profile,
        old=_texts(old),
        new=_texts(values),
    )


def _texts(values: ProfileValues) -> dict[str, Any]:
    return {name: None if value is None else str(value) for name, value in asdict(values).items()}
