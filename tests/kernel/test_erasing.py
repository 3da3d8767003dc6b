"""Carrying out the deletion of a store: it goes in batches with its files; nobody else's row is touched."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from django.apps import apps
from django.core.files.base import ContentFile
from django.core.files.storage import default_storage
from django.test import Client
from django.utils import timezone

from jetsync.actions import data_export, erasing
from jetsync.actions.deletion import keep_store
from jetsync.actions.erasing import children_first, erase_due
from jetsync.enums import JobState
from jetsync.exceptions import NotAllowed
from jetsync.fields import seal, unseal
from jetsync.jet import RedisTokenStore, Token
from jetsync.models import JetAccount, Job, Merchant, StoreDeletion, User
from jetsync.sync.claims import claim_next
from jetsync.sync.client import shared_redis, token_key
from jetsync.sync.queue import enqueue
from jetsync.sync.runner import run_job
from jetsync.sync.tasks import task_delete_stores
from jetsync.tenancy.actor import Actor, member_actor
from jetsync.tenancy.belongings import owner_lookups
from jetsync.tenancy.context import across_merchants, merchant_scope
from jetsync.tenancy.rights import rights_of
from tests import factories
from tests.catalog import rows
from tests.kernel.deletions import ask, counted, make_due
from tests.panel.everything import World

PUSH = "catalog.push_prices"


def test_tables_have_an_order_in_which_none_is_pointed_at() -> None:
    order = children_first()
    assert set(order) == set(owner_lookups())
    wrong = [
        f"{model._meta.label}.{field.name}"
        for model in apps.get_models()
        for field in model._meta.concrete_fields
        if (target := field.related_model) in order
        and target is not model
        and (model not in order or order.index(model) > order.index(target))  # type: ignore[arg-type]  # as above
    ]
    assert wrong == []


@pytest.fixture
def two_stores(
    merchant: Merchant, owner: User, actor: Actor, monkeypatch: pytest.MonkeyPatch
) -> tuple[Merchant, Merchant]:
    """Both with something of everything, and files."""
    other = factories.make_merchant("Rival Rugs")
    with merchant_scope(merchant):
        World(merchant, owner, actor)
    monkeypatch.setattr(rows, "make_taxonomy", lambda: None)  # shared by all
    with merchant_scope(other):
        rival = factories.make_member(other, "owner", email="rival@example.com")
        World(other, rival, member_actor(rival, rights_of("owner")))
    for store in (merchant, other):
        for place in ("csv/{}/products.csv", "taxonomy/{}/ab/category.csv", "exports/{}/x.zip"):
            default_storage.save(place.format(store.pk), ContentFile(b"x"))
    return merchant, other


def files_of(store: Merchant) -> list[str]:
    return [
        folder for folder in default_storage.listdir("")[0] if default_storage.exists(f"{folder}/{store.pk}")
    ]


@pytest.mark.parametrize("batch", [1000, 2])
def test_everything_of_the_store_goes_and_nothing_of_another(
    two_stores: tuple[Merchant, Merchant], actor: Actor, batch: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    merchant, other = two_stores
    monkeypatch.setattr(erasing, "BATCH", batch)
    ask(merchant, actor)
    theirs, ours = counted(other), counted(merchant)
    assert sum(count > 0 for count in theirs.values()) > 35
    make_due()

    assert task_delete_stores() == 1

    assert {label: count for label, count in counted(merchant).items() if count} == {}
    assert counted(other) == theirs
    assert not Merchant.objects.filter(pk=merchant.pk).exists()
    assert (files_of(merchant), len(files_of(other))) == ([], 3)
    line = StoreDeletion.objects.get()
    assert (line.store_number, line.asked_by_role, line.row_count) == (
        merchant.pk,
        "owner",
        sum(ours.values()),
    )
    assert line.finished_at is not None
    assert User.objects.filter(pk=actor.user.pk).exists()  # type: ignore[union-attr]  # a person's
    assert task_delete_stores() == 0


def test_the_log_in_at_jet_goes_with_the_store(two_stores: tuple[Merchant, Merchant], actor: Actor) -> None:
    merchant, other = two_stores
    token = Token("value", timezone.now(), timezone.now() + timedelta(hours=10))
    keys = {}
    for store in two_stores:
        with merchant_scope(store):
            keys[store] = [token_key(account) for account in JetAccount.objects.filter(merchant=store)]
    assert all(keys.values())
    tokens = RedisTokenStore(shared_redis(), seal, unseal)
    for key in (*keys[merchant], *keys[other]):
        tokens.set(key, token)
    ask(merchant, actor)
    make_due()

    assert task_delete_stores() == 1

    assert [key for key in keys[merchant] if tokens.get(key)] == []
    assert [key for key in keys[other] if tokens.get(key) is None] == []


def test_what_stays_names_nobody() -> None:
    kinds = {field.get_internal_type() for field in StoreDeletion._meta.concrete_fields}
    assert kinds == {
        "BigAutoField",
        "BigIntegerField",
        "CharField",
        "DateTimeField",
        "PositiveBigIntegerField",
    }
    texts = [
        field.name
        for field in StoreDeletion._meta.concrete_fields
        if field.get_internal_type() == "CharField"
    ]
    assert texts == ["asked_by_role"]


def test_members_lose_the_store(merchant: Merchant, owner: User, actor: Actor) -> None:
    client = Client()
    client.force_login(owner)
    ask(merchant, actor)
    assert client.get(f"/m/{merchant.slug}/").status_code == 200
    make_due()
    task_delete_stores()

    assert client.get(f"/m/{merchant.slug}/").status_code == 404
    assert client.get("/").status_code == 302


def test_nothing_goes_before_its_time(merchant: Merchant, actor: Actor) -> None:
    ask(merchant, actor)
    before = counted(merchant)
    assert task_delete_stores() == 0
    assert counted(merchant) == before


class Killed(BaseException):
    """Passes by everything that handles errors, as a SIGKILL does."""


def test_a_deletion_killed_anywhere_goes_on(
    two_stores: tuple[Merchant, Merchant], actor: Actor, monkeypatch: pytest.MonkeyPatch
) -> None:
    """It dies at every tenth batch; each try gets further, and the last one ends it."""
    merchant, other = two_stores
    monkeypatch.setattr(erasing, "BATCH", 3)
    ask(merchant, actor)
    theirs = counted(other)
    make_due()
    delete_batch, tries, left = erasing._delete_batch, 0, []

    def die_at_tenth(*args: Any) -> int:
        nonlocal budget
        deleted = delete_batch(*args)
        budget -= deleted > 0
        if budget == 0:
            raise Killed
        return deleted

    monkeypatch.setattr(erasing, "_delete_batch", die_at_tenth)
    finished = 0
    while not finished:
        budget, tries = 10, tries + 1
        assert tries < 100
        try:
            finished = task_delete_stores()
        except Killed:
            left.append(sum(counted(merchant).values()))

    assert tries > 3
    assert left == sorted(left, reverse=True)
    assert len(set(left)) == len(left)
    assert sum(counted(merchant).values()) == 0
    assert counted(other) == theirs


def test_one_that_has_begun_cannot_be_kept_and_lets_nobody_in(
    two_stores: tuple[Merchant, Merchant], owner: User, actor: Actor, monkeypatch: pytest.MonkeyPatch
) -> None:
    merchant, _other = two_stores
    ask(merchant, actor)
    make_due()
    assert erase_due(timezone.now(), lambda: True) == 0  # closes the doors, and its time is over

    assert StoreDeletion.objects.get().begun_at is not None
    with merchant_scope(merchant), pytest.raises(NotAllowed):
        keep_store(merchant, actor=actor)
    client = Client()
    client.force_login(owner)
    assert client.get(f"/m/{merchant.slug}/").status_code == 404
    with across_merchants():
        Job.objects.update(state=JobState.QUEUED, not_before=timezone.now())
    claimed = claim_next("urgent")
    assert claimed is None or claimed.merchant_id != merchant.pk


def test_a_row_that_comes_meanwhile_stops_the_end_and_the_next_look_takes_it(
    merchant: Merchant, actor: Actor, monkeypatch: pytest.MonkeyPatch
) -> None:
    ask(merchant, actor)
    make_due()
    remove: Callable[..., None] = erasing._remove_files

    def come_late(*args: Any) -> None:
        with merchant_scope(merchant):
            rows.make_product(merchant)
        remove(*args)

    with monkeypatch.context() as late:
        late.setattr(erasing, "_remove_files", come_late)
        assert task_delete_stores() == 0
    assert Merchant.objects.filter(pk=merchant.pk).exists()

    assert task_delete_stores() == 1
    assert not Merchant.objects.filter(pk=merchant.pk).exists()


@pytest.mark.parametrize("is_alive", [True, False])
def test_a_job_at_work_is_waited_for_while_it_shows_signs_of_life(
    merchant: Merchant, actor: Actor, *, is_alive: bool
) -> None:
    with merchant_scope(merchant):
        job = enqueue(merchant, PUSH, "HF-1")
    taken = claim_next(job.queue)
    assert taken is not None
    ask(merchant, actor)
    make_due()
    if not is_alive:
        with across_merchants():
            Job.objects.filter(pk=job.pk).update(lease_until=timezone.now() - timedelta(seconds=1))

    assert task_delete_stores() == (0 if is_alive else 1)

    assert Merchant.objects.filter(pk=merchant.pk).exists() is is_alive


def test_an_export_whose_store_goes_while_it_stores_leaves_no_file(
    merchant: Merchant, actor: Actor, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Its worker stood still for longer than its lease, so nobody waited for it."""
    with merchant_scope(merchant):
        started = data_export.start_export(merchant, actor=actor)
    ask(merchant, actor)
    make_due()

    def go_away() -> None:
        with across_merchants():
            Job.objects.update(lease_until=timezone.now() - timedelta(seconds=1))
        assert task_delete_stores() == 1

    store = data_export._store

    def rival(*args: Any) -> None:
        go_away()
        store(*args)

    monkeypatch.setattr(data_export, "_store", rival)
    with across_merchants():
        job = Job.objects.get(kind=data_export.EXPORT)
    run_job(job.pk)

    assert not Merchant.objects.filter(pk=merchant.pk).exists()
    assert not default_storage.exists(data_export.export_path(started))


def test_what_a_worker_thought_dead_has_stored_goes_with_the_last_step(
    merchant: Merchant, actor: Actor, monkeypatch: pytest.MonkeyPatch
) -> None:
    ask(merchant, actor)
    make_due()
    place = f"exports/{merchant.pk}/late.zip"
    remove: Callable[..., None] = erasing._remove_files

    def store_late(number: int) -> None:
        remove(number)
        if Merchant.objects.filter(pk=number).exists():
            default_storage.save(place, ContentFile(b"shoppers"))

    monkeypatch.setattr(erasing, "_remove_files", store_late)
    assert task_delete_stores() == 1
    assert not default_storage.exists(place)
