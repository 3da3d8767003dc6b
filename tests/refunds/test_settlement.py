"""Settlement reports: fetched once a day, kept once, followed until the bank has decided."""

from copy import deepcopy
from datetime import UTC, datetime, timedelta
from decimal import Decimal

import pytest
from django.urls import reverse
from django.utils import timezone

from jetsync.models import LogEntry, Notice
from jetsync.sync.queue import enqueue
from jetsync.sync.registry import schedule_of
from jetsync.tenancy.context import merchant_scope
from refunds.enums import SettlementState
from refunds.models import SettlementLine, SettlementReport
from refunds.settlement.actions import store_report
from refunds.settlement.reading import read_report, unreadable
from tests import factories
from tests.downloads import csv_rows, workbook_rows

SAMPLE = {
    "settlement_report_id": "9e8d7c6b5a4f43210fedcba987654321",
    "settlement_state": "Submitted",
    "currency": "dollars",
    "unavailable_balance": 312.4,
    "settlement_period_start": "2017-11-06T00:00:00Z",
    "settlement_period_end": "2017-11-12T23:59:59.9999999Z",
    "order_balance_details": {
        "merchant_price": 1000.0,
        "jet_variable_commission": -50.0,
        "fixed_commission": -100.0,
        "tax": 66.25,
        "shipping_revenue": 80.0,
        "shipping_tax": 5.3,
        "shipping_charge": 0.0,
        "fulfillment_fee": 0.0,
        "product_cost": 0.0,
    },
    "order_balance": 1001.55,
    "return_balance_details": {
        "merchant_price": -24.99,
        "jet_variable_commission": 1.25,
        "fixed_commission": 2.5,
        "tax": -1.66,
        "shipping_tax": 0.0,
        "merchant_return_charge": -6.85,
        "return_processing_fee": 0.0,
        "product_cost": 0.0,
    },
    "return_balance": -29.75,
    "jet_adjustment": 0.0,
    "settlement_value": 971.8,
}


def answer(**changes):
    return {**deepcopy(SAMPLE), **changes}


def store(account, raw=None, *, seen_at=None, report_id=SAMPLE["settlement_report_id"]) -> SettlementReport:
    facts = read_report(report_id, SAMPLE if raw is None else raw)
    return store_report(account.merchant, account, facts, seen_at=seen_at or timezone.now()).report


@pytest.fixture
def account(scoped):
    return factories.make_account(scoped)


def fetch(shop) -> str:
    job = enqueue(shop.merchant, "refunds.settlement", "schedule")
    shop.run(job.pk)
    job.refresh_from_db()
    return job.message


def close_period(shop) -> str:
    return shop.control.call("POST", "settlement/close", user="demo-user")["url"].rsplit("/", 1)[1]


def decide(shop, report_id: str, state: str) -> None:
    shop.control.call("POST", "settlement/decide", user="demo-user", report_id=report_id, state=state)


def page(name: str, merchant, pk: int | None = None) -> str:
    more = {} if pk is None else {"pk": pk}
    return reverse(f"refunds:{name}", kwargs={"merchant_slug": merchant.slug, **more})


def test_settlement_is_fetched_once_a_day_in_the_merchants_morning():
    kind = schedule_of("refunds.settlement")
    assert (kind.interval, kind.at_hour) == (timedelta(days=1), 5)


def test_fetch_stores_each_report_once_and_follows_the_bank(shop):
    shop.order(2)
    report_id = close_period(shop)
    assert fetch(shop) == "1 new settlement report, 1 read from Jet."
    report = SettlementReport.objects.get()
    lines = {(line.side, line.name): line.amount for line in report.lines.all()}
    assert (report.report_id, report.state, report.jet_state) == (
        report_id,
        SettlementState.SUBMITTED,
        "Submitted",
    )
    assert (lines["order", "merchant_price"], len(lines)) == (Decimal("49.98"), 17)
    assert sum(lines.values()) == report.settlement_value
    assert Notice.objects.get(key="refunds.settlement.new").level == "info"

    assert fetch(shop) == "0 new settlement reports, 1 read from Jet."
    decide(shop, report_id, "Rejected")
    for _number in range(2):
        fetch(shop)
    report = SettlementReport.objects.get()
    notice = Notice.objects.get(key=f"refunds.settlement.state.{report.pk}")
    assert (report.state, notice.level, notice.count) == (SettlementState.REJECTED, "danger", 1)
    assert notice.body.startswith("$")
    assert notice.url == page("settlement-detail", shop.merchant, report.pk)
    assert report.lines.count() == 17


