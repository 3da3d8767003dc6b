"""Returns as a file."""

from __future__ import annotations

from decimal import Decimal

import pytest

from jetsync.models import LogEntry
from jetsync.tenancy.context import merchant_scope
from returns.enums import ReturnStatus
from returns.models import Return
from tests import factories
from tests.downloads import csv_rows, queries_of_csv, workbook_rows
from tests.returns.rows import make_order, make_return
from tests.returns.test_pages import page

pytestmark = pytest.mark.django_db


@pytest.fixture
def account(merchant):
    return factories.make_account(merchant)


@pytest.fixture
def return_of(merchant, account):
    def make(**values) -> Return:
        with merchant_scope(merchant):
            return make_return(make_order(merchant, account), **values)

    return make


def test_file_has_what_was_asked_for_and_what_was_given(merchant, return_of, client_for) -> None:
    done = return_of(status=ReturnStatus.COMPLETED, agree_to_return_charge=True)
    with merchant_scope(merchant):
        done.lines.update(quantity_returned=1, quantity_refunded=1, principal=Decimal("20.00"))
    return_of()
    client = client_for("owner")

    rows = {row["Status"]: row for row in csv_rows(client, f"{page('return-list', merchant)}?download=csv")}

    settled = rows["Completed"]
    assert settled["Return"] == str(done)
    assert (settled["Principal asked for (USD)"], settled["Total asked for (USD)"]) == ("24.99", "28.49")
    assert (settled["Quantity refunded"], settled["Total refunded (USD)"]) == ("1", "20.00")
    assert (settled["Return charge (USD)"], settled["Answer to the charge"]) == ("6.85", "Accepted")
    assert settled["Date added (UTC)"].endswith("Z")
    assert (rows["Created"]["Quantity refunded"], rows["Created"]["Total refunded (USD)"]) == ("", "")
    (cells,) = workbook_rows(client, f"{page('return-list', merchant)}?status=completed&download=xlsx")
    assert cells["Total refunded (USD)"] == 20
    with merchant_scope(merchant):
        assert LogEntry.objects.filter(action="returns.exported").count() == 2


def test_file_masks_shoppers_without_the_right(merchant, return_of, client_for) -> None:
    return_of()
    (row,) = csv_rows(client_for("analyst"), f"{page('return-list', merchant)}?download=csv")

    assert row["Customer"] == "I••• M•••"


def test_file_costs_the_same_with_one_and_three_returns(merchant, return_of, client_for) -> None:
    client, url = client_for("owner"), f"{page('return-list', merchant)}?download=csv"
    return_of()
    one = queries_of_csv(client, url)
    return_of()
    return_of()

    assert queries_of_csv(client, url) == one


def test_file_holds_nothing_of_another_merchant(merchant, return_of, client_for) -> None:
    mine = return_of()
    other = factories.make_merchant()
    with merchant_scope(other):
        make_return(make_order(other, factories.make_account(other)))
        assert Return.objects.count() == 1

    rows = csv_rows(client_for("owner"), f"{page('return-list', merchant)}?download=csv")

    assert [row["Return"] for row in rows] == [str(mine)]


@pytest.mark.parametrize(
    ("query", "hits"),
    [
        ("sku={sku}", True),
        ("sku={sku}-X", False),
        ("sku_start=KETTLE-", True),
        ("sku_start=ETTLE", False),
        ("reason=unwanted", True),
        ("reason=broken", False),
        ("opened_after=2017-01-01&opened_before=2017-01-31", False),
        ("opened_after=2017-01-01", True),
    ],
)
def test_list_and_file_follow_the_filters(merchant, return_of, client_for, query, hits) -> None:
    returned = return_of()
    with merchant_scope(merchant):
        sku = returned.lines.get().sku
    query = query.format(sku=sku)
    client = client_for("owner")

    html = client.get(f"{page('return-list', merchant)}?{query}").content.decode()
    rows = csv_rows(client, f"{page('return-list', merchant)}?{query}&download=csv")

    assert (str(returned) in html, len(rows)) == ((True, 1) if hits else (False, 0))
