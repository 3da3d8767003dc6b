"""Jet's status words (listing status in the protocol), the local state each becomes, and what readiness is beside it."""

from __future__ import annotations

from catalog.enums import ListingStatus, Readiness

_STATUSES = {
    "under jet review": ListingStatus.UNDER_REVIEW,
    "processing": ListingStatus.UNDER_REVIEW,
    "missing listing data": ListingStatus.MISSING_DATA,
    "available for purchase": ListingStatus.AVAILABLE,
    "available for sale": ListingStatus.AVAILABLE,
    "ready to list": ListingStatus.UNDER_REVIEW,
    "excluded": ListingStatus.EXCLUDED,
    "excluded category or brand": ListingStatus.EXCLUDED,
    "unauthorized": ListingStatus.UNAUTHORIZED,
    "archived": ListingStatus.ARCHIVED,
}
# States that Jet may still change by itself soon; they are read every 20 minutes instead of every 6 hours.
NOT_FINAL = (ListingStatus.UPLOADED, ListingStatus.UNDER_REVIEW)


def status_for(jet_status: str | None, *, is_archived: bool = False) -> ListingStatus:
    """The local state; a word Jet never used before is kept on the listing and shown as Other."""
    if is_archived:
        return ListingStatus.ARCHIVED
    if not jet_status:
        return ListingStatus.UPLOADED
    return _STATUSES.get(jet_status.strip().lower(), ListingStatus.OTHER)


# What Jet sells, or may sell in a moment as it was sent. ADR 16: data with gaps does not take the place of that by itself.
KEEPS = (ListingStatus.AVAILABLE, *NOT_FINAL)
# Readiness of SKUs that Jet sells: gaps keep their changed data back, or stand in what Jet took all the same.
SOLD, KEPT = "sold", "kept"


def shown_readiness(readiness: str, status: str, *, is_dirty: bool) -> str:
    """The end of a key of badges: the readiness, or what it means for a SKU that Jet sells at this moment."""
    if status != ListingStatus.AVAILABLE or readiness == Readiness.READY:
        return readiness
    return KEPT if is_dirty or readiness == Readiness.NOT_READY else SOLD
