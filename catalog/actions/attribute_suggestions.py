"""Accepting suggested attributes and values: done at once, and kept as operations so that it can be undone."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping, Sequence
from typing import Any

from django.db import transaction

from catalog.actions.attribute_mapping import check_attribute, check_source, lock_mapping, set_values
from catalog.actions.refresh import ask_refresh
from catalog.bulk import insert_rows
from catalog.models import AttributeMapping, JetAttribute, StoreField, ValueMapping
from catalog.queries.attribute_mapping import key_of
from catalog.queries.reach import reach_of_sources
from catalog.queries.taxonomy import in_use
from catalog.sources import source_label
from jetsync.actions.log import record
from jetsync.actions.operation import RowSpec, finish_rows, mark_running, refresh_progress, start_operation
from jetsync.enums import RowState
from jetsync.exceptions import InvalidInput
from jetsync.models import Merchant, Operation, OperationRow
from jetsync.sync.registry import operation_kind, undo_with
from jetsync.tenancy.actor import Actor
from jetsync.tenancy.rights import Right
from jetsync.wording import counted

ACCEPT, ACCEPT_BACK = "catalog.attributes_accepted", "catalog.attributes_accepted_undo"
ATTRIBUTE, VALUE = "catalog.attributemapping", "catalog.valuemapping"
SHOWN_NAMES = 3
UNDO_WORDS = "What was accepted is no longer mapped; products follow at once."

operation_kind(ACCEPT, right=Right.MAPPING_EDIT)
operation_kind(ACCEPT_BACK, right=Right.MAPPING_EDIT)


@transaction.atomic
def accept_attributes(merchant: Merchant, choice: Mapping[str, int], *, actor: Actor) -> Operation | None:
    """Maps these sources to the attribute chosen for each; those mapped to it already stay. None when nothing is new.

    Raises InvalidInput when nothing is chosen, or an attribute or field is unknown; nothing is written then.
    """
    if not choice:
        raise InvalidInput("No suggestion is chosen.", hint="Accept one, or lower the mark.")
    names = _checked_names(merchant, choice)
    mappings = AttributeMapping.objects.filter(merchant=merchant, source__in=list(choice))
    before = set(mappings.values_list("pk", flat=True))
    fresh = [
        {"source": source, "attribute_id": pk, "attribute_name": names[pk]} for source, pk in choice.items()
    ]
    columns = ("source", "attribute_id", "attribute_name")
    if not insert_rows(AttributeMapping, merchant, columns, fresh, skip_known=True):
        return None
    made = list(mappings.exclude(pk__in=before).order_by("source", "pk"))
    told = [f"{source_label(row.source)} → {row.attribute_name}" for row in made]
    operation = _keep(
        merchant,
        f"Map {counted(len(made), 'field')} to Jet attributes",
        [
            RowSpec(ATTRIBUTE, row.pk, label, data={"unit": row.unit})
            for row, label in zip(made, told, strict=True)
        ],
        actor,
    )
    record(
        merchant,
        "catalog.attribute.mapped",
        f"{counted(len(made), 'field')} mapped to Jet attributes: {_first(told)}",
        actor=actor,
        new={row.source: row.attribute_id for row in made},
        operation=operation,
    )
    ask_refresh(merchant)
    return operation


def _checked_names(merchant: Merchant, choice: Mapping[str, int]) -> dict[int, str]:
    known = {key_of(row) for row in StoreField.objects.filter(merchant=merchant)}
    for source in choice:
        if source not in known:
            check_source(merchant, source)
    version = in_use(merchant).values("pk")
    rows = JetAttribute.objects.filter(version=version, attribute_id__in=set(choice.values()))
    names = dict(rows.values_list("attribute_id", "name"))
    for attribute_id in choice.values():
        if attribute_id not in names:
            check_attribute(merchant, attribute_id)
    return names


@transaction.atomic
def accept_values(
    mapping: AttributeMapping, values: Mapping[str, tuple[str, str]], *, actor: Actor
) -> Operation | None:
    """`set_values` for values that are not mapped yet. None when nothing is new. Raises InvalidInput as that does."""
    mapping = lock_mapping(mapping)
    stored = ValueMapping.objects.filter(merchant=mapping.merchant_id, mapping=mapping)
    before = set(stored.values_list("pk", flat=True))
    if not set_values(mapping, values, actor=actor):
        return None
    made = list(stored.exclude(pk__in=before).order_by("store_value"))
    if not made:  # somebody mapped the same values meanwhile
        return None
    return _keep(
        mapping.merchant,
        f"Map {counted(len(made), 'value')} of {source_label(mapping.source)} for {mapping.attribute_name}",
        [RowSpec(VALUE, row.pk, str(row)[:200], data=_value_of(row)) for row in made],
        actor,
    )


def _value_of(row: ValueMapping) -> dict[str, str]:
    return {"value": row.jet_value, "unit": row.jet_unit}


def _keep(merchant: Merchant, title: str, rows: Sequence[RowSpec], actor: Actor) -> Operation:
    """The operation of what has just been done."""
    operation = start_operation(merchant, ACCEPT, title, actor=actor, rows=rows)
    mark_running(operation)
    ids = OperationRow.objects.filter(merchant=merchant, operation=operation).values_list("pk", flat=True)
    finish_rows(operation, list(ids), RowState.DONE, message="Mapped.")
    return refresh_progress(operation, finish=True)


def _first(names: Sequence[str]) -> str:
    return ", ".join(names[:SHOWN_NAMES]) + ("…" if len(names) > SHOWN_NAMES else "")


def _foretell(operation: Operation) -> list[str]:
    """Whom the undo reaches: the SKUs of the fields, or of the values, that were accepted."""
    merchant = operation.merchant
    done = OperationRow.objects.filter(merchant=merchant, operation=operation, state=RowState.DONE)
    mappings = AttributeMapping.objects.filter(
        merchant=merchant, pk__in=done.filter(object_type=ATTRIBUTE).values("object_id")
    )
    if pairs := list(mappings.values_list("source", "attribute_id")):
        return reach_of_sources(merchant, pairs).words(merchant)
    values = ValueMapping.objects.filter(
        merchant=merchant, pk__in=done.filter(object_type=VALUE).values("object_id")
    )
    found = list(values.values_list("mapping__source", "mapping__attribute_id", "store_value"))
    pairs = list({(source, attribute_id) for source, attribute_id, _value in found})
    return reach_of_sources(merchant, pairs, values=[row[2] for row in found]).words(merchant)


@undo_with(ACCEPT, says=UNDO_WORDS, foretells=_foretell)
def undo_accepted(operation: Operation, actor: Actor) -> Operation:
    """Removes the accepted mappings, but none that somebody has worked on since; those are named. Constant queries."""
    merchant = operation.merchant
    done = OperationRow.objects.filter(merchant=merchant, operation=operation, state=RowState.DONE)
    specs = (
        RowSpec(row.object_type, row.object_id, row.label, data=row.data)
        for row in done.order_by("pk").iterator()
    )
    title = f"Undo: {operation.title}"[:200]
    undoing = start_operation(merchant, ACCEPT_BACK, title, actor=actor, rows=specs)
    mark_running(undoing)
    rows = list(OperationRow.objects.filter(merchant=merchant, operation=undoing).order_by("pk"))
    ends: dict[tuple[RowState, str], list[int]] = defaultdict(list)
    for kind, remove in ((ATTRIBUTE, _remove_attributes), (VALUE, _remove_values)):
        for row, reason in remove(merchant, [row for row in rows if row.object_type == kind]):
            end = (RowState.SKIPPED, reason) if reason else (RowState.DONE, "No longer mapped.")
            ends[end].append(row.pk)
    for (state, message), ids in ends.items():
        finish_rows(undoing, ids, state, message=message)
    if any(state == RowState.DONE for state, _message in ends):
        ask_refresh(merchant)
    return refresh_progress(undoing, finish=True)


Removed = list[tuple[OperationRow, str]]
"""Each row with the reason why its mapping stays, "" for one that is removed."""


def _remove_attributes(merchant: Merchant, rows: Sequence[OperationRow]) -> Removed:
    locked = AttributeMapping.objects.filter(merchant=merchant, pk__in=_ids(rows)).order_by("pk")
    found = {row.pk: row for row in locked.select_for_update(of=("self",))}
    values: dict[int, int] = defaultdict(int)
    for pk in ValueMapping.objects.filter(merchant=merchant, mapping__in=found).values_list(
        "mapping", flat=True
    ):
        values[pk] += 1

    def reason(row: OperationRow) -> str:
        mapping = found.get(row.object_id or 0)
        if mapping is None:
            return "It was removed since."
        if values[mapping.pk]:
            return f"{counted(values[mapping.pk], 'value')} of it mapped since; it was left as it is."
        if mapping.unit != row.data.get("unit", ""):
            return f"It got the unit {mapping.unit or 'none'} since; it was left as it is."
        return ""

    return _remove(AttributeMapping, merchant, rows, reason)


def _remove_values(merchant: Merchant, rows: Sequence[OperationRow]) -> Removed:
    locked = ValueMapping.objects.filter(merchant=merchant, pk__in=_ids(rows)).order_by("pk")
    found = {row.pk: row for row in locked.select_for_update(of=("self",))}

    def reason(row: OperationRow) -> str:
        value = found.get(row.object_id or 0)
        if value is None:
            return "It was removed since."
        if _value_of(value) != row.data:
            now = f"{value.jet_value} {value.jet_unit}".strip()
            return f"It is “{now}” now; it was left as it is."
        return ""

    return _remove(ValueMapping, merchant, rows, reason)


def _remove(model: Any, merchant: Merchant, rows: Sequence[OperationRow], reason: Any) -> Removed:
    judged = [(row, reason(row)) for row in rows]
    gone = [row.object_id for row, why in judged if not why]
    model.objects.filter(merchant=merchant, pk__in=gone).delete()
    return judged


def _ids(rows: Sequence[OperationRow]) -> list[int]:
    return [row.object_id for row in rows if row.object_id is not None]
