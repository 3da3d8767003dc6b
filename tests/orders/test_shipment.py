"""Shipping and cancelling: what reaches Jet, limits kept, stock settled."""

from __future__ import annotations

import json
from dataclasses import replace

import pytest

from catalog.models import Reservation
from jetsync.enums import FailureEnd, JobState
from jetsync.exceptions import InvalidInput, StateConflict
from jetsync.models import Job, LogEntry, Notice
from jetsync.sync.queue import enqueue
from jetsync.tenancy.actor import SYSTEM
from orders.actions.shipment import cancel_rest, resend_shipment, ship_order
from orders.models import Order, Shipment, ShipmentLine
from orders.queries.line import line_counts
from orders.validators import LineInput, ShipmentInput
from tests.catalog import rows as catalog_rows
from tests.orders.desk import Desk, last_job
from tests.orders.rows import parcel

pytestmark = pytest.mark.django_db
SHIP = "/orders/[0-9a-f]+/shipped"


def test_ship_everything_completes_order_and_uses_the_stock_up(desk: Desk, order: Order) -> None:
    shipment = ship_order(order, parcel(order, 3), actor=SYSTEM)
    assert (shipment.state, shipment.alt_shipment_id) == ("queued", f"{order}-{shipment.pk}")
    desk.drain()

    shipment.refresh_from_db()
    jet = desk.at_jet(order)
    assert (desk.reload(order).state, jet["status"], shipment.state) == ("complete", "complete", "sent")
    assert [entry["alt_shipment_id"] for entry in jet["shipments"]] == [shipment.alt_shipment_id]
    variant = order.lines.get().variant
    variant.refresh_from_db()
    assert (variant.quantity, catalog_rows.available_quantity(variant)) == (7, 7)
    assert Reservation.objects.get().reason == "shipped"
    assert desk.reload(order).completed_at is not None
    assert LogEntry.objects.get(action="orders.shipment.sent").message == (
        f"Jet has shipment {shipment} of order {order}."
    )


@pytest.mark.feature("SHP-07", "SHP-14")
def test_partial_shipments_stay_in_progress_until_all_is_sent(desk: Desk, order: Order) -> None:
    ship_order(order, parcel(order, 1), actor=SYSTEM)
    desk.drain()
    assert (desk.reload(order).state, desk.at_jet(order)["status"]) == ("inprogress", "inprogress")
    variant = order.lines.get().variant
    assert Reservation.objects.get().quantity == 2

    ship_order(order, parcel(order, 2, tracking_number="second"), actor=SYSTEM)
    desk.drain()

    assert (desk.reload(order).state, desk.at_jet(order)["status"]) == ("complete", "complete")
    assert len(set(Shipment.objects.values_list("alt_shipment_id", flat=True))) == 2
    variant.refresh_from_db()
    assert variant.quantity == 7
    assert desk.effects("ship") == 2


def test_order_is_read_once_more_when_jet_has_its_last_parcel(desk: Desk, order: Order) -> None:
    """Its page shows what Jet made of it, with Jet's own ids, and not the JSON from before."""
    first = ship_order(order, parcel(order, 1), actor=SYSTEM)
    desk.drain()
    assert not Job.objects.filter(kind="orders.refresh").exists()
    assert desk.reload(order).raw["status"] == "ready"

    second = ship_order(order, parcel(order, 2, tracking_number="second"), actor=SYSTEM)
    desk.drain()

    assert last_job("orders.refresh").state == JobState.DONE
    assert desk.reload(order).raw["status"] == "complete"
    at_jet = [entry["shipment_id"] for entry in desk.at_jet(order)["shipments"]]
    assert [Shipment.objects.get(pk=row.pk).jet_shipment_id for row in (first, second)] == at_jet


def test_order_that_cannot_be_read_stays_complete_and_is_tried_again(desk: Desk, order: Order) -> None:
    desk.control.fault("status", path="/orders/withoutShipmentDetail/", method="GET", status=503, remaining=9)
    shipment = ship_order(order, parcel(order, 3), actor=SYSTEM)
    desk.drain()

    shipment.refresh_from_db()
    assert (desk.reload(order).state, shipment.state) == ("complete", "sent")
    assert last_job("orders.refresh").state == JobState.QUEUED


def test_message_carries_all_fields_with_seven_digits(desk: Desk, order: Order) -> None:
    location = {
        "address1": "9 Dock St",
        "address2": "",
        "city": "Hoboken",
        "state": "NJ",
        "zip_code": "07030",
    }
    line = LineInput(
        order.lines.get().pk, 2, 1, wants_location=True, days_to_return=30, return_location=location
    )
    desk.control.clear_requests()
    data = replace(parcel(order, 0), lines=(line,), confirms_cancel=True)
    shipment = ship_order(order, data, actor=SYSTEM)
    desk.drain()

    (sent,) = [row for row in desk.control.requests(user="demo-user") if row["method"] == "PUT"]
    body = sent["body"] if isinstance(sent["body"], dict) else json.loads(sent["body"])
    (entry,) = body["shipments"]
    row = ShipmentLine.objects.get()
    assert entry["response_shipment_date"].split(".")[1] == entry["response_shipment_date"][-13:]
    assert len(entry["response_shipment_date"].split(".")[1].split("+")[0]) == 7
    assert row.rma_number.startswith(f"RMA-{shipment.pk}-")
    assert entry["shipment_items"] == [
        {
            "alt_shipment_item_id": f"{shipment.alt_shipment_id}-{row.pk}",
            "merchant_sku": "KETTLE-1",
            "response_shipment_sku_quantity": 2,
            "response_shipment_cancel_qty": 1,
            "RMA_number": row.rma_number,
            "days_to_return": 30,
            "return_location": location,
        }
    ]
    assert desk.reload(order).state == "complete"


