"""The message Jet gets for one SKU, where each value comes from, and what is missing. Pure.

`build_listing` never raises on bad data: what cannot be sent becomes a gap that names the field and the rule.
One module per group of checks; `result` holds what they fill, `build` runs them all.
"""

from catalog.listing.build import build_listing
from catalog.listing.category import category_problem
from catalog.listing.result import (
    BLOCKS,
    HINT,
    LEVELS,
    NEVER_LIVE,
    SECTIONS,
    Gap,
    ListingResult,
    content_hash,
    stored_gaps,
)

__all__ = [
    "BLOCKS",
    "HINT",
    "LEVELS",
    "NEVER_LIVE",
    "SECTIONS",
    "Gap",
    "ListingResult",
    "build_listing",
    "category_problem",
    "content_hash",
    "stored_gaps",
]
