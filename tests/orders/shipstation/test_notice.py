"""A parcel that ShipStation reports becomes one shipment at Jet, whatever is said, repeated or left out."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from django.utils import timezone

from jetsync.enums import JobState
from jetsync.models import Job, LogEntry, Notice
from jetsync.sync.queue import enqueue
from jetsync.tenancy.actor import SYSTEM
from jetsync.tenancy.context import merchant_scope
from orders.actions.shipment import ship_order
from orders.dates import add_business_days
from orders.enums import ShipmentSource
from orders.models import Order, Shipment, ShipStationCarrier, ShipStationNotice
from orders.shipstation import noticing
from orders.shipstation.connecting import renew_key
from orders.shipstation.queries import carrier_rules
from tests.orders.desk import Desk, last_job, make_due
from tests.orders.rows import line, parcel
from tests.orders.shipstation.conftest import Caller, notice

pytestmark = pytest.mark.django_db


@pytest.fixture
def shop(desk: Desk, actor) -> Caller:
    """The merchant of the desk, with ShipStation connected."""
    connection, key = renew_key(desk.merchant, actor=actor)
    return Caller(desk.merchant, connection, key)


def told(desk: Desk, order: Order) -> list[dict]:
    return desk.at_jet(order).get("shipments") or []


@pytest.mark.feature("SST-05", "SHP-15", "CFG-19")
def test_report_reaches_jet_once_with_carrier_and_dates(desk: Desk, shop: Caller, order: Order) -> None:
    desk.options(shipstation_delivery_days=3)
    made = datetime.now(UTC).replace(second=0, microsecond=0) + timedelta(minutes=1)
    day = made.astimezone(ZoneInfo(desk.merchant.time_zone)).date()
    body = notice(
        order,
        (order.lines.get(), 3),
        LabelCreateDate=made.strftime("%m/%d/%Y %H:%M"),
        ShipDate=day.strftime("%m/%d/%Y"),
        Service="UPS SurePost 1 lb or Greater",
    )

    answers = [shop.post(body) for _ in range(3)]
    assert [(answer.status_code, answer.content) for answer in answers] == [(200, b"")] * 3
    assert told(desk, order) == []  # stored, not sent yet
    desk.drain()
    again = shop.post(body)
    desk.drain()

    assert again.status_code == 200
    (entry,) = told(desk, order)
    assert desk.effects("ship") == 1
    assert (entry["carrier"], entry["shipment_tracking_number"]) == ("UPS SurePost", "1Z999AA10123456784")
    assert (entry["response_shipment_method"], entry["ship_from_zip_code"]) == ("UPSSurepost", "07030")
    shipment = Shipment.objects.get()
    zone = ZoneInfo(desk.merchant.time_zone)
    assert (shipment.source, shipment.shipped_at, shipment.state) == (
        ShipmentSource.SHIPSTATION,
        made,
        "sent",
    )
    assert shipment.pick_up_at.astimezone(zone).date() == day
    assert shipment.expected_delivery_at.astimezone(zone).date() == add_business_days(day, 3)
    report = ShipStationNotice.objects.get()
    assert (report.state, report.shipment, report.times_seen) == ("shipped", shipment, 4)
    assert desk.reload(order).state == "complete"


def test_empty_body_ships_everything_that_is_open(desk: Desk, shop: Caller, order: Order) -> None:
    answer = shop.post(
        b"",
        order_number=str(order),
        carrier="USPS",
        service="USPS Priority Mail",
        tracking_number="9400 1000",
    )
    desk.drain()
    assert answer.status_code == 200
    (entry,) = told(desk, order)
    assert (entry["carrier"], entry["response_shipment_method"]) == ("USPS", "USPSPriorityMail")
    assert entry["shipment_tracking_number"] == "94001000"
    assert entry["shipment_items"][0]["response_shipment_sku_quantity"] == 3


def test_several_parcels_by_line_and_by_sku(desk: Desk, shop: Caller) -> None:
    for sku in ("KETTLE-1", "CUP-2"):
        desk.sku(sku, quantity=10)
    order = desk.acknowledged(("KETTLE-1", 3, 0), ("CUP-2", 2, 0))
    kettle = order.lines.get(sku="KETTLE-1")
    for body in (
        notice(order, (kettle, 1), tracking="A1"),
        notice(order, ("CUP-2", 2), tracking="A2"),
        notice(order, (kettle, 2), tracking="A3"),
    ):
        shop.post(body)
    desk.drain()

    by_number = {
        entry["shipment_tracking_number"]: [
            (item["merchant_sku"], item["response_shipment_sku_quantity"]) for item in entry["shipment_items"]
        ]
        for entry in told(desk, order)
    }
    assert by_number == {"A1": [("KETTLE-1", 1)], "A2": [("CUP-2", 2)], "A3": [("KETTLE-1", 2)]}
    assert desk.reload(order).state == "complete"


def test_never_more_than_is_open(desk: Desk, shop: Caller, order: Order) -> None:
    shop.post(notice(order, (order.lines.get(), 7)))
    desk.drain()
    (entry,) = told(desk, order)
    assert entry["shipment_items"][0]["response_shipment_sku_quantity"] == 3
    report = ShipStationNotice.objects.get()
    assert report.state == "shipped"
    # What follows depends on the day: a parcel that comes after the promised one says so as well.
    assert report.message.startswith("KETTLE-1: 4 units more than were open.")
    assert Notice.objects.get(key=f"orders.shipstation_surplus.{report.pk}").level == "warning"

    shop.post(notice(order, (order.lines.get(), 1), tracking="ANOTHER"))
    desk.drain()
    assert desk.effects("ship") == 1
    assert ShipStationNotice.objects.latest("pk").message == f"Order {order} was complete already."


def test_merged_lines_of_one_sku_are_spread(merchant, order_of, caller) -> None:
    order = order_of(line(quantity=2), line(quantity=3), status="acknowledged")
    with merchant_scope(merchant):
        first, second = order.lines.order_by("pk")
        caller.post(notice(order, (second, 4)))
        noticing.apply_notice(merchant, ShipStationNotice.objects.get().pk)
        rows = list(Shipment.objects.get().lines.order_by("line_id"))
    assert [(row.line_id, row.quantity) for row in rows] == [(first.pk, 1), (second.pk, 3)]


def test_unknown_sku_is_named_and_the_others_go_on(merchant, order_of, caller) -> None:
    order = order_of(line(quantity=2), status="acknowledged")
    with merchant_scope(merchant):
        caller.post(notice(order, ("KETTLE-1", 1), ("LAMP-9", 1)))
        report = noticing.apply_notice(merchant, ShipStationNotice.objects.get().pk)
    assert (report.state, report.message) == ("shipped", "LAMP-9 is not part of the order.")


def test_units_the_shopper_wants_cancelled_stay_open_unless_reported(merchant, order_of, caller) -> None:
    order = order_of(line(quantity=3, cancel=1), status="acknowledged")
    with merchant_scope(merchant):
        caller.post(b"", order_number=str(order), carrier="UPS", tracking_number="A1")
        noticing.apply_notice(merchant, ShipStationNotice.objects.get().pk)
        assert Shipment.objects.get().lines.get().quantity == 2


def test_unknown_order_is_404_with_a_line_in_the_list(merchant, account, caller) -> None:
    answer = caller.post(b"", order_number="JET-1", carrier="UPS", tracking_number="A1")
    assert answer.status_code == 404
    assert answer.content.decode().startswith("There is no order JET-1 in this store.")
    with merchant_scope(merchant):
        assert _calls(merchant) == [
            (
                404,
                "Order JET-1",
                "There is no order JET-1 in this store. It may belong to another of your stores.",
            )
        ]
        assert not ShipStationNotice.objects.exists()
        assert not Job.objects.exists()


def _calls(merchant):
    from orders.shipstation.queries import calls_of

    return [(row.status, row.about, row.message) for row in calls_of(merchant)]


def test_id_and_number_of_two_orders_ship_neither_and_are_told(merchant, order_of, caller) -> None:
    """An id of ShipStation's own, or a merged order: the wrong parcel at Jet could not be taken back."""
    first, second = order_of(status="acknowledged"), order_of(status="acknowledged")

    answer = caller.post(notice(first, OrderNumber=f"{second}"))

    words = f"OrderID {first.pk} is order {first}, and OrderNumber {second} is order {second}."
    assert (answer.status_code, answer.content.decode().startswith(words)) == (409, True)
    with merchant_scope(merchant):
        assert not ShipStationNotice.objects.exists()
        assert not Job.objects.exists()
        told = Notice.objects.get(key__startswith="orders.shipstation_two_orders")
        assert told.body.startswith(f"{words} Tracking number: 1Z999AA10123456784.")
        assert _calls(merchant)[0][2].startswith(words)


