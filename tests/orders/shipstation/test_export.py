"""What ShipStation gets: contents, statuses, windows, pages; against the facts of its published schema."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from decimal import Decimal

import pytest
from django.db import connection as database
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from catalog.models import Variant
from jetsync.models import LogEntry, Notice, Options
from jetsync.tenancy.actor import SYSTEM
from jetsync.tenancy.context import merchant_scope
from orders.actions.shipment import mark_sent, ship_order
from orders.enums import ShipmentSource
from orders.models import Order, OrderLine
from orders.queries.line import line_counts
from orders.shipstation import paging
from tests.orders.rows import jet_order, line, parcel, store
from tests.orders.shipstation.conftest import FORMAT, age, parse
from tests.orders.shipstation.schema import faults

pytestmark = pytest.mark.django_db


def words(root) -> list[tuple[str | None, str | None]]:
    return [(order.findtext("OrderNumber"), order.findtext("OrderStatus")) for order in root]


def test_order_has_every_field_and_fits_the_schema(merchant, order_of, caller) -> None:
    with merchant_scope(merchant):
        Variant.objects.filter(sku="KETTLE-1").update(
            options=[{"name": "Color", "value": "Red"}],
            package_length_inches=Decimal("9.50"),
            package_width_inches=Decimal("8.00"),
            package_height_inches=Decimal("7.25"),
        )
        Options.objects.filter(merchant=merchant).update(customer_email="orders@merchant.example")
    order = order_of(line(quantity=2), status="acknowledged")
    with merchant_scope(merchant):
        row = OrderLine.objects.get(order=order)

    root = caller.export()

    (shown,) = root
    read = {child.tag: child.text for child in shown if not len(child)}
    assert read == {
        "OrderID": str(order.pk),
        "OrderNumber": order.reference_order_id,
        "OrderDate": order.placed_at.strftime(FORMAT),
        "OrderStatus": "acknowledged",
        "LastModified": order.updated_at.strftime(FORMAT),
        "ShippingMethod": "FedEx Ground",
        "PaymentMethod": "Jet.com",
        "CurrencyCode": "USD",
        "OrderTotal": "61.95",  # 2 x 24.99, tax 4.97, shipping 2 x 3.50
        "TaxAmount": "4.97",
        "ShippingAmount": "7.00",
        "InternalNotes": f"Ship by {order.ship_by:{FORMAT}} UTC. Jet promised delivery by {order.deliver_by:{FORMAT}} UTC.",
        "Gift": "false",
        "CustomField1": order.merchant_order_id,
        "CustomField2": f"{order.ship_by:{FORMAT}} UTC",
        "CustomField3": "Standard",
        "RequestedWarehouse": "Hoboken",
        "Source": "Jet.com",
    }
    customer = {child.tag: child.text for child in shown.find("Customer").iter() if not len(child)}
    assert customer == {
        "CustomerCode": "orders@merchant.example",
        "Name": "Ida Marsh",
        "Phone": "2015550143",
        "Email": "orders@merchant.example",
        "Address1": "48 Quarry Lane",
        "Address2": "Unit 3",
        "City": "Montclair",
        "State": "NJ",
        "PostalCode": "07042",
        "Country": "US",
    }
    (item,) = shown.find("Items")
    assert [(child.tag, child.text) for child in item.iter() if not len(child)] == [
        ("LineItemID", str(row.pk)),
        ("SKU", "KETTLE-1"),
        ("Name", "Stovetop kettle KETTLE-1"),
        ("ImageUrl", "https://img.example.com/kettle/1.jpg"),
        ("Weight", "3.25"),
        ("WeightUnits", "Pounds"),
        ("DimensionUnits", "inches"),
        ("Length", "9.50"),
        ("Width", "8.00"),
        ("Height", "7.25"),
        ("Quantity", "2"),
        ("UnitPrice", "24.99"),
        ("Name", "Color"),
        ("Value", "Red"),
    ]
    assert faults(root) == []


def test_answer_is_xml_in_utf8_and_changes_no_order(merchant, order_of, caller) -> None:
    order = order_of(line(product_title="Kessel für Tee ]]> \x0b&amp; <b>"), status="acknowledged")
    with merchant_scope(merchant):
        before = Order.objects.filter(pk=order.pk).values().get()
        logged = LogEntry.objects.count()

    answer = caller.get(**caller.window())

    assert answer["Content-Type"] == "text/xml; charset=utf-8"
    assert answer.content.startswith(b'<?xml version="1.0" encoding="utf-8"?>')
    assert parse(answer.content).findtext("Order/Items/Item/Name") == "Kessel für Tee ]]> &amp; <b>"
    assert faults(parse(answer.content)) == []
    with merchant_scope(merchant):
        assert Order.objects.filter(pk=order.pk).values().get() == before
        assert LogEntry.objects.count() == logged


def test_nothing_to_export_is_one_empty_page(merchant, account, caller) -> None:
    root = caller.export()
    assert (root.tag, root.attrib, list(root)) == ("Orders", {"pages": "1", "page": "1"}, [])
    assert faults(root) == []


@pytest.mark.feature("SST-02")
def test_only_chosen_statuses_are_exported(merchant, order_of, caller, settings_of) -> None:
    for status in ("created", "ready", "acknowledged", "inprogress", "complete"):
        order_of(status=status)
    cancelled = order_of(status="complete", exception_state="")
    with merchant_scope(merchant):
        Order.objects.filter(pk=cancelled.pk).update(state="rejected")

    usual = [word for _number, word in words(caller.export())]
    settings_of(export_statuses=["ready", "on_hold"])
    chosen = [word for _number, word in words(caller.export())]

    assert usual == ["acknowledged", "inprogress", "complete", "cancelled"]
    assert chosen == ["on_hold", "ready"]  # Jet still checks the created one


@pytest.mark.feature("SST-03")
def test_own_words_stand_for_the_statuses(merchant, order_of, caller, settings_of) -> None:
    order_of(status="acknowledged")
    settings_of(words={"acknowledged": "Pack it & go"})
    assert [word for _number, word in words(caller.export())] == ["Pack it & go"]


def test_order_without_a_full_address_is_on_hold(merchant, order_of, caller, settings_of) -> None:
    order = order_of(status="acknowledged")
    with merchant_scope(merchant):
        Order.objects.filter(pk=order.pk).update(ship_to_zip="")
    assert words(caller.export()) == []
    settings_of(export_statuses=["on_hold"])
    root = caller.export()
    assert words(root) == [(str(order), "on_hold")]
    assert faults(root) == []


@pytest.mark.feature("SST-02")
@pytest.mark.parametrize(
    ("choice", "word"),
    [("complete", "complete"), ("inprogress", "inprogress"), ("as_at_jet", "acknowledged")],
)
def test_shipped_status_counts_until_jet_has_the_shipment(
    order_of, caller, settings_of, choice, word
) -> None:
    order = order_of(line(quantity=2), status="acknowledged")
    merchant = order.merchant
    settings_of(shipped_status=choice)
    with merchant_scope(merchant):
        shipment = ship_order(order, parcel(order, 2), actor=SYSTEM, source=ShipmentSource.SHIPSTATION)
    assert words(caller.export()) == [(str(order), word)]
    with merchant_scope(merchant):
        mark_sent(merchant, shipment.pk)
    assert words(caller.export()) == [(str(order), "complete")]


def test_order_whose_every_unit_is_cancelled_is_cancelled(merchant, order_of, caller) -> None:
    order = order_of(line(quantity=2), status="acknowledged")
    with merchant_scope(merchant):
        shipment = ship_order(order, parcel(order, 0, 2, confirms_cancel=True), actor=SYSTEM)
        assert words(caller.export()) == [(str(order), "cancelled")]
        mark_sent(merchant, shipment.pk)
    root = caller.export()
    assert words(root) == [(str(order), "cancelled")]
    assert root.findall("Order/Items/Item") == []
    assert faults(root) == []


@pytest.mark.parametrize(
    ("act", "left"),
    [
        ({}, 5),
        ({"cancel": 1}, 4),
        ({"quantity": 2, "source": ShipmentSource.HERE}, 3),
        ({"quantity": 2, "source": ShipmentSource.SHIPSTATION}, 5),
    ],
)
def test_quantity_is_what_is_left_for_shipstation(merchant, order_of, caller, act, left) -> None:
    """Parcels that left without ShipStation must not be packed there again; its own it counts itself."""
    order = order_of(line(quantity=5), status="acknowledged")
    if act:
        with merchant_scope(merchant):
            data = parcel(order, act.get("quantity", 0), act.get("cancel", 0), confirms_cancel=True)
            ship_order(order, data, actor=SYSTEM, source=act.get("source", ShipmentSource.HERE))
    assert caller.export().findtext("Order/Items/Item/Quantity") == str(left)


def test_units_the_shopper_wants_cancelled_are_not_to_be_packed(merchant, order_of, caller) -> None:
    order_of(line(quantity=3, cancel=1), status="acknowledged", jet_request_directed_cancel=True)
    shown = caller.export().find("Order")
    assert shown.findtext("Items/Item/Quantity") == "2"
    assert shown.findtext("InternalNotes").startswith("Jet asks to cancel units of this order;")


def test_bounds_of_the_window_are_included(merchant, order_of, caller) -> None:
    order = order_of(status="acknowledged")
    moment = datetime(2026, 3, 23, 21, 9, 30, tzinfo=UTC)
    with merchant_scope(merchant):
        Order.objects.filter(pk=order.pk).update(updated_at=moment)

    def found(start: str, end: str) -> int:
        return len(caller.export(start_date=start, end_date=end))

    assert found("03/23/2026 21:09", "03/23/2026 21:09") == 1
    assert found("03/23/2026 20:00", "03/23/2026 21:09") == 1
    assert found("03/23/2026 21:09", "03/24/2026 00:00") == 1
    assert found("03/23/2026 20:00", "03/23/2026 21:08") == 0
    # A change may be stored a moment after its time: the window begins a little early rather than lose it.
    assert found("03/23/2026 21:11", "03/24/2026 00:00") == 1
    assert found("03/23/2026 21:12", "03/24/2026 00:00") == 0
    assert found("03232026 2109", "03/23/2026 9:09 PM") == 1


@pytest.mark.parametrize(
    ("query", "said"),
    [
        ({"start_date": ""}, "start_date: it is missing."),
        ({"end_date": "soon"}, "end_date: “soon” is no date."),
        ({"page": "0"}, "page: “0” is no page; the first is 1."),
        ({"page": "x"}, "page: “x” is no page; the first is 1."),
        ({"page": "9" * 30}, "is no page; the first is 1."),
        ({"action": "delete"}, "The action must be “export” (GET) or “shipnotify” (POST)."),
        ({"action": ""}, "The action must be"),
    ],
)
def test_wrong_questions_are_answered_with_400_and_the_reason(account, caller, query, said) -> None:
    answer = caller.get(**(caller.window() | query))
    assert answer.status_code == 400
    assert said in answer.content.decode()


def test_export_asked_for_with_post_is_405(account, caller) -> None:
    from django.test import Client

    answer = Client().post(caller.url, query_params=caller.window(), headers=caller.headers)
    assert (answer.status_code, answer["Allow"]) == (405, "GET")


def test_orders_of_the_other_mode_are_not_exported(merchant, order_of, caller) -> None:
    order_of(status="acknowledged")
    type(merchant).objects.filter(pk=merchant.pk).update(mode="live")
    assert list(caller.export()) == []


def make_many(merchant, account, count: int) -> list[Order]:
    with merchant_scope(merchant):
        return [store(merchant, account, jet_order(line(), status="acknowledged")) for _ in range(count)]


def test_pages_hold_a_hundred_and_the_queries_of_one(merchant, account, caller, monkeypatch) -> None:
    monkeypatch.setattr(paging, "PAGE_SIZE", 3)
    orders = make_many(merchant, account, 7)
    seen = []
    for number in (1, 2, 3, 4):  # one more than there are
        root = caller.export(page=number)
        assert root.attrib == {"pages": "3", "page": str(number)}
        seen += [order.findtext("OrderNumber") for order in root]
    assert seen == [str(order) for order in orders]

    monkeypatch.setattr(paging, "PAGE_SIZE", 100)
    with CaptureQueriesContext(database) as seven:
        caller.export()
    make_many(merchant, account, 5)
    with CaptureQueriesContext(database) as twelve:
        assert len(caller.export()) == 12
    assert len(seven) == len(twelve) <= 18


def test_page_size_is_a_hundred() -> None:
    assert paging.PAGE_SIZE == 100


def test_order_that_changes_between_two_pages_passes_no_other_over(
    merchant, account, caller, monkeypatch
) -> None:
    """It moves out of its place; counted by rows, the first order of the next page would move into the page before."""
    monkeypatch.setattr(paging, "PAGE_SIZE", 3)
    orders = make_many(merchant, account, 6)
    for position, order in enumerate(orders):
        age(order, minutes=60 - position)
    past = (timezone.now() - timedelta(minutes=30)).strftime(FORMAT)
    first = [order.findtext("OrderNumber") for order in caller.export(page=1, end_date=past)]

    age(orders[0], minutes=0)  # the rival: it leaves the window for the next one
    second = [order.findtext("OrderNumber") for order in caller.export(page=2, end_date=past)]

    assert first + second == [str(order) for order in orders]
    again = [order.findtext("OrderNumber") for order in caller.export(page=2, end_date=past)]
    assert again == second


def test_page_out_of_turn_is_found_by_counting(merchant, account, caller, monkeypatch) -> None:
    monkeypatch.setattr(paging, "PAGE_SIZE", 2)
    orders = make_many(merchant, account, 5)
    root = caller.export(page=3)
    assert [order.findtext("OrderNumber") for order in root] == [str(orders[4])]
    assert root.attrib == {"pages": "3", "page": "3"}


@pytest.mark.parametrize("sku", ["", "A\x07B"])
def test_order_whose_sku_would_have_to_be_changed_is_left_out_and_told_once(
    merchant, order_of, caller, sku
) -> None:
    good = order_of(status="acknowledged")
    bad = order_of(status="acknowledged")
    with merchant_scope(merchant):
        OrderLine.objects.filter(order=bad).update(sku=sku)

    for _ in range(2):
        assert words(caller.export()) == [(str(good), "acknowledged")]

    with merchant_scope(merchant):
        entry = LogEntry.objects.get(action="orders.shipstation.left_out")
        assert (entry.object_id, str(bad) in entry.message) == (bad.pk, True)
        assert Notice.objects.get(key=f"orders.shipstation_left_out.{bad.pk}").count == 1
        call = merchant_calls(merchant)[0]
    assert (call.status, call.orders, "1 order left out." in call.message) == (200, 1, True)


def merchant_calls(merchant):
    from orders.shipstation.queries import calls_of

    return list(calls_of(merchant).order_by("-pk"))


def test_amount_beyond_the_schema_leaves_the_order_out(merchant, order_of, caller) -> None:
    order = order_of(status="acknowledged")
    with merchant_scope(merchant):
        OrderLine.objects.filter(order=order).update(base_price=Decimal("10000000.00"))
    assert words(caller.export()) == []


def test_long_texts_are_cut_by_characters(merchant, order_of, caller) -> None:
    order = order_of(line(product_title="é" * 400), status="acknowledged")
    with merchant_scope(merchant):
        Order.objects.filter(pk=order.pk).update(
            buyer_name="ü" * 150, hash_email=f"{'x' * 60}@customer.jet.com"
        )
    root = caller.export()
    assert root.findtext("Order/Items/Item/Name") == "é" * 200
    assert root.findtext("Order/Customer/BillTo/Name") == "ü" * 100
    # An address that is cut leads nowhere: Jet's customer number stands in.
    assert root.findtext("Order/Customer/CustomerCode") == order.customer_reference_order_id
    assert faults(root) == []


# --- every change that matters moves the order's time of change -----------------------------------------------


def _ship(order: Order):
    return ship_order(order, parcel(order, 1), actor=SYSTEM)


def _cancel(order: Order):
    return ship_order(order, parcel(order, 0, 1, confirms_cancel=True), actor=SYSTEM)


def _send(order: Order) -> None:
    mark_sent(order.merchant, order.shipments.get().pk)


@pytest.mark.parametrize("act", [_ship, _cancel])
def test_shipping_and_cancelling_move_the_time_of_change(merchant, order_of, caller, act) -> None:
    order = order_of(line(quantity=5), status="acknowledged")
    age(order, days=3)
    assert words(caller.export()) == []
    with merchant_scope(merchant):
        act(Order.objects.get(pk=order.pk))
    assert words(caller.export()) == [(str(order), "acknowledged")]

    age(order, days=3)
    with merchant_scope(merchant):
        _send(Order.objects.get(pk=order.pk))
    assert words(caller.export()) == [(str(order), "inprogress")]


def test_units_that_come_back_move_the_time_of_change(merchant, order_of, caller) -> None:
    from jetsync.enums import JobState
    from jetsync.models import Job
    from orders.actions.shipment import mark_shipment_refused, resend_shipment, send_waiting

    order = order_of(line(quantity=5), status="acknowledged")
    with merchant_scope(merchant):
        shipment = _ship(Order.objects.get(pk=order.pk))
        job = Job.objects.get(kind="orders.ship")
        Job.objects.update(message="No.")
        steps = [
            lambda: mark_shipment_refused(Job.objects.get(pk=job.pk)),
            lambda: resend_shipment(type(shipment).objects.get(pk=shipment.pk), actor=SYSTEM),
        ]
        for step in steps:
            age(order, days=3)
            step()
            assert words(caller.export()) == [(str(order), "acknowledged")]
        Job.objects.update(state=JobState.CANCELLED)
        age(order, days=3)
        send_waiting(merchant, shipment.pk)
        assert [row.remaining for row in line_counts(order)] == [5]
        assert words(caller.export()) == [(str(order), "acknowledged")]


def test_what_jet_shows_moves_the_time_of_change(merchant, account, caller) -> None:
    data = jet_order(line(quantity=3), status="acknowledged")
    with merchant_scope(merchant):
        order = store(merchant, account, data)
    age(order, days=3)
    data["order_items"][0]["request_order_cancel_qty"] = 1
    with merchant_scope(merchant):
        store(merchant, account, data)
    assert caller.export().findtext("Order/Items/Item/Quantity") == "2"