def test_answer_that_is_not_json_is_kept_told_once_and_mended_by_the_next(shop):
    shop.order(1)
    report_id = close_period(shop)
    shop.control.fault("html", path=f"/settlement/report/{report_id}")
    assert fetch(shop) == "1 new settlement report, 1 read from Jet. 1 report could not be read."
    report = SettlementReport.objects.get()
    assert (report.raw, report.settlement_value, report.state) == (None, None, SettlementState.UNKNOWN)
    assert report.unread
    assert Notice.objects.get(key=f"refunds.settlement.unreadable.{report.pk}").level == "danger"
    shop.control.clear_faults()
    fetch(shop)
    report.refresh_from_db()
    assert (report.problems, report.unread, report.state) == ([], None, SettlementState.SUBMITTED)
    assert report.settlement_value == report.order_balance


def test_amounts_are_read_digit_by_digit(account):
    report = store(account)
    assert (report.order_balance, report.settlement_value) == (Decimal("1001.55"), Decimal("971.80"))
    assert report.period == (
        datetime(2017, 11, 6, tzinfo=UTC),
        datetime(2017, 11, 12, 23, 59, 59, 999_999, tzinfo=UTC),
    )
    assert report.lines.get(side="order", name="shipping_tax").amount == Decimal("5.30")


def test_detail_that_is_new_to_us_is_kept(account):
    details = {**SAMPLE["order_balance_details"], "warehouse_fee": -1.5}
    report = store(account, answer(order_balance_details=details))
    assert report.lines.get(name="warehouse_fee").amount == Decimal("-1.50")
    assert report.problems == []


@pytest.mark.parametrize(
    ("changes", "problem"),
    [
        ({"settlement_value": None}, "“settlement_value” is missing."),
        ({"order_balance": "much"}, "“order_balance” is no amount: much."),
        ({"return_balance": 1e15}, "“return_balance” is no amount: 1000000000000000.0."),
        ({"jet_adjustment": {"a": 1}}, "“jet_adjustment” is no amount: {'a': 1}."),
        ({"order_balance_details": []}, "“order_balance_details” is missing."),
        ({"settlement_period_end": "soon"}, "The period has no readable start or end."),
        ({"settlement_period_end": "2017-11-01T00:00:00Z"}, "The period ends before it begins."),
        ({"settlement_state": ""}, "The state is missing."),
        ({"settlement_report_id": "another"}, "It calls itself “another”."),
    ],
)
def test_malformed_report_is_kept_and_names_what_is_wrong(account, changes, problem):
    report = store(account, answer(**changes))
    report.refresh_from_db()
    assert report.problems == [problem]
    assert report.unread == answer(**changes)
    assert Notice.objects.filter(key=f"refunds.settlement.unreadable.{report.pk}").count() == 1


@pytest.mark.parametrize("raw", [[], "text", 7, None])
def test_answer_that_is_no_record_is_kept(account, raw):
    facts = read_report("r-1", raw)
    report = store_report(account.merchant, account, facts, seen_at=timezone.now()).report
    report.refresh_from_db()
    assert (report.problems, report.unread) == (["The answer is not a record."], raw)


def test_unreadable_answer_takes_nothing_from_what_was_read(account):
    store(account)
    facts = unreadable(SAMPLE["settlement_report_id"], "<html>", "The answer is not JSON.")
    report = store_report(account.merchant, account, facts, seen_at=timezone.now()).report
    report.refresh_from_db()
    assert (report.settlement_value, report.raw, report.unread) == (Decimal("971.80"), SAMPLE, "<html>")
    assert (report.state, report.lines.count()) == (SettlementState.SUBMITTED, 17)


def test_word_that_is_new_to_us_is_kept_and_told_once(account):
    store(account)
    for _number in range(2):
        report = store(account, answer(settlement_state="On hold"))
    assert (report.state, report.jet_state) == (SettlementState.UNKNOWN, "On hold")
    notice = Notice.objects.get(key=f"refunds.settlement.state.{report.pk}")
    assert (notice.title, notice.level) == ("Settlement Nov 6 to Nov 12, 2017: On hold", "warning")
    assert LogEntry.objects.filter(action="refunds.settlement.unknown").count() == 1


