"""Archiving and un-archiving one after the other: the last wish wins, here and at Jet, whenever the files are read."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from django.utils import timezone

from catalog.actions import publish
from catalog.actions.vacation import end_vacation, plan_vacation
from catalog.enums import FileType
from catalog.models import BulkFile, Listing, Vacation, Variant
from jetsync.enums import JobState, OperationState
from jetsync.models import Job, Merchant, Operation, Options
from jetsync.sync.client import client_for
from jetsync.tenancy.actor import SYSTEM

SKUS = ("HF-1", "HF-2", "HF-3")


def finish(drain: Callable[[], int], sandbox: Any) -> None:
    """Runs jobs and lets the sandbox work until nothing is left to do."""
    for _ in range(30):
        Job.objects.filter(state=JobState.QUEUED).update(not_before=timezone.now())
        if not drain():
            return
        sandbox.control.advance(60)
    raise AssertionError("jobs keep coming")


@pytest.fixture
def listed(
    by_files: Merchant, kettle: Callable[..., Variant], drain: Callable[[], int], sandbox: Any
) -> list[Variant]:
    """Three SKUs that Jet sells; more than two go by file."""
    variants = [kettle(sku) for sku in SKUS]
    publish.upload(by_files, [row.pk for row in variants], actor=SYSTEM)
    finish(drain, sandbox)
    assert Listing.objects.filter(content_sent_at__isnull=False, archived_sent=False).count() == len(SKUS)
    return variants


def file_is_at_jet() -> bool:
    return BulkFile.objects.filter(file_type=FileType.ARCHIVE, applied_at=None).exists()


def ends(sandbox: Any) -> list[tuple[bool, bool, bool]]:
    """Target, accepted and what Jet has, of each SKU: whether it is archived."""
    jet = client_for(sandbox.account)
    rows = Listing.objects.order_by("variant__sku").values_list(
        "archived_target", "archived_sent", "variant__sku"
    )
    return [(target, sent, bool(jet.products.get(sku).is_archived)) for target, sent, sku in rows]


@pytest.mark.feature("VAC-02", "PRD-10")
@pytest.mark.parametrize("limit", [2, 30])
def test_vacation_that_ends_while_jet_has_the_file_opens_everything(
    listed: list[Variant], by_files: Merchant, drain: Callable[[], int], sandbox: Any, limit: int
) -> None:
    """Opened by a second file, or by direct calls, which would overtake the first."""
    plan_vacation(by_files, starts_at=None, ends_at=None, actor=SYSTEM)
    drain()
    assert file_is_at_jet()
    Options.objects.update(direct_upload_limit=limit)
    end_vacation(Vacation.objects.get(), actor=SYSTEM)
    drain()
    finish(drain, sandbox)

    assert ends(sandbox) == [(False, False, False)] * len(SKUS)
    assert not Operation.objects.exclude(state__in=(OperationState.DONE, OperationState.CANCELLED)).exists()
    quantities = {
        row.quantity
        for sku in SKUS
        for row in client_for(sandbox.account).products.get(sku).inventory_by_fulfillment_node
    }
    assert quantities == {12}


@pytest.mark.feature("PRD-10")
@pytest.mark.parametrize("limit", [2, 30])
def test_archiving_again_while_jet_has_the_file_that_opens_ends_archived(
    listed: list[Variant], by_files: Merchant, drain: Callable[[], int], sandbox: Any, limit: int
) -> None:
    ids = [row.pk for row in listed]
    publish.archive(by_files, ids, actor=SYSTEM)
    finish(drain, sandbox)
    publish.unarchive(by_files, ids, actor=SYSTEM)
    drain()
    assert file_is_at_jet()
    Options.objects.update(direct_upload_limit=limit)
    publish.archive(by_files, ids, actor=SYSTEM)
    finish(drain, sandbox)

    assert ends(sandbox) == [(True, True, True)] * len(SKUS)
