"""Returns that a store leaves open when it is deleted."""

from __future__ import annotations

from jetsync.models import Merchant
from jetsync.panel.closing import SHOWN, LeftOpen, register_left_open
from jetsync.wording import counted
from returns.pages import return_list_url, return_url
from returns.queries import open_returns


def open_at_jet(merchant: Merchant) -> LeftOpen | None:
    rows = open_returns(merchant)
    total = rows.count()
    if not total:
        return None
    found = rows.defer("raw").select_related("merchant").order_by("return_date", "pk")[:SHOWN]
    return LeftOpen(
        title=f"{counted(total, 'return')} not completed",
        explanation="Shoppers wait for their money, and Jet may refund them by itself. Settle them before, or in Jet's "
        "partner portal.",
        total=total,
        things=[(f"Return {row}", return_url(row), "") for row in found],
        more_url=return_list_url(merchant),
        more_label="Open the list",
    )


register_left_open("returns.open", 30, open_at_jet)
