"""Every address that takes a POST ends with a message that names the object and what became of it."""

from __future__ import annotations

import re
from html.parser import HTMLParser
from typing import Any
from urllib.parse import urlsplit

import pytest
from django.contrib.messages import get_messages
from django.db import transaction
from django.test import Client
from django.urls import reverse

from jetsync.models import Selection
from jetsync.panel.lists import ListPage
from jetsync.tenancy.actor import Actor
from tests.panel.everything import World
from tests.permissions.test_matrix import NOBODYS, PANEL_PAGES

# The object that an address is tried with: the first pattern that fits its name.
OBJECTS = (
    (r"catalog:product-profile", "variant"),
    (r"catalog:(product-|variant-create|group-form)", "family"),
    (r"catalog:group-", "group"),
    (r"catalog:profile-", "profile"),
    (r"catalog:file-", "file"),
    (r"catalog:csv-", "upload"),
    (r"catalog:taxonomy-", "version"),
    (r"catalog:mapping-edit", "mapping"),
    (r"catalog:shipping-exception-(edit|delete)", "shipping exception"),
    (r"catalog:", "variant"),
    (r"orders:order-(ship|cancel)", "accepted"),
    (r"orders:order-", "ready"),
    (r"orders:shipment-", "shipment"),
    (r"returns:", "return"),
    (r"refunds:refund-create", "complete"),
    (r"refunds:", "refund"),
    (r"repricer:profile-", "profile"),
    (r"repricer:", "variant"),
    (r"panel:node-", "node"),
    (r"panel:return-location-", "location"),
    (r"panel:member", "seat"),
    (r"panel:invitation-", "invitation"),
    (r"panel:token-", "token"),
    (r"panel:job-retry", "failed job"),
    (r"panel:job-", "waiting job"),
    (r"panel:mail-again", "mail"),
    (r"panel:operation-", "operation"),
    (r"panel:schedule-", "schedule"),
    (r"panel:webhook", "webhook"),
    (r"panel:support-session-", "support session"),
)
# What the frozen rows of a list are.
ROWS = {
    "products": ["variant", "listed"],
    "orders": ["ready", "accepted"],
    "orders-failed": ["ready"],
    "bulk-files": ["file"],
    "images": ["image"],
    "jet-categories": ["jet category"],
    "drift": ["listing"],
    "returns": ["return"],
    "sales-data": ["listed"],
    "repricer-bounds": ["variant"],
}
# What a browser adds to the untouched form of a page.
TYPED: dict[str, dict[str, Any]] = {
    "catalog:profile-new": {"do": "save", "name": "Teapots", "words": ""},
    "catalog:profile-edit": {"do": "save", "words": ""},
    "catalog:price-rules": {"do": ""},
    "panel:node-add": {"node_id": "d" * 32, "name": "Reno 2"},
    "catalog:publish-one": {"do": "status"},
    "panel:account": {"do": ""},
    "panel:account-mode": {"do": ""},
    "panel:member-change": {"role": "manager"},
    "panel:tokens": {"name": "label printer", "rights": "orders.view"},
    "panel:members": {"email": "ann@example.com"},
    "panel:store-delete": {"name": "Harrow & Finch"},
    "panel:support": {"subject": "Question about a price", "message": "Why?"},
    "returns:note": {"text": "Called the shopper"},
}
# An address that only leads on: the page that follows asks, acts and says.
STEPS = {
    "catalog:mapping-edit",  # the mapping page, with this category ticked
    "catalog:bulk-edit",  # the same page, with what would change
    "panel:support-end",  # of staff alone: tests/panel/test_member_page.py
    "catalog:mass-upload",  # the confirm page for what was chosen
    # Parts of a page, for htmx; they store nothing.
    "catalog:category-picker",
    "catalog:price-example",
    "catalog:profile-pick",
    "catalog:sheet-check",
}
# The store of this test has no such thing; the page says so or is not there.
ELSEWHERE = {
    "catalog:csv-decide": "tests/catalog/csv",
    "catalog:attribute-values": "tests/catalog/mapping",
    "catalog:dry-run": "tests/catalog/publishing/test_dry_run.py",
    "panel:call-detail": "tests/panel/test_call_bodies.py",
    "catalog:error-resend": "tests/catalog/publishing/test_error_groups.py",
    "catalog:errors-clear": "tests/catalog/publishing/test_error_groups.py",
    "catalog:errors-resend": "tests/catalog/publishing/test_error_groups.py",
    "orders:document": "tests/orders/test_document_pages.py",
    "orders:held-stock-release": "tests/orders/test_held.py",
    "orders:order-pick": "tests/orders/test_printing.py",
    "orders:order-slips": "tests/orders/test_printing.py",
    "orders:shipstation-notice": "tests/orders/shipstation",
    "orders:shipstation-notice-close": "tests/orders/shipstation",
    "orders:shipstation-notice-retry": "tests/orders/shipstation",
    "panel:mail-test": "tests/panel/test_mail_pages.py",
    "refunds:settlement-detail": "tests/refunds/test_settlement.py",
    "repricer:run": "tests/repricer",
}
# Objects that are no rows with a name, or many: "the settings", "2 products", "“2018-01”".
SPOKEN = re.compile(
    r"“[^”]+”|\b\d[\d,]* [a-z-]*\s?(SKU|product|order|file|error|group|image|refund|return|profile|notice|field|offer"
    r"|price|categor|store categor)|(?i:settings?|repricer|rehearsal|no SKU|price rule|no field|open files|new orders"
    r"|new returns|refunds|settlement reports|log view|log entries|shipstation|carrier|sales data|vacation|replacement"
    r"|suggestion|cell|products|jet categor|keys|mode|mail|step)"
)
SAYS_WHY = re.compile(r"form-error|note-(danger|warning|success)")


