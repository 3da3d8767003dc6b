"""Listed SKUs whose accepted data stays at Jet, because what is stored now would take them off sale (ADR 16)."""

from __future__ import annotations

from django.db.models import Q, QuerySet

from catalog.enums import ListingStatus, Readiness
from catalog.models import Listing
from catalog.status_map import KEEPS

# Jet sells it as it was sent, and would not as it is now.
ENDS_SALE = Q(status=ListingStatus.AVAILABLE, content_dirty=True, readiness=Readiness.NEVER_LIVE)
# Its data waits for its gaps: Jet would refuse it, or it would take the place of what Jet sells or may sell in a moment.
WAITS = Q(readiness=Readiness.NOT_READY) | Q(readiness=Readiness.NEVER_LIVE, status__in=KEEPS)


def sent_by_itself(rows: QuerySet[Listing]) -> QuerySet[Listing]:
    """Those whose data may be sent without a person who says so."""
    return rows.exclude(WAITS)


def ends_sale(rows: QuerySet[Listing]) -> QuerySet[Listing]:
    """Those that Jet sells and, sent as they are now, would hold back."""
    return rows.filter(ENDS_SALE)