@pytest.mark.feature("SHP-08")
def test_cancel_the_rest_frees_the_stock_and_completes(desk: Desk, order: Order) -> None:
    cancel_rest(order, actor=SYSTEM)
    desk.control.clear_requests()
    desk.drain()

    (sent,) = [row for row in desk.control.requests(user="demo-user") if row["method"] == "PUT"]
    body = sent["body"] if isinstance(sent["body"], dict) else json.loads(sent["body"])
    shipment = Shipment.objects.get()
    row = ShipmentLine.objects.get()
    assert body == {
        "shipments": [
            {
                "alt_shipment_id": shipment.alt_shipment_id,
                "shipment_items": [
                    {
                        "alt_shipment_item_id": f"{shipment.alt_shipment_id}-{row.pk}",
                        "merchant_sku": "KETTLE-1",
                        "response_shipment_sku_quantity": 0,
                        "response_shipment_cancel_qty": 3,
                    }
                ],
            }
        ],
        "alt_order_id": desk.reload(order).alt_order_id,
    }
    variant = order.lines.get().variant
    assert (desk.reload(order).state, catalog_rows.available_quantity(variant)) == ("complete", 10)


def test_order_directed_to_cancel_is_filled_and_completes(desk: Desk) -> None:
    """The activation test: 0 ordered, 1 to cancel."""
    desk.sku("KETTLE-1", quantity=10)
    order = desk.acknowledged(("KETTLE-1", 0, 1))
    assert order.is_directed_cancel
    (count,) = line_counts(order)
    assert (count.remaining, count.shippable, count.cancel_wanted) == (1, 0, 1)

    ship_order(order, ShipmentInput(lines=(LineInput(count.line.pk, 0, 1),)), actor=SYSTEM)
    desk.drain()

    assert desk.reload(order).state == "complete"
    assert "exception_state" not in desk.at_jet(order) or not desk.at_jet(order)["exception_state"]


def test_refused_shipment_gives_its_units_back_and_can_be_sent_again(desk: Desk, order: Order) -> None:
    desk.control.fault("status", path=SHIP, method="PUT", status=400, remaining=1)
    shipment = ship_order(order, parcel(order, 3), actor=SYSTEM)
    job = desk.run(last_job("orders.ship"))

    shipment.refresh_from_db()
    assert (job.state, job.failure_end, shipment.state) == (JobState.FAILED, FailureEnd.PERMANENT, "refused")
    assert shipment.failure_message == job.message
    assert [count.remaining for count in line_counts(order)] == [3]
    assert desk.reload(order).failure_reason == "shipment_refused"
    assert Notice.objects.filter(key=f"orders.shipment_refused.{shipment.pk}").count() == 1

    resend_shipment(shipment, actor=SYSTEM)
    desk.drain()
    assert (desk.reload(order).state, desk.reload(order).failure_reason) == ("complete", "")


def test_only_a_refused_shipment_is_sent_again(desk: Desk, order: Order) -> None:
    shipment = ship_order(order, parcel(order, 2), actor=SYSTEM)
    desk.drain()

    with pytest.raises(StateConflict) as conflict:
        resend_shipment(shipment, actor=SYSTEM)

    assert conflict.value.message == f"Shipment {shipment} of order {order} is not refused: sent to jet."
    assert not LogEntry.objects.filter(action="orders.shipment.resent").exists()
    assert (Job.objects.filter(kind="orders.ship").count(), desk.effects("ship")) == (1, 1)


def test_shipment_sent_again_while_sending_is_off_waits_and_says_so(desk: Desk, order: Order) -> None:
    desk.control.fault("status", path=SHIP, method="PUT", status=400, remaining=1)
    shipment = ship_order(order, parcel(order, 2), actor=SYSTEM)
    desk.drain()
    desk.options(send_tracking=False)

    resend_shipment(shipment, actor=SYSTEM)

    shipment.refresh_from_db()
    assert shipment.state == "queued"
    assert LogEntry.objects.get(action="orders.shipment.resent").message == (
        f"Shipment {shipment} of order {order} waits: sending shipments to Jet is switched off."
    )


def test_refused_shipment_whose_units_are_gone_is_not_sent_again(desk: Desk, order: Order) -> None:
    desk.control.fault("status", path=SHIP, method="PUT", status=400, remaining=1)
    refused = ship_order(order, parcel(order, 2), actor=SYSTEM)
    desk.drain()
    ship_order(order, parcel(order, 2), actor=SYSTEM)
    desk.drain()

    with pytest.raises(StateConflict) as conflict:
        resend_shipment(refused, actor=SYSTEM)

    assert conflict.value.message == f"Shipment {refused}: KETTLE-1 has only 1 unit left."
    assert desk.effects("ship") == 1


