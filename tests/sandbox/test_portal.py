"""The partner portal in a browser's place: pages, forms with CSRF, and what they do to the marketplace."""

from __future__ import annotations

import re
from collections.abc import Iterator
from html import unescape

import pytest
import requests

from tests.sandbox.market import SECRET, USER, Market

NOTICE = "Jet.com closed in 2020; this is not Jet."
PAGES = (
    "",
    "keys",
    "nodes",
    "return-locations",
    "products",
    "orders",
    "orders/generator",
    "returns",
    "returns/generator",
    "refunds",
    "settlement",
    "faults",
    "clock",
    "switches",
)


class Portal:
    """One browser on one account's pages."""

    def __init__(self, market: Market) -> None:
        self.origin = market.server.url
        merchant_id = market.control.account(market.user)["merchant_id"]
        self.base = f"{self.origin}/portal/{merchant_id}/test/"
        self.session = requests.Session()

    def page(self, path: str = "", status: int = 200) -> str:
        answer = self.session.get(self.base + path, timeout=30)
        assert answer.status_code == status, answer.text[:500]
        return unescape(answer.text)

    def submit(self, page: str, path: str, code: int = 200, /, **values: object) -> str:
        """Fill the form of a page and send it to `path`, following the redirect."""
        token = re.search(r'name="csrfmiddlewaretoken" value="([^"]+)"', self.page(page))
        assert token is not None
        data = {"csrfmiddlewaretoken": token[1]} | values
        answer = self.session.post(
            self.base + path, data=data, headers={"Referer": self.base + page}, timeout=30
        )
        assert answer.status_code == code, answer.text[:500]
        return unescape(answer.text)


@pytest.fixture
def portal(market: Market) -> Iterator[Portal]:
    portal = Portal(market)
    yield portal
    portal.session.close()


@pytest.mark.parametrize("path", PAGES)
def test_every_page_says_what_it_is_and_allows_no_inline_code(portal: Portal, path: str) -> None:
    answer = portal.session.get(portal.base + path, timeout=30)

    assert answer.status_code == 200
    assert NOTICE in answer.text
    assert "script-src 'self'" in answer.headers["Content-Security-Policy"]
    assert answer.headers["Cache-Control"] == "no-store"
    assert "<script" not in answer.text
    assert " style=" not in answer.text
    assert len(re.findall("<h1", answer.text)) == 1
    ids = re.findall(r'\bid="([^"]+)"', answer.text)
    assert len(ids) == len(set(ids))
    fields = re.findall(r'<(?:select|input)(?![^>]*type="hidden")[^>]*\bid="([^"]+)"', answer.text)
    assert set(fields) <= set(re.findall(r'<label[^>]*\bfor="([^"]+)"', answer.text))


def test_the_picker_leads_to_both_modes_and_the_test_tools_to_the_generator(portal: Portal) -> None:
    picker = portal.session.get(f"{portal.origin}/", timeout=30).text
    tools = portal.session.get(f"{portal.origin}/testapi", timeout=30)

    assert NOTICE in picker
    assert portal.base.removeprefix(portal.origin) in picker
    assert portal.base.removeprefix(portal.origin).replace("/test/", "/live/") in picker
    assert tools.url == f"{portal.base}orders/generator"
    assert portal.session.get(f"{portal.origin}/portal/{'0' * 32}/test/", timeout=30).status_code == 404


def test_a_new_merchant_opens_an_account_and_has_keys_that_work(portal: Portal, market: Market) -> None:
    origin = portal.origin
    token = re.search(
        r'name="csrfmiddlewaretoken" value="([^"]+)"', portal.session.get(f"{origin}/", timeout=30).text
    )
    assert token is not None
    form = {"csrfmiddlewaretoken": token[1], "name": "Pine Bay Supply"}
    opened = portal.session.post(f"{origin}/", data=form, timeout=30)
    twice = portal.session.post(f"{origin}/", data=form | {"name": "pine bay supply"}, timeout=30)

    assert opened.url.endswith("/test/keys")
    assert "Pine Bay Supply has a test and a live account." in opened.text
    assert twice.status_code == 400
    assert "A merchant of this name has an account" in twice.text
    new = [row for row in market.control.accounts() if row["name"] == "Pine Bay Supply"]
    assert sorted(row["mode"] for row in new) == ["live", "test"]
    portal.base = opened.url.removesuffix("keys")
    secret = re.search(r"<dt>Secret</dt>\s*<dd>\s*<code>([^<]+)</code>", portal.submit("keys", "keys/reveal"))
    assert secret is not None
    user = next(row["user"] for row in new if row["mode"] == "test")
    answer = requests.post(f"{origin}/api/token", json={"user": user, "pass": secret[1]}, timeout=30)
    assert answer.status_code == 200
    assert answer.json()["id_token"]


