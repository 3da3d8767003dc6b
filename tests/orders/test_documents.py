"""Invoices and store shipments: one of each per parcel that Jet has, together never more than the order."""

from __future__ import annotations

from decimal import Decimal

import pytest

from jetsync.models import LogEntry
from jetsync.sync.queue import enqueue
from jetsync.tenancy.actor import SYSTEM
from orders.actions.shipment import cancel_rest, mark_sent, ship_order
from orders.amounts import Amounts, line_charged, units_charged
from orders.enums import OrderState
from orders.models import Document, Order, OrderLine
from tests.orders.desk import Desk, last_job, make_due
from tests.orders.rows import parcel

pytestmark = pytest.mark.django_db


def made(kind: str = "invoice") -> list[tuple[str, int]]:
    return list(Document.objects.filter(kind=kind).order_by("pk").values_list("number", "units"))


def ship(desk: Desk, order: Order, quantity: int) -> None:
    ship_order(order, parcel(order, quantity), actor=SYSTEM)
    desk.drain()


@pytest.mark.feature("ORD-18", "SHP-11", "GEN-04")
def test_partial_shipments_make_partial_documents_and_the_last_one_completes(
    desk: Desk, order: Order
) -> None:
    ship(desk, order, 2)
    assert (made(), made("shipment")) == ([("INV-1000001", 2)], [("SHP-1000001", 2)])
    assert desk.reload(order).state == OrderState.IN_PROGRESS

    ship(desk, order, 1)

    assert (made(), made("shipment")) == (
        [("INV-1000001", 2), ("INV-1000002", 1)],
        [("SHP-1000001", 2), ("SHP-1000002", 1)],
    )
    assert desk.reload(order).state == OrderState.COMPLETE
    charged = line_charged(order.lines.get())
    invoices = list(Document.objects.filter(kind="invoice"))
    assert sum((one.amounts for one in invoices), start=Amounts()) == charged
    assert [one.total for one in invoices] == [one.amounts.total for one in invoices]
    assert {one.total for one in Document.objects.filter(kind="shipment")} == {Decimal("0.00")}
    assert [line.sku for one in invoices for line in one.lines.all()] == ["KETTLE-1", "KETTLE-1"]
    assert LogEntry.objects.filter(action="orders.store_order.shipped").count() == 2


@pytest.mark.feature("ORD-18")
def test_cancelled_units_are_never_billed(desk: Desk, order: Order) -> None:
    ship(desk, order, 1)
    cancel_rest(order, actor=SYSTEM)
    desk.drain()
    assert desk.reload(order).state == OrderState.COMPLETE
    assert (made(), made("shipment")) == ([("INV-1000001", 1)], [("SHP-1000001", 1)])
    assert Document.objects.get(kind="invoice").amounts == units_charged(order.lines.get(), 1)


@pytest.mark.feature("ORD-18", "SHP-11")
def test_lost_answer_and_repeated_work_make_each_document_once(desk: Desk, order: Order) -> None:
    desk.lose_answer("/orders/[0-9a-f]+/shipped")
    shipment = ship_order(order, parcel(order, 2), actor=SYSTEM)
    job = desk.run(last_job("orders.ship"))
    make_due(job)
    desk.run(job)
    mark_sent(desk.merchant, shipment.pk)
    desk.import_order(order.merchant_order_id)
    desk.run(enqueue(desk.merchant, "orders.sweep", "schedule"))
    assert (made(), made("shipment")) == ([("INV-1000001", 2)], [("SHP-1000001", 2)])


@pytest.mark.feature("ORD-18")
def test_shipment_and_documents_stand_together_or_not_at_all(desk: Desk, order: Order, monkeypatch) -> None:
    """A worker that dies in between leaves neither; the next try makes both."""
    shipment = ship_order(order, parcel(order, 3), actor=SYSTEM)
    with monkeypatch.context() as patch:
        patch.setattr("orders.actions.documents.bulk_create", _die)
        with pytest.raises(SystemError):
            mark_sent(desk.merchant, shipment.pk)
    assert (made(), desk.reload(order).state) == ([], OrderState.ACKNOWLEDGED)
    desk.drain()
    assert (made(), desk.reload(order).state) == ([("INV-1000001", 3)], OrderState.COMPLETE)


def _die(*_args: object, **_more: object) -> None:
    raise SystemError("killed")


@pytest.mark.feature("ORD-18")
def test_parcel_entered_at_jet_itself_gets_its_documents(desk: Desk, order: Order) -> None:
    desk.market.ship(order.merchant_order_id, "KETTLE-1", 2)
    desk.import_order(order.merchant_order_id)
    assert (made(), made("shipment")) == ([("INV-1000001", 2)], [("SHP-1000001", 2)])


def test_units_beyond_the_order_are_packed_but_not_billed(desk: Desk, order: Order) -> None:
    ship(desk, order, 2)
    OrderLine.objects.filter(order=order).update(quantity=2)  # as if Jet had taken a unit off meanwhile
    desk.market.ship(order.merchant_order_id, "KETTLE-1", 1)
    desk.import_order(order.merchant_order_id)
    assert (made(), made("shipment")) == (
        [("INV-1000001", 2)],
        [("SHP-1000001", 2), ("SHP-1000002", 1)],
    )


@pytest.mark.parametrize("steps", [(1, 1, 1), (2, 1), (1, 2), (3,)])
def test_cents_of_partial_invoices_add_up(desk: Desk, order: Order, steps) -> None:
    OrderLine.objects.filter(order=order).update(item_tax=Decimal("0.05"), shipping_tax=Decimal("0.01"))
    for units in steps:
        ship(desk, order, units)
    total = sum((one.amounts for one in Document.objects.filter(kind="invoice")), start=Amounts())
    assert total == line_charged(order.lines.get())
