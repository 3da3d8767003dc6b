"""Mails about orders: what they name, what they leave out, and when they are not worth sending."""

from __future__ import annotations

from datetime import timedelta

import pytest
from django.utils import timezone

from jetsync.actions.mail import post_mail
from jetsync.models import JetAccount, Mail, Merchant, Options, User
from orders.enums import OrderState
from orders.models import Order
from tests.factories import make_account
from tests.orders import rows


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
