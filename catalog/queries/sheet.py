"""Reads of what is stored in the words of a sheet: by SKU for comparing, as a stream for exporting."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from django.db import connection

from catalog.enums import ProductKind
from catalog.models import NodeStock, Profile, StoreCategory, Variant
from catalog.node_columns import NodeColumn, node_key
from catalog.sheet_cells import NODE, Lookups, cell_text
from catalog.sheet_columns import TABLES, UNIT, cell_expressions
from jetsync.models import Merchant
from jetsync.queries.settings import current_nodes

# SKUs read at once.
BATCH = 1000


@dataclass(frozen=True, slots=True)
class Known:
    """A SKU that exists: `text` are its cells joined by UNIT, in the order of the columns that were asked for."""

    pk: int
    product_id: int
    text: str

    @property
    def cells(self) -> list[str]:
        return self.text.split(UNIT)


NO_COLUMNS: Mapping[str, NodeColumn] = {}


def known_cells(
    merchant: Merchant,
    skus: Sequence[str],
    columns: Sequence[str],
    nodes: Mapping[str, NodeColumn] = NO_COLUMNS,
) -> dict[str, Known]:
    """SKU -> what is stored of it. One query. `nodes`: those of the columns that speak of a node."""
    expressions, params = cell_expressions(columns, nodes)
    joined = " || chr(31) || ".join(expressions)
    sql = (
        f"SELECT v.sku, v.id, v.product_id, {joined} FROM {TABLES} "  # noqa: S608 -- names are ours
        "WHERE v.merchant_id = %s AND v.sku = ANY(%s)"
    )
    with connection.cursor() as cursor:
        cursor.execute(sql, [*params, merchant.pk, list(skus)])
        return {sku: Known(pk, product_id, text) for sku, pk, product_id, text in cursor.fetchall()}


def sheet_rows(
    merchant: Merchant,
    columns: Sequence[str],
    ids: Sequence[int],
    nodes: Mapping[str, NodeColumn] = NO_COLUMNS,
) -> list[tuple[Any, ...]]:
    """The cells of these variants in the order of their pk."""
    expressions, params = cell_expressions(columns, nodes)
    sql = (
        f"SELECT {', '.join(expressions)} FROM {TABLES} "  # noqa: S608 -- names are ours
        "WHERE v.merchant_id = %s AND v.id = ANY(%s) ORDER BY v.id"
    )
    with connection.cursor() as cursor:
        cursor.execute(sql, [*params, merchant.pk, list(ids)])
        return list(cursor.fetchall())


def all_sheet_rows(
    merchant: Merchant, columns: Sequence[str], nodes: Mapping[str, NodeColumn] = NO_COLUMNS
) -> Iterator[tuple[Any, ...]]:
    """Every SKU of the merchant, read in batches while it is sent."""
    last = 0
    while True:
        rows = Variant.objects.filter(merchant=merchant, pk__gt=last).order_by("pk")
        ids = list(rows.values_list("pk", flat=True)[:BATCH])
        if not ids:
            return
        yield from sheet_rows(merchant, columns, ids, nodes)
        last = ids[-1]


def node_values(
    merchant: Merchant, variant_ids: Sequence[int], nodes: Iterable[int]
) -> dict[int, dict[str, Any]]:
    """Variant pk -> what these nodes have of their own, under `node_key`. One query."""
    rows = NodeStock.objects.filter(merchant=merchant, variant__in=variant_ids, node__in=set(nodes))
    found: dict[int, dict[str, Any]] = {}
    for variant_id, node_id, quantity, price in rows.values_list(
        "variant_id", "node_id", "quantity", "price"
    ):
        own = found.setdefault(variant_id, {})
        own[node_key("quantity", node_id)] = quantity
        own[node_key("price", node_id)] = price
    return found


_FIELDS = {
    "brand": "product__brand",
    "codes": "codes",
    "main_image_url": "main_image_url",
    "description": "product__description",
    "mfr_part_number": "mfr_part_number",
    "price": "price",
    "special_price": "special_price",
    "quantity": "quantity",
    "store_category": "product__store_category__path",
    "profile": "product__profile__name",
    "sells_on_jet": "sells_on_jet",
    "shipping_weight_pounds": "shipping_weight_pounds",
}
_PRICES = ("price", "special_price", "price_floor", "map_price", "msrp")
_BASE = ("pk", "sku", "product_id", "product__kind", "title", "product__title", *_PRICES)


@dataclass(frozen=True)
class SheetRow:
    """One SKU of the editor; `texts` by column key. `is_family`: its product has other SKUs, which share some values."""

    pk: int
    sku: str
    product_id: int
    is_family: bool
    texts: dict[str, str]
    # What the guard of prices looks at, under the model's names.
    prices: dict[str, Decimal | None]


def editor_rows(merchant: Merchant, ids: Sequence[int], nodes: Sequence[int]) -> dict[int, SheetRow]:
    """Variant pk -> its cells, in the order of `ids`; two queries. Those that are gone are left out."""
    rows = Variant.objects.filter(merchant=merchant, pk__in=ids)
    own: dict[int, dict[int, int | None]] = {}
    stock = NodeStock.objects.filter(merchant=merchant, variant__in=ids, node__in=nodes)
    for variant_id, node_id, quantity in stock.values_list("variant_id", "node_id", "quantity"):
        own.setdefault(variant_id, {})[node_id] = quantity
    found = {}
    for pk, sku, product_id, kind, title, product_title, *more in rows.values_list(*_BASE, *_FIELDS.values()):
        values, prices = more[len(_PRICES) :], dict(zip(_PRICES, more, strict=False))
        is_family = kind == ProductKind.VARIABLE
        texts = {"title": (title if is_family else "") or product_title}
        texts |= {key: cell_text(key, value) for key, value in zip(_FIELDS, values, strict=True)}
        texts |= {f"{NODE}{node}": cell_text(NODE, own.get(pk, {}).get(node)) for node in nodes}
        found[pk] = SheetRow(pk, sku, product_id, is_family, texts, prices)
    return {pk: found[pk] for pk in ids if pk in found}


def lookups_of(merchant: Merchant) -> Lookups:
    """Categories, profiles and nodes that a cell may name."""
    categories = StoreCategory.objects.filter(merchant=merchant).values_list("path", "pk")
    profiles = Profile.objects.filter(merchant=merchant).values_list("name", "pk")
    nodes = list(current_nodes(merchant))
    default = next((node.pk for node in nodes if node.is_default), None)
    return Lookups(dict(categories), dict(profiles), {node.pk: node.name for node in nodes}, default)
