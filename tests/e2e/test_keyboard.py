"""Every page of a living store with the keyboard alone: all is reached in the order it stands, seen, and left again."""

from __future__ import annotations

from collections.abc import Callable
from http import HTTPStatus
from pathlib import Path
from typing import Any

import pytest
from django.urls import reverse
from playwright.sync_api import Error, Page, Response, expect

from jetsync.models import Merchant, User
from jetsync.tenancy.context import merchant_scope
from tests.e2e.conftest import LivingShop
from tests.e2e.test_every_page import PUBLIC, candidates, furnish
from tests.factories import make_user

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]

SCRIPT = Path(__file__).with_name("keyboard.js")
# Presses beyond those that the page should need, before it counts as a trap.
SPARE = 5
# From the first tick of a list back to the bar of bulk actions: headings that sort, and the tick of all rows.
MOST_BACK = 30


@pytest.fixture
def keys(page: Page) -> Page:
    """A page whose focus is followed."""
    page.add_init_script(path=SCRIPT)
    return page


def skip_to_content(page: Page) -> list[str]:
    """The first stop of the page, unless a field has taken the focus, leads past the frame."""
    if not page.evaluate("keyboard.skips()"):
        return ["the skip link is not the first stop"]
    if page.evaluate("document.activeElement === document.body"):
        page.keyboard.press("Tab")
    else:
        page.focus(".skip-link")
    faults = [] if page.evaluate("keyboard.isOnSkipLink()") else ["the skip link is not seen"]
    page.keyboard.press("Enter")
    if page.evaluate("document.activeElement.id") != "main":
        faults.append("the skip link does not lead to the content")
    return faults


def walk(page: Page, part: str) -> list[str]:
    """Tab through `part`, from where the focus is just before it."""
    for _ in range(page.evaluate("part => keyboard.start(part)", part)):
        page.keyboard.press("Tab")
    for _ in range(SPARE):
        if not page.evaluate("keyboard.isInside()"):
            break
        page.keyboard.press("Tab")
    faults: list[str] = page.evaluate("keyboard.faults()")
    return faults


def open_menus(page: Page, part: str) -> list[str]:
    """Each menu opens by Enter or Space, Tab leads into it, Escape closes it and gives the focus back."""
    faults = []
    for at in range(page.evaluate("part => keyboard.menus(part)", part)):
        summary = page.evaluate_handle("([part, at]) => keyboard.menu(part, at)", [part, at])
        name = summary.evaluate("each => keyboard.name(each)")
        summary.evaluate("each => each.focus()")
        page.keyboard.press("Space" if at % 2 else "Enter")
        if not summary.evaluate("each => each.parentElement.open"):
            faults.append(f"does not open by key: {name}")
            continue
        page.keyboard.press("Tab")
        if not summary.evaluate("each => keyboard.isInMenu(each)"):
            faults.append(f"Tab does not lead into {name}")
        page.keyboard.press("Escape")
        if not summary.evaluate("each => !each.parentElement.open && keyboard.isAt(each)"):
            faults.append(f"Escape does not close and give the focus back: {name}")
    return faults


def use_bulk_bar(page: Page) -> list[str]:
    """A row is ticked by Space, and the actions that then appear can be gone to."""
    if not page.evaluate("document.querySelector('[data-list] [data-tick]')?.focus() !== undefined"):
        return []
    page.keyboard.press("Space")
    if not page.locator("[data-bulkbar].is-on").count():
        return ["ticking a row by key shows no actions"]
    for _ in range(MOST_BACK):
        page.keyboard.press("Shift+Tab")
        if page.evaluate("document.activeElement.closest('[data-bulkbar]') !== null"):
            return []
    return ["the actions on ticked rows are not reached"]


@pytest.mark.timeout(600)
def test_every_page_can_be_used_by_keyboard(
    living_shop: LivingShop, keys: Page, log_in: Callable[..., None]
) -> None:
    with merchant_scope(living_shop.merchant):
        furnish(living_shop.merchant)
        pages = candidates(living_shop)
    log_in(keys, living_shop.owner)
    faults: dict[str, Any] = {}
    walked = 0
    for name, address in pages:
        if not is_page(keys, address):
            continue
        walked += 1
        found = skip_to_content(keys) + walk(keys, "#main")
        found += open_menus(keys, "#main") + use_bulk_bar(keys)
        if found:
            faults[name] = found
    assert faults == {}
    assert walked >= 60


def open_page(page: Page, address: str) -> Response | None:
    """None for a download and for an answer without a body. The browser's own page about the latter may still be on its
    way and cut the next one off; that one is opened again.
    """
    for _ in range(3):
        try:
            return page.goto(address, wait_until="domcontentloaded")
        except Error as error:
            if "interrupted by another navigation" not in str(error):
                return None
    return None


def is_page(page: Page, address: str) -> bool:
    """Whether a page of the panel opens there: no file, no part of a page, nothing that only a POST takes."""
    answer = open_page(page, address)
    if answer is None or answer.status != HTTPStatus.OK or "html" not in answer.headers["content-type"]:
        return False
    if answer.request.redirected_from is not None:  # another page, which is in the list itself
        return False
    if page.locator("iframe").count():
        page.wait_for_load_state("load")  # the focus goes into what stands in it
    return page.evaluate("keyboard.skips()") is not None


