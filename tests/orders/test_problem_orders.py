"""Orders that cannot be accepted as they stand, with automatic acknowledging on: left to a person, or rejected."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
from django.utils import timezone

from catalog.models import Product, Reservation, Variant
from jetsync.exceptions import StateConflict
from jetsync.mail.kinds import Event
from jetsync.models import Job, Merchant, Notice, Options, User
from jetsync.sync.queue import enqueue
from jetsync.tenancy.actor import SYSTEM
from orders.actions.answer import accept_order, reject_order
from orders.mail import new_orders
from orders.models import Order
from orders.queries.clock import FALLBACK_LEAD
from tests.orders.desk import Desk, last_job, make_due
from tests.orders.pages import page, text_of

pytestmark = pytest.mark.django_db


@pytest.fixture
def lacking(desk: Desk) -> Order:
    """An order of a SKU that the store has, but none of it; orders are acknowledged automatically."""
    desk.sku("KETTLE-1", quantity=0)
    return desk.import_order(desk.buy(("KETTLE-1", 1, 0))[0])


def sweep(desk: Desk) -> None:
    desk.run(enqueue(desk.merchant, "orders.sweep", "schedule"))


@pytest.mark.feature("ORD-12", "ORD-08", "FAI-04")
def test_order_with_a_problem_is_left_to_the_merchant_until_the_fallback(desk: Desk, lacking: Order) -> None:
    desk.drain()

    assert (desk.reload(lacking).state, lacking.planned_answer) == ("ready", "")
    assert desk.effects("reject") == 0
    assert lacking.ack_due_at is not None
    assert last_job("orders.fallback").not_before == lacking.ack_due_at - FALLBACK_LEAD

    make_due(last_job("orders.fallback"))
    desk.drain()
    order = desk.reload(lacking)
    assert (order.state, order.answered_by, order.failure_reason) == ("rejected", "fallback", "out_of_stock")


@pytest.mark.feature("FAI-04")
def test_mended_order_is_accepted_by_itself(desk: Desk, lacking: Order) -> None:
    Variant.objects.update(quantity=3)
    sweep(desk)
    desk.drain()

    order = desk.reload(lacking)
    assert (order.state, order.answered_by, order.failure_reason) == ("acknowledged", "automatic", "")


def test_switching_automatic_acknowledging_on_rejects_nothing_that_can_wait(desk: Desk) -> None:
    desk.options(auto_acknowledge=False)
    desk.sku("KETTLE-1", quantity=0)
    order = desk.import_order(desk.buy(("KETTLE-1", 1, 0))[0])
    desk.options(auto_acknowledge=True)
    sweep(desk)

    assert desk.reload(order).planned_answer == ""
    assert Job.objects.filter(kind="orders.fallback").count() == 1


def test_order_with_a_problem_is_rejected_at_once_when_the_settings_say_so(desk: Desk) -> None:
    desk.options(problem_orders="reject")
    desk.sku("KETTLE-1", quantity=0)
    order = desk.import_order(desk.buy(("KETTLE-1", 1, 0))[0])
    desk.drain()

    order = desk.reload(order)
    assert (order.state, order.answered_by) == ("rejected", "automatic")
    assert Notice.objects.get(key="orders.rejected").title == "Orders were rejected automatically"


def test_order_past_its_window_is_answered_as_the_store_can(desk: Desk, lacking: Order) -> None:
    """No fallback follows any more, and Jet may still take an answer."""
    Job.objects.filter(kind="orders.fallback").delete()
    Order.objects.filter(pk=lacking.pk).update(ack_due_at=timezone.now() - timedelta(minutes=1))
    sweep(desk)

    assert desk.reload(lacking).planned_answer == "rejected - item level error"


@pytest.mark.feature("NOT-06")
def test_problem_is_told_by_bell_and_mail_when_the_order_comes(desk: Desk, lacking: Order) -> None:
    told = Notice.objects.get(key="orders.waiting_problem")

    assert not Notice.objects.filter(key="orders.waiting").exists()
    assert told.title == "New orders cannot be accepted as they stand"
    assert told.body.startswith(f"Order {lacking}: KETTLE-1: Out of stock. Mend it")
    assert told.url.endswith("/failed/?state=ready")
    (item,) = new_orders(desk.merchant, [Event(lacking.pk)])
    assert item.notes[0].startswith("Cannot be accepted as it stands. KETTLE-1: Out of stock.")


@pytest.mark.feature("ORD-12")
def test_settings_say_what_becomes_of_orders_with_a_problem(scoped: Merchant, client_for: Any) -> None:
    client, address = client_for("owner", scoped), f"/m/{scoped.slug}/settings/options/"
    html = text_of(client, address)

    assert "Leave it to me until 2 minutes are left" in html
    assert "SKU unknown, product disabled or too little stock." in html
    assert Options.objects.get().problem_orders == "wait"


@pytest.fixture
def waiting(desk: Desk) -> Desk:
    """One kettle in the store, and nobody answers by himself."""
    desk.options(auto_acknowledge=False)
    desk.sku("KETTLE-1", quantity=1)
    desk.list_at_jet("GHOST-1")
    return desk


def bought(desk: Desk, *skus: str) -> Order:
    return desk.import_order(desk.buy(*((sku, 1, 0) for sku in skus))[0])


@pytest.mark.feature("FAI-04")
def test_order_that_cannot_be_delivered_keeps_no_piece_from_the_next(waiting: Desk) -> None:
    blocked, good = bought(waiting, "KETTLE-1", "GHOST-1"), bought(waiting, "KETTLE-1")

    assert (blocked.failure_reason, good.failure_reason) == ("sku_unknown", "")
    assert dict(blocked.lines.values_list("sku", "problem")) == {"KETTLE-1": "", "GHOST-1": "sku_unknown"}
    held = Reservation.objects.get(released_at=None)
    assert held.key == good.lines.get().reservation_key


def test_order_whose_product_is_disabled_while_it_waits_gives_its_pieces_back(waiting: Desk) -> None:
    order = bought(waiting, "KETTLE-1")
    assert Reservation.objects.get().released_at is None
    Product.objects.update(is_active=False)
    waiting.options(auto_acknowledge=True)
    sweep(waiting)

    assert waiting.reload(order).failure_reason == "product_disabled"
    assert not Reservation.objects.filter(released_at=None).exists()


def test_order_accepted_all_the_same_holds_what_there_is(waiting: Desk) -> None:
    order = bought(waiting, "KETTLE-1", "GHOST-1")
    accept_order(order, actor=SYSTEM, despite_problems=True)

    held = Reservation.objects.get(released_at=None)
    assert held.key == order.lines.get(sku="KETTLE-1").reservation_key


@pytest.mark.feature("FAI-03", "FAI-04")
def test_order_without_pieces_names_and_links_the_order_that_holds_them(
    waiting: Desk, owner: User, client_for: Any
) -> None:
    holder, short = bought(waiting, "KETTLE-1"), bought(waiting, "KETTLE-1")
    client = client_for("owner", waiting.merchant)

    for address in (
        page(waiting.merchant, "order-failed"),
        page(waiting.merchant, "order-detail", pk=short.pk),
    ):
        html = text_of(client, address)
        assert f"Order {holder} holds 1" in html
        assert page(waiting.merchant, "order-detail", pk=holder.pk) in html
    with pytest.raises(StateConflict) as refused:
        accept_order(short, actor=SYSTEM)
    assert refused.value.message.endswith(
        f"KETTLE-1: Out of stock. KETTLE-1: pieces are held, 1 by order {holder}."
    )

    reject_order(holder, answer="rejected - other", items={}, actor=SYSTEM)
    waiting.drain()
    assert accept_order(short, actor=SYSTEM).planned_answer == "accepted"
