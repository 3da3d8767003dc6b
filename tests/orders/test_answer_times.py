"""The board: how many orders were answered in time, how fast, and by whom; on the page, on Home and over the API."""

from __future__ import annotations

import re
from datetime import timedelta
from typing import Any

import pytest
from django.utils import timezone

from jetsync.models import JetAccount, Merchant
from jetsync.tenancy.context import merchant_scope
from orders.models import Order
from orders.queries.answer_times import answer_times, answers_by_day
from tests import factories
from tests.orders import rows
from tests.orders.pages import page, text_of

pytestmark = pytest.mark.django_db


def released(
    merchant: Merchant, account: JetAccount, days_ago: float, seconds: float | None = None, **values: Any
) -> Order:
    """An order of so many days ago, answered after `seconds` (None: not answered)."""
    ready_at = timezone.now() - timedelta(days=days_ago)
    order = rows.make_order(merchant, account, ready_at=ready_at)
    answered: dict[str, Any] = {}
    if seconds is not None:
        answered = {
            "state": "acknowledged",
            "acknowledgement_status": "accepted",
            "acknowledged_at": ready_at + timedelta(seconds=seconds),
        }
    Order.objects.filter(pk=order.pk).update(**{**answered, **values})
    return order


def numbers(found: Any) -> dict[str, Any]:
    return {name: getattr(found, name) for name in ("orders", "in_time", "late", "lost", "saved", "untimed")}


@pytest.fixture
def answered(merchant: Merchant, account: JetAccount) -> Merchant:
    """In 7 days 10 s to 60 s by the machine, one saved, one lost; in 30 also one late; in 90 one by a person."""
    with merchant_scope(merchant):
        for seconds in (10, 20, 30, 40, 60):
            released(merchant, account, 1, seconds, answered_by="automatic")
        released(merchant, account, 2, 13 * 60 + 20, answered_by="fallback")
        released(merchant, account, 3, state="expired", failure_reason="window_missed")
        released(merchant, account, 20, 16 * 60, answered_by="person")
        released(
            merchant,
            account,
            80,
            90,
            answered_by="person",
            state="rejected",
            acknowledgement_status="rejected - other",
        )
        released(merchant, account, 95, 5)
        released(merchant, account, 0.001)  # still inside its window
        released(merchant, account, 4, state="complete")  # answered elsewhere, without a time
    return merchant


@pytest.mark.feature("ORD-09")
def test_answer_times_are_worked_out_per_period_in_one_query(
    answered: Merchant, django_assert_num_queries: Any
) -> None:
    with merchant_scope(answered), django_assert_num_queries(1):
        week, month, quarter = answer_times(answered, now=timezone.now())

    assert numbers(week) == {"orders": 7, "in_time": 6, "late": 0, "lost": 1, "saved": 1, "untimed": 1}
    assert numbers(month) == {"orders": 8, "in_time": 6, "late": 1, "lost": 1, "saved": 1, "untimed": 1}
    assert numbers(quarter) == {"orders": 9, "in_time": 7, "late": 1, "lost": 1, "saved": 1, "untimed": 1}
    assert (quarter.automatic, quarter.person) == (5, 2)
    assert week.half_within == timedelta(seconds=35)
    # Six values: the 95th of a hundred lies three quarters of the way from the fifth to the sixth.
    assert week.most_within == timedelta(seconds=60 + 0.75 * 740)
    assert week.percent == pytest.approx(600 / 7)


def test_board_shows_shares_times_and_from_which_orders(answered: Merchant, client_for: Any) -> None:
    html = re.sub(r"\s+", " ", text_of(client_for("owner"), page(answered, "answer-times")))
    assert "85.7&nbsp;%" in html
    assert '6</span></a> of <span class="num">7</span>' in html
    assert "35.0 s" in html
    assert "Orders of test mode that Jet released to" in html
    assert "1 order of the last 90 days</a> that were answered elsewhere without a time" in html
    home = text_of(client_for("owner"), f"/m/{answered.slug}/")
    assert "of 8 in the last 30 days" in home
    assert page(answered, "answer-times") in home


