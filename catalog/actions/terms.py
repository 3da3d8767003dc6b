"""On what terms a SKU is offered: special price and its dates, floor, buffer, and whether it sells on Jet at all."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from decimal import Decimal
from typing import Any

from django.db import transaction

from catalog.actions.product import raise_problems
from catalog.actions.targets import refresh_targets
from catalog.models import Variant
from catalog.pricing import terms_problems
from jetsync.actions.log import record
from jetsync.tenancy.actor import Actor

TERMS = (
    "special_price",
    "special_from",
    "special_to",
    "price_floor",
    "buffer_quantity",
    "sells_on_jet",
)


@transaction.atomic
def set_terms(variant: Variant, changes: Mapping[str, Any], *, actor: Actor) -> Variant:
    """Changes the terms of one SKU; names outside `TERMS` are passed over and unchanged values write nothing.

    Recomputes the SKU, so a changed price or quantity is on its way to Jet. Raises InvalidInput with the fields.
    """
    merchant = variant.merchant
    locked = Variant.objects.select_for_update(of=("self",), no_key=True).get(
        pk=variant.pk, merchant=merchant
    )
    stored = {name: getattr(locked, name) for name in TERMS}
    new = {name: changes[name] for name in TERMS if name in changes and changes[name] != stored[name]}
    raise_problems(terms_problems(new, {**stored, **new}), locked.sku)
    if not new:
        return locked
    for name, value in new.items():
        setattr(locked, name, value)
    locked.save(update_fields=[*new, "updated_at"])
    record(
        merchant,
        "catalog.variant.changed",
        f"SKU {locked.sku}: the terms of sale were changed",
        actor=actor,
        about=locked,
        old={name: _plain(stored[name]) for name in new},
        new={name: _plain(value) for name, value in new.items()},
    )
    refresh_targets(merchant, [locked.pk])
    return locked


def _plain(value: Any) -> Any:
    if isinstance(value, datetime):
        return value.isoformat()
    return str(value) if isinstance(value, Decimal) else value
