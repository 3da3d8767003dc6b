"""The order lists as CSV and Excel workbook."""

from __future__ import annotations

from datetime import UTC, datetime
from decimal import Decimal

import pytest
from django.utils import timezone

from jetsync.models import LogEntry, Merchant
from jetsync.panel import list_sheets
from jetsync.tenancy.context import merchant_scope
from orders.enums import ShipmentState
from orders.models import Order, Shipment, ShipmentLine
from tests import factories
from tests.downloads import csv_rows, queries_of_csv, workbook_rows, workbook_sheet
from tests.orders.pages import page, text_of
from tests.orders.rows import line, make_order

pytestmark = pytest.mark.django_db


def address(merchant: Merchant, query: str = "download=csv", name: str = "order-list") -> str:
    return f"{page(merchant, name)}?{query}"


def ship(merchant: Merchant, order: Order, sku: str, shipped: int, cancelled: int = 0) -> None:
    with merchant_scope(merchant):
        shipment = Shipment.objects.create(
            merchant=merchant,
            order=order,
            state=ShipmentState.SENT,
            alt_shipment_id=f"S-{order.shipments.count()}",
            carrier="FedEx",
            method="FedExGround",
            tracking_number=f"612{sku}",
        )
        ShipmentLine.objects.create(
            merchant=merchant,
            shipment=shipment,
            line=order.lines.get(sku=sku),
            quantity=shipped,
            cancel_quantity=cancelled,
        )


@pytest.mark.parametrize("form", ["csv", "xlsx"])
def test_control_characters_in_a_name_break_no_file(merchant, order_of, client_for, form) -> None:
    """Jet hands on what a shopper typed; a workbook may hold none of them."""
    order = order_of(buyer={"name": "Ida\x07 \x0bMarsh\x1b", "phone_number": ""}, status="acknowledged")
    with merchant_scope(merchant):
        assert "\x07" in Order.objects.get(pk=order.pk).buyer_name

    rows = (csv_rows if form == "csv" else workbook_rows)(
        client_for("owner"), address(merchant, f"download={form}")
    )

    assert [row["Customer"] for row in rows] == ["Ida Marsh"]


def test_file_has_a_row_per_item_with_units_money_dates_and_parcels(merchant, order_of, client_for) -> None:
    order = order_of(
        line("KETTLE-1", quantity=3),
        line("CUP-2"),
        status="acknowledged",
        ready_at=datetime(2017, 1, 15, 3, 30, tzinfo=UTC),
    )
    ship(merchant, order, "KETTLE-1", 2, 1)

    kettle, cup = csv_rows(client_for("owner"), address(merchant))

    assert [row["SKU"] for row in (kettle, cup)] == ["KETTLE-1", "CUP-2"]
    expected = {
        "Order": order.reference_order_id,
        "Order id at Jet": order.merchant_order_id,
        "Status": "Acknowledged",
        "Quantity": "3",
        "Shipped": "2",
        "Cancelled": "1",
        "Left to ship or cancel": "0",
        "Price per unit (USD)": "24.99",
        "Price of all units (USD)": "74.97",
        "Tax of all units (USD)": "4.97",
        "Shipping cost of all units (USD)": "10.50",
        "Item total (USD)": "90.44",
        "Carrier": "FedEx",
        "Tracking number": "612KETTLE-1",
        "Ready (America/New_York)": "2017-01-14 22:30",
        "Ready (UTC)": "2017-01-15T03:30:00Z",
        "Customer": "Ida Marsh",
        "City": "Montclair",
    }
    assert {name: kettle[name] for name in expected} == expected
    assert (cup["Shipped"], cup["Left to ship or cancel"], cup["Tracking number"]) == ("0", "1", "")


def test_file_holds_what_the_filters_leave_on_all_pages_in_the_order_of_the_list(
    merchant, order_of, client_for, monkeypatch
) -> None:
    monkeypatch.setattr(list_sheets, "BATCH", 2)
    orders = [order_of(line("CUP-2"), ready_at=datetime(2017, 1, day, tzinfo=UTC)) for day in (2, 1, 4)]
    order_of(line("CUP-2"), status="acknowledged")

    rows = csv_rows(client_for("owner"), address(merchant, "state=ready&sort=placed&page=2&download=csv"))

    assert [row["Order"] for row in rows] == [str(orders[1]), str(orders[0]), str(orders[2])]


