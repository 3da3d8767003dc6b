"""A real worker is killed in the middle of a store's deletion; the next one ends it, and no other store loses a row."""

from __future__ import annotations

from datetime import timedelta
from pathlib import Path

import pytest
from django.db import transaction
from django.utils import timezone

from catalog.models import Product, Variant
from jetsync.actions.deletion import ask_deletion
from jetsync.models import Job, Merchant, Options, StoreDeletion
from jetsync.sync.tasks import task_delete_stores
from jetsync.tenancy.actor import Actor
from jetsync.tenancy.context import across_merchants, merchant_scope
from tests.catalog.rows import make_product, make_variant
from tests.factories import make_merchant
from tests.kill.workers import wait_for, worker

pytestmark = [pytest.mark.kill, pytest.mark.django_db(transaction=True)]


def rows_left(merchant: Merchant) -> tuple[int, int, int]:
    with across_merchants():
        tables = (Variant, Product, Options)
        return tuple(model.objects.filter(merchant=merchant).count() for model in tables)  # type: ignore[return-value]


def test_deletion_goes_on_after_a_kill(merchant: Merchant, actor: Actor, tmp_path: Path) -> None:
    other = make_merchant()
    for store in (merchant, other):
        with merchant_scope(store):
            make_variant(store, make_product(store))
    with merchant_scope(merchant):
        ask_deletion(merchant, name=merchant.name, actor=actor)
        Job.objects.all().delete()  # its mails, which would be waited for
    now = timezone.now()
    StoreDeletion.objects.update(due_at=now, warned_at=now - timedelta(days=1))
    theirs = rows_left(other)

    # The worker comes as far as the product, which somebody else holds; there it dies.
    with worker(tmp_path) as first, transaction.atomic():
        with merchant_scope(merchant):
            list(Product.objects.select_for_update(of=("self",)))
        task_delete_stores.apply_async(queue="bulk")
        wait_for(lambda: rows_left(merchant)[0] == 0, "the variants are gone")
        first.kill()
    assert rows_left(merchant)[1] == 1
    assert StoreDeletion.objects.get().finished_at is None

    with worker(tmp_path):
        task_delete_stores.apply_async(queue="bulk")
        wait_for(lambda: StoreDeletion.objects.get().finished_at is not None, "the deletion ended")

    assert rows_left(merchant) == (0, 0, 0)
    assert not Merchant.objects.filter(pk=merchant.pk).exists()
    assert rows_left(other) == theirs