def test_report_that_jet_changes_is_told_with_both_values(account):
    store(account)
    report = store(account, answer(jet_adjustment=-10.0, settlement_value=961.8))
    notice = Notice.objects.get(key=f"refunds.settlement.changed.{report.pk}")
    assert notice.body == "Its value was $971.80. Now $961.80."


def test_read_that_was_overtaken_changes_nothing(account):
    now = timezone.now()
    store(account, answer(settlement_state="Paid"), seen_at=now)
    store(account, seen_at=now - timedelta(minutes=1))
    assert SettlementReport.objects.get().state == SettlementState.PAID


def test_old_word_for_paid_counts_as_paid(account):
    assert store(account, answer(settlement_state="deposited")).state == SettlementState.PAID


@pytest.fixture
def report(merchant) -> SettlementReport:
    with merchant_scope(merchant):
        return store(factories.make_account(merchant))


def test_list_shows_period_state_and_value(client_for, merchant, report):
    html = client_for("analyst").get(page("settlement-list", merchant)).content.decode()
    for text in ("Nov 6 to Nov 12, 2017", "Submitted", "$971.80", "$1,001.55"):
        assert text in html


def test_empty_list_says_what_will_come(client_for, merchant):
    html = client_for("owner").get(page("settlement-list", merchant)).content.decode()
    assert "No settlement reports yet" in html
    assert "Fetch settlement reports" in html


def test_list_queries_do_not_grow_with_reports(client_for, count_queries, merchant, report):
    url, client = page("settlement-list", merchant), client_for("owner")
    client.get(url)
    few = count_queries(client, url)
    with merchant_scope(merchant):
        for number in range(3):
            store(report.account, answer(settlement_report_id=f"r-{number}"), report_id=f"r-{number}")
    assert count_queries(client, url) == few


def test_detail_shows_every_amount_and_jets_answer(client_for, merchant, report):
    html = client_for("analyst").get(page("settlement-detail", merchant, report.pk)).content.decode()
    for text in ("Fulfilment fee", "Jet&#x27;s variable commission", "$66.25", "$312.40", report.report_id):
        assert text in html


def test_rejected_report_says_what_to_do(client_for, merchant, report):
    with merchant_scope(merchant):
        store(report.account, answer(settlement_state="Rejected"))
    html = client_for("owner").get(page("settlement-detail", merchant, report.pk)).content.decode()
    assert "The bank did not take the money" in html
    assert "Check the bank account in Jet&#x27;s partner portal" in html


def test_report_of_another_merchant_does_not_exist(client_for, merchant, report):
    other = factories.make_merchant()
    with merchant_scope(other):
        theirs = store(factories.make_account(other), report_id="r-9", raw=answer(settlement_report_id="r-9"))
    client = client_for("owner")
    assert client.get(page("settlement-detail", merchant, theirs.pk)).status_code == 404
    assert "r-9" not in client.get(page("settlement-list", merchant)).content.decode()


def test_files_hold_every_amount(client_for, merchant, report):
    client, url = client_for("analyst"), page("settlement-list", merchant)
    with merchant_scope(merchant):
        SettlementLine.objects.create(
            merchant=merchant, report=report, side="order", name="warehouse_fee", amount=Decimal("-1.50")
        )
    (row,) = csv_rows(client, f"{url}?download=csv")
    assert (row["Orders: Shipping (USD)"], row["Returns: Return charge (USD)"]) == ("80.00", "-6.85")
    assert (row["Settlement value (USD)"], row["Other amounts"]) == ("971.80", "order warehouse_fee: -1.50")
    (cells,) = workbook_rows(client, f"{url}?download=xlsx")
    assert float(cells["Order balance (USD)"]) == 1001.55


def test_fetching_needs_the_right_and_starts_one_job(client_for, merchant, report):
    url = page("settlement-fetch", merchant)
    assert client_for("analyst").post(url).status_code == 403
    response = client_for("owner").post(url, follow=True)
    assert "Asking Jet for its settlement reports" in response.content.decode()
    with merchant_scope(merchant):
        assert LogEntry.objects.filter(action="refunds.settlement.started").count() == 1
