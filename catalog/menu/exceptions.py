"""Exceptions on the product's page and in the grid."""

from __future__ import annotations

from catalog.models import ReturnException, ShippingException, Variant
from catalog.slots import ProductTab, register_bulk_action, register_tab
from jetsync.panel.lists import BulkAction
from jetsync.tenancy.rights import Right


def _shipping(variant: Variant) -> int | None:
    rows = ShippingException.objects.filter(merchant=variant.merchant_id, variant=variant)
    return rows.count() or None


def _returns(variant: Variant) -> int | None:
    rows = ReturnException.objects.filter(merchant=variant.merchant_id, variant=variant)
    return rows.count() or None


register_tab(ProductTab("shipping-exceptions", "Shipping exceptions", 60, "shipping-exceptions", _shipping))
register_tab(ProductTab("return-exceptions", "Return exceptions", 61, "return-exceptions", _returns))
register_bulk_action(
    70,
    BulkAction("exceptions", "Copy exceptions", "catalog:exceptions-copy", Right.PRODUCTS_EDIT, "", "copy"),
)