def test_the_test_tools_are_those_of_the_api_user_who_is_named(portal: Portal, market: Market) -> None:
    market.control.add_account("pine-bay", "pine-bay-secret")
    merchant_id = market.control.account("pine-bay")["merchant_id"]

    def where(query: str) -> str:
        return portal.session.get(f"{portal.origin}/testapi{query}", timeout=30).url.removeprefix(
            portal.origin
        )

    assert where("") == "/"  # of two merchants nobody knows which
    assert where("?user=nobody") == "/"
    assert where("?user=pine-bay&for=orders") == f"/portal/{merchant_id}/test/orders/generator"
    assert where("?user=pine-bay&for=returns") == f"/portal/{merchant_id}/test/returns/generator"


def test_the_secret_is_shown_only_after_asking(portal: Portal, market: Market) -> None:
    hidden = portal.page("keys")
    shown = portal.submit("keys", "keys/reveal")

    assert USER in hidden
    assert SECRET not in hidden
    assert market.control.account(USER)["merchant_id"] in hidden
    assert "This is not the node id." in hidden
    assert SECRET in shown
    assert SECRET not in portal.page("keys")


def test_a_form_without_its_token_is_refused(portal: Portal, market: Market) -> None:
    answer = portal.session.post(f"{portal.base}clock/advance", data={"seconds": 900}, timeout=30)

    assert answer.status_code == 403


def test_a_new_node_can_be_used_at_once_and_a_bad_address_is_explained(
    portal: Portal, market: Market
) -> None:
    good = {"name": "West", "address1": "1 Pier", "city": "Oakland", "state": "ca", "zip_code": "94607"}

    refused = portal.submit("nodes", "nodes/add", 400, **(good | {"zip_code": "9460"}))
    accepted = portal.submit("nodes", "nodes/add", **good)

    assert "Five digits." in refused
    node_id = market.control.account(USER)["nodes"][-1]
    assert node_id in accepted
    assert market.get(f"fulfillment-nodes/{node_id}")["state"] == "CA"
    assert len(market.control.account(USER)["nodes"]) == 2


def test_a_new_return_location_reaches_the_api(portal: Portal, market: Market) -> None:
    place = {"name": "Annex", "address1": "2 Pier", "city": "Oakland", "state": "CA", "zip_code": "94607"}

    portal.submit("return-locations", "return-locations/add", **place)

    names = [row["location_name"] for row in market.get("setup/returnsLocations")["return_locations"]]
    assert names == ["Returns desk", "Annex"]


def test_the_generator_makes_orders_that_the_api_lists(portal: Portal, market: Market) -> None:
    market.add_sku("KETTLE-1")
    form = {
        "sku": "KETTLE-1",
        "quantity": 2,
        "cancel_quantity": 1,
        "count": 3,
        "node": market.node_id,
        "state": "ready",
    }

    page = portal.submit("orders/generator", "orders/generate", **form)
    refused = portal.submit(
        "orders/generator", "orders/generate", back="order-generator", **(form | {"sku": "NOPE"})
    )
    faulty = portal.submit("orders/generator", "orders/generate", 400, **(form | {"count": 0}))

    assert "3 order(s) generated" in page
    order_ids = market.listed("ready")
    assert len(order_ids) == 3
    assert market.order(order_ids[0])["order_items"][0]["request_order_cancel_qty"] == 1
    assert "merchant sku unavailable: 'NOPE'." in refused
    assert "Ensure this value is greater than or equal to 1." in faulty


def test_shoppers_buy_live_goods_and_the_fraud_check_can_be_cut_short(portal: Portal, market: Market) -> None:
    nobody = portal.submit(
        "orders/generator", "orders/shoppers", count=1, state="created", back="order-generator"
    )
    market.add_live_sku("LIVE-1")
    portal.submit("orders/generator", "orders/shoppers", count=2, state="created")
    created = market.listed("created")
    portal.submit(f"orders/{created[0]}", f"orders/{created[0]}/release")

    assert "No SKU is live and in stock" in nobody
    assert len(created) == 2
    assert market.listed("ready") == [created[0]]
    assert portal.page(f"orders?q={market.order(created[1])['reference_order_id']}").count("LIVE-1") == 1


