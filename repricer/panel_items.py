"""Menu entries of the repricer, its tab of the product page and its action of the product grid."""

from __future__ import annotations

from catalog.slots import ProductTab, register_bulk_action, register_tab
from jetsync.models import Merchant
from jetsync.panel.about import page_by_id, register_about
from jetsync.panel.items import MenuItem, register
from jetsync.panel.lists import BulkAction
from jetsync.panel.setup.tabs import SettingsPage, register_settings_tab
from jetsync.sync.quoting import register_without_shoppers
from jetsync.tenancy.rights import Right
from repricer.queries.runs import get_setting
from repricer.views.rules import TAB


def _stopped(merchant: Merchant) -> int:
    """1 while the breaker's stop waits for somebody."""
    return int(get_setting(merchant).frozen_at is not None)


register(
    MenuItem(
        "Pricing",
        "Sales data",
        "repricer:sales-data",
        Right.PRODUCTS_VIEW,
        20,
        ("buy box", "best offer", "marketplace offer", "competitor", "jet sales data"),
    ),
    MenuItem(
        "Pricing",
        "Repricer",
        "repricer:repricer",
        Right.PRODUCTS_VIEW,
        25,
        ("auto repricer", "use auto repricer", "automatic price", "breaker", "runs"),
        _stopped,
    ),
    MenuItem(
        "Pricing",
        "Simulator",
        "repricer:simulator",
        Right.PRODUCTS_VIEW,
        40,
        ("replay", "what if", "simulate repricing"),
    ),
    MenuItem(
        "Pricing",
        "Bounds",
        "repricer:bounds-list",
        Right.PRODUCTS_VIEW,
        30,
        ("min price", "max price", "bidding amount", "repricing rules", "cost"),
    ),
)
register_settings_tab(SettingsPage("repricer", "Repricer", 65, "repricer:repricer", Right.PRODUCTS_VIEW))
register_without_shoppers("repricer")
register_about("repricer.repricerun", Right.PRODUCTS_VIEW, page_by_id("repricer:run"))
register_tab(ProductTab(TAB, "Auto Repricing", 62, "repricer:bounds"))
register_bulk_action(
    75,
    BulkAction("bounds", "Set bounds", "repricer:set-products", Right.PRODUCTS_EDIT, "", "adjustments"),
)
