"""Carrying out the deletion of a store, batch by batch. What was deleted is gone from the tables, so there is nothing to
remember: a run that was killed is followed by one that goes on where it stopped.
"""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime
from functools import cache
from graphlib import TopologicalSorter

import structlog
from django.core.files.storage import Storage, default_storage
from django.db import connection, transaction
from django.db.models import F, ForeignKey, Model
from django.utils import timezone

from jetsync.enums import JobState
from jetsync.models import (
    ApiToken,
    Invitation,
    JetAccount,
    Job,
    Membership,
    Merchant,
    QueueTurn,
    StoreDeletion,
    SupportSession,
)
from jetsync.queries.deletion import open_deletions, ripe_deletions
from jetsync.sync.client import forget_token, token_key
from jetsync.tenancy.belongings import owner_lookups, rows_of_merchant
from jetsync.tenancy.context import merchant_scope

log = structlog.get_logger(__name__)

# Rows per transaction: locks are held for well under a second, also where a row holds a letter or a file's list.
BATCH = 1000
# Rows named by one read of a table. A read may walk through what other stores have in it, so there are few of them.
READ = 100_000
# What lets people and programs in, and workers find the store's jobs: gone with the first step.
_DOORS: tuple[type[Model], ...] = (Membership, Invitation, ApiToken, SupportSession, QueueTurn)


class NotMine(Exception):
    """Another worker has this store in hand, or it was kept."""


@cache
def children_first() -> list[type[Model]]:
    """The tables of a store, each before those that its rows point at. Raises CycleError if there is no such order."""
    owned = owner_lookups()
    order: TopologicalSorter[type[Model]] = TopologicalSorter(dict.fromkeys(owned, ()))
    for model in owned:
        for field in model._meta.concrete_fields:
            target = field.related_model
            if target in owned and target is not model:
                order.add(target, model)
    return list(order.static_order())


def erase_due(now: datetime, is_over: Callable[[], bool]) -> int:
    """Goes on with every store whose time has come until `is_over`; returns how many were finished.

    Never before its owners have been warned for a day. One that cannot be deleted is reported and keeps no other from it.
    """
    finished = 0
    for deletion in ripe_deletions(now):
        try:
            finished += _erase(deletion, is_over)
        except NotMine:
            continue
        except Exception:  # the next look tries again; nothing but the report would be lost
            log.exception("store_not_deleted", store=deletion.store_number)
        if is_over():
            break
    return finished


def _erase(deletion: StoreDeletion, is_over: Callable[[], bool]) -> bool:
    merchant = Merchant.objects.filter(pk=deletion.store_number).first()
    if merchant is not None:
        _close_doors(deletion, merchant)
        with merchant_scope(merchant):
            if _is_at_work(merchant):
                return False
            for account in JetAccount.objects.filter(merchant=merchant):
                forget_token(token_key(account))
            for model in children_first():
                if not _delete_rows(deletion, merchant, model, is_over):
                    return False
        _remove_files(merchant.pk)
    with transaction.atomic():
        _take(deletion)
        stores = Merchant.objects.filter(pk=deletion.store_number)
        stores._raw_delete(stores.db)  # noqa: SLF001 -- the public way would take along rows that came meanwhile
        # A row that came meanwhile still points at the store: the database refuses now, and the next look goes on.
        connection.check_constraints()
        # Again, for what a worker that was thought dead has stored since: from here on nothing knows the store.
        _remove_files(deletion.store_number)
        open_deletions().filter(pk=deletion.pk).update(finished_at=timezone.now())
    log.info("store_deleted", store=deletion.store_number)
    return True


def _take(deletion: StoreDeletion) -> None:
    """Locks the deletion until the caller's transaction ends: of two workers one goes on."""
    found = open_deletions().select_for_update(skip_locked=True).filter(pk=deletion.pk).first()
    if found is None:
        raise NotMine


@transaction.atomic
def _close_doors(deletion: StoreDeletion, merchant: Merchant) -> None:
    """From here on it cannot be kept, nobody gets in, and no job of it is claimed."""
    _take(deletion)
    now = timezone.now()
    open_deletions().filter(pk=deletion.pk, begun_at=None).update(begun_at=now)
    Merchant.objects.filter(pk=merchant.pk, suspended_at=None).update(suspended_at=now)
    deleted = sum(rows_of_merchant(model, merchant).delete()[0] for model in _DOORS)
    open_deletions().filter(pk=deletion.pk).update(row_count=F("row_count") + deleted)


def _is_at_work(merchant: Merchant) -> bool:
    """A worker has a job of the store in hand and shows signs of life: what it stores would outlive the store."""
    running = Job.objects.filter(merchant=merchant, state=JobState.RUNNING)
    return running.filter(lease_until__gt=timezone.now()).exists()


def _delete_rows(
    deletion: StoreDeletion, merchant: Merchant, model: type[Model], is_over: Callable[[], bool]
) -> bool:
    """Empties one table of the store; False when the time was over before."""
    unordered = rows_of_merchant(model, merchant).order_by().values_list("pk", flat=True)
    while ids := list(unordered[:READ]):
        for start in range(0, len(ids), BATCH):
            if is_over():
                return False
            _delete_batch(deletion, merchant, model, ids[start : start + BATCH])
    return True


@transaction.atomic
def _delete_batch(deletion: StoreDeletion, merchant: Merchant, model: type[Model], ids: list[int]) -> int:
    """Deletes these rows of one table; returns how many there were. The scope is the lock: the database shows no other
    store's rows.
    """
    _take(deletion)
    rows = rows_of_merchant(model, merchant)
    for field in model._meta.concrete_fields:
        if isinstance(field, ForeignKey) and field.related_model is model:
            rows.filter(**{f"{field.name}__in": ids}).update(**{field.name: None})
    chosen = rows.filter(pk__in=ids)
    # No instances, and no look for children: they went before.
    deleted = int(chosen._raw_delete(chosen.db))  # noqa: SLF001 -- as above; the public way loads every row
    open_deletions().filter(pk=deletion.pk).update(row_count=F("row_count") + deleted)
    return deleted


def _remove_files(store_number: int, storage: Storage = default_storage) -> None:
    """Every folder of our storage keeps the files of a store in a folder with its number."""
    try:
        folders = storage.listdir("")[0]
    except FileNotFoundError:  # nobody has stored anything yet
        return
    for folder in folders:
        if str(store_number) in storage.listdir(folder)[0]:
            _remove_folder(storage, f"{folder}/{store_number}")


def _remove_folder(storage: Storage, place: str) -> None:
    folders, files = storage.listdir(place)
    for name in files:
        storage.delete(f"{place}/{name}")
    for name in folders:
        _remove_folder(storage, f"{place}/{name}")
    storage.delete(place)
