"""How often the status of products is read."""

from __future__ import annotations

from datetime import timedelta

import pytest
from django.utils import timezone

from catalog.enums import ListingStatus
from catalog.models import Listing
from jetsync.models import Merchant
from jetsync.sync import registry
from tests.catalog import rows

pytestmark = pytest.mark.django_db


@pytest.mark.feature("SCH-03")
def test_status_is_read_every_20_minutes_while_jet_decides_and_else_every_6_hours(shop: Merchant) -> None:
    assert _interval("catalog.status_open") == timedelta(minutes=20)
    assert _interval("catalog.status_all") == timedelta(hours=6)
    often = registry.schedule_of("catalog.status_open")
    rows.make_variant(shop, sku="HF-1")
    Listing.objects.update(content_sent_at=timezone.now(), archived_sent=False, archived_live=False)
    wanted = {}
    for status in (ListingStatus.UPLOADED, ListingStatus.UNDER_REVIEW, ListingStatus.AVAILABLE):
        Listing.objects.update(status=status)
        wanted[status] = often.is_wanted(shop)
    assert wanted == {
        ListingStatus.UPLOADED: True,
        ListingStatus.UNDER_REVIEW: True,
        ListingStatus.AVAILABLE: False,
    }


def _interval(kind: str) -> timedelta:
    found = registry.schedule_of(kind)
    assert found is not None
    return found.interval
