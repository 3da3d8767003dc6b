"""The content of reports by type, made when the file is fetched."""

from __future__ import annotations

import csv
import io
import json
from collections.abc import Callable

from jetsync.sandbox.marketplace.settlement import settlement_rows
from jetsync.sandbox.models.account import MerchantAccount
from jetsync.sandbox.switches import Switches
from jetsync.sandbox.views.sales import sales_record

# (content type, content)
Document = tuple[str, str]
Maker = Callable[[MerchantAccount], Document]

makers: dict[str, Maker] = {}


def register(kind: str, maker: Maker) -> None:
    makers[kind] = maker


def product_status(merchant: MerchantAccount) -> Document:
    """An object keyed by SKU."""
    rows = merchant.skus.values_list("merchant_sku", "status", "sub_status")
    content = {
        name: {"status": status, "sub_status": sub_status} for name, status, sub_status in rows.iterator()
    }
    return "application/json", json.dumps(content)


def sales_data(merchant: MerchantAccount) -> Document:
    """The form is not known; keyed by SKU like the other, with the body of the single call."""
    switches = Switches.of(merchant)
    records = ((sku.merchant_sku, sales_record(sku, switches)) for sku in merchant.skus.iterator())
    return "application/json", json.dumps({name: record for name, record in records if record})


def settlement_details(merchant: MerchantAccount) -> Document:
    """CSV of every settled line, oldest report first; Jet's own columns are not known."""
    rows = [row for report in merchant.settlements.order_by("pk") for row in settlement_rows(report)]
    text = io.StringIO()
    writer = csv.DictWriter(text, fieldnames=list(rows[0]) if rows else ["type"])
    writer.writeheader()
    writer.writerows(rows)
    return "text/csv", text.getvalue()


register("ProductStatus", product_status)
register("SalesData", sales_data)
register("SettlementDetails", settlement_details)