def test_our_own_id_counts_when_the_number_leads_nowhere(merchant, order_of, caller) -> None:
    meant = order_of(status="acknowledged")
    assert caller.post(notice(meant, OrderNumber="renamed-7")).status_code == 200
    with merchant_scope(merchant):
        assert ShipStationNotice.objects.get().order_id == meant.pk


@pytest.mark.parametrize("order_id", ["", "0", "x", "9" * 18, "9" * 40])
def test_number_is_used_when_the_id_leads_nowhere(merchant, order_of, caller, order_id) -> None:
    order = order_of(status="acknowledged")
    assert caller.post(notice(order, OrderID=order_id)).status_code == 200
    assert (
        caller.post(notice(order, OrderID="", OrderNumber=order.merchant_order_id.upper())).status_code == 200
    )


@pytest.mark.parametrize("size", [1024 * 1024 + 1, 6 * 1024 * 1024])
def test_body_beyond_a_megabyte_is_413(merchant, order_of, caller, size) -> None:
    order_of(status="acknowledged")
    assert caller.post(b" " * size).status_code == 413


def test_document_type_is_400_and_stores_nothing(merchant, order_of, caller) -> None:
    order = order_of(status="acknowledged")
    body = notice(order).replace("<ShipNotice>", '<!DOCTYPE x [<!ENTITY a "b">]><ShipNotice>')
    answer = caller.post(body)
    assert (answer.status_code, b"document type" in answer.content) == (400, True)
    with merchant_scope(merchant):
        assert not ShipStationNotice.objects.exists()


