"""The menu's entry for vacation, and what Home says of one."""

from __future__ import annotations

from typing import Any

from catalog.enums import VacationState
from catalog.queries.vacation import not_archived, open_at_jet, open_vacation
from jetsync.models import Merchant
from jetsync.panel.home import HomeCard, register_card
from jetsync.panel.items import MenuItem, register
from jetsync.tenancy.actor import Actor
from jetsync.tenancy.rights import Right

register(
    MenuItem(
        "Products",
        "Vacation",
        "catalog:vacation",
        Right.PRODUCTS_VIEW,
        95,
        ("vacation mode", "vacation setting", "holiday", "archive all", "close the shop"),
    )
)


def _on_home(merchant: Merchant, _actor: Actor) -> dict[str, Any] | None:
    """Of one that is on, how many SKUs may still be bought; of a plan, how many it would archive. Two queries."""
    found = open_vacation(merchant)
    if found is None:
        return None
    if found.state == VacationState.ON:
        return {"vacation": found, "left": not_archived(merchant)}
    return {"vacation": found, "count": open_at_jet(merchant).count()}


register_card(HomeCard("vacation", "now", 5, Right.PRODUCTS_VIEW, "catalog/vacation_home.html", _on_home))