def test_an_order_page_shows_its_history_and_offers_what_fits_its_state(
    portal: Portal, market: Market
) -> None:
    market.add_sku("KETTLE-1")
    (order_id,) = market.generate(("KETTLE-1", 2, 0))
    ready = portal.page(f"orders/{order_id}")
    market.acknowledge(order_id)
    market.ship(order_id, "KETTLE-1", 2)
    shipped = portal.page(f"orders/{order_id}")

    assert ("Ask the merchant to cancel" in ready, "Generate a return" in ready) == (True, False)
    assert ("Ask the merchant to cancel" in shipped, "Generate a return" in shipped) == (False, True)
    assert "order_acknowledged" in shipped
    assert "612999aa10ba" in shipped
    assert '"merchant_order_id"' in shipped
    portal.page(f"orders/{'0' * 32}", 404)


def test_asking_for_a_cancel_marks_the_order(portal: Portal, market: Market) -> None:
    market.add_sku("KETTLE-1")
    (order_id,) = market.generate(("KETTLE-1", 2, 0))

    portal.submit(f"orders/{order_id}", f"orders/{order_id}/cancel")

    order = market.order(order_id)
    assert order["jet_request_directed_cancel"] is True
    assert order["order_items"][0]["request_order_cancel_qty"] == 2


def test_the_return_generator_offers_shipped_orders_and_jet_can_complete(
    portal: Portal, market: Market
) -> None:
    market.add_sku("KETTLE-1")
    none_yet = portal.page("returns/generator")
    order_id = market.complete("KETTLE-1", 2)

    page = portal.submit(
        "returns/generator",
        "returns/generate",
        order_id=order_id,
        reason="Unwanted gift",
        refund_without_return="on",
    )
    return_id = market.get("returns/created")["return_urls"][0].rsplit("/", 1)[1]
    opened = market.get(f"returns/state/{return_id}")
    done = portal.submit(f"returns/{return_id}", f"returns/{return_id}/finish")

    assert "No shipped order has a unit that could come back." in none_yet
    assert opened["reference_return_authorization_id"] in page
    assert (opened["refund_without_return"], opened["return_merchant_SKUs"][0]["reason"]) == (
        True,
        "Unwanted gift",
    )
    assert "completed by merchant" in done
    assert market.get(f"returns/state/{return_id}")["return_status"] == "completed by merchant"
    assert opened["reference_return_authorization_id"] in portal.page("returns?status=completed+by+merchant")


def test_a_refund_is_decided_in_the_portal_once(portal: Portal, market: Market) -> None:
    market.add_sku("KETTLE-1")
    order_id = market.complete("KETTLE-1")
    body = {
        "items": [
            {
                "order_item_id": market.order(order_id)["order_items"][0]["order_item_id"],
                "total_quantity_returned": 0,
                "order_return_refund_qty": 1,
                "refund_reason": "Package never arrived",
                "refund_amount": {"principal": 24.99, "tax": 0, "shipping_cost": 0, "shipping_tax": 0},
            }
        ]
    }
    refund_id = market.call("POST", f"refunds/{order_id}/R-1", body).json()["refund_authorization_id"]
    status = "rejected - customer card not valid"

    page = portal.submit("refunds", f"refunds/{refund_id}/decide", status=status, back="refunds")
    again = portal.submit("clock", f"refunds/{refund_id}/decide", status="accepted", back="refunds")

    assert f"Refund R-1 is {status}." in page
    assert f"The refund is in the state '{status}'." in again
    assert market.get("refunds/state/R-1")["refund_status"] == status


def test_jet_can_exclude_a_product_and_hand_it_back_to_review(portal: Portal, market: Market) -> None:
    market.add_live_sku("LIVE-1")
    link = re.search(r"/test/(products/\d+)", portal.page("products?q=live"))
    assert link is not None

    portal.submit(link[1], f"{link[1]}/decide", verdict="Excluded")
    excluded = market.get("merchant-skus/LIVE-1")["status"]
    portal.submit(link[1], f"{link[1]}/decide", verdict="Unauthorized")
    unauthorized = market.get("merchant-skus/LIVE-1")["status"]
    portal.submit(link[1], f"{link[1]}/decide", verdict="")

    assert (excluded, unauthorized) == ("Excluded", "Unauthorized")
    assert market.get("merchant-skus/LIVE-1")["status"] == "Available for Purchase"