# --- what keeps a report waiting ------------------------------------------------------------------------------


def test_missing_tracking_number_is_asked_for_and_then_told_to_jet(
    desk: Desk, shop: Caller, order: Order, actor
) -> None:
    shop.post(notice(order, (order.lines.get(), 3), tracking=""))
    desk.drain()
    report = ShipStationNotice.objects.get()
    assert (report.state, told(desk, order)) == ("needs_tracking", [])
    bell = Notice.objects.get(key=f"orders.shipstation_tracking.{report.pk}")
    assert bell.url.endswith(f"/orders/shipstation/parcels/{report.pk}/")

    noticing.give_tracking(report, " 1Z 77 ", "FedEx", actor=actor)
    desk.drain()

    (entry,) = told(desk, order)
    assert (entry["shipment_tracking_number"], entry["carrier"]) == ("1Z77", "FedEx")


def test_number_that_comes_later_answers_the_question(desk: Desk, shop: Caller, order: Order) -> None:
    shop.post(notice(order, (order.lines.get(), 2), tracking=""))
    desk.drain()
    shop.post(notice(order, (order.lines.get(), 2), tracking="LATER"))
    desk.drain()
    first, second = ShipStationNotice.objects.order_by("pk")
    assert (first.state, first.message) == ("nothing_left", "Reported again with tracking number LATER.")
    assert (second.state, desk.effects("ship")) == ("shipped", 1)


def test_report_before_the_acknowledgement_waits_for_it(desk: Desk, shop: Caller) -> None:
    desk.options(auto_acknowledge=False)
    desk.sku("KETTLE-1")
    (order_id,) = desk.buy()
    order = desk.import_order(order_id)
    shop.post(notice(order, (order.lines.get(), 1)))
    desk.drain()
    job = last_job("orders.shipstation")
    assert (job.state, job.code, ShipStationNotice.objects.get().state) == (
        JobState.QUEUED,
        "order_not_accepted",
        "waiting",
    )

    from orders.actions.answer import accept_order

    accept_order(order, actor=SYSTEM)
    desk.drain()
    make_due(job)
    desk.drain()
    assert len(told(desk, order)) == 1


