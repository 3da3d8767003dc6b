"""What only Jet could do to a listing, on demand of a test or the portal."""

from __future__ import annotations

from typing import Any

from django.db import transaction
from django.http import HttpRequest

from jetsync.sandbox.control import BadControl, account_required, control
from jetsync.sandbox.http import net_time
from jetsync.sandbox.listings.desk import Desk
from jetsync.sandbox.listings.review import evaluate
from jetsync.sandbox.models.account import MerchantAccount
from jetsync.sandbox.models.sku import ListingStatus, Sku

# Archiving is the merchant's own act and has its call.
VERDICTS = ("", *(status for status in ListingStatus.values if status != ListingStatus.ARCHIVED))


@transaction.atomic
def set_verdict(merchant: MerchantAccount, name: str, verdict: str, sub_status: Any = ()) -> Sku:
    """Give a SKU any status and sub statuses until "" lifts them: what Jet's people saw, no rule can. Raises BadControl."""
    if verdict not in VERDICTS:
        raise BadControl("verdict is a status other than Archived, or empty.")
    if not isinstance(sub_status, list | tuple) or not all(isinstance(word, str) for word in sub_status):
        raise BadControl("sub_status is a list of texts.")
    desk = Desk(merchant)
    sku = _existing(desk, name)
    sku.verdict = verdict
    sku.verdict_sub_status = list(sub_status) if verdict else []
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


@transaction.atomic
def set_competitor(merchant: MerchantAccount, name: str, item_price: Any, shipping_price: Any = 0) -> Sku:
    """Fix what the best other seller of a SKU asks; `item_price` None goes back to a made-up one. Raises BadControl."""
    desk = Desk(merchant)
    sku = _existing(desk, name)
    if item_price is None:
        sku.competitor = None
    else:
        prices = (item_price, shipping_price)
        if not all(isinstance(price, int | float) and price >= 0 for price in prices) or not item_price:
            raise BadControl("item_price is a number above 0 or null, shipping_price one of at least 0.")
        sku.competitor = {
            "item_price": float(item_price),
            "shipping_price": float(shipping_price),
            "since": net_time(desk.moment),
        }
    desk.mark(sku)
    desk.flush()
    return sku


@control("POST")
def competitor(_request: HttpRequest, data: dict[str, Any]) -> Any:
    """`{"user", "sku", "item_price", "shipping_price"}`."""
    sku = set_competitor(
        account_required(data), str(data.get("sku")), data.get("item_price"), data.get("shipping_price", 0)
    )
    return {"merchant_sku": sku.merchant_sku, "competitor": sku.competitor}


@control("POST")
def verdict(_request: HttpRequest, data: dict[str, Any]) -> Any:
    """`{"user", "sku", "verdict", "sub_status"}`."""
    sku = set_verdict(
        account_required(data),
        str(data.get("sku")),
        str(data.get("verdict", "")),
        data.get("sub_status") or [],
    )
    return {"merchant_sku": sku.merchant_sku, "status": sku.status, "sub_status": sku.sub_status}


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
