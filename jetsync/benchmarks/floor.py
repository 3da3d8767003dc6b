"""The floor of the file benchmark: the same rows by a bare cursor, the same JSON, gzip. No ORM, no product code."""

from __future__ import annotations

import gzip
import json
from collections.abc import Iterable, Iterator
from itertools import groupby
from pathlib import Path
from typing import Any

from django.db import connection

PRICES = """
SELECT l.id, v.sku, l.price_target, n.node_id, s.price_target
FROM catalog_listing l
JOIN catalog_variant v ON v.id = l.variant_id
LEFT JOIN catalog_nodestock s ON s.variant_id = v.id
LEFT JOIN jetsync_fulfillmentnode n ON n.id = s.node_id
WHERE l.merchant_id = %s AND l.price_target IS NOT NULL
ORDER BY l.id, s.id
"""
QUANTITIES = """
SELECT l.id, v.sku, n.node_id, s.quantity_target
FROM catalog_listing l
JOIN catalog_variant v ON v.id = l.variant_id
JOIN catalog_nodestock s ON s.variant_id = v.id
JOIN jetsync_fulfillmentnode n ON n.id = s.node_id
WHERE l.merchant_id = %s
ORDER BY l.id, s.id
"""
Body = dict[str, Any]
_encode = json.JSONEncoder(separators=(",", ":")).encode


def write_files(folder: Path, merchant_id: int) -> None:
    """Writes price.json.gz and inventory.json.gz, each with all SKUs."""
    _write(folder / "price.json.gz", _prices(_rows(PRICES, merchant_id)))
    _write(folder / "inventory.json.gz", _quantities(_rows(QUANTITIES, merchant_id)))


def _rows(statement: str, merchant_id: int) -> list[tuple[Any, ...]]:
    connection.ensure_connection()
    with connection.connection.cursor() as cursor:
        cursor.execute(statement, [merchant_id])
        rows: list[tuple[Any, ...]] = cursor.fetchall()
        return rows


def _prices(rows: Iterable[tuple[Any, ...]]) -> Iterator[tuple[str, Body]]:
    for _pk, group in groupby(rows, lambda row: row[0]):
        nodes, sku, price = [], "", 0.0
        for _listing, sku, price, node, node_price in group:  # noqa: B007 -- the same in every row of the group
            if node_price is not None:
                nodes.append({"fulfillment_node_id": node, "fulfillment_node_price": float(node_price)})
        body: Body = {"price": float(price)}
        if nodes:
            body["fulfillment_nodes"] = nodes
        yield sku, body


def _quantities(rows: Iterable[tuple[Any, ...]]) -> Iterator[tuple[str, Body]]:
    for _pk, group in groupby(rows, lambda row: row[0]):
        nodes, sku = [], ""
        for _listing, sku, node, quantity in group:  # noqa: B007 -- the same in every row of the group
            nodes.append({"fulfillment_node_id": node, "quantity": quantity})
        yield sku, {"fulfillment_nodes": nodes}


def _write(path: Path, items: Iterable[tuple[str, Body]]) -> None:
    with gzip.open(path, "wb", compresslevel=6) as packed:
        separator = "{"
        for sku, body in items:
            packed.write(f"{separator}{_encode(sku)}:{_encode(body)}".encode("ascii"))
            separator = ","
        packed.write(b"}")
