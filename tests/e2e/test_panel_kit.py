"""The frame and the list page in a real browser: keyboard, scripts, no scripts, phone, colours, strict policy."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from axe_playwright_python.sync_playwright import Axe
from django.urls import reverse
from playwright.sync_api import Browser, Page, expect

from jetsync.actions.operation import RowSpec, finish_rows, refresh_progress, start_operation
from jetsync.enums import RowState
from jetsync.models import Job, Merchant, OperationRow, Selection, User
from jetsync.tenancy.actor import SYSTEM
from jetsync.tenancy.context import merchant_scope
from tests.factories import make_user

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]


def address(merchant: Merchant, name: str, **kwargs: Any) -> str:
    return reverse(f"panel:{name}", kwargs={"merchant_slug": merchant.slug, **kwargs})


def make_jobs(merchant: Merchant, count: int) -> None:
    with merchant_scope(merchant):
        for number in range(count):
            state = "failed" if number % 4 == 0 else "done"
            Job.objects.create(
                merchant=merchant, kind="x.y", key=f"HF-{number:03}", queue="default", state=state
            )


@pytest.fixture
def complaints(page: Page) -> list[str]:
    """What the browser complained about: refused by the policy, or a script that broke."""
    found: list[str] = []
    page.on("pageerror", lambda error: found.append(str(error)))
    page.on("console", lambda message: found.append(message.text) if message.type == "error" else None)
    return found


@pytest.fixture
def desk(page: Page, log_in: Callable[..., None], merchant: Merchant, owner: User) -> Page:
    log_in(page, owner)
    return page


def test_palette_opens_by_keyboard_finds_and_goes(desk: Page, merchant: Merchant, complaints: list[str]):
    desk.goto(address(merchant, "about-jet"))
    desk.keyboard.press("Control+k")
    expect(desk.locator("#palette")).to_be_visible()
    desk.keyboard.type("cron")
    expect(desk.locator("#palette [role=option][aria-selected=true]")).to_contain_text("Schedules")
    desk.keyboard.press("Enter")
    desk.wait_for_url(f"**{address(merchant, 'schedule-list')}")
    desk.keyboard.press("/")
    expect(desk.locator("#palette")).to_be_visible()
    desk.keyboard.press("Escape")
    expect(desk.locator("#palette")).to_be_hidden()
    assert complaints == []


def test_filter_sort_and_page_swap_the_table_and_keep_the_address(
    desk: Page, merchant: Merchant, complaints: list[str]
):
    make_jobs(merchant, 60)
    desk.goto(address(merchant, "job-list"))
    desk.evaluate("window.stayed = true")
    desk.click("th >> text=Job")
    desk.wait_for_url("**sort=kind*")
    desk.click("a[rel=next]")
    desk.wait_for_url("**page=2*")
    expect(desk.locator("tbody tr")).to_have_count(10)
    desk.fill("input[name=q]", "HF-04")
    desk.wait_for_url("**q=HF-04*")
    expect(desk.locator("tbody tr")).to_have_count(10)
    expect(desk.locator(".chip")).to_have_count(1)
    desk.select_option("select[name=state]", "failed")
    desk.wait_for_url("**state=failed*")
    expect(desk.locator("tbody tr")).to_have_count(3)
    assert "page=" not in desk.url
    assert desk.evaluate("window.stayed") is True, "the page was swapped in place"
    desk.go_back()
    expect(desk.locator("tbody tr")).to_have_count(10)
    assert complaints == []


def test_open_operation_moves_by_itself_and_stops(desk: Page, merchant: Merchant, complaints: list[str]):
    with merchant_scope(merchant):
        rows = [RowSpec("x.y", number, f"HF-{number}") for number in range(4)]
        operation = start_operation(merchant, "x.upload", "Upload", actor=SYSTEM, rows=rows)
    desk.goto(address(merchant, "operation-detail", pk=operation.pk))
    expect(desk.locator(".meter-text")).to_have_text("0 %")
    with merchant_scope(merchant):
        ids = list(OperationRow.objects.filter(operation=operation).values_list("pk", flat=True))
        finish_rows(operation, ids, RowState.DONE)
        refresh_progress(operation)
    expect(desk.locator(".meter-text")).to_have_text("100 %", timeout=10_000)
    expect(desk.locator("#list .status-badge").first).to_have_text("Done")
    assert desk.locator("#operation-live").get_attribute("hx-trigger") is None
    assert complaints == []


def test_running_operation_is_within_the_policy_whatever_styles_others_set(
    desk: Page, merchant: Merchant, complaints: list[str]
):
    """Password managers, spelling checkers and resized text areas write styles; the next poll may not trip over them."""
    with merchant_scope(merchant):
        rows = [RowSpec("x.y", number, f"HF-{number}") for number in range(4)]
        operation = start_operation(merchant, "x.upload", "Upload", actor=SYSTEM, rows=rows)
        ids = list(
            OperationRow.objects.filter(operation=operation).order_by("pk").values_list("pk", flat=True)
        )
    desk.goto(address(merchant, "operation-detail", pk=operation.pk))
    for done, shown in enumerate(("25 %", "50 %", "75 %")):
        desk.evaluate(
            "document.querySelectorAll('[id]').forEach((each) => { each.style.caretColor = 'red'; })"
        )
        with merchant_scope(merchant):
            finish_rows(operation, [ids[done]], RowState.DONE)
            refresh_progress(operation)
        expect(desk.locator(".meter-text")).to_have_text(shown, timeout=10_000)
    expect(desk.locator("#list .status-badge:has-text('Done')")).to_have_count(3)
    assert complaints == []


def test_menus_close_on_escape_and_give_the_focus_back(desk: Page, merchant: Merchant):
    desk.goto(address(merchant, "about-jet"))
    desk.click(".switcher summary")
    expect(desk.locator(".switcher-panel")).to_contain_text("Create a merchant")
    desk.keyboard.press("Escape")
    expect(desk.locator(".switcher-panel")).to_be_hidden()
    assert desk.evaluate("document.activeElement.className") == "switcher-current"


def test_folded_group_of_the_menu_stays_folded(desk: Page, merchant: Merchant, complaints: list[str]):
    desk.goto(address(merchant, "about-jet"))
    members = desk.locator("#sidebar a:has-text('Members')")
    expect(members).to_be_visible()
    desk.click("#sidebar summary:has-text('Settings')")
    expect(members).to_be_hidden()
    desk.goto(address(merchant, "job-list"))
    expect(desk.locator("#sidebar a:has-text('Schedules')")).to_be_visible()
    expect(members).to_be_hidden()
    desk.click("#sidebar summary:has-text('Settings')")
    desk.reload()
    expect(members).to_be_visible()
    assert complaints == []


def test_colours_are_kept_and_set_before_the_first_paint(
    desk: Page, merchant: Merchant, complaints: list[str]
):
    desk.goto(address(merchant, "about-jet"))
    desk.click(".theme summary")
    desk.click("[data-theme-set=dark]")
    assert desk.get_attribute("html", "data-bs-theme") == "dark"
    desk.route("**/*.css", lambda route: route.abort())  # nothing but theme.js may be needed
    desk.reload(wait_until="commit")
    desk.wait_for_selector("body", state="attached")
    assert desk.get_attribute("html", "data-bs-theme") == "dark"


def test_phone_menu_opens_without_scripts(
    chromium: Browser, live_server: Any, log_in: Callable[..., None], merchant: Merchant, owner: User
):
    context = chromium.new_context(
        viewport={"width": 390, "height": 800}, java_script_enabled=False, base_url=live_server.url
    )
    page = context.new_page()
    log_in(page, owner)
    page.goto(address(merchant, "job-list"))
    expect(page.locator("#sidebar")).to_be_hidden()
    page.click("button[aria-label='Open menu']")
    expect(page.locator("#sidebar")).to_be_visible()
    page.click("#sidebar a:has-text('Members')")
    assert page.url.endswith(address(merchant, "members"))
    context.close()


def test_list_works_without_scripts(
    chromium: Browser, live_server: Any, log_in: Callable[..., None], merchant: Merchant, owner: User
):
    make_jobs(merchant, 8)
    context = chromium.new_context(java_script_enabled=False, base_url=live_server.url)
    page = context.new_page()
    log_in(page, owner)
    page.goto(address(merchant, "job-list"))
    page.select_option("select[name=state]", "failed")
    page.click(".filterbar button.no-js-only")
    expect(page.locator("tbody tr")).to_have_count(2)
    page.click("summary:has-text('Views')")
    page.fill("#view-name", "Failed ones")
    page.click("text=Save view")
    expect(page.locator(".toast-success")).to_have_text("View “Failed ones” is saved for you.")
    assert "state=failed" in page.url
    context.close()


def test_a_toast_of_an_answer_that_stays_on_the_page_links_the_cause_of_an_error(
    desk: Page, merchant: Merchant, complaints: list[str]
):
    desk.goto(address(merchant, "about-jet"))
    toasts = [
        {
            "level": "error",
            "text": "It runs already.",
            "help": f"/m/{merchant.slug}/help/work-state-conflict/",
        },
        {"level": "success", "text": "It is saved.", "help": ""},
    ]
    desk.evaluate(
        "toasts => document.body.dispatchEvent(new CustomEvent('toasts', { detail: { value: toasts } }))",
        toasts,
    )
    expect(desk.locator(".toast-success")).to_have_text("It is saved.")
    expect(desk.locator(".toast-error p")).to_have_text("It runs already.")
    desk.click(".toast-error >> text=How to mend it")
    desk.wait_for_url("**/help/work-state-conflict/")
    assert complaints == []


def test_bulk_bar_appears_counts_and_freezes(
    desk: Page, merchant: Merchant, complaints: list[str], settings: Any
):
    settings.ROOT_URLCONF = "tests.panel.pages"
    make_jobs(merchant, 5)
    desk.goto(reverse("work:list", args=[merchant.slug]))
    expect(desk.locator("[data-bulkbar]")).to_be_hidden()
    desk.check("[data-tick] >> nth=0")
    expect(desk.locator("[data-bulk-count]")).to_have_text("1 selected")
    desk.check("[data-tick-all]")
    expect(desk.locator("[data-bulk-count]")).to_have_text("3 selected")
    desk.uncheck("[data-tick] >> nth=0")
    desk.check("[data-bulk-all]")
    expect(desk.locator("[data-tick-all]")).to_be_checked()
    expect(desk.locator("[data-bulk-count]")).to_have_text("Whole view")
    desk.click("button:has-text('Cancel them')")
    expect(desk.locator("h1")).to_have_text("Cancel 5 jobs")
    with merchant_scope(merchant):
        assert len(Selection.objects.get(merchant=merchant).ids) == 5
    assert complaints == []


@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("width", [1360, 390])
def test_pattern_book_is_accessible_and_fits(
    chromium: Browser, live_server: Any, log_in: Callable[..., None], width: int, scheme: Any
):
    context = chromium.new_context(
        viewport={"width": width, "height": 900},
        color_scheme=scheme,
        bypass_csp=True,
        base_url=live_server.url,
    )
    page = context.new_page()
    log_in(page, make_user(is_staff=True))
    page.goto("/ui/")
    assert _violations(page) == []
    assert page.evaluate("document.documentElement.scrollWidth <= innerWidth")
    context.close()


@pytest.mark.parametrize("path", ["/accounts/login/", "/accounts/signup/", "/accounts/password/reset/"])
def test_log_in_pages_are_accessible(chromium: Browser, live_server: Any, path: str):
    context = chromium.new_context(bypass_csp=True, base_url=live_server.url)
    page = context.new_page()
    page.goto(path)
    assert _violations(page) == []
    context.close()


def test_countdown_runs_and_a_copy_button_copies(
    desk: Page, merchant: Merchant, owner: User, complaints: list[str]
):
    owner.is_staff = True
    owner.save(update_fields=["is_staff"])
    desk.context.grant_permissions(["clipboard-read", "clipboard-write"])
    desk.goto("/ui/")
    clock = desk.locator("#countdown time").nth(1)
    before = clock.inner_text()
    expect(clock).not_to_have_text(before, timeout=5000)
    desk.click("#copy [data-copy]")
    assert desk.evaluate("navigator.clipboard.readText()") == "HF-2210"
    assert complaints == []


def _violations(page: Page) -> list[str]:
    found = Axe().run(page).response["violations"]
    return [f"{rule['id']}: {rule['nodes'][0]['html'][:120]}" for rule in found]


def test_leaving_a_changed_form_asks_and_saving_it_does_not(
    desk: Page, merchant: Merchant, complaints: list[str]
):
    asked: list[str] = []
    desk.on("dialog", lambda dialog: (asked.append(dialog.type), dialog.dismiss()))
    here, elsewhere = address(merchant, "general"), address(merchant, "job-list")
    desk.goto(here)
    desk.goto(elsewhere)
    desk.goto(here)
    assert asked == []  # nothing was changed

    desk.fill("[name=name]", "Harrow & Daughters")
    desk.evaluate("address => { location.href = address }", elsewhere)
    desk.wait_for_timeout(300)
    assert asked == ["beforeunload"]
    expect(desk.locator("[name=name]")).to_have_value("Harrow & Daughters")

    desk.click("form[data-guard-leave] button[type=submit]")
    expect(desk.locator("body")).to_contain_text("Harrow & Daughters was saved.")
    desk.goto(elsewhere)
    assert (asked, complaints) == (["beforeunload"], [])
