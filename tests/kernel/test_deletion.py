"""The deletion of a store waits: the store rests, its owners are warned, and one of them can keep it."""

from __future__ import annotations

import re
from datetime import timedelta
from runpy import run_path
from typing import Any

import pytest
from django.conf import settings
from django.core.exceptions import ImproperlyConfigured
from django.utils import timezone

from jetsync.actions import deletion
from jetsync.actions.deletion import ask_deletion, keep_store, warn_ahead
from jetsync.actions.erasing import erase_due
from jetsync.actions.merchant import create_token, set_suspended
from jetsync.actions.schedule import ask_jet_now, run_from_outside, run_now, set_interval
from jetsync.exceptions import InvalidInput, NotAllowed, StateConflict
from jetsync.mail.writing import moment
from jetsync.models import Job, LogEntry, Mail, Merchant, Notice, Options, Schedule, StoreDeletion, User
from jetsync.queries.schedules import schedule_rows
from jetsync.queries.shell import shell_of
from jetsync.sync.claims import claim_next, claim_one
from jetsync.sync.client import client_for as jet_client_for
from jetsync.sync.queue import enqueue
from jetsync.sync.registry import kinds_while_resting, schedule_of
from jetsync.sync.schedules import next_turn, start_due
from jetsync.sync.tasks import task_delete_stores
from jetsync.tenancy.actor import Actor, member_actor
from jetsync.tenancy.context import merchant_scope
from jetsync.tenancy.rights import Right, rights_of
from tests import factories
from tests.kernel.deletions import ask, counted, make_due, never

NAME = "Harrow & Finch"
PUSH = "catalog.push_prices"


def refused(merchant: Merchant, who: Actor) -> str:
    with merchant_scope(merchant), pytest.raises(NotAllowed) as caught:
        ask_deletion(merchant, name=merchant.name, actor=who)
    merchant.refresh_from_db()
    assert (merchant.deletion_due_at, StoreDeletion.objects.count()) == (None, 0)
    return caught.value.message


def test_it_begins_when_the_name_is_typed_and_tells_every_owner(scoped: Merchant, actor: Actor) -> None:
    second = factories.make_member(scoped, "owner")
    factories.make_member(scoped, "manager")
    Options.objects.update(notification_emails="warehouse@example.com")
    with pytest.raises(InvalidInput, match="“Harrow” is not the name of this store"):
        ask_deletion(scoped, name="Harrow", actor=actor)
    assert (StoreDeletion.objects.count(), Mail.objects.count()) == (0, 0)

    asked = ask_deletion(scoped, name=f" {NAME} ", actor=actor)

    scoped.refresh_from_db()
    assert scoped.deletion_due_at == asked.due_at
    assert asked.due_at - asked.asked_at > timedelta(days=13, hours=23)
    assert settings.DELETION_DAYS == 14
    owners = {actor.user.email, second.email}  # type: ignore[union-attr]  # a person's
    assert set(Mail.objects.values_list("to", flat=True)) == owners
    assert set(Mail.objects.values_list("subject", flat=True)) == {
        f"[{NAME}] This store is going to be deleted"
    }
    entry = LogEntry.objects.get(action="jetsync.store.deletion_asked")
    assert re.search(r" is deleted on [A-Z][a-z]{2} \d{1,2}, \d{4}, \d\d:\d\d UTC unless", entry.message)
    assert Notice.objects.get().title == f"{NAME} is going to be deleted"
    with pytest.raises(StateConflict, match="asked for already"):
        ask_deletion(scoped, name=NAME, actor=actor)


def test_only_an_owner_as_a_person_can_ask_or_keep(scoped: Merchant, owner: User, actor: Actor) -> None:
    everything = frozenset(Right)
    manager = member_actor(factories.make_member(scoped, "manager"), everything)
    row, _secret = create_token(scoped, "all", everything, actor=actor)
    token = Actor(label="token", user=owner, token=row, rights=everything)
    staff = Actor(label="support", user=factories.make_user(is_staff=True), rights=everything)
    elsewhere = member_actor(factories.make_member(factories.make_merchant(), "owner"), everything)

    for who in (manager, token, staff, elsewhere, Actor(label="jetsync", rights=everything)):
        assert "Only an owner" in refused(scoped, who)

    ask_deletion(scoped, name=NAME, actor=actor)
    for who in (manager, token, staff, elsewhere):
        with pytest.raises(NotAllowed):
            keep_store(scoped, actor=who)
    scoped.refresh_from_db()
    assert scoped.deletion_due_at is not None


