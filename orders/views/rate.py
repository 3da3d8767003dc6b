"""The sentence that stands beside every reject and cancel ("fill or kill")."""

from __future__ import annotations

from jetsync.wording import counted
from orders.queries.rate import CancelRate


def rate_sentence(rate: CancelRate) -> str:
    if not rate.orders:
        return "No other order of the last 30 days is counted yet. Jet closes accounts that cancel too much."
    were = "was" if rate.lost == 1 else "were"
    return (
        f"Of your {counted(rate.orders, 'order')} of the last 30 days {rate.lost:,} ({rate.percent:.1f} %) {were} "
        "rejected, missed or cancelled by you; what the shopper or Jet wanted cancelled is not among them. Jet closes "
        "accounts that cancel too much."
    )


def rate_after(rate: CancelRate, more: int) -> str:
    """What the rate becomes when `more` of the counted orders are lost, too."""
    after = CancelRate(orders=rate.orders, lost=min(rate.orders, rate.lost + more))
    return f"After this it is {after.lost:,} of {rate.orders:,} ({after.percent:.1f} %)."


def rate_now_and_after(rate: CancelRate, more: int) -> str:
    """Both in one line; nothing to compare while no order is counted."""
    return f"{rate_sentence(rate)} {rate_after(rate, more)}" if rate.orders else rate_sentence(rate)
