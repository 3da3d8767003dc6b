"""Reads of what is stored in the words of a sheet: by SKU for comparing, as a stream for exporting."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any

from django.db import connection

from catalog.models import Variant
from catalog.sheet_columns import TABLES, UNIT, cell_expressions
from jetsync.models import Merchant

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


def known_cells(merchant: Merchant, skus: Sequence[str], columns: Sequence[str]) -> dict[str, Known]:
    """SKU -> what is stored of it. One query."""
    expressions, params = cell_expressions(columns)
    joined = " || chr(31) || ".join(expressions)
    sql = (
        f"SELECT v.sku, v.id, v.product_id, {joined} FROM {TABLES} "  # noqa: S608 -- names are ours
        "WHERE v.merchant_id = %s AND v.sku = ANY(%s)"
    )
    with connection.cursor() as cursor:
        cursor.execute(sql, [*params, merchant.pk, list(skus)])
        return {sku: Known(pk, product_id, text) for sku, pk, product_id, text in cursor.fetchall()}


def sheet_rows(merchant: Merchant, columns: Sequence[str], ids: Sequence[int]) -> list[tuple[Any, ...]]:
    """The cells of these variants in the order of their pk."""
    expressions, params = cell_expressions(columns)
    sql = (
        f"SELECT {', '.join(expressions)} FROM {TABLES} "  # noqa: S608 -- names are ours
        "WHERE v.merchant_id = %s AND v.id = ANY(%s) ORDER BY v.id"
    )
    with connection.cursor() as cursor:
        cursor.execute(sql, [*params, merchant.pk, list(ids)])
        return cursor.fetchall()


def all_sheet_rows(merchant: Merchant, columns: Sequence[str]) -> Iterator[tuple[Any, ...]]:
    """Every SKU of the merchant, read in batches while it is sent."""
    last = 0
    while True:
        rows = Variant.objects.filter(merchant=merchant, pk__gt=last).order_by("pk")
        ids = list(rows.values_list("pk", flat=True)[:BATCH])
        if not ids:
            return
        yield from sheet_rows(merchant, columns, ids)
        last = ids[-1]
