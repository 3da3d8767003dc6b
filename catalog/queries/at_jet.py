"""Every value of one SKU as Jet should have it, as Jet accepted it and as Jet shows it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from catalog.drift import drifted_members
from catalog.models import Listing, Variant, VariationGroup
from catalog.queries.listing import listings_of
from catalog.queries.product import Facet, facets_of, is_read_since
from catalog.queries.relations import return_bodies, shipping_bodies
from jetsync.models import Merchant
from jetsync.wording import counted

# Members of Jet's answer that are Jet's own and compared with nothing.
_GROUP = ("relationship", "variation_refinements", "children_skus", "group_title")
_RETURNS = ("time_to_return", "return_location_ids", "return_shipping_methods")
_ELSEWHERE = frozenset({"price", "is_archived", "inventory_by_fulfillment_node", *_GROUP, *_RETURNS})


@dataclass(frozen=True)
class Compared:
    """`part` heads the rows of one facet. `state`: as Facet.state, or "" where nothing can be said."""

    part: str
    label: str
    target: str
    sent: str
    live: str
    state: str
    is_code: bool = False


def compared(merchant: Merchant, variant: Variant) -> list[Compared]:
    """Prices, quantities, archived, group and exceptions, then the product data member by member, then Jet's own."""
    listing = getattr(variant, "listing", None)
    if listing is None:
        return []
    payload = listings_of(merchant, [variant.pk])[variant.pk].payload
    facets = [row for row in facets_of(merchant, variant) if row.label != "Product data"]
    live = listing.live_body or {}
    return [
        *(_facet(row) for row in facets),
        _group(merchant, variant, live),
        _shipping(merchant, listing),
        _returns(merchant, listing, live),
        *_members(listing, payload, live),
        *_own(payload, live),
    ]


def _facet(row: Facet) -> Compared:
    return Compared("Offer", row.label, row.target, row.sent, row.live, row.state if row.sent else "")


def _group(merchant: Merchant, variant: Variant, live: Mapping[str, Any]) -> Compared:
    group = VariationGroup.objects.filter(merchant=merchant, parent=variant).first()
    shown = ", ".join(_text(live[name]) for name in _GROUP if live.get(name))
    if group is None:
        return Compared("Offer", "Variation group", "Leads none", "", shown, "")
    sent = ("An older version" if group.dirty else "This version") if group.sent else ""
    target = group.group_title or ("Its members" if group.target else "Not complete yet")
    return Compared("Offer", "Variation group", target, sent, shown, "waiting" if group.dirty else "same")


def _shipping(merchant: Merchant, listing: Listing) -> Compared:
    nodes = shipping_bodies(merchant, [listing.pk])[listing.pk]["fulfillment_nodes"]
    count = sum(len(node["shipping_exceptions"]) for node in nodes)
    target = counted(count, "exception") if listing.shipping_target else "None"
    return _hashed(listing, "shipping", "Shipping exceptions", target, "")


def _returns(merchant: Merchant, listing: Listing, live: Mapping[str, Any]) -> Compared:
    body = return_bodies(merchant, [listing.pk])[listing.pk]
    target = "; ".join(_text(value) for value in body.values()) if listing.returns_target else "None"
    shown = "; ".join(_text(live[name]) for name in _RETURNS if live.get(name))
    return _hashed(listing, "returns", "Return exception", target, shown)


def _hashed(listing: Listing, facet: str, label: str, target: str, live: str) -> Compared:
    is_dirty, was_sent = getattr(listing, f"{facet}_dirty"), bool(getattr(listing, f"{facet}_sent"))
    sent = ("An older version" if is_dirty else "This version") if was_sent else ""
    state = "waiting" if is_dirty else "same" if was_sent else ""
    return Compared("Offer", label, target, sent, live, state)


def _members(listing: Listing, payload: Mapping[str, Any], live: Mapping[str, Any]) -> list[Compared]:
    sent = listing.content_sent_body or {}
    shown = {name.lower(): value for name, value in live.items()}
    drifted = set(drifted_members(sent, live))
    is_read = is_read_since(listing.content_sent_at, listing.status_read_at)
    rows = []
    for name in dict.fromkeys([*payload, *sent]):
        state = _member_state(name, sent, shown, drifted=name in drifted, is_read=is_read)
        if listing.content_sent_at is not None and payload.get(name) != sent.get(name):
            state = "waiting"
        target, accepted, seen = (
            _text(payload.get(name)),
            _text(sent.get(name)),
            _text(shown.get(name.lower())),
        )
        rows.append(Compared("Product data", name, target, accepted, seen, state, is_code=True))
    return rows


def _member_state(
    name: str, sent: Mapping[str, Any], shown: Mapping[str, Any], *, drifted: bool, is_read: bool
) -> str:
    """Jet does not echo every member; one that a later reading left out is in step."""
    if name not in sent:
        return ""
    if drifted:
        return "differs" if is_read else "unread"
    return "same" if is_read or shown.get(name.lower()) is not None else "unread"


def _own(payload: Mapping[str, Any], live: Mapping[str, Any]) -> list[Compared]:
    known = {name.lower() for name in payload} | _ELSEWHERE
    return [
        Compared("Jet's own", name, "", "", _text(value), "", is_code=True)
        for name, value in live.items()
        if name.lower() not in known and not name.startswith("price_")
    ]


def _text(value: Any) -> str:
    if isinstance(value, list):
        return "; ".join(_text(item) for item in value)
    if isinstance(value, Mapping):
        return ", ".join(_text(item) for item in value.values())
    if isinstance(value, bool):
        return "Yes" if value else "No"
    return "" if value is None else str(value)
