"""Orders read one after another are stored in one transaction: fewer queries, and every promise as for one alone."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import timedelta
from typing import Any

import pytest
from django.db import connection
from django.utils import timezone

from catalog.models import NodeStock, Reservation
from jetsync.benchmarks.measure import Statements
from jetsync.enums import JobState
from jetsync.models import Attempt, JetAccount, Job, LogEntry, MailEvent, Merchant, Notice, Options
from jetsync.sync.queue import enqueue
from jetsync.sync.runner import run_job, run_next
from orders.actions import importing
from orders.actions.importing import Imported, store_new_orders, store_order
from orders.actions.order_rows import Seen
from orders.models import Order
from orders.queries.clock import FALLBACK_LEAD
from orders.reading import read_order
from orders.sync import reading
from tests import factories
from tests.catalog.rows import make_product, make_variant
from tests.orders import rows
from tests.orders.desk import Desk, make_due
from tests.orders.dying import WorkerDied, reclaim_lost_jobs

pytestmark = pytest.mark.django_db

# Of one transaction, whatever it stores: savepoints, options, nodes, stock and jobs are asked for once.
STATEMENTS_TOGETHER = 50
# An order's own share of a fetch: the record of the call that read it, and the part of what is asked once for all.
STATEMENTS_AN_ORDER = 6.0
# Claim, store order, call, result, end; the savepoints of the test are among them.
STATEMENTS_OF_AN_ANSWER = 36


@pytest.fixture
def shop_account(scoped: Merchant) -> JetAccount:
    make_variant(scoped, make_product(scoped), sku="KETTLE-1", quantity=50)
    return factories.make_account(scoped)


def seen(*lines: dict[str, Any], **more: Any) -> Seen:
    return Seen(read_order(rows.jet_order(*lines, **more)), timezone.now())


def store(merchant: Merchant, account: JetAccount, orders: Sequence[Seen]) -> list[Imported]:
    return store_new_orders(merchant, account, orders)


def statements_of_storing(merchant: Merchant, account: JetAccount, orders: int) -> int:
    asked = Statements()
    with connection.execute_wrapper(asked):
        assert len(store(merchant, account, [seen() for _ in range(orders)])) == orders
    return asked.count


@pytest.mark.feature("ORD-08")
def test_storing_asks_as_much_for_twelve_orders_as_for_two(
    scoped: Merchant, shop_account: JetAccount
) -> None:
    store(
        scoped, shop_account, [seen()]
    )  # the first of all makes rows that stay: the notice, the queue's turn

    assert statements_of_storing(scoped, shop_account, 2) == STATEMENTS_TOGETHER
    assert statements_of_storing(scoped, shop_account, 12) == STATEMENTS_TOGETHER


def test_fetch_asks_little_for_each_order(desk: Desk) -> None:
    desk.sku("KETTLE-1", quantity=50)
    desk.buy(count=25)
    job, asked = enqueue(desk.merchant, "orders.fetch", "schedule"), Statements()

    with connection.execute_wrapper(asked):
        run_job(job.pk)

    assert Order.objects.filter(planned_answer="accepted").count() == 25
    assert asked.count / 25 <= STATEMENTS_AN_ORDER
    assert Attempt.objects.filter(job=job, path__contains="withoutShipmentDetail").count() == 25


def test_orders_stored_together_have_what_one_alone_has(scoped: Merchant, shop_account: JetAccount) -> None:
    alone = store_order(scoped, shop_account, seen().facts, seen_at=timezone.now()).order
    several = [one.order for one in store(scoped, shop_account, [seen(), seen(), seen()])]

    for order in [alone, *several]:
        order.refresh_from_db()
        line = order.lines.get()
        actions = LogEntry.objects.filter(object_id=order.pk, object_type="orders.order").order_by("pk")
        job = Job.objects.get(kind="orders.acknowledge", key=str(order.pk))
        assert (order.state, order.planned_answer, order.answered_by) == ("ready", "accepted", "automatic")
        assert (line.planned_status, line.problem) == ("fulfillable", "")
        assert (job.object_type, job.object_id, job.state) == ("orders.order", order.pk, JobState.QUEUED)
        assert [entry.action for entry in actions] == ["orders.order.imported", "orders.order.accept_planned"]
        assert actions[1].job == job
        assert Reservation.objects.get(key=line.reservation_key).quantity == 1
        assert LogEntry.objects.filter(message__endswith=f"for {line.reservation_key}").count() == 1
        assert MailEvent.objects.filter(kind="orders.new", object_id=order.pk).count() == 1
    assert NodeStock.objects.get().quantity_target == 46
    notice = Notice.objects.get(key="orders.accepted")
    assert (notice.count, notice.body) == (4, f"The latest is order {several[-1]}.")


def test_pieces_of_a_rejected_order_go_to_the_next_of_the_same_transaction(
    scoped: Merchant, shop_account: JetAccount
) -> None:
    Options.objects.update(problem_orders="reject")
    make_variant(scoped, make_product(scoped), sku="CUP-1", quantity=1)
    rejected = seen(rows.line("CUP-1"), rows.line("GHOST-1"))
    next_one = seen(rows.line("CUP-1"))
    too_late = seen(rows.line("CUP-1"))
    good = seen()

    imported = store(scoped, shop_account, [rejected, next_one, too_late, good])

    answers = [one.answer for one in imported]
    error = "rejected - item level error"
    assert answers == [error, "accepted", error, "accepted"]
    assert imported[2].order.failure_reason == "out_of_stock"
    held = Reservation.objects.filter(released_at=None).values_list("key", flat=True)
    expected = [imported[1].order.lines.get().reservation_key, imported[3].order.lines.get().reservation_key]
    assert sorted(held) == sorted(expected)


def test_order_with_a_missing_item_is_accepted_for_the_rest_among_others(
    scoped: Merchant, shop_account: JetAccount
) -> None:
    Options.objects.update(missing_items="cancel")
    imported = store(scoped, shop_account, [seen(), seen(rows.line(), rows.line("GHOST-1"))])

    assert [one.answer for one in imported] == ["accepted", "accepted"]
    planned = dict(imported[1].order.lines.values_list("sku", "cancel_planned"))
    assert planned == {"KETTLE-1": 0, "GHOST-1": 1}


def test_orders_that_wait_for_the_merchant_get_each_its_own_clock(
    scoped: Merchant, shop_account: JetAccount
) -> None:
    Options.objects.update(auto_acknowledge=False)
    now = timezone.now()
    imported = store(
        scoped, shop_account, [seen(ready_at=now - timedelta(minutes=minutes)) for minutes in (0, 3)]
    )

    for one in imported:
        job = Job.objects.get(kind="orders.fallback", key=str(one.order.pk))
        assert (one.answer, job.not_before) == ("", one.order.ack_due_at - FALLBACK_LEAD)
    assert Notice.objects.get(key="orders.waiting").count == 2
    assert Job.objects.filter(kind="orders.acknowledge").count() == 0


def test_known_orders_are_left_to_be_brought_up_to_date(scoped: Merchant, shop_account: JetAccount) -> None:
    known, new = seen(), seen()
    store(scoped, shop_account, [known])

    imported = store(scoped, shop_account, [known, new])

    assert [one.order.merchant_order_id for one in imported] == [new.facts.merchant_order_id]
    assert store(scoped, shop_account, [known, new]) == []
    assert Order.objects.count() == Reservation.objects.count() == 2
    assert Job.objects.filter(kind="orders.acknowledge").count() == 2


def test_nothing_stands_of_orders_of_which_one_cannot_be_stored(
    scoped: Merchant, shop_account: JetAccount, monkeypatch: pytest.MonkeyPatch
) -> None:
    def broken(*_args: object) -> None:
        raise ValueError("no bell")

    monkeypatch.setattr(importing, "tell_new", broken)
    with pytest.raises(ValueError, match="no bell"):
        store(scoped, shop_account, [seen(), seen()])
    assert Order.objects.count() == Reservation.objects.count() == 0
    assert not Job.objects.filter(kind="orders.acknowledge").exists()
    assert not NodeStock.objects.exists()


def test_worker_that_dies_with_orders_in_hand_loses_and_doubles_none(
    desk: Desk, monkeypatch: pytest.MonkeyPatch
) -> None:
    desk.sku("KETTLE-1", quantity=50)
    desk.buy(count=3)
    plain = reading.store_new_orders

    def die(*_args: object, **_more: object) -> list[Imported]:
        raise WorkerDied

    monkeypatch.setattr(reading, "store_new_orders", die)
    job = enqueue(desk.merchant, "orders.fetch", "schedule")
    with pytest.raises(WorkerDied):
        run_job(job.pk)
    assert Order.objects.count() == 0

    monkeypatch.setattr(reading, "store_new_orders", plain)
    assert reclaim_lost_jobs() == 1
    make_due(job)
    desk.drain()

    assert Order.objects.filter(state="acknowledged").count() == 3
    assert desk.effects("acknowledge") == 3


def test_worker_without_its_lease_stores_nothing_more(desk: Desk, monkeypatch: pytest.MonkeyPatch) -> None:
    desk.sku("KETTLE-1", quantity=50)
    desk.buy(count=3)
    plain, asked = reading.Inbox._ask, []

    def lose_lease(inbox: Any, merchant_order_id: str) -> Seen | None:
        asked.append(merchant_order_id)
        if len(asked) == 2:
            Job.objects.update(lease_token="another worker", started_at=timezone.now())
            inbox._ctx.heartbeat()
        return plain(inbox, merchant_order_id)

    monkeypatch.setattr(reading.Inbox, "_ask", lose_lease)
    job = desk.fetch()

    assert (len(asked), Order.objects.count(), job.state) == (2, 0, JobState.RUNNING)


def test_slow_jet_does_not_keep_what_was_read_before(desk: Desk, monkeypatch: pytest.MonkeyPatch) -> None:
    desk.sku("KETTLE-1", quantity=50)
    desk.buy(count=3)
    plain, stored = reading.Inbox._ask, []

    def count_stored(inbox: Any, merchant_order_id: str) -> Seen | None:
        stored.append(Order.objects.count())
        return plain(inbox, merchant_order_id)

    monkeypatch.setattr(reading.Inbox, "_ask", count_stored)
    monkeypatch.setattr(reading, "WAIT_SECONDS", 0.0)
    desk.fetch()

    assert (stored, Order.objects.count()) == ([0, 1, 2], 3)


def test_answer_asks_little(desk: Desk) -> None:
    desk.sku("KETTLE-1", quantity=50)
    desk.buy(count=2)
    desk.fetch()
    assert run_next("urgent")  # the first of all makes the store's book
    asked = Statements()

    with connection.execute_wrapper(asked):
        assert run_next("urgent")

    assert Order.objects.filter(state="acknowledged").count() == 2
    assert asked.count == STATEMENTS_OF_AN_ANSWER
