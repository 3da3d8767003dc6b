"""The store's own fields of one SKU."""

from __future__ import annotations

from collections.abc import Mapping

from django.db import transaction

from catalog.actions.field_register import (
    READ_FIELDS_JOB,
    ask_read_fields,
    ensure_fields,
    note_fields,
    read_fields,
)
from catalog.actions.targets import refresh_targets
from catalog.models import Variant
from catalog.problems import raise_problems
from catalog.store_values import data_problems, plain_text, samples_of
from jetsync.actions.log import record
from jetsync.tenancy.actor import Actor

__all__ = [
    "READ_FIELDS_JOB",
    "ask_read_fields",
    "change_fields",
    "ensure_fields",
    "note_fields",
    "read_fields",
]


@transaction.atomic
def change_fields(variant: Variant, changes: Mapping[str, str | None], *, actor: Actor) -> Variant:
    """Sets own fields of a SKU; None removes one. Unchanged values write nothing. Raises InvalidInput."""
    merchant = variant.merchant
    locked = Variant.objects.select_for_update(of=("self",), no_key=True).get(
        pk=variant.pk, merchant=merchant
    )
    data = {name: value for name, value in locked.data.items() if changes.get(name, "") is not None}
    data |= {name: value.strip() for name, value in changes.items() if value is not None}
    raise_problems(data_problems(data, column="value"), locked.sku)
    touched = [
        name
        for name in changes
        if (name in locked.data, locked.data.get(name)) != (name in data, data.get(name))
    ]
    if not touched:
        return locked
    old = {name: plain_text(locked.data.get(name)) for name in touched}
    locked.data = data
    locked.save(update_fields=["data", "updated_at"])
    note_fields(merchant, samples_of({name: data[name] for name in touched if name in data}))
    record(
        merchant,
        "catalog.variant.fields_changed",
        f"SKU {locked.sku}: store field {', '.join(touched)} was changed",
        actor=actor,
        about=locked,
        old=old,
        new={name: plain_text(data.get(name)) for name in touched},
    )
    refresh_targets(merchant, [locked.pk])
    return locked
