"""A Jet order becomes an order of the store; a method that is off holds up the store order and nothing else."""

from __future__ import annotations

import pytest

from jetsync.exceptions import InvalidInput
from jetsync.jet.words.orders import AcknowledgementStatus
from jetsync.models import LogEntry, Merchant, Notice
from jetsync.sync.queue import enqueue
from jetsync.sync.registry import schedule_of
from jetsync.tenancy.actor import SYSTEM
from orders.actions.answer import reject_order
from orders.actions.shipment import ship_order
from orders.actions.store import file_store_order
from orders.actions.store_settings import MethodInput, StoreSettings, save_store_settings
from orders.enums import FailureReason, OrderState
from orders.models import Order, StoreOrder
from orders.models.store import DEFAULT_PAYMENT, DEFAULT_SHIPPING
from tests.orders.desk import Desk
from tests.orders.rows import parcel

pytestmark = pytest.mark.django_db

PAYMENT = MethodInput("payment", DEFAULT_PAYMENT)
SHIPPING = MethodInput("shipping", DEFAULT_SHIPPING)


def save(desk: Desk, *methods: MethodInput, payment: str = DEFAULT_PAYMENT, shipping: str = DEFAULT_SHIPPING):
    kinds = {method.kind for method in methods}
    rest = [method for method in (PAYMENT, SHIPPING) if method.kind not in kinds]
    return save_store_settings(
        desk.merchant, StoreSettings(payment, shipping, [*methods, *rest]), actor=SYSTEM
    )


def switch_payment(desk: Desk, *, on: bool) -> None:
    save(desk, MethodInput("payment", DEFAULT_PAYMENT, on))


def sweep(desk: Desk) -> str:
    return desk.run(enqueue(desk.merchant, "orders.sweep", "schedule")).message


def store_orders() -> list[tuple[str, str, str, str]]:
    return list(
        StoreOrder.objects.order_by("pk").values_list(
            "number", "customer_email", "payment_method", "shipping_method"
        )
    )


@pytest.mark.feature("GEN-04", "CFG-08", "CFG-29", "CFG-30", "SCH-08")
def test_fetched_order_is_a_store_order_in_the_same_run(desk: Desk) -> None:
    desk.options(customer_email="jet@shop.example")
    desk.sku("KETTLE-1")
    first, second = desk.buy(count=2)

    desk.fetch()
    desk.drain()

    assert store_orders() == [
        ("1000001", "jet@shop.example", DEFAULT_PAYMENT, DEFAULT_SHIPPING),
        ("1000002", "jet@shop.example", DEFAULT_PAYMENT, DEFAULT_SHIPPING),
    ]
    for order_id in (first, second):
        order = desk.order(order_id)
        assert (order.state, order.alt_order_id) == (OrderState.ACKNOWLEDGED, order.store_order.number)
        assert desk.at_jet(order)["alt_order_id"] == order.store_order.number


@pytest.mark.feature("GEN-04")
def test_order_jobs_that_run_twice_make_one_store_order(desk: Desk) -> None:
    desk.sku("KETTLE-1")
    desk.lose_answer("/orders/[0-9a-f]+/acknowledge")
    order = desk.acknowledged()
    sweep(desk)
    desk.drain()
    desk.run(enqueue(desk.merchant, "orders.acknowledge", str(order.pk)))
    assert [row[0] for row in store_orders()] == ["1000001"]


def test_decision_taken_back_while_the_store_order_is_made_is_not_sent(desk: Desk, monkeypatch) -> None:
    desk.sku("KETTLE-1")
    (order_id,) = desk.buy()
    order = desk.import_order(order_id)

    def taken_back(merchant: Merchant, pk: int, **more: object) -> Order:
        Order.objects.filter(pk=pk).update(planned_answer="")
        return file_store_order(merchant, pk)

    monkeypatch.setattr("orders.sync.answer.file_store_order", taken_back)
    desk.drain()

    assert desk.at_jet(order)["status"] == "ready"
    assert (desk.reload(order).state, store_orders()) == (OrderState.READY, [])


@pytest.mark.feature("GEN-04")
def test_rejected_order_is_no_store_order(desk: Desk) -> None:
    desk.options(auto_acknowledge=False)
    desk.sku("KETTLE-1")
    (order_id,) = desk.buy()
    order = desk.import_order(order_id)
    reject_order(order, answer=AcknowledgementStatus.REJECTED_FRAUD, items=None, actor=SYSTEM)
    desk.drain()
    assert (desk.reload(order).state, store_orders()) == (OrderState.REJECTED, [])


