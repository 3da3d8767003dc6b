"""A real worker is killed between Jet's acceptance and our record. Whatever happens next, Jet saw it once."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest
from django.db import transaction
from django.utils import timezone

from catalog.models import Variant
from jetsync.enums import JobState
from jetsync.models import Job, Merchant
from jetsync.sync.claims import free_lost_jobs
from jetsync.sync.queue import wake
from jetsync.sync.runner import run_job
from jetsync.tenancy.actor import SYSTEM, Actor
from jetsync.tenancy.context import merchant_scope
from orders.actions.fetch import fetch_now
from orders.actions.shipment import ship_order
from orders.enums import OrderState
from orders.models import Order, OrderLine, ShipStationNotice
from orders.validators import LineInput, ShipmentInput
from refunds.actions.creating import create_refund
from refunds.validators import LineInput as RefundLine
from returns.money import Amounts
from tests.catalog import rows
from tests.kill.workers import wait_for, worker
from tests.orders.shipstation.conftest import connect, notice
from tests.sandbox.market import Market

pytestmark = [pytest.mark.kill, pytest.mark.django_db(transaction=True)]
SKU = "HF-KET-25"


@pytest.fixture
def shop(sandbox: Any, merchant: Merchant) -> Any:
    """A merchant with one kettle, known to Jet with price and stock."""
    sandbox.market = Market(sandbox.server, "demo-user", "demo-secret")
    sandbox.market.add_live_sku(SKU)
    with merchant_scope(merchant):
        rows.make_taxonomy()
        rows.make_variant(merchant, sku=SKU, quantity=20)
    yield sandbox
    sandbox.control.clear_faults()
    sandbox.market.close()


def kill_while_jet_has_it(shop: Any, job: Job, effect: str, tmp_path: Path, path: str) -> None:
    """Runs `job` in a worker that dies after Jet took the message and before it could answer."""
    shop.control.fault("late_answer", path=path, seconds=25, remaining=1)
    with worker(tmp_path) as first:
        wake(job.queue)
        wait_for(lambda: shop.control.counts().get(effect, {}).get("total") == 1, f"Jet took the {effect}")
        first.kill()
    job.refresh_from_db()
    assert job.state == JobState.RUNNING  # nobody could write anything down
    shop.control.clear_faults()
    Job.objects.filter(pk=job.pk).update(lease_until=timezone.now() - timedelta(seconds=1))
    assert free_lost_jobs() == 1
    with worker(tmp_path):
        wake(job.queue)
        wait_for(
            lambda: Job.objects.get(pk=job.pk).state == JobState.DONE, "the second worker finished the job"
        )


def buy(shop: Any, merchant: Merchant) -> Order:
    shop.market.generate((SKU, 2, 0))
    job = fetch_now(merchant, actor=SYSTEM)
    assert run_job(job.pk)
    return Order.objects.get(merchant=merchant)


def test_acknowledge_once(shop: Any, merchant: Merchant, tmp_path: Path) -> None:
    with merchant_scope(merchant):
        order = buy(shop, merchant)
        job = Job.objects.get(kind="orders.acknowledge", state=JobState.QUEUED)

        kill_while_jet_has_it(shop, job, "acknowledge", tmp_path, "/acknowledge")

        assert shop.control.counts()["acknowledge"] == {"total": 1, "distinct": 1}
        assert Order.objects.get(pk=order.pk).state == OrderState.ACKNOWLEDGED


def acknowledged(shop: Any, merchant: Merchant) -> Order:
    order = buy(shop, merchant)
    for job in Job.objects.filter(kind="orders.acknowledge", state=JobState.QUEUED):
        assert run_job(job.pk)
    order.refresh_from_db()
    assert order.state == OrderState.ACKNOWLEDGED
    return order


def parcel(order: Order) -> ShipmentInput:
    now = timezone.now()
    line = OrderLine.objects.get(order=order)
    return ShipmentInput(
        carrier="UPS",
        tracking_number="1Z999AA10123456784",
        shipped_at=now,
        pick_up_at=now + timedelta(hours=2),
        expected_delivery_at=now + timedelta(days=4),
        ship_from_zip="07030",
        lines=[LineInput(line.pk, quantity=2)],
    )


def test_ship_once(shop: Any, merchant: Merchant, tmp_path: Path) -> None:
    with merchant_scope(merchant):
        order = acknowledged(shop, merchant)
        ship_order(order, parcel(order), actor=SYSTEM)
        job = Job.objects.get(kind="orders.ship", state=JobState.QUEUED)

        kill_while_jet_has_it(shop, job, "ship", tmp_path, "/shipped")

        assert shop.control.counts()["ship"] == {"total": 1, "distinct": 1}
        assert Order.objects.get(pk=order.pk).state == OrderState.COMPLETE
        assert Variant.objects.get(sku=SKU).quantity == 18


def test_shipstation_report_once(shop: Any, merchant: Merchant, actor: Actor, tmp_path: Path) -> None:
    """Stored and answered; then the worker that made the shipment of it dies while Jet has it."""
    with merchant_scope(merchant):
        order = acknowledged(shop, merchant)
    caller = connect(merchant, actor)
    assert caller.post(notice(order, (SKU, 2))).status_code == 200
    with merchant_scope(merchant):
        (report,) = Job.objects.filter(kind="orders.shipstation", state=JobState.QUEUED)
        assert run_job(report.pk)
        job = Job.objects.get(kind="orders.ship", state=JobState.QUEUED)

        kill_while_jet_has_it(shop, job, "ship", tmp_path, "/shipped")
        assert (
            caller.post(notice(order, (SKU, 2))).status_code == 200
        )  # ShipStation heard nothing and asks again

        assert shop.control.counts()["ship"] == {"total": 1, "distinct": 1}
        assert Order.objects.get(pk=order.pk).state == OrderState.COMPLETE
        assert ShipStationNotice.objects.get().shipment is not None


def test_worker_killed_after_the_report_was_stored(
    shop: Any, merchant: Merchant, actor: Actor, tmp_path: Path
) -> None:
    """Its job is all that is left; whoever comes next takes it from there."""
    with merchant_scope(merchant):
        order = acknowledged(shop, merchant)
    caller = connect(merchant, actor)
    assert caller.post(notice(order, (SKU, 2))).status_code == 200
    with merchant_scope(merchant):
        job = Job.objects.get(kind="orders.shipstation")
        # Another transaction holds the order, so the worker dies in the middle of the job.
        with transaction.atomic():
            Order.objects.select_for_update(of=("self",)).get(pk=order.pk)
            with worker(tmp_path) as first:
                wake(job.queue)
                wait_for(lambda: state_of(job) == JobState.RUNNING, "the job was taken")
                first.kill()
        assert (state_of(job), ShipStationNotice.objects.get().state) == (JobState.RUNNING, "waiting")
        Job.objects.filter(pk=job.pk).update(lease_until=timezone.now() - timedelta(seconds=1))
        assert free_lost_jobs() == 1
        with worker(tmp_path):
            wake(job.queue)
            wait_for(
                lambda: Order.objects.get(pk=order.pk).state == OrderState.COMPLETE, "the order is shipped"
            )
        assert shop.control.counts()["ship"] == {"total": 1, "distinct": 1}


def state_of(job: Job) -> str:
    return Job.objects.values_list("state", flat=True).get(pk=job.pk)


def completed(shop: Any, merchant: Merchant, drain: Callable[[], int]) -> Order:
    order = acknowledged(shop, merchant)
    ship_order(order, parcel(order), actor=SYSTEM)
    drain()
    order.refresh_from_db()
    assert order.state == OrderState.COMPLETE
    return order


def test_refund_once(shop: Any, merchant: Merchant, tmp_path: Path, drain: Callable[[], int]) -> None:
    with merchant_scope(merchant):
        order = completed(shop, merchant, drain)
        line = OrderLine.objects.get(order=order)
        given = RefundLine(
            line.pk,
            quantity_returned=1,
            quantity_refunded=1,
            reason="Accidental order",
            feedback="Restocking fee",
            amounts=Amounts(Decimal("10.00"), Decimal(0), Decimal(0), Decimal(0)),
        )
        create_refund(order, [given], actor=SYSTEM)
        job = Job.objects.get(kind="refunds.create", state=JobState.QUEUED)

        kill_while_jet_has_it(shop, job, "refund", tmp_path, "/refunds/")

        assert shop.control.counts()["refund"] == {"total": 1, "distinct": 1}


def test_two_workers_on_one_merchant_do_nothing_twice(shop: Any, merchant: Merchant, tmp_path: Path) -> None:
    with merchant_scope(merchant):
        shop.market.generate((SKU, 1, 0), count=6)
        with worker(tmp_path), worker(tmp_path):
            fetch_now(merchant, actor=SYSTEM)
            for _ in range(4):
                wake("urgent")
            wait_for(
                lambda: Order.objects.filter(state=OrderState.ACKNOWLEDGED).count() == 6,
                "six orders acknowledged",
            )
        assert shop.control.counts()["acknowledge"] == {"total": 6, "distinct": 6}


def test_empty_broker_is_refilled_from_the_database(shop: Any, merchant: Merchant, tmp_path: Path) -> None:
    """The message is lost with everything in Valkey; what the beat does finds the job."""
    from jetsync.sync.client import shared_redis
    from jetsync.sync.tasks import task_wake_workers

    with merchant_scope(merchant):
        shop.market.generate((SKU, 1, 0))
        fetch_now(merchant, actor=SYSTEM)
        shared_redis().flushall()
        with worker(tmp_path):
            task_wake_workers()
            wait_for(
                lambda: Order.objects.filter(state=OrderState.ACKNOWLEDGED).count() == 1, "the order is there"
            )