def test_report_of_a_rejected_order_is_told_at_once(merchant, order_of, caller) -> None:
    order = order_of(status="acknowledged")
    with merchant_scope(merchant):
        Order.objects.filter(pk=order.pk).update(state="rejected")
        assert caller.post(notice(order)).status_code == 200
        report = noticing.apply_notice(merchant, ShipStationNotice.objects.get().pk)
        assert (report.state, report.message) == (
            "refused",
            f"Order {order} is rejected, but ShipStation has shipped it.",
        )
        assert Notice.objects.get(key=f"orders.shipstation_refused.{report.pk}").level == "danger"
        # The same report again is another try, because something may have changed.
        Order.objects.filter(pk=order.pk).update(state="acknowledged")
        caller.post(notice(order))
        report = noticing.apply_notice(merchant, report.pk)
        assert (report.state, ShipStationNotice.objects.count()) == ("shipped", 1)


def test_job_that_gives_up_leaves_the_report_to_a_person(merchant, order_of, caller) -> None:
    order = order_of(status="acknowledged")
    with merchant_scope(merchant):
        caller.post(notice(order))
        report, job = ShipStationNotice.objects.get(), Job.objects.get(kind="orders.shipstation")
        Job.objects.update(state=JobState.FAILED, message="The worker stopped.")
        noticing.fail_notice(Job.objects.select_related("merchant").get(pk=job.pk))
        report.refresh_from_db()
        assert (report.state, report.message) == ("refused", "The worker stopped.")
        noticing.retry_notice(report, actor=SYSTEM)
        assert Job.objects.filter(kind="orders.shipstation", state=JobState.QUEUED).count() == 1


def test_ship_date_before_the_order_does_not_stop_the_parcel(desk: Desk, shop: Caller, order: Order) -> None:
    """A clock that is behind, or a label of yesterday."""
    body = notice(order, LabelCreateDate="01/01/2020 00:00", ShipDate="01/01/2020")
    shop.post(body)
    desk.drain()
    (entry,) = told(desk, order)
    shipment = Shipment.objects.get()
    assert entry["shipment_tracking_number"] == "1Z999AA10123456784"
    assert shipment.shipped_at == desk.reload(order).placed_at


@pytest.mark.parametrize("sent", ["", "99/99/2026", "soon"])
def test_missing_dates_are_the_day_of_the_report(merchant, order_of, caller, sent) -> None:
    order = order_of(status="acknowledged")
    with merchant_scope(merchant):
        caller.post(notice(order, LabelCreateDate=sent, ShipDate=sent))
        noticing.apply_notice(merchant, ShipStationNotice.objects.get().pk)
        shipment = Shipment.objects.get()
    zone = ZoneInfo(merchant.time_zone)
    today: date = timezone.now().astimezone(zone).date()
    assert shipment.pick_up_at.astimezone(zone).date() == today
    assert shipment.expected_delivery_at.astimezone(zone).date() == add_business_days(today, 5)


@pytest.mark.feature("CFG-32", "SHP-15")
def test_switched_off_sending_stores_and_waits(desk: Desk, shop: Caller, order: Order) -> None:
    desk.options(send_tracking=False)
    assert shop.post(notice(order, (order.lines.get(), 3))).status_code == 200
    desk.drain()
    assert (told(desk, order), Shipment.objects.get().state) == ([], "queued")

    desk.options(send_tracking=True)
    desk.run(enqueue(desk.merchant, "orders.sweep", "schedule"))
    desk.drain()
    assert len(told(desk, order)) == 1


# --- carriers -------------------------------------------------------------------------------------------------


