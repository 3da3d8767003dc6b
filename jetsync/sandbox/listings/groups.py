"""Variations, shipping exceptions and the returns exception of a SKU."""

from __future__ import annotations

from typing import Any

from jetsync.sandbox.listings.checker import Checker, Record, join
from jetsync.sandbox.listings.desk import Desk
from jetsync.sandbox.listings.review import decide_again
from jetsync.sandbox.listings.words import (
    ACCESSORY,
    ADDITIONAL_CHARGE,
    EXCLUSIVE,
    INCLUDE,
    OVERRIDE_TYPES,
    RESTRICTED,
    SERVICE_LEVELS,
    SERVICE_LEVELS_OLD,
    SHIPPING_METHODS,
    VARIATION,
)
from jetsync.sandbox.models.account import Node
from jetsync.sandbox.models.sku import Sku

LONGEST_RETURN_DAYS = 30


def put_variation(desk: Desk, name: str, body: Any) -> None:
    """Make the SKU the parent of a group; every member exists already. Without children the group is gone."""
    sku = desk.get(name)
    checker = Checker()
    sent = checker.record(body, "body")
    if _clears(desk, sent, "children_skus"):
        sku.variation = None
        decide_again(desk, sku)
        return
    kinds = (VARIATION, ACCESSORY) if desk.switches["variation_accessory"] else (VARIATION,)
    kind = checker.word(sent, "relationship", "", kinds, required=True)
    refinements = _check_refinements(checker, sent, is_required=kind != ACCESSORY)
    children = _check_children(desk, checker, sent, name)
    title = checker.text(sent, "group_title")
    if kind == VARIATION and desk.switches["strict_variation"] and not checker.errors:
        _check_members(checker, sku, children, refinements)
    checker.finish()
    sku.variation = {
        "relationship": kind,
        "variation_refinements": refinements,
        "children_skus": [child.merchant_sku for child in children],
    }
    if title is not None:
        sku.variation["group_title"] = title
    decide_again(desk, sku)


def _clears(desk: Desk, sent: Record, name: str) -> bool:
    """Is it the empty list that takes everything away?"""
    return sent.get(name) == [] and desk.switches["empty_lists"] == "clear"


def _check_refinements(checker: Checker, sent: Record, *, is_required: bool) -> list[int]:
    name = "variation_refinements"
    entries = checker.array(sent, name, required=is_required, shortest=1 if is_required else 0)
    good = [
        checker.integer({"": entry}, "", f"{name}[{index}]", least=1) for index, entry in enumerate(entries)
    ]
    return [entry for entry in good if entry is not None]


def _check_children(desk: Desk, checker: Checker, sent: Record, parent: str) -> list[Sku]:
    children: dict[str, Sku] = {}
    desk.load(
        entry
        for entry in sent.get("children_skus") or []
        if isinstance(entry, str) and entry != parent and not desk.holds(entry)
    )
    for index, entry in enumerate(checker.array(sent, "children_skus", required=True, shortest=1)):
        where = f"children_skus[{index}]"
        if not isinstance(entry, str):
            checker.fail("Expected a string.", where)
            continue
        child = desk.find(entry)
        if entry == parent:
            checker.fail("The parent is not its own child.", where)
        elif child is None:
            checker.fail(f"merchant sku unavailable: {entry}.", where)
        elif entry in children:
            checker.fail(f"Value '{entry}' is used twice.", where)
        else:
            children[entry] = child
    return list(children.values())


def _check_members(checker: Checker, parent: Sku, children: list[Sku], refinements: list[int]) -> None:
    for member in [parent, *children]:
        for name in ("brand", "jet_browse_node_id"):
            if member.content.get(name) != parent.content.get(name):
                checker.fail(f"SKU {member.merchant_sku} differs from the parent in {name}.", "children_skus")
        carried = {entry["attribute_id"] for entry in member.content.get("attributes_node_specific", [])}
        for attribute_id in refinements:
            if attribute_id not in carried:
                checker.fail(
                    f"SKU {member.merchant_sku} lacks attribute {attribute_id}L.", "variation_refinements"
                )


