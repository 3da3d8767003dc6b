"""What building a listing gives: the message, where its values come from, and what is missing."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from decimal import Decimal
from functools import lru_cache
from typing import Any, NamedTuple

from catalog.enums import Readiness
from catalog.problems import Problem
from catalog.validators import MOST_ALTERNATE_IMAGES

BLOCKS, NEVER_LIVE, HINT = LEVELS = ("blocks", "never_live", "hint")

# The editor section that mends a field.
SECTIONS = {
    "title": "details",
    "description": "details",
    "brand": "details",
    "manufacturer": "details",
    "bullets": "details",
    "kind": "details",
    "is_active": "details",
    "sku": "identifiers",
    "codes": "identifiers",
    "asin": "identifiers",
    "mfr_part_number": "identifiers",
    "multipack_quantity": "identifiers",
    "price": "stock",
    "sells_on_jet": "stock",
    "quantity": "stock",
    "msrp": "stock",
    "map_price": "stock",
    "map_implementation": "stock",
    "attributes": "attributes",
    "options": "attributes",
    "variation": "attributes",
    "main_image_url": "images",
    "alternate_image_urls": "images",
    **{f"alternate_image{slot}": "images" for slot in range(1, MOST_ALTERNATE_IMAGES + 1)},
    "category": "category",
    "taxonomy": "category",
}
# Inputs whose id is not simply that of the field.
ANCHORS = {
    "title": "id_product_title",
    "alternate_image_urls": "id_alternate_image1",
    "attributes": "attributes",
    "options": "attributes",
    "variation": "attributes",
    "taxonomy": "id_category",
}


# The fact a member of Jet's message is made of, where the names differ.
FACTS = {
    "product_description": "description",
    "standard_product_codes": "codes",
    "ASIN": "asin",
    "alternate_images": "alternate_image_urls",
    "jet_browse_node_id": "own_node_id",
}


class Gap(NamedTuple):
    """`level`: "blocks" = cannot be sent, "never_live" = can be sent but will not be sold, "hint" = worth knowing."""

    field: str
    rule: str
    value: str
    message: str
    level: str = BLOCKS
    fix: str = ""

    @property
    def blocks(self) -> bool:
        return self.level == BLOCKS

    @property
    def key(self) -> str:
        """Equal for gaps of one cause, so that many SKUs can be counted and mended together."""
        field = "alternate_image_urls" if self.field.startswith("alternate_image") else self.field
        return f"{self.level}:{field}:{self.rule}"

    @property
    def section(self) -> str:
        return SECTIONS.get(self.field, "shipping")

    @property
    def fix_url_name(self) -> str:
        """The page that mends it: `catalog:variant-edit` with the variant's pk and `section`."""
        return "catalog:variant-edit"

    @property
    def anchor(self) -> str:
        return ANCHORS.get(self.field, f"id_{self.field}")

    def as_json(self) -> dict[str, str]:
        return {
            "field": self.field,
            "rule": self.rule,
            "value": self.value,
            "message": self.message,
            "level": self.level,
            "fix": self.fix,
        }

    @classmethod
    def from_json(cls, stored: dict[str, str]) -> Gap:
        """A gap as `Listing.gaps` keeps it."""
        return cls(
            **{
                name: str(stored.get(name, ""))
                for name in ("field", "rule", "value", "message", "level", "fix")
            }
        )


@dataclass
class ListingResult:
    """`payload` is the body of PUT merchant-skus; `origins` says per member where its value comes from.

    Attributes have an origin each, under `attribute:<id>`. `sources` are the origins of facts that the SKU has not got
    itself: they replace what a check says of the member.
    """

    sources: Mapping[str, str] = field(default_factory=dict)
    payload: dict[str, Any] = field(default_factory=dict)
    origins: dict[str, str] = field(default_factory=dict)
    gaps: list[Gap] = field(default_factory=list)

    @property
    def readiness(self) -> Readiness:
        levels = {gap.level for gap in self.gaps}
        if BLOCKS in levels:
            return Readiness.NOT_READY
        return Readiness.NEVER_LIVE if NEVER_LIVE in levels else Readiness.READY

    def put(self, member: str, value: Any, origin: str) -> None:
        self.payload[member] = value
        told = self.sources.get(FACTS.get(member, member)) if self.sources else ""
        self.origins[member] = told or origin

    def lack(
        self, name: str, rule: str, message: str, *, value: str = "", level: str = BLOCKS, fix: str = ""
    ) -> None:
        self.gaps.append(Gap(name, rule, value, message, level, fix))

    def take(self, problem: Problem | None, name: str, *, level: str = BLOCKS) -> bool:
        """Adds the problem as a gap of `name`; True when there was none."""
        if problem is None:
            return True
        self.gaps.append(Gap(name, problem.rule, problem.value, problem.message, level, problem.fix))
        return False


def number(value: Decimal) -> int | float:
    """A JSON number that prints as the decimal does: columns hold at most 12 digits, a float keeps 15."""
    whole = int(value)
    return whole if whole == value else float(value)


# Most SKUs of an import lack the same few things: they share their lists, and whoever writes them encodes them once.
@lru_cache(maxsize=1024)
def stored_gaps(gaps: tuple[Gap, ...]) -> tuple[list[dict[str, str]], list[str]]:
    """Gaps and their keys as a listing keeps them. Do not change the lists: others hold them too."""
    return [gap.as_json() for gap in gaps], sorted({gap.key for gap in gaps})


_canonical = json.JSONEncoder(sort_keys=True, separators=(",", ":"), ensure_ascii=True).encode


def content_hash(payload: dict[str, Any]) -> str:
    """Equal payloads give equal hashes, whatever the order of their members."""
    return hashlib.sha256(_canonical(payload).encode("ascii")).hexdigest()
