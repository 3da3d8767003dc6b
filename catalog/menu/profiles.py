"""The menu's entries, the bulk action, and the product page's tab and card for profiles and store fields."""

from __future__ import annotations

from catalog.slots import ProductCard, ProductTab, register_bulk_action, register_card, register_tab
from catalog.views.assigning import profile_card
from catalog.views.store_field import TAB, count_own
from jetsync.panel.items import MenuItem, register
from jetsync.panel.lists import BulkAction
from jetsync.tenancy.rights import Right

register(
    MenuItem(
        "Mapping",
        "Fields",
        "catalog:field-mapping",
        Right.MAPPING_VIEW,
        30,
        ("field mapping", "jet products mapping", "required field mapping", "custom field", "meta field"),
    ),
    MenuItem(
        "Mapping",
        "Profiles",
        "catalog:profile-list",
        Right.MAPPING_VIEW,
        40,
        ("profile", "new profile", "bulk profile mapping", "assign profile", "item specifics"),
    ),
)
register_bulk_action(
    10,
    BulkAction(
        "profile", "Assign profile", "catalog:profile-assign", Right.PRODUCTS_EDIT, "", "clipboard-list"
    ),
)
register_card(ProductCard("profile", 30, "catalog/profile/product_card.html", profile_card))
register_tab(ProductTab(TAB, "Store fields", 30, "variant-fields", count_own))
