"""Listings that go on selling at Jet when their store is deleted here."""

from __future__ import annotations

from catalog.pages import page_url
from catalog.queries.vacation import open_at_jet
from jetsync.models import Merchant
from jetsync.panel.closing import LeftOpen, register_left_open
from jetsync.wording import counted


def listings_for_sale(merchant: Merchant) -> LeftOpen | None:
    total = open_at_jet(merchant).count()
    if not total:
        return None
    return LeftOpen(
        title=f"{counted(total, 'listing')} open at Jet",
        explanation="They stay at Jet and go on selling with the prices and quantities that Jet has. A vacation archives "
        "all of them; wait until it is through before you delete the store.",
        total=total,
        more_url=page_url(merchant, "vacation"),
        more_label="Archive them by a vacation",
    )


register_left_open("catalog.listings", 40, listings_for_sale)
