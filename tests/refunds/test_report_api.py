"""Settlement and daily reports over the API: to read, with the right to see refunds."""

from datetime import UTC, datetime

import pytest

from jetsync.tenancy.context import merchant_scope
from jetsync.tenancy.rights import Right
from refunds.models import SettlementReport
from refunds.settlement.actions import keep_difference
from tests import factories
from tests.refunds.test_daily import kept_day
from tests.refunds.test_settlement import SAMPLE, answer, store
from tests.returns.rows import make_order
from tests.returns.test_api import address, token_of


@pytest.fixture
def report(merchant) -> SettlementReport:
    with merchant_scope(merchant):
        account = factories.make_account(merchant)
        make_order(merchant, account, completed_at=datetime(2017, 11, 8, tzinfo=UTC))
        keep_difference(report := store(account))
        return report


def test_settlement_is_listed_with_every_amount(client, merchant, report):
    with merchant_scope(merchant):
        store(report.account, answer(settlement_report_id="r-2", settlement_state="Paid"), report_id="r-2")
    headers = token_of(merchant, Right.REFUNDS_VIEW)
    url = address("settlement-list", merchant)
    (row,) = client.get(url, {"state": "submitted"}, headers=headers).json()["results"]
    assert (row["report_id"], row["settlement_value"]) == (SAMPLE["settlement_report_id"], "971.80")
    assert {"side": "order", "name": "tax", "amount": "66.25"} in row["lines"]
    assert len(client.get(url, headers=headers).json()["results"]) == 2


def test_comparison_names_the_differences(client, merchant, report):
    headers = token_of(merchant, Right.REFUNDS_VIEW)
    found = client.get(address("settlement-comparison", merchant, report.pk), headers=headers).json()
    price, fee = found["orders"][0], found["orders"][4]
    assert (price["jet"], price["ours"], price["difference"]) == ("1000.00", "49.98", "950.02")
    assert price["words"] == "Merchant price: Jet counts $950.02 more than the 1 order completed here."
    assert (fee["name"], fee["ours"], fee["difference"]) == ("Jet's variable commission", None, None)
    assert found["sums"] == []


def test_days_are_listed_between_dates(client, merchant):
    with merchant_scope(merchant):
        account = factories.make_account(merchant)
        days = [kept_day(account, ago) for ago in (1, 2, 3)]
    headers = token_of(merchant, Right.REFUNDS_VIEW)
    url = address("daily-report-list", merchant)
    rows = client.get(url, {"since": days[1].day.isoformat()}, headers=headers).json()["results"]
    assert [row["day"] for row in rows] == [str(day.day) for day in days[:2]][::-1]
    assert (rows[0]["sales"], rows[0]["net"]) == ("100.00", "75.00")
    assert client.get(url, {"since": "soon"}, headers=headers).status_code == 400


@pytest.mark.parametrize("name", ["settlement-list", "daily-report-list"])
def test_reports_need_the_right_and_take_no_writes(client, merchant, name):
    url = address(name, merchant)
    assert client.get(url, headers=token_of(merchant, Right.ORDERS_VIEW)).status_code == 403
    assert client.post(url, {}, headers=token_of(merchant, Right.REFUNDS_VIEW)).status_code in {403, 405}
