"""Steps of a store's deletion, for the tests of its waiting time and of its end."""

from __future__ import annotations

from datetime import timedelta

from django.utils import timezone

from jetsync.actions.deletion import ask_deletion
from jetsync.models import Merchant, StoreDeletion
from jetsync.tenancy.actor import Actor
from jetsync.tenancy.belongings import owner_lookups, rows_of_merchant
from jetsync.tenancy.context import merchant_scope


def never() -> bool:
    return False


def ask(merchant: Merchant, actor: Actor) -> StoreDeletion:
    with merchant_scope(merchant):
        return ask_deletion(merchant, name=merchant.name, actor=actor)


def make_due() -> None:
    """As a day after the warning."""
    now = timezone.now()
    StoreDeletion.objects.update(due_at=now, warned_at=now - timedelta(days=1))


def counted(merchant: Merchant) -> dict[str, int]:
    """Rows of every table that belong to the store."""
    with merchant_scope(merchant):
        return {model._meta.label: rows_of_merchant(model, merchant).count() for model in owner_lookups()}
