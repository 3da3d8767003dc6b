"""SKUs that differ in letter case alone: one product to a merchant, and nobody knows whether Jet would see two."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable

from catalog.models import Variant
from catalog.problems import Problem
from catalog.validators import shown, sku_key
from jetsync.models import Merchant


def other_spellings(merchant: Merchant, skus: Iterable[str]) -> dict[str, list[str]]:
    """SKU -> SKUs of the merchant that are written with other capitals; those without are left out. One query or none."""
    asked: dict[str, list[str]] = defaultdict(list)
    for sku in skus:
        asked[sku_key(sku)].append(sku)
    if not asked:
        return {}
    found: dict[str, list[str]] = defaultdict(list)
    rows = Variant.objects.filter(merchant=merchant, sku_key__in=list(asked)).order_by("sku")
    for stored in rows.values_list("sku", flat=True):
        for sku in asked[sku_key(stored)]:
            if sku != stored:
                found[sku].append(stored)
    return dict(found)


def single_spellings(merchant: Merchant, skus: Iterable[str]) -> dict[str, str]:
    """SKU that is not stored as it is written -> the one SKU that is stored with other capitals. Two queries."""
    asked = set(skus)
    stored = set(Variant.objects.filter(merchant=merchant, sku__in=asked).values_list("sku", flat=True))
    others = other_spellings(merchant, asked - stored)
    return {sku: found[0] for sku, found in others.items() if len(found) == 1}


def spelled_like(
    merchant: Merchant, skus: Iterable[str], *, but: Iterable[int | None] = ()
) -> dict[str, str]:
    """SKU in capitals -> a SKU of the merchant that is written so, whatever its capitals; `but` are left out. One query."""
    rows = Variant.objects.filter(merchant=merchant, sku_key__in={sku_key(sku) for sku in skus})
    found = rows.exclude(pk__in=[pk for pk in but if pk]).values_list("sku", flat=True)
    return {sku_key(sku): sku for sku in found}


def taken_problem(sku: str, other: str) -> Problem:
    """For a SKU that is to be made or renamed."""
    if sku == other:
        message = f"SKU {shown(sku)} is in use by another product."
        return Problem("sku", "used", sku, message, "Give another SKU.")
    message = (
        f"SKU {shown(sku)} differs in letter case alone from SKU {shown(other)}, which you have already."
    )
    return Problem("sku", "spelling", sku, message, "Change that product, or give another SKU.")