def _may_act(name: str, callback: Any) -> bool:
    """Lists share one handler, of which `orders:order-list` stands for all."""
    view = getattr(callback, "view_class", None)
    if view is None:
        return name not in STEPS
    is_list = issubclass(view, ListPage) and name != "orders:order-list"
    return hasattr(view, "post") and not is_list and name not in STEPS


ACTIONS = [page for page in PANEL_PAGES if _may_act(page[0], page[1])]


class Fields(HTMLParser):
    """The forms of a page with what a browser would send of each: (action, fields)."""

    def __init__(self, html: str) -> None:
        super().__init__()
        self.forms: list[tuple[str, dict[str, Any]]] = []
        self._select = ""
        self._area = ""
        self.feed(html)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        given = {name: value or "" for name, value in attrs}
        if tag == "form" and given.get("method", "").lower() == "post":
            self.forms.append((given.get("action", ""), {}))
        elif tag == "form":
            self.forms.append(("elsewhere", {}))
        if not self.forms:
            return
        fields, name = self.forms[-1][1], given.get("name", "")
        if tag == "input" and name and "disabled" not in given:
            if given.get("type") not in {"checkbox", "radio", "file", "submit"} or "checked" in given:
                fields[name] = given.get("value", "on" if "checked" in given else "")
        elif tag == "textarea" and "disabled" not in given:
            self._area = name
            fields[name] = ""
        elif tag == "select":
            self._select = name
        elif tag == "option" and self._select and (self._select not in fields or "selected" in given):
            fields[self._select] = given.get("value", "")
        elif tag == "button" and name and name not in fields:
            fields[name] = given.get("value", "")

    def handle_data(self, data: str) -> None:
        if self._area:
            self.forms[-1][1][self._area] += data.removeprefix("\n")

    def handle_endtag(self, tag: str) -> None:
        if tag == "textarea":
            self._area = ""
        if tag == "select":
            self._select = ""


@pytest.fixture
def world(scoped: Any, owner: Any, actor: Actor) -> World:
    return World(scoped, owner, actor)


def address_of(world: World, name: str, callback: Any, args: frozenset[str]) -> str:
    values: dict[str, Any] = {key: NOBODYS[key] for key in args if key in NOBODYS}
    if "pk" in args:
        found = next((key for pattern, key in OBJECTS if re.match(pattern, name)), "")
        values["pk"] = world.objects[found].pk if found else values["pk"]
    address = reverse(name, kwargs={**values, "merchant_slug": world.merchant.slug})
    page = getattr(getattr(callback, "view_class", None), "page_key", "")
    if page in ROWS and hasattr(callback.view_class, "perform"):
        chosen = Selection.objects.create(
            merchant=world.merchant,
            page=page,
            user=world.owner,
            ids=[world.objects[key].pk for key in ROWS[page]],
        )
        address += f"?selection={chosen.pk}"
    return address


def own_form(response: Any, address: str) -> dict[str, Any] | None:
    """What the page's own form would send, untouched; None for a page without one."""
    if response.status_code != 200 or response.streaming or "html" not in response["Content-Type"]:
        return None
    path = urlsplit(address).path
    forms = Fields(response.content.decode()).forms
    return next((fields for action, fields in forms if urlsplit(action).path in {"", path}), None)


@pytest.mark.feature("GEN-09")
@pytest.mark.parametrize("area", sorted({name.partition(":")[0] for name, _callback, _args in ACTIONS}))
def test_every_action_ends_with_a_message_that_names_its_object(
    world: World, client: Client, area: str
) -> None:
    """As an owner, with the untouched form of each page. What is refused says why on the page."""
    client.force_login(world.owner)
    client.raise_request_exception = False
    names = world.names
    found = {}
    for name, callback, args in ACTIONS:
        if not name.startswith(f"{area}:"):
            continue
        before = transaction.savepoint()
        found[name] = outcome(world, client, (name, callback, args), names)
        transaction.savepoint_rollback(before)
        client.cookies.pop("messages", None)
    not_there = {name for name, what in found.items() if what == "not there"}

    assert {name: what for name, what in found.items() if what not in {"", "not there"}} == {}
    assert not_there == {name for name in ELSEWHERE if name.startswith(f"{area}:")}


def outcome(world: World, client: Client, page: tuple[str, Any, frozenset[str]], names: set[str]) -> str:
    """Empty when the action ended as it should, or when the page has none."""
    name, callback, args = page
    address = address_of(world, name, callback, args)
    shown = client.get(address)
    form = own_form(shown, address)
    if form is None and shown.status_code == 200:
        return ""  # a page that only shows
    client.cookies.pop("messages", None)
    response = client.post(address, (form or {}) | TYPED.get(name, {}))
    if response.status_code == 404:
        return "not there"
    said = [str(message) for message in get_messages(response.wsgi_request)]
    return "" if response.status_code == 405 else verdict(response, said, names)


def verdict(response: Any, said: list[str], names: set[str]) -> str:
    if response.status_code >= 500:
        return f"{response.status_code}: {said}"
    if said:
        silent = [
            text for text in said if not SPOKEN.search(text) and not any(word in text for word in names)
        ]
        return f"names nothing: {silent}" if silent else ""
    if response.status_code == 302:
        return "redirects without a word"
    says_why = SAYS_WHY.search(response.content.decode())
    return "" if says_why else f"{response.status_code} without a word"