@pytest.mark.feature("GEN-04")
def test_number_that_jet_has_from_another_program_stays_there(desk: Desk) -> None:
    desk.sku("KETTLE-1")
    (order_id,) = desk.buy()
    desk.market.put(
        f"orders/{order_id}/acknowledge", desk.market.acknowledgement(order_id, alt_order_id="ERP-9")
    )
    order = desk.import_order(order_id)
    assert (order.alt_order_id, [row[0] for row in store_orders()]) == ("ERP-9", ["1000001"])


@pytest.mark.feature("FAI-04", "CFG-29", "SCH-08")
def test_method_that_is_off_holds_up_the_store_order_and_not_the_answer(desk: Desk) -> None:
    """Jet's 15 minutes go on; only the store waits, says why, and follows once the method is back."""
    desk.sku("KETTLE-1")
    switch_payment(desk, on=False)

    order = desk.acknowledged()

    assert (order.state, desk.at_jet(order)["status"]) == (OrderState.ACKNOWLEDGED, "acknowledged")
    assert (order.failure_reason, store_orders()) == (FailureReason.PAYMENT_METHOD, [])
    assert order.failure_message == (
        f"The payment method “{DEFAULT_PAYMENT}” for imported orders is switched off, "
        "so the order is not in the store yet."
    )
    assert "1 order waits for the store" in sweep(desk)
    assert Notice.objects.get(key="orders.payment_method").count == 1
    assert LogEntry.objects.filter(action="orders.store_order.failed").count() == 1

    assert schedule_of("orders.sweep").interval.total_seconds() == 5 * 60
    switch_payment(desk, on=True)
    sweep(desk)

    order = desk.reload(order)
    assert (order.failure_reason, order.alt_order_id) == ("", "1000001")
    assert [row[0] for row in store_orders()] == ["1000001"]


@pytest.mark.feature("FAI-04")
def test_saving_the_settings_retries_at_once(desk: Desk) -> None:
    desk.sku("KETTLE-1")
    switch_payment(desk, on=False)
    order = desk.acknowledged()
    save(desk, PAYMENT, MethodInput("payment", "House account"), payment="House account")
    desk.drain()
    assert desk.reload(order).store_order.payment_method == "House account"


@pytest.mark.feature("FAI-04", "CFG-30")
def test_shipping_method_that_is_off_has_a_reason_of_its_own(desk: Desk) -> None:
    desk.sku("KETTLE-1")
    save(desk, MethodInput("shipping", DEFAULT_SHIPPING, is_on=False))
    order = desk.acknowledged()
    assert order.failure_reason == FailureReason.SHIPPING_METHOD
    assert f"shipping method “{DEFAULT_SHIPPING}”" in order.failure_message


@pytest.mark.feature("FAI-04", "ORD-18")
def test_order_shipped_while_it_waited_gets_order_and_documents_later(desk: Desk, order: Order) -> None:
    StoreOrder.objects.all().delete()
    switch_payment(desk, on=False)
    ship_order(order, parcel(order, 3), actor=SYSTEM)
    desk.drain()
    order = desk.reload(order)
    assert (order.state, order.failure_reason) == (OrderState.COMPLETE, FailureReason.PAYMENT_METHOD)
    assert not order.documents.exists()

    switch_payment(desk, on=True)
    sweep(desk)

    assert desk.reload(order).failure_reason == ""
    assert sorted(order.documents.values_list("kind", flat=True)) == ["invoice", "shipment"]


@pytest.mark.feature("CFG-29", "CFG-30")
def test_switching_a_method_off_leaves_the_orders_that_exist(desk: Desk, order: Order) -> None:
    save(desk, PAYMENT, MethodInput("payment", "House account"), payment="House account")
    assert order.store_order.payment_method == DEFAULT_PAYMENT


@pytest.mark.parametrize(
    ("methods", "payment", "fields"),
    [
        ((PAYMENT,), "Gone", ["payment_method"]),
        ((PAYMENT, MethodInput("payment", " ")), DEFAULT_PAYMENT, ["new_payment"]),
        ((PAYMENT, MethodInput("payment", "x" * 101)), DEFAULT_PAYMENT, ["new_payment"]),
        ((PAYMENT, MethodInput("payment", DEFAULT_PAYMENT.upper())), DEFAULT_PAYMENT, ["new_payment"]),
    ],
)
def test_bad_methods_are_refused_by_field(desk: Desk, methods, payment, fields) -> None:
    with pytest.raises(InvalidInput) as refused:
        save(desk, *methods, payment=payment)
    assert list(refused.value.fields) == fields
    assert not LogEntry.objects.filter(action="orders.store_settings.changed").exists()
