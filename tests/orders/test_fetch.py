"""Fetching from the sandbox: stored once, decided by stock, one bad order stops nobody."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import timedelta
from decimal import Decimal

import pytest
import time_machine
from django.urls import reverse
from django.utils import timezone

from catalog.models import Reservation
from jetsync.enums import JobState, Queue
from jetsync.models import Job, LogEntry, Merchant, Notice, Schedule
from jetsync.sync.registry import kind_of, schedule_of
from jetsync.sync.schedules import ensure_schedules, start_due
from orders.actions import importing, order_rows
from orders.models import Order, OrderLine
from orders.reading import OrderFacts, read_order
from orders.sync import fetch
from tests.catalog import rows as catalog_rows
from tests.orders.desk import Desk, last_job, make_due
from tests.orders.pages import page, text_of

pytestmark = pytest.mark.django_db


@pytest.mark.feature("ORD-05")
def test_ten_minutes_bring_a_fetch_and_with_it_the_new_orders(desk: Desk) -> None:
    desk.sku("KETTLE-1", quantity=5)
    ensure_schedules(desk.merchant)
    first = Schedule.objects.get(kind="orders.fetch").next_due_at
    fetches = Job.objects.filter(kind="orders.fetch")

    with time_machine.travel(first - timedelta(seconds=5), tick=False):
        start_due()
    assert not fetches.exists()

    for turn in range(2):
        (order_id,) = desk.buy()
        with time_machine.travel(first + turn * timedelta(minutes=10) + timedelta(seconds=1), tick=False):
            start_due()
            start_due()
        assert fetches.count() == turn + 1
        make_due(fetches.latest("pk"))
        desk.run(fetches.latest("pk"))
        assert desk.order(order_id).state == "ready"


@pytest.mark.feature("SCH-02")
def test_schedule_fetches_every_ten_minutes_on_the_urgent_queue() -> None:
    schedule = schedule_of("orders.fetch")

    assert schedule is not None
    assert schedule.interval.total_seconds() == 600
    assert kind_of("orders.fetch").queue == Queue.URGENT


@pytest.mark.feature("ORD-08")
def test_fetch_stores_reserves_accepts_and_tells_jet(desk: Desk) -> None:
    kettle = desk.sku("KETTLE-1", quantity=5)
    (order_id,) = desk.buy(("KETTLE-1", 2, 0))

    desk.fetch()
    desk.drain()

    order = desk.order(order_id)
    jet = desk.at_jet(order_id)
    line = OrderLine.objects.get(order=order)
    assert (order.state, jet["status"]) == ("acknowledged", "acknowledged")
    assert order.acknowledgement_status == jet["acknowledgement_status"] == "accepted"
    assert order.reference_order_id == jet["reference_order_id"]
    assert (order.ack_due_at - order.ready_at).total_seconds() == 900
    assert order.raw["merchant_order_id"] == order_id
    assert order.node == desk.account.nodes.get()
    assert (line.sku, line.quantity, line.variant, line.ack_status) == (
        "KETTLE-1",
        2,
        kettle,
        "fulfillable",
    )
    assert order.total == line.base_price * 2 + line.item_tax + line.shipping_cost * 2 + line.shipping_tax
    assert order.total > Decimal(0)
    assert catalog_rows.available_quantity(kettle) == 3
    assert desk.effects("acknowledge") == 1


@pytest.mark.feature("ORD-14", "NOT-04")
def test_fetch_notice_counts_new_orders(desk: Desk) -> None:
    desk.sku("KETTLE-1", quantity=5)
    desk.buy(count=2)

    job = desk.fetch()

    assert job.message == "2 new orders, 2 accepted automatically."
    notice = Notice.objects.get()
    latest = Order.objects.latest("pk")
    assert (notice.key, notice.count, notice.body) == (
        "orders.accepted",
        2,
        f"The latest is order {latest}.",
    )
    assert notice.url == f"/m/{desk.merchant.slug}/orders/"


@pytest.mark.feature("ORD-15")
def test_fetch_without_news_points_to_failed_orders(desk: Desk, client_for) -> None:
    desk.options(problem_orders="reject")
    desk.list_at_jet("GHOST-1")
    desk.buy(("GHOST-1", 1, 0))
    desk.fetch()
    desk.drain()

    assert desk.fetch().message == "No new orders. 1 failed or rejected in the list."
    client = client_for("owner")
    assert f'href="{page(desk.merchant, "order-failed")}"' in text_of(
        client, page(desk.merchant, "order-list")
    )
    badges = text_of(client, reverse("panel:badges", args=[desk.merchant.slug]))
    assert 'id="badge-orders-order-failed" hx-swap-oob="true" data-count="1"' in badges


def test_fetch_twice_changes_nothing(desk: Desk) -> None:
    desk.sku("KETTLE-1", quantity=5)
    (order_id,) = desk.buy()
    desk.fetch()
    before = desk.order(order_id)

    job = desk.fetch()

    assert job.message == "No new orders."
    assert desk.order(order_id).updated_at == before.updated_at
    assert Order.objects.count() == OrderLine.objects.count() == Reservation.objects.count() == 1
    assert Job.objects.filter(kind="orders.acknowledge").count() == 1


def test_import_of_the_same_answer_twice_is_one_order(desk: Desk) -> None:
    desk.sku("KETTLE-1", quantity=5)
    (order_id,) = desk.buy(("KETTLE-1", 2, 0))

    first = desk.import_order(order_id)
    second = desk.import_order(order_id)

    assert first.pk == second.pk
    assert Order.objects.count() == OrderLine.objects.count() == Reservation.objects.count() == 1
    assert LogEntry.objects.filter(action="orders.order.imported").count() == 1


def test_rival_that_stores_the_order_first_wins_and_nothing_doubles(
    desk: Desk, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The rival runs after we decided to import and before our own insert."""
    desk.sku("KETTLE-1", quantity=5)
    (order_id,) = desk.buy()
    facts = read_order(desk.at_jet(order_id))
    plain = order_rows.jet_columns
    rivals: list[Order] = []

    def rival_first(*args: object) -> dict[str, object]:
        monkeypatch.setattr(order_rows, "jet_columns", plain)
        rivals.append(importing.store_order(desk.merchant, desk.account, facts, seen_at=timezone.now()).order)
        return plain(*args)

    monkeypatch.setattr(order_rows, "jet_columns", rival_first)
    seen_at = timezone.now()
    ours = importing.store_order(desk.merchant, desk.account, facts, seen_at=seen_at)

    assert (ours.is_new, ours.order.pk) == (False, rivals[0].pk)
    assert Order.objects.count() == OrderLine.objects.count() == Reservation.objects.count() == 1
    assert Job.objects.filter(kind="orders.acknowledge").count() == 1


