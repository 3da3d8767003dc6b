"""Cancelling what is left of one order or many, with what it does to the cancellation rate."""

from __future__ import annotations

import pytest

from catalog.models import Reservation
from jetsync.enums import RowState
from jetsync.models import Job, Operation, OperationRow
from jetsync.tenancy.actor import member_actor
from jetsync.tenancy.context import merchant_scope
from jetsync.tenancy.rights import Right
from orders.actions.many import cancel_many
from orders.actions.shipment import ship_order
from orders.models import Order, Shipment
from tests.orders.pages import page, run_decisions, text_of
from tests.orders.rows import line, parcel

pytestmark = pytest.mark.django_db


@pytest.mark.feature("ORD-16")
def test_rate_stands_before_one_cancel_and_does_not_count_an_order_twice(
    merchant, order_of, client_for, actor
) -> None:
    order, other = order_of(line(quantity=2), status="acknowledged"), order_of(status="complete")
    client, address = client_for("owner"), page(merchant, "order-cancel", pk=order.pk)

    html = text_of(client, address)
    assert "Of your 2 orders of the last 30 days 0 (0.0 %) were" in html
    assert "After this it is 1 of 2 (50.0 %)." in html
    ready = order_of()
    assert "After this it is 1 of 3 (33.3 %)." in text_of(client, page(merchant, "order-reject", pk=ready.pk))

    with merchant_scope(merchant):
        ship_order(order, parcel(order, 0, 1, confirms_cancel=True), actor=actor)
    html = text_of(client, address)
    assert "1 (33.3 %) was" in html
    assert "After this it is 1 of 3 (33.3 %)." in html, "one cancelled unit counted the order already"
    assert other.state == "complete"


@pytest.mark.feature("ORD-16", "ORD-17")
def test_many_are_cancelled_after_a_page_with_the_rate(merchant, order_of, client_for) -> None:
    orders = [order_of(line(quantity=2), status="acknowledged") for _ in range(2)]
    ready, closed = order_of(), order_of(status="complete")
    client = client_for("fulfilment")
    ticked = {"bulk": "cancel", "ids": [order.pk for order in (*orders, ready, closed)]}

    asked = client.post(page(merchant, "order-list"), ticked, follow=True)
    html = asked.content.decode()
    assert "Every unit that is left of 2 open orders is cancelled." in html
    assert "1 ready order is rejected: Jet has no yes yet that could be cancelled." in html
    assert "1 of the selected cannot be cancelled and are skipped." in html
    assert "After this it is 3 of 4 (75.0 %)." in html

    client.post(asked.redirect_chain[-1][0])
    run_decisions(merchant)
    with merchant_scope(merchant):
        operation = Operation.objects.get(kind="orders.cancel")
        rows = OperationRow.objects.filter(operation=operation).order_by("pk")
        assert list(rows.values_list("state", "code")) == [
            (RowState.SENT, ""),
            (RowState.SENT, ""),
            (RowState.SENT, ""),
            (RowState.SKIPPED, "state_conflict"),
        ]
        assert Shipment.objects.count() == 2
        assert Order.objects.get(pk=ready.pk).planned_answer == "rejected - other"
        assert Job.objects.get(kind="orders.acknowledge").operation == operation


@pytest.mark.feature("ORD-17")
def test_cancel_before_the_acknowledgement_is_a_rejection_at_jet(desk, actor) -> None:
    desk.sku("KETTLE-1", quantity=20)
    accepted = desk.acknowledged(("KETTLE-1", 2, 0))
    desk.options(auto_acknowledge=False)
    ready = desk.import_order(desk.buy(("KETTLE-1", 1, 0))[0])

    operation = cancel_many(desk.merchant, [accepted.pk, ready.pk], actor=actor)
    desk.drain()

    operation.refresh_from_db()
    assert (operation.done, operation.is_open) == (2, False)
    assert [desk.reload(order).state for order in (accepted, ready)] == ["complete", "rejected"]
    assert desk.at_jet(ready)["acknowledgement_status"] == "rejected - other"
    assert not Reservation.objects.filter(released_at=None).exists()
    assert desk.effects("reject") == 1


def test_cancel_of_a_ready_order_needs_the_right_to_answer(merchant, order_of, owner) -> None:
    ready = order_of()
    ships_only = member_actor(owner, frozenset({Right.ORDERS_SHIP}))
    with merchant_scope(merchant):
        operation = cancel_many(merchant, [ready.pk], actor=ships_only)
    run_decisions(merchant)
    with merchant_scope(merchant):
        row = OperationRow.objects.get(operation=operation)
        assert (row.state, row.code) == (RowState.FAILED, "not_allowed")
        assert Order.objects.get().planned_answer == ""


def test_cancelled_rows_end_with_jets_answer(desk, actor) -> None:
    desk.sku("KETTLE-1", quantity=20)
    first, second = (desk.acknowledged(("KETTLE-1", 2, 0)) for _ in range(2))

    operation = cancel_many(desk.merchant, [first.pk, second.pk], actor=actor)
    again = cancel_many(desk.merchant, [first.pk], actor=actor)
    desk.drain()

    operation.refresh_from_db()
    again.refresh_from_db()
    assert (operation.title, operation.done, operation.is_open) == ("Cancel 2 orders", 2, False)
    assert (again.skipped, again.is_open) == (1, False)
    assert [desk.reload(order).state for order in (first, second)] == ["complete", "complete"]
    (told,) = desk.at_jet(first)["shipments"]
    assert told["shipment_items"][0]["response_shipment_cancel_qty"] == 2


def test_api_cancels_many_and_names_a_strangers_order(merchant, order_of, client_for) -> None:
    order = order_of(status="acknowledged")
    client, address = client_for("owner"), f"/api/v1/m/{merchant.slug}/orders/cancel/"

    refused = client.post(address, {"orders": [order.pk, 987654321]}, content_type="application/json")
    assert refused.status_code == 400
    with merchant_scope(merchant):
        assert not Shipment.objects.exists()
    done = client.post(address, {"orders": [order.pk]}, content_type="application/json")
    assert (done.status_code, done.json()["total"]) == (202, 1)
