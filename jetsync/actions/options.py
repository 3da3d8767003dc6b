"""The merchant's settings."""

from __future__ import annotations

from decimal import Decimal

from django.db import transaction

from jetsync.actions.log import notify, record
from jetsync.enums import NoticeLevel
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
        if "refund_limit" in old:
            _tell_limit(options, old["refund_limit"], actor)
    return options


def _tell_limit(options: Options, before: object, actor: Actor) -> None:
    """More money may go back on one person's word: whoever owns the store should know of it."""
    now = options.refund_limit
    if not isinstance(before, Decimal) or (now is not None and now <= before):
        return
    name = "switched off" if now is None else f"raised to ${now:,.2f}"
    notify(
        options.merchant,
        "jetsync.refund_limit",
        f"The second person for money that goes back was {name}",
        level=NoticeLevel.WARNING,
        body=f"{actor.label} changed it; it was asked from ${before:,.2f} on. For {actor.label} that amount stays "
        "in force for a day.",
    )


def _plain(value: object) -> object:
    return str(value) if isinstance(value, Decimal) else value
