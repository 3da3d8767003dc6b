"""Jet's settlement beside our own orders, returns and refunds."""

from datetime import UTC, datetime, timedelta
from decimal import Decimal

import pytest
from django.utils import timezone

from jetsync.tenancy.context import merchant_scope
from refunds.actions.creating import create_refund
from refunds.models import Refund, SettlementReport
from refunds.settlement.actions import keep_difference
from refunds.settlement.comparison import compare
from refunds.settlement.queries import settlement_lines
from returns.actions.settling import settle_return
from tests import factories
from tests.refunds.test_create import give, refund_job
from tests.refunds.test_settlement import answer, close_period, fetch, page, store
from tests.refunds.test_status import decide, update_status
from tests.returns.rows import make_order, make_return
from tests.returns.test_settle import full, settle_job

START = datetime(2026, 3, 2, tzinfo=UTC)
END = datetime(2026, 3, 8, 23, 59, 59, 999_999, tzinfo=UTC)
LAST = END.replace(microsecond=999_000)
INSIDE = datetime(2026, 3, 4, 12, tzinfo=UTC)
NO_DETAILS = {"merchant_price": 0.0}


def compared(report: SettlementReport):
    return compare(report, settlement_lines(report))


def report_of(account, *, orders=None, back=None, **changes) -> SettlementReport:
    orders, back = orders or NO_DETAILS, back or NO_DETAILS
    values = {
        "settlement_period_start": "2026-03-02T00:00:00Z",
        "settlement_period_end": "2026-03-08T23:59:59.9999999Z",
        "order_balance_details": orders,
        "order_balance": round(sum(orders.values()), 2),
        "return_balance_details": back,
        "return_balance": round(sum(back.values()), 2),
        "settlement_value": round(sum(orders.values()) + sum(back.values()), 2),
    }
    return store(account, answer(**{**values, **changes}))


@pytest.fixture
def account(scoped):
    return factories.make_account(scoped)


def test_what_the_sandbox_settles_is_the_same_as_ours_to_the_cent(shop, actor):
    shop.order(3, ships=2)
    returned = shop.returned(shop.order(2, sku="MUG-1"))
    settle_return(returned, full(returned), actor=actor)
    shop.run(settle_job(returned).pk)
    shop.finish(returned)
    shop.fetch()
    refund = create_refund(order := shop.order(2, sku="CUP-1"), [give(order)], actor=actor)
    shop.run(refund_job(refund).pk)
    decide(shop, refund, "accepted")
    update_status(shop)
    close_period(shop)
    fetch(shop)
    report = SettlementReport.objects.get()
    found = compared(report)
    assert (found.counts.orders, found.counts.returns, found.counts.refunds) == (3, 1, 1)
    assert ([row.words for row in found.differing], found.sums) == ([], ())
    assert (report.difference, report.differing) == (Decimal("0.00"), 0)
    assert found.parts[0].ours > 100
    assert found.parts[1].ours < 0


def test_each_difference_is_named_with_its_sum_and_its_lists(account):
    make_order(account.merchant, account, completed_at=INSIDE)
    details = {"merchant_price": 40.0, "tax": 3.31, "shipping_revenue": 8.0, "fixed_commission": -5.0}
    found = compared(report_of(account, orders=details))
    price, shipping = found.differing
    assert price.words == "Merchant price: Jet counts $9.98 less than the 1 order completed here."
    assert shipping.words == "Shipping: Jet counts $1.00 more than the 1 order completed here."
    assert (price.difference, found.difference) == (Decimal("-9.98"), Decimal("-8.98"))
    fees = {row.label: row.ours for row in found.parts[0].rows}
    assert fees["Fixed commission"] is None


def test_link_of_a_difference_opens_exactly_the_orders_that_count(client_for, merchant):
    with merchant_scope(merchant):
        account = factories.make_account(merchant)
        inside = [make_order(merchant, account, completed_at=at) for at in (START, INSIDE, LAST)]
        outside = [
            make_order(merchant, account, completed_at=START - timedelta(seconds=1)),
            make_order(merchant, account, completed_at=END + timedelta(milliseconds=2)),
        ]
        report = report_of(account)
        (row, *_rest) = compared(report).differing
        assert compared(report).counts.orders == 3
    html = client_for("analyst").get(row.links[0].url).content.decode()
    assert [str(order) in html for order in [*inside, *outside]] == [True] * 3 + [False] * 2


