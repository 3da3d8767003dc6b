"""Saves the price rules, and notes for every SKU's time line where its price for Jet comes from since."""

from __future__ import annotations

from collections.abc import Sequence
from copy import copy
from typing import Any

from django.db import transaction

from catalog.queries.rules import price_rules
from jetsync.actions.log import record
from jetsync.actions.options import save_options
from jetsync.models import Options
from jetsync.tenancy.actor import Actor

SAVED = "catalog.price_rules.saved"


@transaction.atomic
def save_price_rules(
    options: Options, *, old: dict[str, Any], actor: Actor, confirmed: Sequence[str] = ()
) -> None:
    """`old`: former values of the changed fields. `confirmed`: large steps that were looked at, in words."""
    former = copy(options)
    for name, value in old.items():
        setattr(former, name, value)
    before, now = price_rules(former), price_rules(options)
    save_options(options, old=old, actor=actor)
    if before != now:
        record(
            options.merchant,
            SAVED,
            f"The price rules were changed: {before.whole_words} → {now.whole_words}",
            actor=actor,
            about=options,
            new={"confirmed": list(confirmed)} if confirmed else {},
        )
