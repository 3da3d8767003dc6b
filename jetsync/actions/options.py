"""The merchant's settings."""

from __future__ import annotations

from decimal import Decimal

from django.db import transaction

from jetsync.actions.log import record
from jetsync.models import Options
from jetsync.tenancy.actor import Actor


@transaction.atomic
def save_options(options: Options, *, old: dict[str, object], actor: Actor) -> Options:
    """Saves the changed fields of an options row and no others; `old` are their previous values.

    Apps that compute from options listen to the row being saved. Numbers are logged as text, so that none is rounded.
    """
    if old:
        options.save(update_fields=[*old, "updated_at"])
        new = {name: _plain(getattr(options, name)) for name in old}
        record(
            options.merchant,
            "jetsync.options.saved",
            "Settings were changed: " + ", ".join(sorted(old)) + ".",
            actor=actor,
            about=options,
            old={name: _plain(value) for name, value in old.items()},
            new=new,
        )
    return options


def _plain(value: object) -> object:
    return str(value) if isinstance(value, Decimal) else value