def test_returns_and_refunds_count_when_jet_has_decided(account):
    order = make_order(account.merchant, account, completed_at=INSIDE - timedelta(days=30))
    returned = make_return(order, status="completed", completed_date=INSIDE, agree_to_return_charge=True)
    returned.lines.update(
        quantity_returned=1, quantity_refunded=1, principal="24.99", tax="1.66", shipping_cost="3.50"
    )
    make_return(order, status="completed", completed_date=END + timedelta(days=1))
    found = compared(report_of(account))
    ours = {row.label: row.ours for row in found.parts[1].rows}
    assert ours["Merchant price"] == Decimal("-28.49")
    assert (ours["Tax"], ours["Return charge"]) == (Decimal("-1.66"), Decimal("-6.85"))
    assert found.differing[0].words == (
        "Merchant price: Jet takes back $28.49 less than the 1 return and 0 refunds here."
    )
    assert [link.label for link in found.differing[0].links] == ["Returns", "Refunds"]
    assert [link.label for link in found.differing[2].links] == ["Returns"]


def test_return_whose_charge_was_disputed_counts_without_its_charge(account):
    order = make_order(account.merchant, account, completed_at=INSIDE - timedelta(days=30))
    returned = make_return(order, status="not_accepted", completed_date=INSIDE, agree_to_return_charge=False)
    returned.lines.update(quantity_returned=1, quantity_refunded=1, principal="24.99", shipping_cost="3.50")
    found = compared(report_of(account))
    ours = {row.label: row.ours for row in found.parts[1].rows}
    assert (ours["Merchant price"], ours["Return charge"]) == (Decimal("-28.49"), Decimal("0.00"))
    assert "the 1 return and 0 refunds here" in found.differing[0].words


def test_sums_that_do_not_add_up_are_named(account):
    found = compared(report_of(account, order_balance=1.0, settlement_value=5.0))
    assert found.sums == (
        "Jet's order balance is $1.00, but its amounts add up to $0.00: $1.00 apart.",
        "Jet's settlement value is $5.00, but both balances and the adjustment add up to $1.00: $4.00 apart.",
    )


def test_tax_of_part_of_a_line_is_its_share_rounded_to_the_cent(account):
    order = make_order(account.merchant, account, quantity=3, completed_at=INSIDE)
    order.shipments.get().lines.update(quantity=2, cancel_quantity=1)
    ours = {row.label: row.ours for row in compared(report_of(account)).parts[0].rows}
    assert (ours["Merchant price"], ours["Tax"]) == (Decimal("49.98"), Decimal("2.21"))


def test_report_without_a_period_compares_nothing(account):
    report = report_of(account, settlement_period_end="soon")
    found = compared(report)
    assert (found.counts, found.difference, found.differing) == (None, None, ())


def test_comparison_asks_the_same_number_of_questions_for_more_orders(account, django_assert_num_queries):
    report = report_of(account)
    lines = settlement_lines(report)
    for count in (1, 3):
        for _number in range(count):
            make_order(account.merchant, account, completed_at=INSIDE)
        with django_assert_num_queries(4):
            compare(report, lines)


def test_pages_show_differences_in_words_and_in_the_list(client_for, merchant):
    with merchant_scope(merchant):
        account = factories.make_account(merchant)
        make_order(merchant, account, completed_at=START + timedelta(minutes=5))
        keep_difference(report := report_of(account))
    client = client_for("analyst")
    html = client.get(page("settlement-detail", merchant, report.pk)).content.decode()
    for text in (
        "Merchant price: Jet counts $49.98 less than the 1 order completed here.",
        "1 order was completed within an hour of the period's ends",
        "Jet's alone",
        "Mar 2, 2026, 00:00 to Mar 8, 2026, 23:59",
    ):
        assert text in html
    listed = client.get(page("settlement-list", merchant)).content.decode()
    assert "3 differences" in listed


def test_decided_refund_keeps_when(shop, actor):
    refund = create_refund(order := shop.order(2), [give(order)], actor=actor)
    shop.run(refund_job(refund).pk)
    assert Refund.objects.get().closed_at is None
    decide(shop, refund, "accepted")
    update_status(shop)
    assert timezone.now() - Refund.objects.get().closed_at < timedelta(minutes=1)
