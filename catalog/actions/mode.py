"""Test and live are separate data at Jet: what one account has accepted, the other has never heard of."""

from __future__ import annotations

from django.db import transaction
from django.db.models import F

from catalog.actions.refresh import ask_refresh
from catalog.enums import ListingStatus
from catalog.models import Listing, NodeStock, VariationGroup
from jetsync.actions.log import record
from jetsync.models import Merchant
from jetsync.tenancy.actor import SYSTEM
from jetsync.wording import counted

_NEVER_SENT = {
    "is_wanted": False,
    "content_sent": "",
    "content_sent_at": None,
    "content_sent_body": None,
    "content_drift": [],
    "price_sent": None,
    "price_sent_at": None,
    "price_live": None,
    "price_live_at": None,
    "archived_target": False,
    "archived_sent": False,
    "archived_sent_at": None,
    "archived_live": None,
    "shipping_sent": "",
    "shipping_sent_at": None,
    "returns_sent": "",
    "returns_sent_at": None,
    "status": ListingStatus.NOT_UPLOADED,
    "jet_status": "",
    "jet_sub_status": [],
    "status_since": None,
    "status_read_at": None,
    "stock_drift": False,
    "drift_since": None,
    "live_body": None,
    "error_code": "",
    "error_message": "",
    "error_hint": "",
    "error_at": None,
}


@transaction.atomic
def forget_jets_side(merchant: Merchant) -> int:
    """All SKUs count as never uploaded, because the account now in use has got none of them from us; returns how many.

    What the merchant wants (products, prices, mappings, groups, exceptions) stays. Reading the status of a SKU that
    this account knows after all brings its side back. The targets are computed anew for the account's own nodes.
    """
    known = Listing.objects.filter(merchant=merchant)
    count = known.exclude(content_sent_at=None, status=ListingStatus.NOT_UPLOADED).count()
    known.update(**_NEVER_SENT)
    NodeStock.objects.filter(merchant=merchant).update(
        quantity_sent=None,
        quantity_sent_at=None,
        quantity_live=None,
        quantity_live_at=None,
        price_sent=None,
    )
    VariationGroup.objects.filter(merchant=merchant).update(
        sent="", sent_at=None, sent_body=None, unsent_count=F("child_count") + 1
    )
    if count:
        record(
            merchant,
            "catalog.listing.forgotten",
            f"Not uploaded to this account yet: {counted(count, 'SKU')}.",
            actor=SYSTEM,
        )
    ask_refresh(merchant)
    return count
