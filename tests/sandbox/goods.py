"""SKU messages for the tests before the sale."""

from __future__ import annotations

import gzip
import json
from typing import Any

import requests

from tests.sandbox.market import Market

TEA_KETTLES = 41001003  # a leaf of the small taxonomy
COLOR, MATERIAL, CAPACITY, HELMET_SIZE = 101, 103, 104, 410000000000125


def kettle(**changes: Any) -> dict[str, Any]:
    """A full, good SKU message; a change to None leaves the member out."""
    body: dict[str, Any] = {
        "product_title": "Copper Whistling Kettle, 2.5 Quart",
        "jet_browse_node_id": TEA_KETTLES,
        "standard_product_codes": [
            {"standard_product_code": "036000291452", "standard_product_code_type": "UPC"}
        ],
        "multipack_quantity": 1,
        "brand": "Harrow & Finch",
        "bullets": ["Rolled copper body", "Stays cool handle"],
        "shipping_weight_pounds": 3.25,
        "map_implementation": "101",
        "product_tax_code": "Generic Taxable Product",
        "attributes_node_specific": [{"attribute_id": COLOR, "attribute_value": "Copper"}],
        "main_image_url": "https://img.example.com/kettle/1.jpg",
        "alternate_images": [{"image_slot_id": 1, "image_url": "https://img.example.com/kettle/2.jpg"}],
    }
    return {name: value for name, value in (body | changes).items() if value is not None}


def stock(market: Market, quantity: int) -> dict[str, Any]:
    return {"fulfillment_nodes": [{"fulfillment_node_id": market.node_id, "quantity": quantity}]}


def put_kettle(market: Market, sku: str, **changes: Any) -> None:
    answer = market.call("PUT", f"merchant-skus/{sku}", kettle(**changes))
    assert answer.status_code in (201, 202), answer.text


def listed_kettle(market: Market, sku: str, **changes: Any) -> None:
    """A kettle with price and stock that passed its review."""
    put_kettle(market, sku, **changes)
    market.put(f"merchant-skus/{sku}/price", {"price": 38.5})
    assert market.call("PATCH", f"merchant-skus/{sku}/inventory", stock(market, 12)).status_code == 204
    market.control.advance(30)
    assert status(market, sku) == ("Available for Purchase", [])


def status(market: Market, sku: str) -> tuple[str, list[str]]:
    shown = market.get(f"merchant-skus/{sku}")
    return shown["status"], shown["sub_status"]


def upload(market: Market, file_type: str, content: Any, *, raw: bytes | None = None) -> str:
    """Send and announce a file; returns its id."""
    token = market.get("files/uploadToken")
    data = raw if raw is not None else gzip.compress(json.dumps(content).encode())
    sent = requests.put(token["url"], data=data, headers={"x-ms-blob-type": "BlockBlob"}, timeout=30)
    assert (sent.status_code, sent.text) == (201, "")
    record = {"url": token["url"], "file_type": file_type, "file_name": f"{file_type}.json.gz"}
    answer = market.call("POST", "files/uploaded", record)
    assert (answer.status_code, answer.json()["status"]) == (200, "Acknowledged")
    return str(token["jet_file_id"])


def process(market: Market, file_type: str, content: Any, *, raw: bytes | None = None) -> dict[str, Any]:
    """Send a file, let the clock run until it is done, and return its record."""
    file_id = upload(market, file_type, content, raw=raw)
    market.control.advance(5)
    record: dict[str, Any] = market.get(f"files/{file_id}")
    return record
