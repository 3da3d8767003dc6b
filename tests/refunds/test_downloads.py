"""Refunds as a file."""

from __future__ import annotations

import pytest

from jetsync.models import JetAccount, LogEntry
from jetsync.tenancy.actor import SYSTEM
from jetsync.tenancy.context import merchant_scope
from refunds.actions.creating import create_refund
from refunds.models import Refund
from tests import factories
from tests.downloads import csv_rows, queries_of_csv, workbook_rows
from tests.refunds.test_create import give
from tests.refunds.test_pages import page
from tests.returns.rows import make_order

pytestmark = pytest.mark.django_db


def make(merchant) -> Refund:
    with merchant_scope(merchant):
        order = make_order(
            merchant, JetAccount.objects.filter(merchant=merchant).first() or factories.make_account(merchant)
        )
        return create_refund(order, [give(order)], actor=SYSTEM)


def test_file_has_a_row_per_item(merchant, client_for) -> None:
    refund, client = make(merchant), client_for("owner")

    (row,) = csv_rows(client, f"{page('refund-list', merchant)}?download=csv")
    (cells,) = workbook_rows(client, f"{page('refund-list', merchant)}?download=xlsx")

    with merchant_scope(merchant):
        line = refund.lines.get()
        assert LogEntry.objects.filter(action="refunds.exported").count() == 2
    expected = {
        "Refund": refund.alt_refund_id,
        "Order": refund.reference_order_id,
        "Status": "Created",
        "SKU": line.sku,
        "Quantity refunded": str(line.quantity_refunded),
        "Total (USD)": str(line.amounts.total),
        "Customer": "Ida Marsh",
    }
    assert {name: row[name] for name in expected} == expected
    assert cells["Quantity refunded"] == line.quantity_refunded
    assert csv_rows(client, f"{page('refund-list', merchant)}?status=rejected&download=csv") == []


def test_file_costs_the_same_with_one_and_three_refunds(merchant, client_for) -> None:
    client, url = client_for("owner"), f"{page('refund-list', merchant)}?download=csv"
    make(merchant)
    one = queries_of_csv(client, url)
    make(merchant)
    make(merchant)

    assert queries_of_csv(client, url) == one


def test_file_holds_nothing_of_another_merchant(merchant, client_for) -> None:
    mine = make(merchant)
    make(factories.make_merchant())

    rows = csv_rows(client_for("analyst"), f"{page('refund-list', merchant)}?download=csv")

    assert [(row["Refund"], row["Customer"]) for row in rows] == [(mine.alt_refund_id, "I••• M•••")]


@pytest.mark.parametrize(
    ("query", "hits"),
    [
        ("sku={sku}", True),
        ("sku={sku}-X", False),
        ("sku_start=KETTLE-", True),
        ("sku_start=ETTLE", False),
        ("reason={reason}", True),
        ("reason=xyz", False),
        ("made_before=2017-01-31", False),
        ("made_after=2017-01-01&status=created", True),
    ],
)
def test_list_and_file_follow_the_filters(merchant, client_for, query, hits) -> None:
    refund, client = make(merchant), client_for("owner")
    with merchant_scope(merchant):
        line = refund.lines.get()
    query = query.format(sku=line.sku, reason=line.reason[:6])

    html = client.get(f"{page('refund-list', merchant)}?{query}").content.decode()
    rows = csv_rows(client, f"{page('refund-list', merchant)}?{query}&download=csv")

    assert (str(refund) in html, len(rows)) == ((True, 1) if hits else (False, 0))
