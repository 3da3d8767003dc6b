"""Names of the amounts in a settlement report, in the order of Jet's records. Source: orders.md section 7."""

from __future__ import annotations

from refunds.enums import SettlementSide
from refunds.models import SettlementReport

LABELS: dict[str, dict[str, str]] = {
    SettlementSide.ORDER: {
        "merchant_price": "Merchant price",
        "tax": "Tax",
        "shipping_revenue": "Shipping",
        "shipping_tax": "Shipping tax",
        "jet_variable_commission": "Jet's variable commission",
        "fixed_commission": "Fixed commission",
        "shipping_charge": "Shipping charge",
        "fulfillment_fee": "Fulfilment fee",
        "product_cost": "Product cost",
    },
    SettlementSide.RETURN: {
        "merchant_price": "Merchant price",
        "tax": "Tax",
        "shipping_tax": "Shipping tax",
        "merchant_return_charge": "Return charge",
        "jet_variable_commission": "Jet's variable commission",
        "fixed_commission": "Fixed commission",
        "return_processing_fee": "Return processing fee",
        "product_cost": "Product cost",
    },
}


def period_words(report: SettlementReport) -> str:
    """ "Nov 6 to Nov 12, 2017", in the UTC days in which Jet counts."""
    if report.period is None:
        return "unknown period"
    start, end = report.period
    first = f"{start:%b} {start.day}" + (f", {start.year}" if start.year != end.year else "")
    return f"{first} to {end:%b} {end.day}, {end.year}"