def test_a_resting_store_sends_nothing_and_fetches_nothing(scoped: Merchant, actor: Actor) -> None:
    account = factories.make_account(scoped)
    Schedule.objects.create(
        merchant=scoped, kind="orders.fetch", interval_seconds=600, next_due_at=timezone.now()
    )
    push = enqueue(scoped, PUSH, "HF-1")
    ask_deletion(scoped, name=NAME, actor=actor)
    Schedule.objects.update(next_due_at=timezone.now() - timedelta(hours=1))
    assert set(kinds_while_resting()) == {"mail.send", "mail.send_now", "jetsync.data_export"}

    assert start_due() == 0
    assert (claim_next("default"), claim_next("bulk"), claim_one(push.pk)) == (None, None, None)
    with pytest.raises(StateConflict, match="nothing is sent to Jet or fetched"):
        jet_client_for(account)
    # The mail about it goes, and another store works on.
    mail = claim_next("urgent")
    assert mail is not None
    assert mail.kind == "mail.send_now"
    other = factories.make_merchant()
    with merchant_scope(other):
        theirs = enqueue(other, PUSH, "RR-1")
    found = claim_next(theirs.queue)
    assert found is not None
    assert found.pk == theirs.pk


def test_nothing_regular_is_started_by_hand_or_from_outside_while_it_rests(
    scoped: Merchant, actor: Actor
) -> None:
    factories.make_account(scoped)
    row = Schedule.objects.create(
        merchant=scoped, kind="orders.fetch", interval_seconds=600, next_due_at=timezone.now()
    )
    ask_deletion(scoped, name=NAME, actor=actor)
    row.merchant = scoped
    jobs = Job.objects.count()

    for start in (
        lambda: run_now(row, actor=actor),
        lambda: run_from_outside(row, "its address"),
        lambda: ask_jet_now(scoped, "orders.fetch", "orders.fetch.asked", "Asked", actor=actor),
    ):
        with pytest.raises(StateConflict, match="nothing is sent to Jet or fetched") as caught:
            start()
        assert caught.value.code == "store_resting"
    assert Job.objects.count() == jobs


def test_a_resting_store_is_not_late(scoped: Merchant, actor: Actor) -> None:
    now = timezone.now()
    row = Schedule.objects.create(merchant=scoped, kind="orders.fetch", interval_seconds=600, next_due_at=now)
    ask_deletion(scoped, name=NAME, actor=actor)

    row.merchant = scoped
    set_interval(row, 5, actor=actor)
    Schedule.objects.update(next_due_at=now - timedelta(days=13))

    (shown,) = schedule_rows(scoped)
    assert shown.status == "schedule.resting"
    assert shell_of(scoped, actor).late_schedules == 0
    keep_store(scoped, actor=actor)
    (shown,) = schedule_rows(scoped)
    assert (shown.status, shell_of(scoped, actor).late_schedules) == ("schedule.never", 0)


def test_daily_work_of_a_kept_store_waits_for_its_hour(scoped: Merchant, actor: Actor) -> None:
    now = timezone.now()
    kind = schedule_of("refunds.daily")
    assert kind is not None
    for name in (kind.name, "orders.fetch"):
        Schedule.objects.create(merchant=scoped, kind=name, interval_seconds=86_400, next_due_at=now)
    ask_deletion(scoped, name=NAME, actor=actor)
    Schedule.objects.update(next_due_at=now - timedelta(days=3))

    keep_store(scoped, actor=actor)

    daily = Schedule.objects.select_related("merchant").get(kind=kind.name)
    assert daily.next_due_at == next_turn(daily, kind, now)
    assert Schedule.objects.get(kind="orders.fetch").next_due_at <= timezone.now()


