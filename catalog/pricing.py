"""What Jet is paid for a SKU. Pure: numbers in, numbers out."""

from __future__ import annotations

from decimal import ROUND_HALF_UP, Decimal

CENT = Decimal("0.01")
LOWEST_PRICE = CENT


def to_cents(amount: Decimal) -> Decimal:
    """Two places, halves up, as a shop's till does."""
    return amount.quantize(CENT, ROUND_HALF_UP)


def target_price(store_price: Decimal | None) -> Decimal | None:
    """The price Jet should have for this store price; None when there is no price Jet could take."""
    if store_price is None or not store_price.is_finite():
        return None
    price = to_cents(store_price)
    return price if price >= LOWEST_PRICE else None
