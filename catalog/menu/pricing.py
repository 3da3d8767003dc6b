"""Pricing in the menu, in the settings and on the product's page; and what the catalogue needs before it can sell."""

from __future__ import annotations

from catalog.prerequisites import categories_check, images_check
from catalog.slots import ProductCard, register_card
from catalog.views.pricing import pricing_card
from jetsync.panel.items import MenuItem, register
from jetsync.panel.setup.prerequisites import register_check
from jetsync.panel.setup.tabs import SettingsPage, register_settings_tab
from jetsync.tenancy.rights import Right

register(
    MenuItem(
        "Pricing",
        "Price rules",
        "catalog:price-rules",
        Right.SETTINGS_VIEW,
        10,
        ("increment", "markup", "product price", "special price", "floor"),
    )
)
register_settings_tab(
    SettingsPage("pricing", "Pricing", 60, "catalog:price-rules"),
    SettingsPage("fields", "Field mapping", 70, "catalog:field-mapping", Right.MAPPING_VIEW),
)
register_card(ProductCard("price", 10, "catalog/pricing/card.html", pricing_card))
register_check(categories_check)
register_check(images_check)