def test_public_pages_can_be_used_by_keyboard(keys: Page) -> None:
    faults = {}
    for address in PUBLIC:
        keys.goto(address)
        if found := skip_to_content(keys) + walk(keys, "#main"):
            faults[address] = found
    assert faults == {}


@pytest.fixture
def frame(keys: Page, log_in: Callable[..., None], merchant: Merchant, owner: User) -> Page:
    log_in(keys, owner)
    # What the frame fetches for itself is there, so that nothing is swapped under the focus.
    keys.goto(reverse("panel:about-jet", kwargs={"merchant_slug": merchant.slug}), wait_until="networkidle")
    return keys


def test_frame_is_walked_from_the_skip_link_to_the_content(frame: Page) -> None:
    """Sidebar, bar and content in the order they are seen, all groups of the menu unfolded."""
    frame.evaluate("for (const fold of document.querySelectorAll('details[data-fold]')) fold.open = true")

    assert walk(frame, "body") == []


def test_groups_of_the_sidebar_fold_by_key(frame: Page) -> None:
    group = frame.locator("#sidebar details[data-fold]").first
    group.locator("summary").focus()
    was = group.evaluate("each => each.open")
    for key, is_open in (("Enter", not was), ("Space", was)):
        frame.keyboard.press(key)
        assert group.evaluate("each => each.open") is is_open


def test_menus_of_the_frame_open_and_close_by_key(frame: Page) -> None:
    assert frame.evaluate("keyboard.menus('body')") >= 4  # shop, notices, colours, account
    assert open_menus(frame, "body") == []


@pytest.mark.parametrize("key", ["Enter", "Space"])
def test_search_opens_by_key_and_gives_the_focus_back(frame: Page, key: str) -> None:
    frame.focus("[data-palette-open]")
    frame.keyboard.press(key)
    expect(frame.locator("#palette")).to_be_visible()
    expect(frame.locator("#palette input")).to_be_focused()
    frame.keyboard.press("Escape")
    expect(frame.locator("#palette")).to_be_hidden()
    expect(frame.locator("[data-palette-open]")).to_be_focused()


def test_menu_of_a_phone_opens_and_closes_by_key(frame: Page) -> None:
    frame.set_viewport_size({"width": 390, "height": 844})
    frame.focus(".topbar-menu")
    frame.keyboard.press("Enter")
    expect(frame.locator("#sidebar")).to_be_visible()
    frame.keyboard.press("Tab")
    assert frame.evaluate("document.activeElement.closest('#sidebar') !== null")
    frame.keyboard.press("Escape")
    expect(frame.locator("#sidebar")).to_be_hidden()
    expect(frame.locator(".topbar-menu")).to_be_focused()


def test_dialog_opens_by_key_keeps_the_focus_and_gives_it_back(
    keys: Page, log_in: Callable[..., None]
) -> None:
    log_in(keys, make_user(is_staff=True))
    keys.goto("/ui/")
    opener = keys.locator("[data-dialog-open]").first
    opener.focus()
    keys.keyboard.press("Enter")
    dialog = keys.locator("dialog[open]")
    expect(dialog).to_be_visible()
    keys.keyboard.press("Tab")
    assert keys.evaluate("document.activeElement.closest('dialog, body').localName") in {"dialog", "body"}
    keys.keyboard.press("Escape")
    expect(dialog).to_have_count(0)
    expect(opener).to_be_focused()


@pytest.mark.parametrize(
    ("html", "fault"),
    [
        ("<a href=/a>A</a><button>B</button>", None),
        ("<span onclick=1>A</span>", "works by mouse only"),
        ("<table><tr data-href=/a><td>A</table>", "opens by mouse only"),
        ("<a href=/a tabindex=2>A</a>", "a tabindex above 0"),
        ("<a href=/a class=plain>A</a>", "focus not seen"),
        ("<div class=turned><a href=/a>A</a><a href=/b>B</a></div>", "drawn elsewhere"),
        ("<button id=trap>A</button><button>B</button>", "not reached"),
        ("<button id=trap>A</button>", "trap"),
    ],
)
def test_walk_finds_what_it_looks_for(keys: Page, html: str, fault: str | None) -> None:
    """A check that finds nothing anywhere would pass as well."""
    keys.goto("/accounts/login/")
    keys.evaluate(
        """html => {
            document.body.innerHTML = `<main id=main tabindex=-1>${html}</main><a href=/end>End</a>`;
            for (const each of document.querySelectorAll(".plain")) each.style.outline = "none";
            const turned = { display: "flex", flexDirection: "row-reverse" };
            for (const each of document.querySelectorAll(".turned")) Object.assign(each.style, turned);
            document.querySelector("#trap")?.addEventListener("keydown", (event) => event.preventDefault());
            document.querySelector("main").focus();
        }""",
        html,
    )
    found = walk(keys, "#main")
    assert any(fault in words for words in found) if fault else found == []