def test_carrier_without_translation_ships_as_other_and_is_asked_about_once(
    desk: Desk, shop: Caller, order: Order
) -> None:
    for number in ("A1", "A2"):
        shop.post(
            notice(order, (order.lines.get(), 1), tracking=number, Carrier="RoyalMail", Service="Tracked 48")
        )
    desk.drain()
    assert [entry["carrier"] for entry in told(desk, order)] == ["Other", "Other"]
    row = ShipStationCarrier.objects.get(carrier="RoyalMail")
    assert (row.is_open, row.jet_carrier) == (True, "Other")
    assert Notice.objects.get(key="orders.shipstation_carrier").count == 1

    carrier_rules(desk.merchant).filter(pk=row.pk).update(jet_carrier="DHL", is_open=False)
    shop.post(notice(order, (order.lines.get(), 1), tracking="A3", Carrier="royal_mail"))
    desk.drain()
    assert told(desk, order)[-1]["carrier"] == "DHL"


# --- once, whatever happens in between ------------------------------------------------------------------------


def test_second_report_between_the_look_and_the_insert_is_the_same(
    merchant, order_of, caller, monkeypatch
) -> None:
    """The rival stores the same report after the first has computed its key and before it stores."""
    order = order_of(line(quantity=2), status="acknowledged")
    real, calls = noticing.notice_key, []

    def rival(facts, lines):
        if not calls:
            calls.append(1)
            assert caller.post(notice(order)).status_code == 200
        return real(facts, lines)

    monkeypatch.setattr(noticing, "notice_key", rival)
    assert caller.post(notice(order)).status_code == 200
    with merchant_scope(merchant):
        assert (ShipStationNotice.objects.count(), Job.objects.filter(kind="orders.shipstation").count()) == (
            1,
            1,
        )


def test_rival_ships_by_hand_before_the_job_has_the_lock(merchant, order_of, caller, monkeypatch) -> None:
    order = order_of(line(quantity=3), status="acknowledged")
    caller.post(notice(order))
    real = noticing.lock_order

    def rival(*args):
        monkeypatch.setattr(noticing, "lock_order", real)
        ship_order(Order.objects.get(pk=order.pk), parcel(order, 2), actor=SYSTEM)
        return real(*args)

    monkeypatch.setattr(noticing, "lock_order", rival)
    with merchant_scope(merchant):
        noticing.apply_notice(merchant, ShipStationNotice.objects.get().pk)
        shipped = [row.quantity for shipment in Shipment.objects.all() for row in shipment.lines.all()]
    assert shipped == [2, 1]


def test_job_run_twice_makes_one_shipment(desk: Desk, shop: Caller, order: Order) -> None:
    shop.post(notice(order, (order.lines.get(), 1)))
    desk.drain()
    job = desk.run(enqueue(desk.merchant, "orders.shipstation", str(ShipStationNotice.objects.get().pk)))
    assert job.state == JobState.DONE
    assert (Shipment.objects.count(), desk.effects("ship")) == (1, 1)


def test_worker_that_dies_inside_the_job_leaves_nothing_half(
    desk: Desk, shop: Caller, order: Order, monkeypatch
) -> None:
    shop.post(notice(order, (order.lines.get(), 1)))
    job = last_job("orders.shipstation")

    def die(*_args: object, **_more: object) -> None:
        raise SystemExit

    with monkeypatch.context() as patch:
        patch.setattr(noticing, "_supersede", die)
        with pytest.raises(SystemExit):
            desk.run(job)
    assert (Shipment.objects.count(), ShipStationNotice.objects.get().state) == (0, "waiting")
    Job.objects.filter(pk=job.pk).update(state=JobState.QUEUED, lease_token="", lease_until=None)

    desk.run(job)
    desk.drain()

    assert (Shipment.objects.count(), desk.effects("ship")) == (1, 1)


def test_log_tells_of_each_report_once(merchant, order_of, caller) -> None:
    order = order_of(status="acknowledged")
    for _ in range(3):
        caller.post(notice(order))
    with merchant_scope(merchant):
        entry = LogEntry.objects.get(action="orders.shipstation.reported")
    assert (entry.actor_label, entry.object_id) == ("ShipStation", order.pk)
    assert (
        entry.message == f"ShipStation reports a parcel of order {order}: UPS UPS Ground, 1Z999AA10123456784."
    )
