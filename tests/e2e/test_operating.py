"""Running a store at the screen: a vacation whose worker dies, a repricer that stops itself, a new colleague."""

from __future__ import annotations

import re
from collections.abc import Callable
from datetime import timedelta
from decimal import Decimal
from html import unescape
from pathlib import Path
from typing import Any

import pytest
from django.core import mail
from django.urls import reverse
from django.utils import timezone
from playwright.sync_api import Browser, Page, expect

from catalog.models import Listing, Variant
from catalog.sync.deltas import SWEEP
from jetsync.enums import JobState, Queue
from jetsync.models import Job, Merchant
from jetsync.sync.claims import free_lost_jobs
from jetsync.sync.queue import enqueue, wake
from jetsync.tenancy.actor import SYSTEM
from repricer.actions.rules import set_rule
from tests.kill.workers import wait_for, worker
from tests.repricer.conftest import kettle, listed, shop, show

__all__ = ["kettle", "listed", "shop", "show"]
pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]

INVITATION = re.compile(r"https?://\S+/invitations/[\w-]+/")


def at(merchant: Merchant, name: str) -> str:
    return reverse(name, kwargs={"merchant_slug": merchant.slug})


def archived_at_jet(sandbox: Any) -> dict[str, list[bool]]:
    """SKU -> what Jet was told about its being archived, in order."""
    told: dict[str, list[bool]] = {}
    for row in sandbox.control.requests():
        if found := re.search(r"/merchant-skus/([^/]+)/status/archive$", row["path"]):
            told.setdefault(found[1], []).append('"is_archived":true' in row["body"].replace(" ", ""))
    return told


@pytest.mark.kill
@pytest.mark.feature("VAC-01", "VAC-02")
def test_vacation_whose_worker_dies_in_the_middle_archives_all_and_opens_them_again(
    screen: Page, sandbox: Any, listed: list[Variant], work: Callable[[], None], tmp_path: Path
) -> None:
    merchant, page = listed[0].merchant, screen
    page.goto(at(merchant, "catalog:vacation"))
    page.get_by_label("Archive them all").check()
    page.get_by_role("button", name="Go on vacation").click()
    expect(page.get_by_text("The vacation began.")).to_be_visible()

    sandbox.control.fault("late_answer", path=".*/status/archive", seconds=25, remaining=1)
    with worker(tmp_path) as first:
        wake(Queue.DEFAULT)
        wait_for(lambda: archived_at_jet(sandbox), "Jet was told of the first SKU")
        first.kill()
    sandbox.control.clear_faults()
    (lost,) = Job.objects.filter(state=JobState.RUNNING)
    Job.objects.filter(pk=lost.pk).update(lease_until=timezone.now() - timedelta(seconds=1))
    assert free_lost_jobs() == 1
    work()
    told = archived_at_jet(sandbox)
    assert {sku: set(values) for sku, values in told.items()} == {
        row.sku: {True} for row in Variant.objects.filter(listing__content_sent_at__isnull=False)
    }
    page.goto(at(merchant, "panel:home"))
    expect(page.get_by_text("Nothing of yours can be bought at Jet")).to_be_visible()

    page.goto(at(merchant, "catalog:vacation"))
    page.get_by_role("button", name="End it and open the SKUs").click()
    expect(page.get_by_text("The vacation is over.")).to_be_visible()
    work()
    assert {values[-1] for values in archived_at_jet(sandbox).values()} == {False}
    assert not Listing.objects.filter(archived_sent=True).exists()


@pytest.mark.feature("REP-01", "CFG-23")
def test_repricer_that_would_change_too_much_stops_takes_it_back_and_is_let_go_on(
    screen: Page, listed: list[Variant], show: Callable[..., None], work: Callable[[], None]
) -> None:
    merchant, page = listed[0].merchant, screen
    bounds = {"min_price": Decimal("30.00"), "max_price": Decimal("45.00"), "bid": Decimal("1.00")}
    for variant in listed:
        set_rule(variant, bounds, actor=SYSTEM)
        show(variant.sku, mine="38.50", best="36.00")
    enqueue(merchant, SWEEP, "test")
    work()
    page.goto(at(merchant, "repricer:repricer"))
    page.get_by_label("Use Auto Repricer").check()
    page.get_by_label("One step, in percent").fill("100")
    page.get_by_label("Stop when more than this percent").fill("50")
    page.get_by_label("But let so many products change always").fill("0")
    page.get_by_role("button", name="Save").click()
    expect(page.get_by_text("The repricer is on.")).to_be_visible()
    work()

    page.reload()
    expect(page.get_by_text("The repricer has stopped itself").first).to_be_visible()
    expect(page.get_by_text("wanted to change more than 1 of 2 SKUs").first).to_be_visible()
    prices = Listing.objects.filter(variant__in=listed).values_list("price_target", flat=True)
    assert set(prices) == {Decimal("38.50")}

    page.get_by_label("The next run may change as many").check()
    page.get_by_role("button", name="Resume").click()
    expect(page.get_by_text("The repricer goes on.")).to_be_visible()
    work()
    assert set(prices.all()) == {Decimal("35.00")}
    page.goto(at(merchant, "repricer:changes"))
    expect(page.get_by_text("Best offer 36.00 landed, less bid 1.00: 35.00.").first).to_be_visible()


def test_new_colleague_is_invited_does_what_the_role_may_and_loses_the_seat(
    chromium: Browser, screen: Page, merchant: Merchant, live_server: Any
) -> None:
    page = screen
    members = at(merchant, "panel:members")
    page.goto(members)
    page.get_by_label("E-mail").fill("kim@example.com")
    page.get_by_label("Role", exact=True).select_option("analyst")
    page.get_by_role("button", name="Send invitation").click()
    expect(page.get_by_text("kim@example.com was invited")).to_be_visible()
    link = INVITATION.search(unescape(str(mail.outbox[-1].body)))
    assert link is not None

    with chromium.new_context(base_url=live_server.url) as context:
        kim = context.new_page()
        kim.goto(link[0].replace(link[0].split("/invitations/")[0], live_server.url))
        kim.get_by_label("Password", exact=True).fill("quite-other-9")
        kim.get_by_label("Password (again)").fill("quite-other-9")
        kim.get_by_role("button", name="Create account").click()
        kim.get_by_label("Your name").fill("Kim van Duren")
        kim.get_by_role("button", name="Accept and open the panel").click()
        expect(kim).to_have_url(re.compile(f"/m/{merchant.slug}/"))
        kim.goto(at(merchant, "panel:general"))
        expect(kim.get_by_text("You do not have the right: See settings.")).to_be_visible()

        page.goto(members)
        page.get_by_label("Role of Kim van Duren").select_option("manager")
        page.get_by_role("row", name=re.compile("Kim")).get_by_role("button", name="Change").click()
        kim.reload()
        expect(kim.get_by_role("button", name="Save")).to_be_enabled()

        page.get_by_role("row", name=re.compile("Kim")).get_by_role("link", name="Remove").click()
        page.get_by_role("button", name=re.compile("Remove")).click()
        expect(page.get_by_text("Kim van Duren").first).to_be_visible()
        answer = kim.goto(at(merchant, "panel:home"))
        assert answer is not None
        assert answer.status == 404