def test_switched_off_sending_waits_and_the_sweep_sends_later(desk: Desk, order: Order) -> None:
    desk.options(send_tracking=False)
    shipment = ship_order(order, parcel(order, 3), actor=SYSTEM)
    desk.run(enqueue(desk.merchant, "orders.sweep", "schedule"))
    assert not Job.objects.filter(kind="orders.ship").exists()

    desk.options(send_tracking=True)
    desk.run(enqueue(desk.merchant, "orders.sweep", "schedule"))
    desk.drain()

    shipment.refresh_from_db()
    assert (shipment.state, desk.reload(order).state) == ("sent", "complete")


def test_shipment_entered_at_jet_is_taken_over(desk: Desk, order: Order) -> None:
    desk.market.ship(order.merchant_order_id, "KETTLE-1", 1, alt_shipment_id="ELSEWHERE-1")

    desk.import_order(order.merchant_order_id)
    desk.import_order(order.merchant_order_id)

    shipment = Shipment.objects.get()
    assert (shipment.source, shipment.state, shipment.alt_shipment_id) == ("jet", "sent", "ELSEWHERE-1")
    assert shipment.lines.get().quantity == 1
    assert (desk.reload(order).state, Reservation.objects.get().quantity) == ("inprogress", 2)


@pytest.mark.feature("SHP-06")
@pytest.mark.parametrize(
    ("ship", "cancel", "field"),
    [
        (4, 0, "quantity"),
        (3, 1, "cancel_quantity"),
        (0, 4, "cancel_quantity"),
        (0, 0, "lines"),
    ],
)
def test_quantity_limits(desk: Desk, order: Order, ship: int, cancel: int, field: str) -> None:
    line = order.lines.get()
    with pytest.raises(InvalidInput) as refused:
        ship_order(order, parcel(order, ship, cancel, confirms_cancel=True), actor=SYSTEM)

    name = "lines" if field == "lines" else f"line-{line.pk}-{field}"
    assert list(refused.value.fields) == [name]
    assert not Shipment.objects.exists()
    assert not Job.objects.filter(kind="orders.ship").exists()


@pytest.mark.feature("SHP-06")
def test_cancelling_more_than_asked_must_be_confirmed(desk: Desk, order: Order) -> None:
    with pytest.raises(InvalidInput) as refused:
        ship_order(order, parcel(order, 2, 1), actor=SYSTEM)
    assert list(refused.value.fields) == ["confirms_cancel"]

    ship_order(order, parcel(order, 2, 1, confirms_cancel=True), actor=SYSTEM)
    desk.drain()
    assert desk.reload(order).state == "complete"


@pytest.mark.feature("SHP-04")
@pytest.mark.parametrize(
    "name", ["carrier", "tracking_number", "shipped_at", "expected_delivery_at", "pick_up_at"]
)
def test_shipping_needs_tracking_and_dates(order: Order, name: str) -> None:
    empty = "" if name in {"carrier", "tracking_number"} else None

    with pytest.raises(InvalidInput) as refused:
        ship_order(order, parcel(order, 1, **{name: empty}), actor=SYSTEM)

    assert list(refused.value.fields) == [name]
    assert not Shipment.objects.exists()


@pytest.mark.feature("SHP-03")
@pytest.mark.parametrize("zip_code", ["0703", "070301", "O7030"])
def test_zip_has_five_digits(order: Order, zip_code: str) -> None:
    with pytest.raises(InvalidInput) as refused:
        ship_order(order, parcel(order, 1, ship_from_zip=zip_code), actor=SYSTEM)

    assert refused.value.fields == {"ship_from_zip": [f"Five digits, for example 07030, not “{zip_code}”."]}


@pytest.mark.feature("SHP-10")
def test_own_return_address_needs_days(order: Order) -> None:
    line = LineInput(order.lines.get().pk, 1, wants_location=True, return_location={"city": "Hoboken"})

    with pytest.raises(InvalidInput) as refused:
        ship_order(order, replace(parcel(order, 1), lines=(line,)), actor=SYSTEM)

    assert list(refused.value.fields) == [f"line-{line.line_id}-days_to_return"]


def test_units_on_their_way_cannot_be_shipped_twice(order: Order) -> None:
    ship_order(order, parcel(order, 2), actor=SYSTEM)

    with pytest.raises(InvalidInput) as refused:
        ship_order(order, parcel(order, 2), actor=SYSTEM)

    assert "only 1 of 3 are left" in refused.value.message
    assert Shipment.objects.count() == 1


def test_completed_order_takes_no_shipment(desk: Desk, order: Order) -> None:
    ship_order(order, parcel(order, 3), actor=SYSTEM)
    desk.drain()

    with pytest.raises(StateConflict) as refused:
        ship_order(order, parcel(order, 1), actor=SYSTEM)

    assert refused.value.message == f"Order {order} is completed; only acknowledged orders can be shipped."
