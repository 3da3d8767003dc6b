"""Daily reports: each day of the merchant's own calendar, counted once a day and kept."""

from datetime import UTC, date, datetime, timedelta
from decimal import Decimal

import pytest
import time_machine
from django.urls import reverse
from django.utils import timezone

from jetsync.mail.kinds import Event, mail_kind
from jetsync.models import MailEvent, Options
from jetsync.sync.queue import enqueue
from jetsync.sync.registry import schedule_of
from jetsync.sync.runner import run_job
from jetsync.tenancy.context import merchant_scope
from orders.models import Order
from refunds.daily.actions import keep_days
from refunds.daily.queries import COUNTED, count_days
from refunds.models import DailyReport, Refund, RefundLine
from tests import factories
from tests.downloads import csv_rows, workbook_rows
from tests.returns.rows import make_order, make_return

DAY = date(2026, 6, 10)
NOON = datetime(2026, 6, 10, 16, tzinfo=UTC)  # noon in New York


@pytest.fixture
def account(scoped):
    return factories.make_account(scoped)


def made(account, at: datetime, **values) -> Order:
    return make_order(account.merchant, account, placed_at=at, **{"total": Decimal("60.29"), **values})


def refund_of(order: Order, at: datetime, **values) -> Refund:
    merchant = order.merchant
    refund = Refund.objects.create(
        merchant=merchant,
        account=order.account,
        order=order,
        alt_refund_id=f"R-{order.pk}-{Refund.objects.count()}",
        **{"send_state": "sent", "status": "accepted", **values},
    )
    RefundLine.objects.create(
        merchant=merchant,
        parent=refund,
        order_item_id="item",
        reason="x",
        principal=Decimal("10.00"),
        tax="0.50",
    )
    Refund.objects.filter(pk=refund.pk).update(created_at=at)
    return refund


def test_day_is_the_merchants_own(account):
    made(account, datetime(2026, 6, 10, 3, 59, tzinfo=UTC))  # still June 9 in New York
    made(account, datetime(2026, 6, 10, 4, 0, tzinfo=UTC))
    made(account, datetime(2026, 6, 11, 3, 59, tzinfo=UTC))
    counts = count_days(account.merchant, account, date(2026, 6, 9), date(2026, 6, 11))
    assert [(day.day, found.orders) for day, found in counts.items()] == [(9, 1), (10, 2), (11, 0)]


def test_what_came_to_nothing_is_no_sale(account):
    made(account, NOON)
    made(account, NOON, state="rejected")
    found = count_days(account.merchant, account, DAY, DAY)[DAY]
    assert (found.orders, found.sales) == (1, Decimal("60.29"))


def test_returns_and_refunds_count_on_their_days(account):
    order = made(account, NOON - timedelta(days=40))
    returned = make_return(
        order, return_date=NOON - timedelta(days=1), completed_date=NOON, status="completed"
    )
    returned.lines.update(principal="24.99", shipping_cost="3.50")
    refund_of(order, NOON)
    refund_of(order, NOON, status="rejected")
    refund_of(order, NOON, status="created", send_state="waiting")
    before, day = count_days(account.merchant, account, DAY - timedelta(days=1), DAY).values()
    assert (before.returns, before.completed_returns) == (1, 0)
    assert (day.returns, day.completed_returns, day.returned) == (0, 1, Decimal("28.49"))
    assert (day.refunds, day.refunded) == (1, Decimal("10.50"))


def test_disputed_charge_is_money_given_back_all_the_same(account):
    order = made(account, NOON - timedelta(days=40))
    returned = make_return(order, completed_date=NOON, status="not_accepted", agree_to_return_charge=False)
    returned.lines.update(principal="24.99", shipping_cost="3.50")
    (day,) = count_days(account.merchant, account, DAY, DAY).values()
    assert (day.completed_returns, day.returned) == (1, Decimal("28.49"))


def test_counting_asks_the_same_number_of_questions_for_any_days(account, django_assert_num_queries):
    made(account, NOON)
    for days in (0, 60):
        with django_assert_num_queries(5):
            count_days(account.merchant, account, DAY - timedelta(days=days), DAY)


@pytest.fixture
def started(account):
    """The account exists since May 1, and it is noon of June 11."""
    type(account).objects.filter(pk=account.pk).update(created_at=datetime(2026, 5, 1, 16, tzinfo=UTC))
    account.refresh_from_db()
    with time_machine.travel(NOON + timedelta(days=1), tick=False):
        yield account


@pytest.mark.feature("DSH-03")
def test_missing_days_are_filled_in_and_a_second_run_doubles_nothing(started):
    made(started, NOON)
    new = keep_days(started.merchant, started)
    assert (new[0], new[-1], len(new)) == (date(2026, 5, 1), DAY, 41)
    DailyReport.objects.filter(day=date(2026, 5, 20)).delete()
    assert keep_days(started.merchant, started) == [date(2026, 5, 20)]
    assert keep_days(started.merchant, started) == []
    assert (DailyReport.objects.count(), DailyReport.objects.get(day=DAY).orders) == (41, 1)


