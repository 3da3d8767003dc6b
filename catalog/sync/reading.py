"""Reads one SKU from Jet while a person waits."""

from __future__ import annotations

from catalog.actions.marks import mark_live
from catalog.models import Listing, Variant
from jetsync.exceptions import DomainError, NotFound
from jetsync.jet import errors
from jetsync.models import Merchant
from jetsync.sync.client import jet_for
from jetsync.sync.translate import explain_jet_error


def read_one(merchant: Merchant, variant: Variant) -> None:
    """Stores what Jet shows of the SKU now. Raises a DomainError in the merchant's words when Jet gives none."""
    listing = Listing.objects.filter(merchant=merchant, variant=variant).select_related("variant").first()
    if listing is None:
        raise NotFound(f"SKU {variant.sku} has no listing yet.", hint="Save the product once.")
    try:
        shown = jet_for(merchant).products.get(variant.sku)
    except errors.JetNotFound as exc:
        raise NotFound(
            f"{variant.sku}: Jet does not know this SKU (yet).",
            hint="Upload the product first. After an upload it can take Jet a minute.",
        ) from exc
    except errors.JetError as exc:
        raise _explained(exc) from exc
    mark_live(merchant, listing, shown, shown.raw)


def _explained(exc: errors.JetError) -> DomainError:
    found = explain_jet_error(exc)
    return found if isinstance(found, DomainError) else DomainError(str(found))