def test_a_waiting_time_that_leaves_no_day_for_the_warning_is_refused(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setenv("JETSYNC_DELETION_DAYS", "1")
    with pytest.raises(ImproperlyConfigured, match="JETSYNC_DELETION_DAYS is 1; it must be 2 or more"):
        run_path(str(settings.BASE_DIR / "jetsync" / "settings.py"))


def test_a_kept_store_goes_on(scoped: Merchant, actor: Actor) -> None:
    row = Schedule.objects.create(
        merchant=scoped, kind="orders.fetch", interval_seconds=600, next_due_at=timezone.now()
    )
    push = enqueue(scoped, PUSH, "HF-1")
    ask_deletion(scoped, name=NAME, actor=actor)

    keep_store(scoped, actor=actor)

    scoped.refresh_from_db()
    row.refresh_from_db()
    assert (scoped.deletion_due_at, row.next_due_at <= timezone.now()) == (None, True)
    assert claim_one(push.pk) is not None
    assert Notice.objects.get().done_at is not None
    assert StoreDeletion.objects.get().kept_at is not None
    make_due()
    assert erase_due(timezone.now(), never) == 0
    with pytest.raises(StateConflict, match="No deletion"):
        keep_store(scoped, actor=actor)
    ask_deletion(scoped, name=NAME, actor=actor)  # it may be asked for again


def test_owners_are_warned_once_a_day_before(scoped: Merchant, actor: Actor) -> None:
    asked = ask_deletion(scoped, name=NAME, actor=actor)
    Mail.objects.all().delete()
    assert warn_ahead(asked.due_at - timedelta(days=1, minutes=61)) == 0

    assert warn_ahead(asked.due_at - timedelta(days=1, minutes=1)) == 1
    assert warn_ahead(asked.due_at - timedelta(hours=23)) == 0

    assert [mail.subject for mail in Mail.objects.all()] == [f"[{NAME}] This store is deleted tomorrow"]
    assert StoreDeletion.objects.get().due_at == asked.due_at


def test_a_store_whose_warning_was_missed_has_its_day_nevertheless(merchant: Merchant, actor: Actor) -> None:
    """The workers stood still over the last day."""
    ask(merchant, actor)
    before = counted(merchant)
    long_after = timezone.now() + timedelta(days=20)

    assert erase_due(long_after, never) == 0
    assert warn_ahead(long_after) == 1
    assert erase_due(long_after + timedelta(hours=23), never) == 0

    merchant.refresh_from_db()
    assert merchant.deletion_due_at == StoreDeletion.objects.get().due_at == long_after + timedelta(days=1)
    assert {name for name, rows in counted(merchant).items() if rows < before[name]} == set()
    with merchant_scope(merchant):
        told = Mail.objects.get(kind="store.deletion_soon")
    assert f"Deleted on {moment(merchant, long_after + timedelta(days=1))} unless" in told.text
    assert erase_due(long_after + timedelta(days=1), never) == 1


def test_a_store_that_cannot_be_warned_keeps_no_other_from_it(
    merchant: Merchant, actor: Actor, monkeypatch: pytest.MonkeyPatch
) -> None:
    other = factories.make_merchant("Rival Rugs")
    rival = member_actor(factories.make_member(other, "owner"), rights_of("owner"))
    ask(merchant, actor)
    ask(other, rival)
    post = deletion.post_mail

    def fail_for_the_first(store: Merchant, *args: Any) -> None:
        if store == merchant:
            raise RuntimeError("no template")
        post(store, *args)

    monkeypatch.setattr(deletion, "post_mail", fail_for_the_first)
    long_after = timezone.now() + timedelta(days=20)

    assert warn_ahead(long_after) == 1

    warned = dict(StoreDeletion.objects.values_list("store_number", "warned_at"))
    assert warned == {merchant.pk: None, other.pk: long_after}
    assert erase_due(long_after + timedelta(days=2), never) == 1
    assert Merchant.objects.filter(pk=merchant.pk).exists()


def test_a_suspended_store_waits_and_has_its_day_when_it_is_open_again(
    merchant: Merchant, actor: Actor
) -> None:
    """Nobody could log in to keep it."""
    ask(merchant, actor)
    make_due()
    set_suspended(merchant, suspended=True, actor=actor)

    assert task_delete_stores() == 0
    assert Merchant.objects.filter(pk=merchant.pk).exists()
    set_suspended(merchant, suspended=False, actor=actor)

    assert task_delete_stores() == 0
    waiting = StoreDeletion.objects.get()
    assert waiting.begun_at is None
    assert waiting.due_at > timezone.now() + timedelta(hours=23)
    make_due()
    assert task_delete_stores() == 1


def test_a_kept_store_is_not_warned(scoped: Merchant, actor: Actor) -> None:
    asked = ask_deletion(scoped, name=NAME, actor=actor)
    keep_store(scoped, actor=actor)
    assert warn_ahead(asked.due_at - timedelta(hours=1)) == 0
