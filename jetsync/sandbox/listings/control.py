"""What only Jet could do to a listing, on demand of a test or the portal."""

from __future__ import annotations

from typing import Any

from django.db import transaction
from django.http import HttpRequest

from jetsync.sandbox.control import BadControl, account_required, control
from jetsync.sandbox.listings.desk import Desk
from jetsync.sandbox.listings.review import evaluate
from jetsync.sandbox.models.account import MerchantAccount
from jetsync.sandbox.models.sku import ListingStatus, Sku

VERDICTS = ("", ListingStatus.EXCLUDED, ListingStatus.UNAUTHORIZED)


@transaction.atomic
def set_verdict(merchant: MerchantAccount, name: str, verdict: str) -> Sku:
    """Exclude a SKU or take the right to sell it away; "" lifts that. Raises BadControl."""
    if verdict not in VERDICTS:
        raise BadControl("verdict is Excluded, Unauthorized or empty.")
    desk = Desk(merchant)
    sku = _existing(desk, name)
    sku.verdict = verdict
    evaluate(sku, desk.rules)
    desk.mark(sku)
    desk.flush()
    return sku


@transaction.atomic
def set_sales_data(merchant: MerchantAccount, name: str, sales_data: Any) -> Sku:
    """Fix the sales data of a SKU; None goes back to made-up figures. Raises BadControl."""
    if sales_data is not None and not isinstance(sales_data, dict):
        raise BadControl("sales_data is an object or null.")
    desk = Desk(merchant)
    sku = _existing(desk, name)
    sku.sales_data = sales_data
    desk.mark(sku)
    desk.flush()
    return sku


@control("POST")
def verdict(_request: HttpRequest, data: dict[str, Any]) -> Any:
    """`{"user", "sku", "verdict"}`."""
    sku = set_verdict(account_required(data), str(data.get("sku")), str(data.get("verdict", "")))
    return {"merchant_sku": sku.merchant_sku, "status": sku.status}


@control("POST")
def sales(_request: HttpRequest, data: dict[str, Any]) -> Any:
    """`{"user", "sku", "sales_data"}`."""
    sku = set_sales_data(account_required(data), str(data.get("sku")), data.get("sales_data"))
    return {"merchant_sku": sku.merchant_sku, "sales_data": sku.sales_data}


def _existing(desk: Desk, name: str) -> Sku:
    sku = desk.find(name)
    if sku is None:
        raise BadControl(f"There is no SKU {name!r}.")
    return sku