def test_last_week_is_counted_again_and_older_days_stand(started):
    keep_days(started.merchant, started)
    for days in (6, 7):
        made(started, NOON - timedelta(days=days))
    keep_days(started.merchant, started)
    kept = {row.day: row.orders for row in DailyReport.objects.filter(day__lte=DAY - timedelta(days=6))}
    assert (kept[DAY - timedelta(days=6)], kept[DAY - timedelta(days=7)]) == (1, 0)


def test_first_order_before_the_account_begins_the_days(started):
    made(started, datetime(2026, 4, 20, 16, tzinfo=UTC))
    assert keep_days(started.merchant, started)[0] == date(2026, 4, 20)


@pytest.mark.feature("SCH-11")
def test_job_runs_once_a_day_after_midnight_and_may_run_twice(started):
    kind = schedule_of("refunds.daily")
    assert (kind.interval, kind.at_hour) == (timedelta(days=1), 0)
    told = []
    for _run in range(2):
        job = enqueue(started.merchant, "refunds.daily", "schedule")
        assert run_job(job.pk)
        job.refresh_from_db()
        told.append((job.state, job.message))
    assert told == [
        ("done", "41 days up to Jun 10 were counted for the first time."),
        ("done", "No day was missing; the last week was counted again."),
    ]


def test_job_without_an_account_says_so(scoped):
    job = enqueue(scoped, "refunds.daily", "schedule")
    assert run_job(job.pk)
    job.refresh_from_db()
    assert (job.state, job.message) == ("done", "No Jet account yet, so there is nothing to count.")


def url_of(merchant) -> str:
    return reverse("refunds:daily-list", kwargs={"merchant_slug": merchant.slug})


def kept_day(account, days_ago: int, **values) -> DailyReport:
    today = timezone.localdate(timezone=account.merchant.zone)
    numbers = {
        "orders": 2,
        "sales": Decimal("100.00"),
        "returned": Decimal("20.00"),
        "refunded": Decimal("5.00"),
    }
    return DailyReport.objects.create(
        merchant=account.merchant,
        account=account,
        day=today - timedelta(days=days_ago),
        counted_at=timezone.now(),
        **{**numbers, **values},
    )


@pytest.fixture
def days(merchant):
    with merchant_scope(merchant):
        account = factories.make_account(merchant)
        return [kept_day(account, ago) for ago in (1, 30, 31, 90, 91)]


@pytest.mark.feature("DSH-03")
def test_page_totals_and_files_are_of_the_days_that_were_chosen(client_for, merchant, days):
    client = client_for("analyst")
    for query, count in (("", 5), ("?days=30", 2), ("?days=90", 4)):
        html = client.get(url_of(merchant) + query).content.decode()
        assert f"Total of {count} days" in html
        assert f"${75 * count:,.2f}" in html
    rows = csv_rows(client, f"{url_of(merchant)}?days=30&download=csv")
    assert [row["Day"] for row in rows] == [str(days[0].day), str(days[1].day)]
    assert (rows[0]["Orders"], rows[0]["Sales (USD)"], rows[0]["Net (USD)"]) == ("2", "100.00", "75.00")
    cells = workbook_rows(client, f"{url_of(merchant)}?download=xlsx&sort=day")
    assert [row["Net (USD)"] for row in cells] == [75] * 5


def test_days_are_filtered_by_their_dates(client_for, merchant, days):
    query = f"?day_after={days[2].day}&day_before={days[1].day}"
    html = client_for("analyst").get(url_of(merchant) + query).content.decode()
    assert "Total of 2 days" in html


def test_list_queries_do_not_grow_with_days(client_for, count_queries, merchant, days):
    client = client_for("owner")
    client.get(url_of(merchant))
    few = count_queries(client, url_of(merchant))
    with merchant_scope(merchant):
        for ago in range(2, 5):
            kept_day(days[0].account, ago)
    assert count_queries(client, url_of(merchant)) == few


def test_empty_page_says_when_days_come(client_for, merchant):
    html = client_for("analyst").get(url_of(merchant)).content.decode()
    assert "No day counted yet" in html


def test_days_of_another_merchant_are_not_counted_or_shown(client_for, merchant, days):
    other = factories.make_merchant()
    with merchant_scope(other):
        kept_day(factories.make_account(other), 1, sales=Decimal("777.77"))
    html = client_for("owner").get(url_of(merchant)).content.decode()
    assert "Total of 5 days" in html
    assert "777.77" not in html
    assert set(COUNTED) <= {field.name for field in DailyReport._meta.fields}


def test_yesterday_is_mailed_once_and_only_when_switched_on(started):
    keep_days(started.merchant, started)
    assert MailEvent.objects.count() == 0
    DailyReport.objects.all().delete()
    Options.objects.update(mail_daily_report=True)
    made(started, NOON)
    for _run in range(2):
        keep_days(started.merchant, started)
    event = MailEvent.objects.get()
    (item,) = mail_kind("refunds.daily").items(started.merchant, [Event(event.object_id)])
    assert (event.kind, item.label, item.side) == ("refunds.daily", "Wednesday, Jun 10", "$60.29")
    assert item.lines[0] == "1 order, $60.29 of sales"
