"""A browser (Debian's chromium) and a store that lives: goods listed, orders, shipments, a return, a refund."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
from django.conf import settings as django_settings
from django.test import Client
from django.utils import timezone
from playwright.sync_api import Browser, Page

from jetsync.enums import JobState
from jetsync.models import Job, Merchant, User
from jetsync.tenancy.context import merchant_scope
from tests.factories import make_member
from tests.orders.desk import Desk

ARTIFACTS = Path(__file__).resolve().parents[2] / "test-artifacts"


@pytest.fixture
def page(chromium: Browser, live_server: Any) -> Iterator[Page]:
    """Nothing moves on it: axe would judge the contrast of words that are still fading in."""
    context = chromium.new_context(
        viewport={"width": 1360, "height": 900}, base_url=live_server.url, reduced_motion="reduce"
    )
    context.set_default_timeout(15_000)
    yield context.new_page()
    context.close()


@pytest.fixture
def log_in(live_server: Any) -> Callable[[Page, User], None]:
    """Puts a session cookie into the browser; the log-in page itself is walked in test_main_job."""

    def put(page: Page, user: User) -> None:
        client = Client()
        client.force_login(user)
        value = client.cookies[django_settings.SESSION_COOKIE_NAME].value
        page.context.add_cookies(
            [{"name": django_settings.SESSION_COOKIE_NAME, "value": value, "url": live_server.url}]
        )

    return put


@pytest.fixture
def screen(page: Page, log_in: Callable[..., None], owner: User) -> Page:
    """The owner's."""
    log_in(page, owner)
    return page


@pytest.fixture
def desk(sandbox: Any, merchant: Merchant) -> Iterator[Desk]:
    desk = Desk(merchant, sandbox.account, sandbox.server)
    yield desk
    desk.market.close()


@pytest.fixture
def shot() -> Callable[[Page, str], None]:
    """Keeps a picture of the page as a test artefact."""

    def take(page: Page, name: str) -> None:
        ARTIFACTS.mkdir(exist_ok=True)
        page.screenshot(path=ARTIFACTS / f"{name}.png", full_page=True)

    return take


@pytest.fixture
def work(sandbox: Any, drain: Callable[[], int]) -> Callable[[], None]:
    """Runs jobs and moves the sandbox's clock until nothing is left to do, as a minute with workers would."""

    def run(rounds: int = 40) -> None:
        for _ in range(rounds):
            Job.objects.filter(state=JobState.QUEUED).update(not_before=timezone.now())
            if not drain():
                return
            sandbox.control.advance(45)

    return run


@dataclass
class LivingShop:
    merchant: Merchant
    owner: User
    sandbox: Any


@pytest.fixture
def living_shop(
    sandbox: Any, merchant: Merchant, work: Callable[[], None], live_server: Any, settings: Any
) -> LivingShop:
    """The demo's own way of filling a store, run to its end."""
    from jetsync.demo.catalogue import add_goods
    from jetsync.demo.tenant import LIFE_JOB
    from jetsync.sync.queue import enqueue
    from jetsync.sync.schedules import ensure_schedules

    settings.BASE_URL = live_server.url  # the goods' pictures are served by the panel itself
    owner = make_member(merchant, "owner")
    with merchant_scope(merchant):
        ensure_schedules(merchant)
        add_goods(merchant)
        enqueue(merchant, LIFE_JOB, "demo")
        work()
    return LivingShop(merchant, owner, sandbox)
