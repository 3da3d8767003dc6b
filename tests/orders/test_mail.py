"""Mails about orders: what they name, what they leave out, and when they are not worth sending."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from django.core import mail as outbox
from django.utils import timezone

from jetsync.actions.mail import post_mail, write_due
from jetsync.mail.kinds import Event
from jetsync.models import JetAccount, Job, LogEntry, Mail, MailEvent, Merchant, Notice, Options, User
from orders.actions.importing import mark_gone, store_unreadable
from orders.enums import OrderState
from orders.mail import new_orders
from orders.models import Order
from tests.catalog.rows import make_product, make_variant
from tests.factories import make_account
from tests.orders import rows
from tests.orders.desk import Desk


@pytest.fixture
def account(scoped: Merchant, owner: User) -> JetAccount:
    Options.objects.update(auto_acknowledge=False)
    return make_account(scoped)


def waiting_order(merchant: Merchant, account: JetAccount, minutes: int = 5) -> Order:
    ready_at = timezone.now() - timedelta(minutes=15 - minutes)
    return rows.make_order(merchant, account, rows.line("KETTLE-1", 2), ready_at=ready_at)


def test_alarm_names_the_order_its_lines_and_the_time_left(scoped: Merchant, account: JetAccount) -> None:
    order = waiting_order(scoped, account)
    post_mail(scoped, "orders.alarm", about=order)
    mail = Mail.objects.get(kind="orders.alarm")
    assert mail.subject == f"[Harrow & Finch] Order {order} is about to be lost"
    assert "2 x KETTLE-1: Stovetop kettle KETTLE-1" in mail.text
    assert "in 5 minutes, unless it is accepted or rejected" in mail.text
    assert f"http://127.0.0.1:8000/m/{scoped.slug}/orders/" in mail.text
    assert mail.named == [["orders.order", order.pk, f"Order {order}"]]


def test_alarm_about_an_answered_order_is_not_sent(scoped: Merchant, account: JetAccount) -> None:
    order = waiting_order(scoped, account)
    Order.objects.update(state=OrderState.ACKNOWLEDGED)
    post_mail(scoped, "orders.alarm", about=order)
    assert not Mail.objects.filter(kind="orders.alarm").exists()


def events() -> list[tuple[str, int]]:
    return list(MailEvent.objects.order_by("pk").values_list("kind", "object_id"))


@pytest.mark.feature("NOT-01", "ORD-14")
def test_new_orders_of_one_fetch_are_one_mail_to_the_named_address(
    desk: Desk, owner: User, drain: Callable[[], int]
) -> None:
    Options.objects.update(order_notice_emails="orders@example.com", notification_emails="other@example.com")
    desk.sku("KETTLE-1", quantity=50)
    desk.buy(count=10)
    desk.fetch()
    assert {kind for kind, _pk in events()} == {"orders.new"}
    Job.objects.filter(kind="mail.compose").update(not_before=timezone.now())
    drain()

    (message,) = outbox.outbox
    assert message.to == ["orders@example.com"]
    assert message.subject == "[Harrow & Finch] 10 new orders from Jet"
    for order in Order.objects.all():
        assert f"* Order {order}: ${order.total:,.2f}" in message.body
        entry = LogEntry.objects.get(action="jetsync.mail.sent", object_id=order.pk)
        assert entry.message.startswith("Mail to orders@example.com sent")
    assert message.body.count("1 x KETTLE-1") == 10


def test_no_address_named_means_the_owner(desk: Desk, owner: User, drain: Callable[[], int]) -> None:
    desk.sku("KETTLE-1", quantity=50)
    desk.buy()
    desk.fetch()
    Job.objects.filter(kind="mail.compose").update(not_before=timezone.now())
    drain()
    assert [message.to for message in outbox.outbox] == [[owner.email]]


def test_order_seen_again_is_not_told_again(scoped: Merchant, account: JetAccount) -> None:
    data = rows.jet_order(rows.line("KETTLE-1"))
    order = rows.store(scoped, account, data)
    rows.store(scoped, account, data)
    assert events() == [("orders.new", order.pk)]
    assert Notice.objects.get(key="orders.waiting_problem").count == 1


def test_order_that_was_answered_elsewhere_is_not_new(scoped: Merchant, account: JetAccount) -> None:
    """The first fetch of a merchant who comes with open orders tells nothing about them."""
    make_variant(scoped, make_product(scoped), sku="KETTLE-1", quantity=5)
    rows.make_order(scoped, account, rows.line("KETTLE-1"), status="acknowledged")
    assert events() == []
    assert not Notice.objects.exists()


def test_order_whose_import_fails_is_not_told(
    scoped: Merchant, account: JetAccount, monkeypatch: pytest.MonkeyPatch
) -> None:
    from orders.actions import telling

    def broken(*_args: object, **_more: object) -> None:
        raise ValueError("no bell")

    monkeypatch.setattr(telling, "notify", broken)
    with pytest.raises(ValueError, match="no bell"):
        rows.make_order(scoped, account, rows.line("KETTLE-1"))
    assert events() == []
    assert not Order.objects.exists()


@pytest.mark.feature("NOT-06")
def test_order_rejected_for_want_of_stock_is_told(desk: Desk, owner: User) -> None:
    desk.options(problem_orders="reject")
    desk.sku("KETTLE-1", quantity=0)
    desk.buy()
    desk.fetch()
    desk.drain()
    order = Order.objects.get()
    assert ("orders.failed", order.pk) in events()
    notice = Notice.objects.get(key="orders.rejected")
    assert (notice.count, notice.url) == (1, f"/m/{desk.merchant.slug}/orders/?view=failed")
    write_due(desk.merchant, kinds=["orders.failed"])
    mail = Mail.objects.get(kind="orders.failed")
    assert mail.subject == f"[Harrow & Finch] Order {order} failed"
    assert "KETTLE-1: Out of stock." in mail.text


@pytest.mark.feature("NOT-06")
def test_order_that_jet_withdrew_is_told(scoped: Merchant, account: JetAccount) -> None:
    order = waiting_order(scoped, account)
    mark_gone(scoped, order.pk)
    assert ("orders.failed", order.pk) in events()
    notice = Notice.objects.get(key="orders.lost")
    assert notice.title == "Orders were lost: nobody answered in time"
    assert str(order) in notice.body


@pytest.mark.feature("NOT-06")
def test_order_that_cannot_be_read_is_told_once(scoped: Merchant, account: JetAccount) -> None:
    for _ in range(2):
        order = store_unreadable(scoped, account, "abc", "No items.")
    assert events() == [("orders.failed", order.pk)]
    assert Notice.objects.get(key="orders.unreadable").count == 1


def test_order_that_recovered_is_left_out_of_the_mail(scoped: Merchant, account: JetAccount) -> None:
    order = store_unreadable(scoped, account, "abc", "No items.")
    Order.objects.filter(pk=order.pk).update(failure_reason="", state=OrderState.READY)
    assert write_due(scoped, kinds=["orders.failed"]) == 0


def test_cancel_request_is_told_with_the_units(scoped: Merchant, account: JetAccount) -> None:
    data = rows.jet_order(rows.line("KETTLE-1", 3), status="acknowledged")
    order = rows.store(scoped, account, data)
    data["jet_request_directed_cancel"] = True
    data["order_items"][0]["request_order_cancel_qty"] = 2
    rows.store(scoped, account, data)
    rows.store(scoped, account, data)
    assert events() == [("orders.cancel", order.pk)]
    write_due(scoped, kinds=["orders.cancel"])
    mail = Mail.objects.get()
    assert mail.subject == f"[Harrow & Finch] Jet asks to cancel order {order}"
    assert "Jet asks to cancel 2 units of it." in mail.text


def test_mails_about_orders_name_no_shopper(scoped: Merchant, account: JetAccount) -> None:
    order = waiting_order(scoped, account)
    Order.objects.update(is_directed_cancel=True, failure_reason="out_of_stock")
    for kind in ("orders.new", "orders.alarm", "orders.failed", "orders.cancel"):
        post_mail(scoped, kind, about=order)
    write_due(scoped, kinds=["orders.new", "orders.failed", "orders.cancel"])
    assert set(Mail.objects.values_list("kind", flat=True)) == {
        "orders.new",
        "orders.alarm",
        "orders.failed",
        "orders.cancel",
    }
    personal = [
        order.buyer_name,
        order.buyer_phone,
        order.ship_to_address1,
        order.ship_to_address2,
        order.ship_to_city,
        order.ship_to_zip,
        order.hash_email,
    ]
    assert all(personal), "there must be something to leak"
    for mail in Mail.objects.all():
        assert [text for text in personal if text in mail.subject + mail.text + mail.html] == []
    assert "To NJ, ship by" in Mail.objects.get(kind="orders.new").text


def test_reading_many_orders_for_a_mail_costs_two_queries(
    scoped: Merchant, account: JetAccount, django_assert_num_queries: Any
) -> None:
    orders = [waiting_order(scoped, account) for _ in range(4)]
    with django_assert_num_queries(2):
        found = new_orders(scoped, [Event(order.pk) for order in orders])
    assert [item.about for item in found] == [("orders.order", order.pk) for order in orders]