def test_portal_sets_what_another_seller_asks(portal: Portal, market: Market) -> None:
    market.add_live_sku("LIVE-1")
    link = re.search(r"/test/(products/\d+)", portal.page("products?q=live"))
    assert link is not None
    prices = {"competitor-item_price": "20.50", "competitor-shipping_price": "3"}

    said = portal.submit(link[1], f"{link[1]}/compete", **prices)

    assert "The best other offer of LIVE-1 is $20.50." in said
    (best,) = market.get("merchant-skus/LIVE-1/salesdata")["best_marketplace_offer"]
    assert (best["item_price"], best["shipping_price"]) == (20.5, 3)


def test_a_fault_set_in_the_portal_hits_this_merchant_and_is_removed(portal: Portal, market: Market) -> None:
    portal.submit(
        "faults", "faults/add", kind="status", path="/orders/", method="GET", rate=1, status=503, remaining=2
    )
    hit = market.call("GET", "orders/ready").status_code
    board = portal.page("faults")
    bad = portal.submit("faults", "faults/add", kind="status", path="(", rate=1, back="faults")
    pk = re.search(r"faults/(\d+)/remove", board)
    assert pk is not None
    portal.submit("faults", f"faults/{pk[1]}/remove")

    assert hit == 503
    assert "path is no regular expression" in bad
    assert market.call("GET", "orders/ready").status_code == 200
    assert "No rule: every call is served as it should be." in portal.page("faults")


def test_moving_the_clock_releases_orders_and_stopping_holds_it(portal: Portal, market: Market) -> None:
    market.add_sku("KETTLE-1")
    market.control.generate_orders(user=USER, sku="KETTLE-1", created_minutes=30)
    portal.submit("clock", "clock/advance", seconds=1801)
    released = market.listed("ready")
    portal.submit("clock", "clock/freeze", freeze="yes")
    first, second = market.control.now(), market.control.now()
    running = portal.submit("clock", "clock/freeze", freeze="no")

    assert len(released) == 1
    assert first == second
    assert "The clock runs." in running
    assert portal.submit("clock", "clock/advance", 400, seconds=0)


def test_switches_are_saved_typed_and_go_back_to_their_defaults(portal: Portal, market: Market) -> None:
    page = portal.page("switches")
    values = dict(re.findall(r'<input type="(?:number|text)" name="(\w+)" value="([^"]*)"', page))
    checked = re.findall(r'<input type="checkbox" name="(\w+)"[^>]*checked', page)
    chosen = dict(re.findall(r'<select name="(\w+)".*?<option value="([^"]*)" selected', page, re.DOTALL))
    form = values | dict.fromkeys(checked, "on") | chosen

    untouched = portal.submit("switches", "switches/set", **form)
    changed = portal.submit(
        "switches",
        "switches/set",
        **(form | {"created_minutes": "5", "strict_orders": "on", "duplicate_shipment": "ignore"}),
    )
    kept = market.control.switch(user=USER)
    portal.submit("switches", "switches/default")

    assert "Nothing was changed." in untouched
    assert "Changed: created_minutes, duplicate_shipment, strict_orders." in changed
    assert (kept["created_minutes"], kept["strict_orders"], kept["duplicate_shipment"]) == (
        5.0,
        True,
        "ignore",
    )
    assert market.control.switch(user=USER)["created_minutes"] == 30.0


def test_a_week_closed_in_the_portal_shows_its_lines(portal: Portal, market: Market) -> None:
    market.add_sku("KETTLE-1", price=20)
    nothing = portal.submit("settlement", "settlement/close")
    order_id = market.complete("KETTLE-1", 2)
    report = portal.submit("settlement", "settlement/close")

    assert "There is nothing to settle." in nothing
    assert market.order(order_id)["reference_order_id"] in report
    assert "40.00" in report
    assert portal.page("settlement").count("Submitted") == 1


def test_the_picker_tells_the_accounts_apart_and_names_the_generators(portal: Portal) -> None:
    picker = portal.session.get(f"{portal.origin}/", timeout=30).text
    base = portal.base.removeprefix(portal.origin)

    for path in (base, base.replace("/test/", "/live/")):
        assert f'<a href="{path}orders/generator">Order generator</a>' in picker
        assert f'<a href="{path}returns/generator">Return generator</a>' in picker
    assert picker.count(">Test account</span>") == picker.count(">Live account</span>") == 1