def put_shipping_exceptions(desk: Desk, name: str, body: Any) -> None:
    """Replace the exceptions of the nodes named. A single node's object without the wrapper is taken too.

    A node with an empty list has none any more, and an empty list of nodes takes away those of all nodes.
    """
    sku = desk.get(name)
    checker = Checker()
    sent = checker.record(body, "body")
    if "fulfillment_nodes" not in sent and "fulfillment_node_id" in sent:
        sent = {"fulfillment_nodes": [sent]}
    merged: dict[str, list[Record]] = {}
    if not _clears(desk, sent, "fulfillment_nodes"):
        merged = {**sku.shipping_exceptions, **_check_exceptions(desk, checker, sent)}
    checker.finish()
    sku.shipping_exceptions = {node_id: rows for node_id, rows in merged.items() if rows}
    decide_again(desk, sku)


def _check_exceptions(desk: Desk, checker: Checker, sent: Record) -> dict[str, list[Record]]:
    """The exceptions by node."""
    by_node: dict[str, list[Record]] = {}
    shortest = 0 if desk.switches["empty_lists"] == "clear" else 1
    for entry, path in checker.records(sent, "fulfillment_nodes", required=True, shortest=1):
        node_id = checker.text(entry, "fulfillment_node_id", path, required=True)
        node = desk.rules.nodes.get(node_id or "")
        if node_id is not None and node is None:
            text = f"Value '{node_id}' is not a fulfillment node of this merchant."
            checker.fail(text, join(path, "fulfillment_node_id"))
        rows = checker.records(entry, "shipping_exceptions", path, required=True, shortest=shortest)
        by_node[node_id or path] = [_check_exception(desk, checker, row, where, node) for row, where in rows]
    return by_node


def _check_exception(desk: Desk, checker: Checker, row: Record, path: str, node: Node | None) -> Record:
    levels = SERVICE_LEVELS + (SERVICE_LEVELS_OLD if desk.switches["exception_old_levels"] else ())
    level = checker.word(row, "service_level", path, levels)
    method = checker.word(row, "shipping_method", path, SHIPPING_METHODS)
    if ("service_level" in row) == ("shipping_method" in row):
        checker.fail("Exactly one of service_level and shipping_method is required.", path)
    override = checker.word(row, "override_type", path, OVERRIDE_TYPES)
    has_override = "override_type" in row
    two = bool(desk.switches["strict_decimals"])
    checker.number(row, "shipping_charge_amount", path, required=has_override, above=0, two_decimals=two)
    kinds = (EXCLUSIVE, RESTRICTED, *((INCLUDE,) if desk.switches["exception_include"] else ()))
    kind = checker.word(row, "shipping_exception_type", path, kinds, required=True)
    if kind == RESTRICTED and (has_override or "shipping_charge_amount" in row):
        checker.fail("A restricted level or method takes no charge.", path)
    if override == ADDITIONAL_CHARGE and node is not None and desk.switches["additional_charge_checked"]:
        served = level in node.service_levels or method in node.ship_methods
        if (level or method) and not served:
            checker.fail(f"'{level or method}' is not set up on the fulfillment node.", path)
    known = (
        "service_level",
        "shipping_method",
        "override_type",
        "shipping_charge_amount",
        "shipping_exception_type",
    )
    return {member: row[member] for member in known if member in row}


def put_returns_exception(desk: Desk, name: str, body: Any) -> None:
    """Replace the return rules of the SKU; only the locations are required by 2018, and none takes the rules away."""
    sku = desk.get(name)
    checker = Checker()
    sent = checker.record(body, "body")
    rules: Record | None = None
    if not _clears(desk, sent, "return_location_ids"):
        _check_return_rules(desk, checker, sent)
        known = ("time_to_return", "return_location_ids", "return_shipping_methods")
        rules = {member: sent[member] for member in known if member in sent}
    sku.returns_exception = rules
    decide_again(desk, sku)


def _check_return_rules(desk: Desk, checker: Checker, sent: Record) -> None:
    """Raises Refused."""
    locations = checker.array(sent, "return_location_ids", required=True, shortest=1)
    for index, location in enumerate(locations):
        where = f"return_location_ids[{index}]"
        if checker.text({"": location}, "", where, required=True) is None:
            continue
        if location not in desk.rules.return_locations:
            checker.fail(f"Value '{location}' is not a return location of this merchant.", where)
    checker.integer(sent, "time_to_return", least=1, most=LONGEST_RETURN_DAYS)
    for index, method in enumerate(checker.array(sent, "return_shipping_methods")):
        checker.word({"": method}, "", f"return_shipping_methods[{index}]", SHIPPING_METHODS)
    checker.finish()
