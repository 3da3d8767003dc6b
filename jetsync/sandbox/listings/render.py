"""SKUs as the API shows them."""

from __future__ import annotations

from typing import Any

from jetsync.sandbox.http import net_time
from jetsync.sandbox.listings.checker import Record
from jetsync.sandbox.models.sku import Sku
from jetsync.sandbox.switches import Switches


def sku_record(sku: Sku, switches: Switches) -> Record:
    """What was sent, what the other calls hung on it, and the server's own members; unset ones are absent."""
    record: Record = {
        **sku.content,
        "merchant_id": sku.merchant.merchant_id,
        "merchant_sku": sku.merchant_sku,
        "merchant_sku_id": sku.merchant_sku_id,
        "correlation_id": sku.correlation_id,
        "status": sku.status,
        "sub_status": sku.sub_status,
        "is_archived": sku.is_archived,
        "inventory_by_fulfillment_node": _quantities(sku),
        "sku_last_update": net_time(sku.sku_last_update),
    }
    if sku.jet_retail_sku:
        record["jet_retail_sku"] = sku.jet_retail_sku
    if sku.inventory_last_update:
        record["inventory_last_update"] = net_time(sku.inventory_last_update)
    if sku.price is not None and sku.price_last_update is not None:
        record["price"] = sku.price["price"]
        record["price_by_fulfillment_node"] = sku.price["fulfillment_nodes"]
        record["price_last_update"] = net_time(sku.price_last_update)
    if sku.variation:
        record |= variation_record(sku, switches)
    return record | (sku.returns_exception or {})


def price_record(sku: Sku) -> Record:
    """Nothing but the empty node list before the first price call."""
    if sku.price is None or sku.price_last_update is None:
        return {"fulfillment_nodes": []}
    return {
        "fulfillment_nodes": sku.price["fulfillment_nodes"],
        "price": sku.price["price"],
        "price_last_update": net_time(sku.price_last_update),
    }


def inventory_record(sku: Sku, switches: Switches) -> Record:
    """The fed quantities, not what is still sellable; the date sits on the nodes or, in the old form, on top."""
    nodes: list[Record] = _quantities(sku)
    if switches["inventory_date_on_node"]:
        for node in nodes:
            node["inventory_last_update"] = sku.inventory[node["fulfillment_node_id"]]["last_update"]
        return {"fulfillment_nodes": nodes}
    record: Record = {"fulfillment_nodes": nodes}
    if sku.inventory_last_update:
        record["inventory_last_update"] = net_time(sku.inventory_last_update)
    return record


def variation_record(sku: Sku, switches: Switches) -> Record:
    variation: Record = dict(sku.variation or {})
    if variation and switches["variation_children"] == "objects":
        variation["children_skus"] = [{"merchant_sku": name} for name in variation["children_skus"]]
    return variation


def shipping_exceptions_record(sku: Sku) -> Record:
    return {
        "fulfillment_nodes": [
            {"fulfillment_node_id": node_id, "shipping_exceptions": rows}
            for node_id, rows in sku.shipping_exceptions.items()
        ]
    }


def portal_record(sku: Sku) -> Record:
    """A row of the portal's list; only the first four members are known to be Jet's."""
    return {
        "merchant_sku": sku.merchant_sku,
        "product_title": sku.title,
        "status": sku.status,
        "has_inventory": sku.has_inventory,
        "sub_status": sku.sub_status,
        "price": sku.base_price,
        "is_archived": sku.is_archived,
    }


def _quantities(sku: Sku) -> list[dict[str, Any]]:
    return [
        {"fulfillment_node_id": node_id, "quantity": entry["quantity"]}
        for node_id, entry in sku.inventory.items()
    ]
