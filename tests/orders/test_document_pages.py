"""Documents on the order page, in their list, as a file, on paper and over the API."""

from __future__ import annotations

import pytest
from django.utils import timezone

from jetsync.tenancy.context import merchant_scope
from orders.actions.shipment import mark_sent, ship_order
from orders.models import Document
from tests.factories import make_account, make_merchant
from tests.orders.pages import page, text_of
from tests.orders.rows import line, make_order, parcel

pytestmark = pytest.mark.django_db


@pytest.fixture
def shipped(merchant, order_of, actor):
    """An order of three, two of which Jet has: one invoice, one shipment."""

    def make():
        order = order_of(line(quantity=3), status="acknowledged")
        with merchant_scope(merchant):
            mark_sent(merchant, ship_order(order, parcel(order, 2), actor=actor).pk)
        return order

    return make


def document_of(merchant, order, kind: str = "invoice") -> Document:
    with merchant_scope(merchant):
        return Document.objects.get(order=order, kind=kind)


@pytest.mark.feature("ORD-18", "GEN-04")
def test_order_page_names_store_order_and_documents(merchant, account, shipped, client_for) -> None:
    order = shipped()
    html = text_of(client_for("owner"), page(merchant, "order-detail", pk=order.pk))
    assert "Store order 1000001, paid by “Jet.com (paid by marketplace)”, shipped by “Jet.com”" in html
    assert f'href="{page(merchant, "document", pk=document_of(merchant, order).pk)}">INV-1000001</a>' in html
    assert "SHP-1000001" in html


@pytest.mark.feature("ORD-18")
def test_list_filters_by_kind_number_and_order(merchant, account, shipped, client_for) -> None:
    first, _second = shipped(), shipped()
    client, url = client_for("owner"), page(merchant, "document-list")

    def found(**query: str) -> set[str]:
        html = client.get(url, query).content.decode()
        return {number for number in ("INV-1000001", "INV-1000002", "SHP-1000001") if number in html}

    assert found() == {"INV-1000001", "INV-1000002", "SHP-1000001"}
    assert found(kind="shipment") == {"SHP-1000001"}
    assert found(q="inv-1000002") == {"INV-1000002"}
    assert found(order_id=first.reference_order_id) == {"INV-1000001", "SHP-1000001"}
    assert found(order_id="1000002") == {"INV-1000002"}
    assert found(issued_after="2001-01-01", issued_before="2001-01-02") == set()


def test_list_costs_the_same_queries_for_any_number_of_rows(
    merchant, account, shipped, client_for, count_queries
) -> None:
    client, url = client_for("owner"), page(merchant, "document-list")
    shipped()
    client.get(url)
    one = count_queries(client, url)
    shipped()
    shipped()
    assert count_queries(client, url) == one


@pytest.mark.feature("ORD-18")
def test_file_has_a_row_per_item(merchant, account, shipped, client_for) -> None:
    shipped()
    answer = client_for("owner").get(page(merchant, "document-list"), {"kind": "invoice", "download": "csv"})
    head, row = b"".join(answer.streaming_content).decode("utf-8-sig").splitlines()
    cells = dict(zip(head.split(","), row.split(","), strict=True))
    assert (cells["Number"], cells["Store order"], cells["Quantity"]) == ("INV-1000001", "1000001", "2")
    assert cells["Price (USD)"] == "49.98"


@pytest.mark.feature("ORD-18")
def test_printed_invoice_adds_up_and_masks_the_buyer(merchant, account, shipped, client_for) -> None:
    order = shipped()
    url = page(merchant, "document", pk=document_of(merchant, order).pk)
    html = text_of(client_for("owner"), url)
    assert "Invoice INV-1000001" in html
    assert "48 Quarry Lane" in html
    assert f"{timezone.now():%B} " in html
    assert f", {timezone.now():%Y}<br>" in html  # an invoice without its year is none
    assert "$60.29" in html  # two thirds of the tax of 4.97, 2 x 24.99, 2 x 3.50
    assert "<script" not in html

    masked = text_of(client_for("analyst"), url)
    assert "48 Quarry Lane" not in masked
    assert "$60.29" in masked


def test_store_shipment_shows_no_money(merchant, account, shipped, client_for) -> None:
    order = shipped()
    url = page(merchant, "document", pk=document_of(merchant, order, "shipment").pk)
    html = text_of(client_for("owner"), url)
    assert "612999aa10ba" in html
    assert "$" not in html.split("<main>")[1]


@pytest.mark.feature("ORD-18")
def test_api_lists_documents_of_this_merchant_alone(merchant, account, shipped, client_for, actor) -> None:
    order = shipped()
    other = make_merchant()
    with merchant_scope(other):
        theirs = make_order(other, make_account(other), line(quantity=3), status="acknowledged")
        mark_sent(other, ship_order(theirs, parcel(theirs, 2), actor=actor).pk)
        foreign = Document.objects.get(kind="invoice")
    client, base = client_for("owner"), f"/api/v1/m/{merchant.slug}/orders"
    rows = client.get(f"{base}/documents/", {"kind": "invoice"}).json()["results"]
    assert [(row["number"], row["order"], row["store_order_number"]) for row in rows] == [
        ("INV-1000001", order.pk, "1000001")
    ]
    assert (rows[0]["principal"], rows[0]["units"], rows[0]["lines"][0]["quantity"]) == ("49.98", 2, 2)
    assert client.get(f"{base}/documents/{rows[0]['id']}/").json() == rows[0]
    assert client.get(f"{base}/documents/{foreign.pk}/").status_code == 404
    assert client.get(f"{base}/{order.pk}/").json()["store_order"]["number"] == "1000001"


@pytest.mark.feature("ORD-01", "ORD-02")
def test_orders_are_found_by_their_number_in_the_store(merchant, account, shipped, client_for) -> None:
    first, second = shipped(), shipped()
    client, url = client_for("owner"), page(merchant, "order-list")
    html = client.get(url, {"store_order": "1000002"}).content.decode()
    assert "Store order 1000002" in html
    assert second.reference_order_id in html
    assert first.reference_order_id not in html
    api = f"/api/v1/m/{merchant.slug}/orders/?alt_order_id=1000001"
    assert [row["id"] for row in client.get(api).json()["results"]] == [first.pk]