def test_workbook_has_numbers_as_numbers_and_codes_as_texts(merchant, order_of, client_for) -> None:
    order_of(line("00042", quantity=2))

    (row,) = workbook_rows(client_for("owner"), address(merchant, "download=xlsx"))

    assert (row["SKU"], row["Quantity"], row["Price per unit (USD)"]) == ("00042", 2, 24.99)
    assert row["Zip"] == "07042"


def test_workbook_has_dates_money_widths_and_a_filter(merchant, order_of, client_for) -> None:
    order_of(line("KETTLE-1", quantity=2), ready_at=datetime(2017, 1, 15, 3, 30, 12, tzinfo=UTC))

    sheet = workbook_sheet(client_for("owner"), address(merchant, "download=xlsx"))

    head = {cell.value: cell for cell in sheet[1]}
    ready, price = (
        sheet.cell(2, head[name].column) for name in ("Ready (America/New_York)", "Price of all units (USD)")
    )
    assert (ready.value, ready.number_format) == (datetime(2017, 1, 14, 22, 30), "yyyy-mm-dd hh:mm")
    assert (price.value, price.number_format) == (49.98, "#,##0.00")
    assert sheet.freeze_panes == "B2"
    assert sheet.auto_filter.ref == f"A1:{sheet.cell(2, sheet.max_column).coordinate}"
    order_id = head["Order id at Jet"].column_letter
    assert sheet.column_dimensions[order_id].width > len("Order id at Jet") + 3


def test_adding_up_a_file_counts_the_total_and_fees_of_an_order_once(merchant, order_of, client_for) -> None:
    order = order_of(line("KETTLE-1"), line("CUP-2"))
    with merchant_scope(merchant):
        Order.objects.filter(pk=order.pk).update(fees=Decimal("7.50"), state="rejected", jet_status="ready")

    first, second = csv_rows(client_for("owner"), address(merchant))

    with merchant_scope(merchant):
        order.refresh_from_db()
    assert (first["Order total (USD)"], first["Jet's fees for the order (USD)"]) == (str(order.total), "7.50")
    assert (second["Order total (USD)"], second["Jet's fees for the order (USD)"]) == ("", "")
    assert Decimal(first["Item total (USD)"]) + Decimal(second["Item total (USD)"]) == order.total
    assert first["Status at Jet"] == "ready (when last read)"


def test_file_runs_no_formula(merchant, order_of, client_for) -> None:
    order_of(line(product_title="=HYPERLINK(1)"), buyer={"name": "+1 Ida"})
    client = client_for("owner")

    (row,) = csv_rows(client, address(merchant))
    (cells,) = workbook_rows(client, address(merchant, "download=xlsx"))

    assert (row["Title"], row["Customer"]) == ("'=HYPERLINK(1)", "'+1 Ida")
    assert (cells["Title"], cells["Customer"]) == (
        "=HYPERLINK(1)",
        "+1 Ida",
    )  # texts, see jetsync.panel.workbook


def test_shoppers_are_masked_without_the_right(merchant, order_of, client_for) -> None:
    order_of()

    (row,) = csv_rows(client_for("analyst"), address(merchant))

    assert row["Customer"] == row["Ship to"] == "I••• M•••"
    assert (row["Address 1"], row["Address 2"], row["City"], row["Phone"]) == ("", "", "", "")
    assert (row["State"], row["Zip"]) == ("NJ", "070•••")