def test_two_orders_for_the_last_piece_one_is_accepted_one_rejected(desk: Desk) -> None:
    desk.options(problem_orders="reject")
    desk.sku("KETTLE-1", quantity=1)
    first, second = desk.buy(count=2)

    desk.fetch()
    desk.drain()

    states = sorted(desk.order(order_id).state for order_id in (first, second))
    assert states == ["acknowledged", "rejected"]
    loser = Order.objects.get(state="rejected")
    assert loser.failure_reason == "out_of_stock"
    assert desk.at_jet(loser)["acknowledgement_status"] == "rejected - item level error"


@pytest.mark.feature("ORD-12", "FAI-03")
@pytest.mark.parametrize(
    ("case", "reason", "word"),
    [
        ("unknown", "sku_unknown", "nonfulfillable - invalid merchant SKU"),
        ("empty", "out_of_stock", "nonfulfillable - no inventory"),
        ("disabled", "product_disabled", "nonfulfillable - no inventory"),
    ],
)
def test_import_rejects_what_the_store_cannot_deliver(desk: Desk, case: str, reason: str, word: str) -> None:
    desk.options(problem_orders="reject")
    desk.sku("GOOD-1", quantity=5)
    if case == "unknown":
        desk.list_at_jet("BAD-1")
    else:
        desk.sku("BAD-1", quantity=0 if case == "empty" else 5, active=case != "disabled")
    (order_id,) = desk.buy(("GOOD-1", 1, 0), ("BAD-1", 1, 0))

    desk.fetch()
    desk.drain()

    order, jet = desk.order(order_id), desk.at_jet(order_id)
    assert (order.state, order.failure_reason) == ("rejected", reason)
    assert order.failure_message.startswith("BAD-1: ")
    assert order.failure_hint != ""
    assert jet["acknowledgement_status"] == "rejected - item level error"
    answers = {item["merchant_sku"]: item["order_item_acknowledgement_status"] for item in jet["order_items"]}
    assert answers == {"GOOD-1": "fulfillable", "BAD-1": word}
    assert Reservation.objects.filter(released_at=None).count() == 0
    assert Notice.objects.get(key="orders.rejected").body == f"Order {order}: {order.failure_message}"


