"""What a batch of an import is about to change, kept for the way back: one row per batch, old values of changed columns."""

from __future__ import annotations

from typing import Any

from catalog.actions.csv_plan import Change, Plan, stored_values
from catalog.csv_undo import mark_of_value, plain_value
from catalog.models import CsvBefore, CsvUpload


def keep_before(upload: CsvUpload, plan: Plan, upto: int) -> None:
    """Inside the transaction that writes the plan, with its SKUs locked. New SKUs have nothing to go back to."""
    rows: dict[str, dict[str, Any]] = {str(change.facts.pk): _entry(change) for change in plan.changed}
    for pk, count in plan.own_counts.items():
        rows.setdefault(str(pk), {"old": {}, "new": {}})["own"] = count
    if rows:
        CsvBefore.objects.create(merchant_id=upload.merchant_id, upload=upload, upto=upto, rows=rows)


def _entry(change: Change) -> dict[str, Any]:
    facts = change.facts
    stored: dict[str, Any] = {"price": facts.price, "quantity": facts.quantity, **change.at_nodes}
    if not change.names <= stored.keys():
        stored |= stored_values(facts)
    return {
        "old": {name: plain_value(stored[name]) for name in change.names},
        "new": {name: mark_of_value(name, change.values[name]) for name in change.names},
    }
