"""The acknowledge clock: alarms 5 and 2 minutes before the end, and the watch that lets no order wait for a person."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime, timedelta
from typing import Any

import pytest
import time_machine
from django.utils import timezone

from jetsync.enums import JobState
from jetsync.models import JetAccount, Job, LogEntry, Mail, Merchant, Notice, Options, User
from jetsync.queries.settings import get_options
from jetsync.sync.queue import cancel_job
from jetsync.sync.runner import run_next
from jetsync.sync.watches import look_out
from jetsync.tenancy.actor import SYSTEM
from jetsync.tenancy.context import across_merchants, merchant_scope
from orders.actions import fallback
from orders.actions.alarm import raise_alarms
from orders.actions.answer import reject_order
from orders.enums import FailureReason
from orders.models import Order
from tests import factories
from tests.catalog.rows import make_product, make_variant
from tests.orders import rows

pytestmark = pytest.mark.django_db


@pytest.fixture
def account(scoped: Merchant, owner: User) -> JetAccount:
    """The merchant answers by hand, and the fallback does nothing unless a test says otherwise."""
    Options.objects.update(auto_acknowledge=False, fallback_policy="nothing")
    make_variant(scoped, make_product(scoped), sku="KETTLE-1", quantity=50)
    return factories.make_account(scoped)


@pytest.fixture
def noon() -> Iterator[datetime]:
    """Time stands still; every order of a test is ready now."""
    with time_machine.travel(timezone.now(), tick=False):
        yield timezone.now()


def waiting(merchant: Merchant, account: JetAccount, *, sku: str = "KETTLE-1") -> Order:
    return rows.make_order(merchant, account, rows.line(sku), ready_at=timezone.now())


def left(minutes: int, seconds: int = 0) -> Any:
    """Moves to where an order that was ready at noon has so much time left."""
    return time_machine.travel(
        timezone.now() + timedelta(minutes=15) - timedelta(minutes=minutes, seconds=seconds), tick=False
    )


def watch() -> int:
    """What the beat and a worker do together; returns how many merchants were looked after."""
    found = look_out()
    while run_next("urgent"):
        pass
    return found


def bell() -> dict[str, tuple[str, int]]:
    rows = Notice.objects.filter(key__startswith="orders.alarm").values_list("key", "level", "count")
    return {key: (level, count) for key, level, count in rows}


@pytest.mark.feature("ORD-09", "NOT-06")
def test_alarm_is_raised_at_five_and_at_two_minutes_and_each_once(
    scoped: Merchant, account: JetAccount, noon: datetime
) -> None:
    order = waiting(scoped, account)

    with left(5, 1):
        assert (watch(), bell(), Mail.objects.count()) == (0, {}, 0)
    with left(5):
        assert watch() == 1
        assert (watch(), raise_alarms(scoped)) == (0, 0)
        assert bell() == {"orders.alarm.1": ("warning", 1)}
    with left(2):
        assert watch() == 1
        assert (watch(), raise_alarms(scoped)) == (0, 0)
    assert bell() == {"orders.alarm.1": ("warning", 1), "orders.alarm.2": ("danger", 1)}
    first, second = Mail.objects.filter(kind="orders.alarm").order_by("pk")
    assert first.subject == f"[Harrow & Finch] Order {order} is about to be lost"
    assert ("in 5 minutes" in first.text, "in 2 minutes" in second.text) == (True, True)


def test_alarm_of_many_orders_is_one_notice_and_one_mail(
    scoped: Merchant, account: JetAccount, noon: datetime
) -> None:
    for _ in range(4):
        waiting(scoped, account)
    with left(4):
        watch()
    notice = Notice.objects.get(key="orders.alarm.1")
    assert (notice.title, notice.count) == ("4 orders wait for an answer with less than 5 minutes left", 4)
    assert notice.url.endswith("/orders/?view=ready")
    mail = Mail.objects.get(kind="orders.alarm")
    assert mail.subject == "[Harrow & Finch] 4 orders are about to be lost"
    assert len(mail.named) == 4


def test_one_order_that_cannot_be_answered_keeps_no_other_and_no_alarm(
    scoped: Merchant, account: JetAccount, noon: datetime, monkeypatch: pytest.MonkeyPatch
) -> None:
    Options.objects.update(fallback_policy="accept_if_stock")
    broken, whole = waiting(scoped, account), waiting(scoped, account)
    Job.objects.filter(kind="orders.fallback").delete()
    real = fallback.answer_by_stock

    def breaking(order: Order, *args: Any, **more: Any) -> str:
        if order.pk == broken.pk:
            raise LookupError("nothing we know")
        return real(order, *args, **more)

    monkeypatch.setattr(fallback, "answer_by_stock", breaking)
    with left(1, 30):
        watch()

    answers = dict(Order.objects.values_list("pk", "planned_answer"))
    assert (answers[broken.pk], answers[whole.pk]) == ("", "accepted")
    assert bell() == {"orders.alarm.2": ("danger", 1)}


def test_order_first_seen_with_two_minutes_left_has_one_alarm(
    scoped: Merchant, account: JetAccount, noon: datetime
) -> None:
    waiting(scoped, account)
    with left(1, 30):
        watch()
    assert bell() == {"orders.alarm.2": ("danger", 1)}
    assert Mail.objects.filter(kind="orders.alarm").count() == 1


def test_answered_and_overdue_orders_raise_no_alarm(
    scoped: Merchant, account: JetAccount, noon: datetime
) -> None:
    answered, overdue = waiting(scoped, account), waiting(scoped, account)
    reject_order(answered, answer="rejected - other", items={}, actor=SYSTEM)
    Order.objects.filter(pk=overdue.pk).update(ack_due_at=noon)
    with left(1):
        assert (watch(), raise_alarms(scoped), bell()) == (0, 0, {})


def test_alarm_says_what_the_fallback_will_do(scoped: Merchant, account: JetAccount, noon: datetime) -> None:
    Options.objects.update(fallback_policy="accept_if_stock")
    waiting(scoped, account)
    with left(5):
        watch()
    words = "hen 2 minutes are left: accept what stock covers, reject the rest."
    assert words in Notice.objects.get(key="orders.alarm.1").body
    assert words in Mail.objects.get(kind="orders.alarm").text


@pytest.mark.feature("CFG-14")
def test_orders_are_acknowledged_automatically_in_a_new_store_and_stay_ready_when_that_is_off(
    scoped: Merchant, owner: User
) -> None:
    account = factories.make_account(scoped)
    make_variant(scoped, make_product(scoped), sku="KETTLE-1", quantity=50)
    Options.objects.all().delete()
    options = get_options(scoped)  # made with its defaults, as for every new store
    assert (options.auto_acknowledge, options.fallback_policy) == (True, "accept_if_stock")
    accepted = waiting(scoped, account)
    assert (accepted.planned_answer, accepted.answered_by) == ("accepted", "automatic")

    Options.objects.update(auto_acknowledge=False)
    left_alone = waiting(scoped, account)
    assert (left_alone.state, left_alone.planned_answer) == ("ready", "")
    assert Job.objects.get(kind="orders.fallback").object_id == left_alone.pk


def test_fallback_acts_although_the_worker_of_its_job_died(
    scoped: Merchant, account: JetAccount, noon: datetime
) -> None:
    """The order's own job hangs with the dead worker's lease; the look-out acts, and the job's next try does nothing."""
    Options.objects.update(fallback_policy="accept_if_stock")
    order = waiting(scoped, account)
    with left(2):
        hanging = Job.objects.filter(kind="orders.fallback")
        assert hanging.update(state=JobState.RUNNING, lease_until=timezone.now() + timedelta(seconds=20)) == 1
        look_out()
        assert run_next("urgent")  # the watch; the answer itself needs Jet

        order.refresh_from_db()
        assert (order.planned_answer, order.answered_by) == ("accepted", "fallback")
        assert bell() == {}
        hanging.update(state=JobState.QUEUED, not_before=timezone.now())
        Job.objects.filter(kind="orders.acknowledge").update(not_before=timezone.now() + timedelta(hours=1))
        assert run_next("urgent")
    assert Job.objects.get(kind="orders.fallback").message == f"Order {order} has been answered."
    assert LogEntry.objects.filter(action="orders.order.accept_planned").count() == 1


