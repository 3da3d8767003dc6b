"""Which SKUs would be sold below the MAP price that a profile sets: what is asked before they get it.

Of fixed MAP prices only: what products give by a field of theirs is theirs.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import replace
from decimal import Decimal
from typing import Any

from django.db.models import QuerySet

from catalog.jet_fields import JET_FIELDS, parsed
from catalog.models import Product, Profile, Variant
from catalog.price_guard import Slip, is_raised
from jetsync.models import Merchant
from jetsync.wording import counted

MAP_PRICE = "map_price"
# SKUs that a question names.
SHOWN_SKUS = 5


def fixed_map_price(specifics: Mapping[str, Any]) -> Decimal | None:
    text = specifics.get(MAP_PRICE, {}).get("value", "")
    return parsed(JET_FIELDS[MAP_PRICE], text) if text else None


def changed_slip(profile: Profile, before: Mapping[str, Any], now: Mapping[str, Any]) -> Slip | None:
    """What is to be asked when the specifics of a profile become others."""
    old, new = fixed_map_price(before), fixed_map_price(now)
    if new is None or not is_raised(old, new):
        return None
    rows = Variant.objects.filter(merchant=profile.merchant_id, product__profile=profile)
    slip = _slip(_sold_below(rows, new), new, "of this profile")
    return slip and replace(slip, old=old)


def assigned_slip(
    merchant: Merchant, products: QuerySet[Product] | Collection[int], profile: Profile | None
) -> Slip | None:
    """What is to be asked when these products get the profile."""
    new = fixed_map_price(profile.specifics) if profile else None
    if profile is None or new is None:
        return None
    return _slip(
        _newly_below(merchant, products, profile, new), new, f"that would get profile “{profile.name}”"
    )


def slips_by_product(merchant: Merchant, wanted: Mapping[int, str | None]) -> dict[int, Slip]:
    """Product -> the question about it when it gets the profile of this name. A few queries per profile."""
    found: dict[int, Slip] = {}
    profiles = Profile.objects.filter(merchant=merchant, name__in={name for name in wanted.values() if name})
    for profile in profiles.order_by("pk"):
        new = fixed_map_price(profile.specifics)
        products = [pk for pk, name in wanted.items() if name == profile.name]
        if new is None:
            continue
        rows = _newly_below(merchant, products, profile, new).order_by("sku")
        for product_id, sku, price in rows.values_list("product_id", "sku", "listing__price_target"):
            reason = f"MAP price {new:,.2f} of profile “{profile.name}” is above the price {price:,.2f}."
            found.setdefault(product_id, Slip(sku, "profile", None, new, reason, is_below_map=True))
    return found


def _newly_below(
    merchant: Merchant, products: QuerySet[Product] | Collection[int], profile: Profile, new: Decimal
) -> QuerySet[Variant]:
    """Those that a profile they have holds below as high a MAP price already are known to the merchant."""
    others = Profile.objects.filter(merchant=merchant, specifics__has_key=MAP_PRICE)
    as_high = [row.pk for row in others if not is_raised(fixed_map_price(row.specifics), new)]
    chosen = products if isinstance(products, QuerySet) else list(products)
    rows = Variant.objects.filter(merchant=merchant, product__in=chosen)
    return _sold_below(rows.exclude(product__profile__in={profile.pk, *as_high}), new)


def _sold_below(rows: QuerySet[Variant], map_price: Decimal) -> QuerySet[Variant]:
    """Without a MAP price of their own, and Jet is to sell them for less."""
    return rows.filter(map_price=None, listing__price_target__lt=map_price)


def _slip(below: QuerySet[Variant], new: Decimal, whose: str) -> Slip | None:
    first = list(below.order_by("sku").values_list("sku", "listing__price_target")[:SHOWN_SKUS])
    if not first:
        return None
    named = ", ".join(f"{sku} ({price:,.2f})" for sku, price in first)
    count = below.count()
    more = f" and {count - len(first):,} more" if count > len(first) else ""
    skus = f"{counted(count, 'SKU')} {whose}"
    reason = f"MAP price {new:,.2f} is above the price for Jet of {skus}: {named}{more}."
    return Slip("", f"specifics.{MAP_PRICE}", None, new, reason, is_below_map=True)
