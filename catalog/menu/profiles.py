"""The menu's entries, the bulk action, and the product page's tab and card for profiles and store fields."""

from __future__ import annotations

from catalog.models import Profile
from catalog.pages import page_url
from catalog.slots import ProductCard, ProductTab, register_bulk_action, register_card, register_tab
from catalog.views.assigning import profile_card
from catalog.views.store_field import TAB, count_own
from jetsync.models import Merchant
from jetsync.panel.items import MenuItem, register
from jetsync.panel.lists import BulkAction
from jetsync.panel.palette import PaletteHit, register_provider
from jetsync.tenancy.actor import Actor
from jetsync.tenancy.rights import Right

PALETTE_LIMIT = 4

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


@register_provider
def find_profiles(merchant: Merchant, actor: Actor, text: str) -> list[PaletteHit]:
    """By a part of their name."""
    if not actor.may(Right.MAPPING_VIEW):
        return []
    rows = Profile.objects.filter(merchant=merchant, name__icontains=text).order_by("name")
    return [
        PaletteHit(
            label=row.name,
            url=page_url(merchant, "profile-detail", pk=row.pk),
            hint="Profile",
            icon="clipboard-list",
            group="Profiles",
        )
        for row in rows[:PALETTE_LIMIT]
    ]
