"""A silence that is not usual is told once: on home, in the bell and by mail."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime, timedelta

import pytest
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from jetsync.mail.kinds import Event
from jetsync.models import JetAccount, LogEntry, MailEvent, Merchant, Notice, Options
from jetsync.tenancy.context import merchant_scope
from jetsync.tenancy.managers import bulk_create
from orders.actions.silence import tell_silence
from orders.mail import silences
from orders.models import Order
from orders.silence import Verdict
from tests.factories import make_account, make_merchant

HOURS = 24 * 7 * 4


def orders_until(merchant: Merchant, account: JetAccount, last: datetime) -> None:
    """Two an hour, day and night, for four weeks."""
    rows = [
        Order(
            merchant=merchant,
            account=account,
            merchant_order_id=f"{merchant.pk}-{number}-{half}",
            ready_at=last - timedelta(hours=number),
        )
        for number in range(HOURS)
        for half in (0, 1)
    ]
    bulk_create(Order, rows)


@pytest.fixture
def silent(scoped: Merchant) -> datetime:
    """The last order came ten hours ago; another store's come all the time."""
    now = timezone.now()
    other = make_merchant()
    account = make_account(other)
    with merchant_scope(other):
        bulk_create(Order, [Order(merchant=other, account=account, merchant_order_id="x", ready_at=now)])
    orders_until(scoped, make_account(scoped), now - timedelta(hours=10))
    return now


def told() -> tuple[int, int, int]:
    return (
        Notice.objects.filter(key__startswith="orders.silence").count(),
        MailEvent.objects.filter(kind="orders.silence").count(),
        LogEntry.objects.filter(action="orders.silence.noticed").count(),
    )


def test_it_is_told_once_and_the_next_order_ends_it(scoped: Merchant, silent: datetime) -> None:
    assert tell_silence(scoped, silent).verdict == Verdict.BROKEN
    Notice.objects.update(read_at=silent)
    assert tell_silence(scoped, silent + timedelta(hours=1)).verdict == Verdict.BROKEN
    assert told() == (1, 1, 1)
    event = MailEvent.objects.get(kind="orders.silence")
    assert len(silences(scoped, [Event(None, event.facts)])) == 1

    account = JetAccount.objects.get(merchant=scoped)
    bulk_create(Order, [Order(merchant=scoped, account=account, merchant_order_id="new", ready_at=silent)])
    assert tell_silence(scoped, silent + timedelta(hours=1)).verdict == Verdict.LIVELY
    assert silences(scoped, [Event(None, event.facts)]) == []


def test_nothing_is_told_while_orders_are_not_fetched(scoped: Merchant, silent: datetime) -> None:
    Options.objects.update(pull_orders=False)
    assert tell_silence(scoped, silent).verdict == Verdict.UNKNOWN
    assert told() == (0, 0, 0)


def test_home_tells_quiet_from_broken(
    scoped: Merchant, silent: datetime, client_for: Callable[..., Client]
) -> None:
    home = reverse("panel:home", kwargs={"merchant_slug": scoped.slug})
    assert "No order for an unusual time" in client_for("analyst").get(home).content.decode()

    Order.objects.filter(ready_at__lte=silent - timedelta(hours=10)).update(
        ready_at=timezone.now() - timedelta(days=70)
    )
    orders = Order.objects.order_by("pk")[:60]
    for number, order in enumerate(orders):
        Order.objects.filter(pk=order.pk).update(ready_at=silent - timedelta(hours=20 + 12 * number))
    page = client_for("analyst").get(home).content.decode()
    assert "Quiet, as it sometimes is" in page
    assert "No order for an unusual time" not in page
