"""The sentence that stands beside every reject and cancel ("fill or kill")."""

from __future__ import annotations

from orders.queries.order import CancelRate


def rate_sentence(rate: CancelRate) -> str:
    if not rate.orders:
        return "No other order of the last 30 days is counted yet. Jet closes accounts that cancel too much."
    return (
        f"Of your {rate.orders:,} orders of the last 30 days {rate.lost:,} ({rate.percent:.1f} %) were rejected, "
        "missed or cancelled. Jet closes accounts that cancel too much."
    )
