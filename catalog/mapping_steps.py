"""The order of work on the mapping pages (features ATT-05)."""

from __future__ import annotations

from dataclasses import dataclass

from catalog.pages import page_url
from jetsync.models import Merchant

_STEPS = (
    ("1 Find the category", "category-mapping", ""),
    ("2 Check its attributes", "jet-category-list", "?mapped=yes"),
    ("3 Map attributes", "attribute-mapping", ""),
    ("4 Upload", "product-list", ""),
)


@dataclass(frozen=True)
class Step:
    """One tab of the stepper; `count` is what the tabs component may show beside it."""

    label: str
    url: str
    is_active: bool
    count: int | None = None


def steps(merchant: Merchant, current: int) -> list[Step]:
    """`current` counts from 1."""
    return [
        Step(label, page_url(merchant, name) + query, number == current)
        for number, (label, name, query) in enumerate(_STEPS, start=1)
    ]