@pytest.mark.feature("ORD-09")
def test_board_leads_from_each_number_to_exactly_its_orders(answered: Merchant, client_for: Any) -> None:
    client = client_for("owner")
    html = text_of(client, page(answered, "answer-times"))

    links = re.findall(r'<a href="([^"]*&amp;answer=\w+)">(?:<span class="num">)?(\d+)', html)

    shown: dict[str, list[int]] = {}
    for link, number in links:
        assert text_of(client, link.replace("&amp;", "&")).count("data-href=") == int(number), link
        shown.setdefault(link.rpartition("=")[2], []).append(int(number))
    assert shown == {
        "known": [7, 8, 9],
        "in_time": [6, 6, 7],
        "automatic": [5, 5, 5],
        "person": [1, 2],  # of 7 days none
        "saved": [1, 1, 1],
        "late": [1, 1],
        "lost": [1, 1, 1],
        "untimed": [1],
    }


def test_board_without_orders_says_what_will_stand_here(
    merchant: Merchant, account: JetAccount, client_for: Any
) -> None:
    assert "No order has been answered yet" in text_of(client_for("owner"), page(merchant, "answer-times"))


def test_answer_times_over_the_api(answered: Merchant, client_for: Any) -> None:
    body = client_for("owner").get(f"/api/v1/m/{answered.slug}/orders/answer-times/").json()
    assert [row["days"] for row in body] == [7, 30, 90]
    assert (body[0]["p50_seconds"], body[0]["saved_by_fallback"], body[0]["lost"]) == (35.0, 1, 1)


def test_answer_times_of_others_and_of_nothing(answered: Merchant) -> None:
    other = factories.make_merchant()
    factories.make_account(other)
    with merchant_scope(other):
        week, *_more = answer_times(other, now=timezone.now())
    assert (week.orders, week.percent, week.half_within) == (0, None, None)


@pytest.mark.feature("ORD-09", "DSH-02")
def test_days_are_those_of_the_release_and_add_up(answered: Merchant, django_assert_num_queries: Any) -> None:
    with merchant_scope(answered), django_assert_num_queries(2):
        period, days = answers_by_day(answered, 30)

    assert numbers(period) == {"orders": 8, "in_time": 6, "late": 1, "lost": 1, "saved": 1, "untimed": 1}
    yesterday = (timezone.now() - timedelta(days=1)).astimezone(answered.zone).date()
    assert numbers(days[yesterday])["in_time"] == 5
    assert days[yesterday].half_within == timedelta(seconds=30)
    assert sum(day.orders for day in days.values()) == 8
    assert sum(day.lost for day in days.values()) == 1


@pytest.mark.feature("DSH-02", "DSH-06")
def test_dashboard_leads_from_each_number_to_exactly_its_orders(answered: Merchant, client_for: Any) -> None:
    client = client_for("owner")
    html = re.sub(r"\s+", " ", text_of(client, f"/m/{answered.slug}/dashboard/"))
    assert "<strong>75.0&nbsp;%</strong> answered within 15 minutes" in html
    assert page(answered, "answer-times") in html

    links = re.findall(r'<a href="([^"]*released_after[^"]*)"><span class="num">(\d+)</span>', html)

    shown = {"in_time": 0, "late": 0, "lost": 0, "known": 0}
    for link, number in links:
        assert text_of(client, link.replace("&amp;", "&")).count("data-href=") == int(number), link
        shown[link.rpartition("=")[2]] += int(number)
    assert shown == {"in_time": 6, "late": 1, "lost": 1, "known": 8}


def test_dashboard_without_orders_says_what_will_stand_there(
    merchant: Merchant, account: JetAccount, client_for: Any
) -> None:
    assert "No order answered yet" in text_of(client_for("owner"), f"/m/{merchant.slug}/dashboard/")