@pytest.mark.feature("FAI-01")
def test_failed_orders_have_their_own_file_with_cause_and_jets_words(merchant, order_of, client_for) -> None:
    order_of()
    rejected = order_of(
        line("CUP-2", order_item_acknowledgement_status="nonfulfillable - no inventory"),
        status="complete",
        acknowledgement_status="rejected - item level error",
    )

    (row,) = csv_rows(client_for("owner"), address(merchant, name="order-failed"))

    assert row["Order"] == str(rejected)
    assert row["Problem"] == "Rejected outside jetsync"
    assert row["Jet's words"] == "rejected - item level error, nonfulfillable - no inventory"
    assert row["What to do"].startswith("Somebody answered this order at Jet")


def test_order_without_items_keeps_its_row(merchant, order_of, client_for) -> None:
    order = order_of()
    with merchant_scope(merchant):
        order.lines.all().delete()

    (row,) = csv_rows(client_for("owner"), address(merchant))

    assert (row["Order"], row["SKU"], row["Quantity"]) == (str(order), "", "")


def test_file_is_named_after_store_and_day_and_logged(merchant, order_of, client_for) -> None:
    order_of()
    answer = client_for("owner").get(address(merchant, "state=ready&q=ida&download=csv"))
    day = timezone.localdate(timezone=merchant.zone)

    assert (
        answer["Content-Disposition"] == f'attachment; filename="orders-{merchant.slug}-{day:%Y-%m-%d}.csv"'
    )
    with merchant_scope(merchant):
        entry = LogEntry.objects.get(action="orders.exported")
    assert entry.message == f"Downloaded 1 order as orders-{merchant.slug}-{day:%Y-%m-%d}.csv."
    assert entry.new["filters"] == ["Search", "Order status"]
    assert "ida" not in str(entry.new).lower()
    assert entry.actor is not None


@pytest.mark.parametrize("kind", ["csv", "xlsx"])
def test_too_many_orders_say_the_limit_and_give_no_file(
    merchant, order_of, client_for, monkeypatch, kind
) -> None:
    monkeypatch.setitem(list_sheets.MOST, kind, 1)
    order_of()
    order_of()
    answer = client_for("owner").get(address(merchant, f"state=ready&download={kind}"), follow=True)

    assert answer.redirect_chain == [(f"{page(merchant, 'order-list')}?state=ready", 302)]
    assert "More than 1 orders are too many for one file." in answer.content.decode()
    with merchant_scope(merchant):
        assert not LogEntry.objects.filter(action="orders.exported").exists()


@pytest.mark.parametrize("query", ["total_min=x&download=csv", "download=pdf"])
def test_what_cannot_be_understood_gives_no_file(merchant, order_of, client_for, query) -> None:
    order_of()
    answer = client_for("owner").get(address(merchant, query), follow=True)

    html = answer.content.decode()
    assert "The filter “Total in USD” cannot be used" in html or "There is no file of the kind “pdf”" in html


def test_list_offers_both_files_with_its_filters_and_their_limits(merchant, order_of, client_for) -> None:
    order_of()
    html = text_of(client_for("analyst"), address(merchant, "state=ready"))

    assert "?state=ready&amp;download=csv" in html
    assert "?state=ready&amp;download=xlsx" in html
    assert "CSV, at most 50,000 orders" in html
    assert "Excel workbook, at most 10,000 orders" in html


def test_file_costs_the_same_with_one_and_three_orders(merchant, order_of, client_for) -> None:
    client = client_for("owner")
    ship(merchant, order_of(line(), status="acknowledged"), "KETTLE-1", 1)
    one = queries_of_csv(client, address(merchant))
    ship(merchant, order_of(line(), line("CUP-2"), status="acknowledged"), "CUP-2", 1)
    order_of(line(), line("CUP-2"), line("POT-3"))

    assert queries_of_csv(client, address(merchant)) == one
    assert one <= 20


def test_file_holds_nothing_of_another_merchant(merchant, order_of, client_for) -> None:
    mine = order_of()
    other = factories.make_merchant()
    with merchant_scope(other):
        theirs = make_order(other, factories.make_account(other))
        assert Order.objects.count() == 1

    rows = csv_rows(client_for("owner"), address(merchant))

    assert [row["Order"] for row in rows] == [str(mine)]
    assert client_for("owner").get(address(other)).status_code == 404
    assert theirs.total != Decimal(0)
