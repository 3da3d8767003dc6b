"""Menu entries of the repricer."""

from __future__ import annotations

from jetsync.panel.items import MenuItem, register
from jetsync.tenancy.rights import Right

register(
    MenuItem(
        "Pricing",
        "Sales data",
        "repricer:sales-data",
        Right.PRODUCTS_VIEW,
        20,
        ("buy box", "best offer", "marketplace offer", "competitor", "jet sales data"),
    )
)