def test_fallback_cancelled_by_a_person_stays_cancelled_and_alarms(
    scoped: Merchant, account: JetAccount, noon: datetime
) -> None:
    Options.objects.update(fallback_policy="accept_if_stock")
    order = waiting(scoped, account)
    assert cancel_job(Job.objects.get(kind="orders.fallback"))
    with left(2):
        watch()
    order.refresh_from_db()
    assert (order.state, order.planned_answer) == ("ready", "")
    assert bell() == {"orders.alarm.2": ("danger", 1)}


def test_answer_that_jet_refused_is_left_to_a_person(
    scoped: Merchant, account: JetAccount, noon: datetime
) -> None:
    Options.objects.update(fallback_policy="accept_if_stock")
    order = waiting(scoped, account)
    Job.objects.filter(kind="orders.fallback").delete()
    Order.objects.update(failure_reason=FailureReason.ANSWER_REFUSED)
    with left(2):
        assert [watch(), watch()] == [1, 0]
    order.refresh_from_db()
    assert order.planned_answer == ""
    assert bell() == {"orders.alarm.2": ("danger", 1)}


def test_idle_look_out_costs_one_query_a_watch_whatever_the_number_of_merchants(
    scoped: Merchant, account: JetAccount, noon: datetime, django_assert_num_queries: Any
) -> None:
    waiting(scoped, account)
    factories.make_merchant(name="Larkspur")
    with left(6), django_assert_num_queries(2):  # one of the clock, one of the webhooks
        assert look_out() == 0


def test_look_out_serves_each_merchant_and_leaves_out_suspended_and_test_orders(
    scoped: Merchant, account: JetAccount, noon: datetime
) -> None:
    others = [factories.make_merchant(name=f"Other {number}") for number in range(3)]
    for other in others:
        with merchant_scope(other):
            Options.objects.update_or_create(merchant=other, defaults={"auto_acknowledge": False})
            waiting(other, factories.make_account(other), sku="GHOST")
    waiting(scoped, account)
    Merchant.objects.filter(pk=others[0].pk).update(suspended_at=noon)
    Merchant.objects.filter(pk=others[1].pk).update(mode="live")
    with left(4):
        assert look_out() == 2
    with across_merchants():
        jobs = Job.objects.filter(kind="orders.clock")
        assert set(jobs.values_list("merchant_id", flat=True)) == {scoped.pk, others[2].pk}
