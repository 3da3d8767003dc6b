"""When quantities go to Jet."""

from __future__ import annotations

from datetime import timedelta

import pytest

from catalog.actions.product import update_variant
from jetsync.models import Job, Merchant
from jetsync.sync import registry
from jetsync.sync.requests import gather_requests
from jetsync.tenancy.actor import SYSTEM
from tests.catalog import rows

pytestmark = pytest.mark.django_db


@pytest.mark.feature("SCH-07")
def test_a_changed_quantity_is_sent_at_once_and_all_are_swept_every_8_hours(shop: Merchant) -> None:
    kettle = rows.make_variant(shop, quantity=9)
    rows.mark_listed(kettle)
    Job.objects.all().delete()

    update_variant(kettle, {"mfr_part_number": "KET-2"}, actor=SYSTEM)
    gather_requests()
    assert not Job.objects.filter(kind="catalog.push_inventory").exists()
    update_variant(kettle, {"quantity": 4}, actor=SYSTEM)
    gather_requests()
    assert Job.objects.filter(kind="catalog.push_inventory").count() == 1

    sweep = registry.schedule_of("catalog.sweep_inventory")
    assert sweep is not None
    assert sweep.interval == timedelta(hours=8)
