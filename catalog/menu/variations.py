"""The menu's entry, the grid's bulk action, the product page's tab and the badges of variation groups."""

from __future__ import annotations

from catalog.enums import GroupState
from catalog.models import VariationGroup
from catalog.slots import ProductCard, ProductTab, register_bulk_action, register_card, register_tab
from catalog.views.variation import group_card
from jetsync.models import Merchant
from jetsync.panel.items import MenuItem, register
from jetsync.panel.lists import BulkAction
from jetsync.panel.statuses import Colour, Status, register_statuses
from jetsync.tenancy.rights import Right


def _wrong(merchant: Merchant) -> int:
    """Groups that wait for the merchant: something is missing, or Jet refused them."""
    wrong = (GroupState.INCOMPLETE, GroupState.REFUSED)
    return VariationGroup.objects.filter(merchant=merchant, state__in=wrong).count()


register(
    MenuItem(
        "Products",
        "Variation groups",
        "catalog:group-list",
        Right.PRODUCTS_VIEW,
        15,
        ("variations", "variable products", "relational products", "parent and child", "options", "family"),
        _wrong,
    )
)
register_tab(ProductTab("variations", "Variations", 10, "variant-family"))
register_card(ProductCard("group", 10, "catalog/variation/product_card.html", group_card))
register_bulk_action(
    40, BulkAction("group", "Make variation group", "catalog:group-make", Right.PRODUCTS_EDIT, "", "versions")
)
_STATES: dict[GroupState, tuple[Colour, str]] = {
    GroupState.DISSOLVING: ("secondary", "Jet is being told that there is no group any more."),
    GroupState.INCOMPLETE: ("orange", "Nothing is sent until the points on the group's page are closed."),
    GroupState.REFUSED: ("red", "Jet refused it; it is sent again once something has changed."),
    GroupState.SENT: ("green", "Jet has accepted the group as it is here."),
    GroupState.WAITING: ("azure", "It is sent once Jet has accepted all of its SKUs."),
    GroupState.QUEUED: ("blue", "It is complete and about to be sent."),
}
register_statuses(
    {f"group.{key}": Status(str(key.label), colour, "", text) for key, (colour, text) in _STATES.items()}
)
