"""When results of bulk files are fetched."""

from __future__ import annotations

from datetime import timedelta

import pytest
from django.utils import timezone

from catalog.enums import FileState, FileType
from catalog.models import BulkFile
from jetsync.models import Job, Merchant, Schedule
from jetsync.sync import registry
from jetsync.sync.client import current_account
from jetsync.sync.schedules import ensure_schedules, start_due

pytestmark = pytest.mark.django_db


@pytest.mark.feature("SCH-04")
def test_results_are_fetched_every_10_minutes_while_a_file_is_open_and_else_nothing_runs(
    shop: Merchant,
) -> None:
    kind = registry.schedule_of("catalog.poll_files")
    assert kind is not None
    assert kind.interval == timedelta(minutes=10)
    ensure_schedules(shop)
    Schedule.objects.exclude(kind="catalog.poll_files").delete()
    file = BulkFile.objects.create(
        merchant=shop,
        account=current_account(shop),
        file_type=FileType.PRICE,
        name="prices.json",
        state=FileState.SENT,
    )
    ran = []
    for state, applied_at in (
        (FileState.SENT, None),
        (FileState.FAILED, None),
        (FileState.SENT, timezone.now()),
    ):
        BulkFile.objects.filter(pk=file.pk).update(state=state, applied_at=applied_at)
        Schedule.objects.update(next_due_at=timezone.now() - timedelta(minutes=1))
        Job.objects.all().delete()
        start_due()
        ran.append(Job.objects.filter(kind="catalog.poll_files").count())
    assert ran == [1, 0, 0]