def test_order_that_breaks_storing_is_kept_and_the_others_go_on(
    desk: Desk, monkeypatch: pytest.MonkeyPatch
) -> None:
    desk.sku("KETTLE-1", quantity=5)
    bad, good = desk.buy(count=2)
    plain = importing.insert_lines

    def break_one(merchant: Merchant, shown: Sequence[tuple[Order, OrderFacts]]) -> object:
        if any(order.merchant_order_id == bad for order, _facts in shown):
            raise LookupError("a line nobody has seen before")
        return plain(merchant, shown)

    monkeypatch.setattr(importing, "insert_lines", break_one)
    job = desk.fetch()

    assert desk.order(good).state == "ready"
    broken = desk.order(bad)
    assert (broken.state, broken.failure_reason) == ("failed", "unreadable")
    assert job.message == "1 new order, 1 accepted automatically, 1 could not be read."
    assert Notice.objects.filter(key="orders.unreadable").count() == 1

    monkeypatch.setattr(importing, "insert_lines", plain)
    desk.fetch()
    desk.drain()

    healed = desk.order(bad)
    assert (healed.state, healed.failure_reason) == ("acknowledged", "")
    assert desk.effects("acknowledge") == 2


def test_server_error_on_one_order_keeps_the_others_and_tries_again(desk: Desk) -> None:
    desk.sku("KETTLE-1", quantity=5)
    bad, good = desk.buy(count=2)
    fault = f"orders/withoutShipmentDetail/{bad}"
    desk.control.fault("status", path=fault, status=500)

    job = desk.fetch()

    assert (job.state, job.failure_end) == (JobState.QUEUED, "retry")
    assert list(Order.objects.values_list("merchant_order_id", flat=True)) == [good]
    desk.control.clear_faults()
    make_due(job)
    assert desk.run(job).state == JobState.DONE
    assert Order.objects.count() == 2


def test_unknown_status_is_stored_and_noticed(desk: Desk) -> None:
    desk.sku("KETTLE-1")
    (order_id,) = desk.buy()
    raw = desk.at_jet(order_id) | {"status": "on hold"}

    imported = importing.store_order(
        desk.merchant, desk.account, read_order(raw), seen_at=timezone.now()
    ).order

    assert (imported.state, imported.jet_status) == ("failed", "on hold")
    assert imported.failure_reason == "unknown_status"
    assert Notice.objects.get(key=f"orders.unknown_status.{imported.pk}").body == (
        "Jet sent the status “on hold”, which jetsync does not know."
    )
    assert imported.lines.count() == 1


