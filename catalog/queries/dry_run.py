"""What an action would send, as one short digest per SKU and step, and what moved between two looks.

The digests are made of the target columns, so they cost a few queries for any number of SKUs and build no body.
"""

from __future__ import annotations

import base64
import binascii
import hashlib
import json
import zlib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from catalog.enums import Step
from catalog.models import Listing, NodeStock, VariationGroup
from jetsync.models import Merchant
from jetsync.queries.settings import current_nodes

# SKU's digests per step: enough letters that a changed price does not look like the old one.
LETTERS = 10
NAMED = 5
# A dry run beyond this shows numbers and the first bodies, but cannot be held to.
MOST_EXACT = 5000
Digests = dict[int, dict[str, str]]

_COLUMNS = {
    Step.CONTENT: "content_target",
    Step.PRICE: "price_target",
    Step.ARCHIVE: "archived_target",
    Step.SHIPPING: "shipping_target",
    Step.RETURNS: "returns_target",
}


@dataclass(frozen=True)
class Expected:
    """What a person has seen: listing pk -> step -> digest."""

    digests: Digests

    @property
    def fingerprint(self) -> str:
        return fingerprint(self.digests)

    def packed(self) -> str:
        """For a hidden field: compressed, URL-safe. It is no secret and needs no signature; a wrong one refuses."""
        text = json.dumps(self.digests, separators=(",", ":"), sort_keys=True)
        return base64.urlsafe_b64encode(zlib.compress(text.encode("ascii"))).decode("ascii")


# 5,000 SKUs with six steps are under a megabyte; a bomb is cut here.
_LARGEST = 2_000_000


def unpacked(text: str) -> Expected | None:
    """None for anything that is no packed dry run."""
    try:
        inflate = zlib.decompressobj()
        raw = inflate.decompress(base64.urlsafe_b64decode(text.encode("ascii")), _LARGEST)
        if inflate.unconsumed_tail:
            return None
        given = json.loads(raw)
        return Expected(
            {int(pk): {str(step): str(value) for step, value in row.items()} for pk, row in given.items()}
        )
    except (ValueError, binascii.Error, zlib.error, AttributeError, RecursionError):
        return None


def fingerprint(digests: Digests) -> str:
    text = json.dumps({str(pk): row for pk, row in digests.items()}, sort_keys=True, separators=(",", ":"))
    return hashlib.sha256(text.encode()).hexdigest()[:20]


def digests_of(merchant: Merchant, listing_ids: Sequence[int], steps: Sequence[Step]) -> Digests:
    """Listing pk -> step -> digest of what would be sent now. At most four queries."""
    rows = Listing.objects.filter(merchant=merchant, pk__in=list(listing_ids)).order_by("pk")
    names = [_COLUMNS[step] for step in steps if step in _COLUMNS]
    values = {row["pk"]: row for row in rows.values("pk", "variant_id", *names)}
    stock = _stock(merchant, [row["variant_id"] for row in values.values()], steps)
    groups = _groups(merchant, list(values)) if Step.VARIATION in steps else {}
    found: Digests = {}
    for pk, row in values.items():
        nodes = stock.get(row["variant_id"], [])
        found[pk] = {str(step): _digest(_parts(step, row, nodes, groups.get(pk, ""))) for step in steps}
    return found


def _parts(step: Step, row: Mapping[str, Any], nodes: list[tuple[int, int, str]], group: str) -> list[Any]:
    if step == Step.INVENTORY:
        return [[node, quantity] for node, quantity, _price in nodes]
    if step == Step.VARIATION:
        return [group]
    own = row.get(_COLUMNS.get(step, ""), "")
    return [str(own), *([[node, price] for node, _quantity, price in nodes] if step == Step.PRICE else [])]


def _digest(parts: list[Any]) -> str:
    return hashlib.sha256(json.dumps(parts, default=str).encode()).hexdigest()[:LETTERS]


def _stock(
    merchant: Merchant, variant_ids: Sequence[int], steps: Sequence[Step]
) -> dict[int, list[tuple[int, int, str]]]:
    if not {Step.PRICE, Step.INVENTORY} & set(steps):
        return {}
    nodes = [node.pk for node in current_nodes(merchant)]
    rows = NodeStock.objects.filter(merchant=merchant, variant__in=list(variant_ids), node__in=nodes)
    found: dict[int, list[tuple[int, int, str]]] = {}
    for variant, node, quantity, price in rows.order_by("node").values_list(
        "variant_id", "node_id", "quantity_target", "price_target"
    ):
        found.setdefault(variant, []).append((node, quantity, "" if price is None else str(price)))
    return found


def _groups(merchant: Merchant, listing_ids: Sequence[int]) -> dict[int, str]:
    rows = VariationGroup.objects.filter(merchant=merchant, parent__listing__in=list(listing_ids))
    return dict(rows.values_list("parent__listing", "target"))


@dataclass(frozen=True)
class Moved:
    """`changed`: listing pk -> the steps that differ. `gone` and `new`: SKUs that were or are not in the set."""

    changed: dict[int, list[str]] = field(default_factory=dict)
    gone: list[int] = field(default_factory=list)
    new: list[int] = field(default_factory=list)


def moved_since(expects: Expected, now: Digests) -> Moved | None:
    """None when everything would be sent as it was shown."""
    before = expects.digests
    if before == now:
        return None
    changed = {
        pk: [step for step in row if before[pk].get(step) != row[step]]
        for pk, row in now.items()
        if pk in before and before[pk] != row
    }
    return Moved(changed, sorted(before.keys() - now.keys()), sorted(now.keys() - before.keys()))


STEP_WORDS = {
    Step.CONTENT: "product data",
    Step.PRICE: "price",
    Step.INVENTORY: "quantity",
    Step.VARIATION: "variation group",
    Step.SHIPPING: "shipping exceptions",
    Step.RETURNS: "return exception",
    Step.ARCHIVE: "archived",
    Step.STATUS: "status",
}


def moved_words(merchant: Merchant, moved: Moved) -> str:
    """ "HF-1 (price), HF-2 (quantity) and 3 more"."""
    ids = [*moved.changed, *moved.gone, *moved.new]
    rows = Listing.objects.filter(merchant=merchant, pk__in=ids[:NAMED])
    skus = dict(rows.values_list("pk", "variant__sku"))
    words = []
    for pk in ids[:NAMED]:
        steps = [STEP_WORDS.get(Step(step), step) for step in moved.changed.get(pk, []) if step in list(Step)]
        what = ", ".join(steps) or ("no longer in the set" if pk in moved.gone else "new in the set")
        words.append(f"{skus.get(pk, 'a product that is gone')} ({what})")
    more = len(ids) - len(words)
    return ", ".join(words) + (f" and {more:,} more" if more else "")
