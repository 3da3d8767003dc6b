"""The page of daily reports: its dates, its chart, and the lists behind the numbers."""

import re
from datetime import date, timedelta
from decimal import Decimal

import pytest
from django.urls import reverse
from django.utils import timezone

from jetsync.models import Schedule
from jetsync.sync.schedules import ensure_schedules
from jetsync.tenancy.actor import Actor
from jetsync.tenancy.rights import Right
from jetsync.wording import day_text
from orders.days import begin_of
from orders.models import Order
from refunds.daily.actions import keep_days
from refunds.daily.behind import behind
from refunds.daily.queries import all_daily_reports
from returns.models import ReturnLine
from tests import factories
from tests.refunds.test_daily import refund_of
from tests.returns.rows import make_order, make_return


@pytest.fixture
def account(scoped):
    account = factories.make_account(scoped)
    type(account).objects.update(created_at=timezone.now() - timedelta(days=12))
    account.refresh_from_db()
    return account


def noon_of(account, days_ago: int):
    day = timezone.localdate(timezone=account.merchant.zone) - timedelta(days=days_ago)
    return begin_of(account.merchant, day) + timedelta(hours=12)


@pytest.fixture
def busy(account):
    """Two days ago: three orders of which one was rejected, a return opened, one completed and one without goods, two
    refunds of which Jet rejected one. Ten days ago an order. The days are kept.
    """
    noon = noon_of(account, 2)
    for state in ("complete", "acknowledged", "rejected"):
        make_order(account.merchant, account, placed_at=noon, total=Decimal("60.29"), state=state)
    old = make_order(account.merchant, account, placed_at=noon_of(account, 10), total=Decimal(10))
    make_return(old, return_date=noon)
    long_ago = noon - timedelta(days=8)
    for is_included in (True, False):
        returned = make_return(old, return_date=long_ago, completed_date=noon, status="completed")
        ReturnLine.objects.filter(parent=returned).update(is_included=is_included)
    refund_of(old, noon)
    refund_of(old, noon, status="rejected")
    keep_days(account.merchant, account)
    return account


def page(client, merchant) -> str:
    url = reverse("refunds:daily-list", kwargs={"merchant_slug": merchant.slug})
    return re.sub(r"\s+", " ", client.get(url).content.decode())


def row_of(html: str, day: date) -> str:
    return next(row for row in html.split("<tr")[1:] if f">{shown(day)}<" in row)


def shown(day: date) -> str:
    return day_text(day, timezone.localdate())


@pytest.mark.feature("DSH-03")
def test_each_number_of_a_day_opens_exactly_what_it_counts(busy, client_for):
    client = client_for("owner")
    row = row_of(page(client, busy.merchant), noon_of(busy, 2).date())
    found = re.findall(r'<a href="([^"]*)"><span class="num">(\d+)</span></a>', row)
    assert [(link.split("/")[3], number) for link, number in found] == [
        ("orders", "2"),
        ("returns", "1"),
        ("returns", "1"),
        ("refunds", "1"),
    ]
    for link, number in found:
        rows = client.get(link.replace("&amp;", "&")).content.decode()
        assert rows.count("data-href=") == int(number), link


def test_number_that_changed_since_says_so_and_is_no_link(busy, client_for):
    Order.objects.filter(placed_at=noon_of(busy, 10)).update(state="rejected")
    row = row_of(page(client_for("owner"), busy.merchant), noon_of(busy, 10).date())
    assert re.search(r'<span class="num">1</span><div class="cell-sub">now 0</div>', row)
    assert "/orders/?" not in row


def test_list_behind_a_number_is_for_those_who_may_see_it(busy):
    rows = list(all_daily_reports(busy.merchant))
    actor = Actor(label="Robin", rights=frozenset({Right.REFUNDS_VIEW}))
    found = behind(busy.merchant, rows, actor)[noon_of(busy, 2).date()]
    assert {name for name, part in found.items() if part.url} == {"refunds"}


def test_chart_shows_the_sales_of_the_days_that_were_chosen(busy, client_for):
    html = page(client_for("owner"), busy.merchant)
    day = noon_of(busy, 2).date()
    assert f"<title>{day:%a}, {day:%b} {day.day}: $120.58, 2 orders</title>" in html
    assert html.count("<title>") - html.count("<title>Daily") == 12


def test_page_says_when_days_were_counted_and_never_speaks_of_a_look_at_jet(busy, client_for):
    ensure_schedules(busy.merchant)
    Schedule.objects.filter(kind="refunds.daily").update(
        last_finished_at=timezone.now() - timedelta(hours=3), last_ok=True, last_message="All is well."
    )
    html = re.sub(r"<[^>]+>", "", page(client_for("owner"), busy.merchant))
    assert "Counted 3 hours ago (by schedule). All is well." in html
    assert "Last look at Jet" not in html
    assert not re.search(r"\d{4}-\d{2}-\d{2}", html)


def test_chosen_days_read_as_on_the_pages(busy, client_for):
    first, last = noon_of(busy, 3).date(), noon_of(busy, 2).date()
    url = reverse("refunds:daily-list", kwargs={"merchant_slug": busy.merchant.slug})
    html = client_for("owner").get(f"{url}?day_after={first}&day_before={last}").content.decode()
    assert "Total of 2 days" in html
    assert f"{shown(first)} to {shown(last)}" in html