def test_stale_answer_does_not_overtake_a_newer_one(desk: Desk) -> None:
    desk.sku("KETTLE-1")
    (order_id,) = desk.buy()
    old_answer, asked_at = read_order(desk.at_jet(order_id)), timezone.now()
    order = desk.import_order(order_id)
    desk.drain()

    importing.apply_facts(desk.merchant, order.pk, old_answer, seen_at=asked_at)

    assert desk.reload(order).state == "acknowledged"
    assert desk.reload(order).jet_status == "acknowledged"


def test_full_list_is_read_past_its_end(desk: Desk, monkeypatch: pytest.MonkeyPatch) -> None:
    """With manual answers the first page never empties; the tag brings what comes after it into sight."""
    from orders.sync import fetch

    monkeypatch.setattr(fetch, "LIST_LIMIT", 2)
    plain = fetch._ready_ids
    monkeypatch.setattr(fetch, "_ready_ids", lambda ctx, account: plain(ctx, account)[:2])
    desk.options(auto_acknowledge=False)
    desk.sku("KETTLE-1", quantity=50)
    desk.buy(count=5)

    job = desk.fetch()
    for _ in range(6):
        make_due(job)
        desk.run(job)

    assert Order.objects.filter(state="ready").count() == 5
    assert last_job("orders.fetch").state == JobState.DONE
    assert Notice.objects.get(key="orders.waiting").count == 5


def test_batch_limit_runs_the_job_again(desk: Desk, monkeypatch: pytest.MonkeyPatch) -> None:
    from orders.sync import fetch

    monkeypatch.setattr(fetch, "BATCH", 2)
    desk.sku("KETTLE-1", quantity=50)
    desk.buy(count=5)

    desk.fetch()
    desk.drain()

    assert Order.objects.filter(state="acknowledged").count() == 5
    assert last_job("orders.fetch").message == "5 new orders, 5 accepted automatically."


@pytest.mark.parametrize("case", ["unknown word", "given up for lost"])
def test_ready_order_that_was_stored_as_failed_is_answered_after_all(desk: Desk, case: str) -> None:
    """What Jet shows wins: it lists the order as ready, and 15 minutes are running."""
    desk.sku("KETTLE-1")
    (order_id,) = desk.buy()
    if case == "unknown word":
        raw = desk.at_jet(order_id) | {"status": "on hold"}
        importing.store_order(desk.merchant, desk.account, read_order(raw), seen_at=timezone.now())
    else:
        desk.options(auto_acknowledge=False)
        importing.mark_gone(desk.merchant, desk.import_order(order_id).pk)
        desk.options(auto_acknowledge=True)

    desk.fetch()
    desk.drain()

    order = desk.order(order_id)
    assert (order.state, order.failure_reason) == ("acknowledged", "")
    assert desk.at_jet(order_id)["status"] == "acknowledged"


def test_orders_that_cannot_be_read_keep_no_other_waiting(
    desk: Desk, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(fetch, "BATCH", 2)
    desk.sku("KETTLE-1")
    broken = desk.buy(count=3)
    for order_id in broken:
        importing.store_unreadable(desk.merchant, desk.account, order_id, "broken")
        desk.control.fault("html", path=f"/orders/withoutShipmentDetail/{order_id}")
    (good,) = desk.buy()

    job = desk.fetch()

    assert (desk.order(good).state, job.state) == ("ready", JobState.DONE)


def test_status_that_is_known_again_ends_the_failure(desk: Desk) -> None:
    desk.sku("KETTLE-1")
    order = desk.acknowledged(("KETTLE-1", 1, 0))
    raw = desk.at_jet(order)
    for status, reason in (("on hold", "unknown_status"), ("acknowledged", "")):
        facts = read_order(raw | {"status": status})
        importing.apply_facts(desk.merchant, order.pk, facts, seen_at=timezone.now())
        assert (desk.reload(order).state, desk.reload(order).failure_reason) == ("acknowledged", reason)
