"""The writes on one SKU; single calls and bulk files both end here.

Each checks a body, changes the SKU in the desk's hands and marks it. They raise Refused with every fault of the
body, and UnknownSku.
"""

from __future__ import annotations

from datetime import timedelta
from typing import Any

from jetsync.sandbox.http import net_time
from jetsync.sandbox.listings.checker import Checker, Record, join
from jetsync.sandbox.listings.content import check_content, check_images
from jetsync.sandbox.listings.desk import Desk
from jetsync.sandbox.listings.review import decide_again, reconsider, start_review
from jetsync.sandbox.models.sku import ListingStatus, Sku

IMAGE_MEMBERS = ("main_image_url", "swatch_image_url", "alternate_images")
SKU_LENGTH = Sku._meta.get_field("merchant_sku").max_length or 0


def put_content(desk: Desk, name: str, body: Any) -> bool:
    """Create the SKU or replace its content; returns whether it is new. Archived SKUs swallow updates."""
    _check_name(name)
    content = check_content(body, desk.rules)
    sku = desk.find(name)
    is_new = sku is None
    if sku is None:
        sku = desk.create(name)
        sku.visible_from = desk.moment + timedelta(seconds=desk.switches["fresh_sku_hidden_seconds"])
    elif _is_deaf(desk, sku):
        return False
    is_changed = sku.content != content
    sku.content = content
    sku.sku_last_update = desk.moment
    if is_new or (is_changed and desk.switches["edit_returns_to_review"]):
        start_review(sku, desk.rules)
    else:
        reconsider(sku, desk.rules)
    desk.mark(sku)
    return is_new


def _check_name(name: str) -> None:
    """A file can name SKUs that no address could. Raises Refused."""
    checker = Checker()
    checker.text({"merchant_sku": name}, "merchant_sku", shortest=1, longest=SKU_LENGTH)
    if "/" in name:
        checker.fail(f"Value '{name}' must not hold a slash.", "merchant_sku")
    checker.finish()


def put_images(desk: Desk, name: str, body: Any) -> None:
    """The image call of 2015 and 2016: replaces the image members of the content."""
    sku = desk.get(name)
    checker = Checker()
    sent = checker.record(body, "body")
    check_images(checker, sent, is_main_required=True)
    checker.finish()
    _set_images(desk, sku, {member: sent[member] for member in IMAGE_MEMBERS if member in sent})


def delete_images(desk: Desk, name: str) -> None:
    _set_images(desk, desk.get(name), {})


def put_price(desk: Desk, name: str, body: Any) -> None:
    """Replace the whole price record."""
    sku = desk.get(name)
    checker = Checker()
    sent = checker.record(body, "body")
    two = bool(desk.switches["strict_decimals"])
    price = checker.number(sent, "price", required=True, above=0, two_decimals=two)
    nodes: list[Record] = []
    for entry, path in checker.records(sent, "fulfillment_nodes"):
        node_id = _check_node(desk, checker, entry, path, {node["fulfillment_node_id"] for node in nodes})
        amount = checker.number(
            entry, "fulfillment_node_price", path, required=True, above=0, two_decimals=two
        )
        nodes.append({"fulfillment_node_id": node_id, "fulfillment_node_price": amount})
    checker.finish()
    if _is_deaf(desk, sku):
        return
    sku.price = {"price": price, "fulfillment_nodes": nodes}
    sku.market_price = sku.market_price or price
    sku.price_last_update = desk.moment
    decide_again(desk, sku)


def set_inventory(desk: Desk, name: str, body: Any, *, replace: bool = False) -> None:
    """Set the quantities of the nodes named; with `replace` (the old PUT) nodes left out become 0."""
    sku = desk.get(name)
    checker = Checker()
    sent = checker.record(body, "body")
    quantities: dict[str, int] = {}
    for entry, path in checker.records(sent, "fulfillment_nodes", required=True, shortest=1):
        node_id = _check_node(desk, checker, entry, path, set(quantities))
        quantity = checker.integer(entry, "quantity", path, required=True, least=0, most=2**31 - 1)
        quantities[node_id or path] = quantity or 0
    checker.finish()
    if _is_deaf(desk, sku):
        return
    if replace:
        quantities = dict.fromkeys(sku.inventory, 0) | quantities
    stamp = net_time(desk.moment)
    changed = {
        node_id: {"quantity": quantity, "last_update": stamp} for node_id, quantity in quantities.items()
    }
    sku.inventory = {**sku.inventory, **changed}
    sku.inventory_last_update = desk.moment
    decide_again(desk, sku)


def put_archived(desk: Desk, name: str, body: Any) -> None:
    """Archive, or bring back into the flow; the quantities do not come back."""
    sku = desk.get(name)
    checker = Checker()
    is_archived = checker.flag(checker.record(body, "body"), "is_archived", required=True)
    checker.finish()
    if sku.is_archived == is_archived:
        return
    sku.is_archived = bool(is_archived)
    if sku.is_archived:
        sku.review_due = None
        if desk.switches["archive_drops_inventory"]:
            sku.inventory = {}
        reconsider(sku, desk.rules)
    else:
        sku.status = ListingStatus.UNDER_REVIEW
        start_review(sku, desk.rules)
    desk.mark(sku)


def _set_images(desk: Desk, sku: Sku, images: Record) -> None:
    kept = {member: value for member, value in sku.content.items() if member not in IMAGE_MEMBERS}
    sku.content = kept | images
    sku.sku_last_update = desk.moment
    decide_again(desk, sku)


def _check_node(desk: Desk, checker: Checker, entry: Record, path: str, seen: set[Any]) -> str | None:
    node_id = checker.text(entry, "fulfillment_node_id", path, required=True)
    if node_id is None:
        return None
    where = join(path, "fulfillment_node_id")
    if node_id not in desk.rules.nodes:
        checker.fail(f"Value '{node_id}' is not a fulfillment node of this merchant.", where)
    elif node_id in seen:
        checker.fail(f"Value '{node_id}' is used twice.", where)
    return node_id


def _is_deaf(desk: Desk, sku: Sku) -> bool:
    return sku.is_archived and bool(desk.switches["archived_ignores_updates"])
