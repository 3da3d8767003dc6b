"""SKUs of one merchant that carry the same product code, which Jet would take for one product.

A multipack carries the code of its single piece by rule of Jet, so only SKUs of the same multipack quantity count. What is
compared are the codes that SKUs have themselves; those that a profile or mapping adds are stored nowhere.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from django.db import connection
from django.db.models import F, Func, JSONField, QuerySet, Value
from django.db.models.expressions import RawSQL

from catalog.models import Variant
from catalog.shared_codes import key_of, keys_of, spellings
from jetsync.models import Merchant

# SKUs that a page names.
MOST_TWINS = 10
# A check of a file holds the codes of this many SKUs in memory, about 200 bytes each.
MOST_COMPARED = 200_000

# The same as `catalog.shared_codes.code_key`; a test holds both against each other.
_CLEAN = "translate(item->>'code', ' -', '')"
SAME_CODE_SQL = f"""
    CASE item->>'type'
    WHEN 'ISBN-10' THEN '0978' || left({_CLEAN}, 9)
    WHEN 'UPC-E' THEN '00' || left({_CLEAN}, 1) || CASE
        WHEN substr({_CLEAN}, 7, 1) IN ('0', '1', '2')
            THEN substr({_CLEAN}, 2, 2) || substr({_CLEAN}, 7, 1) || '0000' || substr({_CLEAN}, 4, 3)
        WHEN substr({_CLEAN}, 7, 1) = '3' THEN substr({_CLEAN}, 2, 3) || '00000' || substr({_CLEAN}, 5, 2)
        WHEN substr({_CLEAN}, 7, 1) = '4' THEN substr({_CLEAN}, 2, 4) || '00000' || substr({_CLEAN}, 6, 1)
        ELSE substr({_CLEAN}, 2, 5) || '0000' || substr({_CLEAN}, 7, 1) END
    ELSE left(lpad({_CLEAN}, 14, '0'), 13) END
"""
_CODES = f"""
    SELECT variant.id, variant.sku, variant.multipack_quantity AS pack, {SAME_CODE_SQL} AS same,
        (item->>'type') || ' ' || (item->>'code') AS written
    FROM catalog_variant variant, jsonb_array_elements(variant.codes) item
    WHERE variant.merchant_id = %s AND length({_CLEAN}) BETWEEN 8 AND 14
"""  # noqa: S608 -- constants of this module
_SHARING = f"""
    SELECT unnest(array_agg(id)) FROM ({_CODES}) codes GROUP BY same, pack HAVING min(id) <> max(id)
"""  # noqa: S608 -- as above
_SUMMARY = f"""
    WITH shared AS (
        SELECT array_agg(id) AS ids, min(sku) AS first, max(sku) AS last, (array_agg(written ORDER BY sku))[1] AS written
        FROM ({_CODES}) codes GROUP BY same, pack HAVING min(id) <> max(id)
    )
    SELECT (SELECT count(DISTINCT id) FROM shared, unnest(ids) id), first, written, last
    FROM shared ORDER BY first LIMIT 1
"""  # noqa: S608 -- as above


@dataclass(frozen=True)
class Twin:
    """Another SKU with the same code; `code` with its type, as this SKU writes it."""

    variant: Variant
    code: str


def sharing_variants(merchant: Merchant) -> QuerySet[Variant]:
    """SKUs that share a code with another one. Reads all codes of the merchant once."""
    return Variant.objects.filter(merchant=merchant, pk__in=RawSQL(_SHARING, [merchant.pk]))  # noqa: S611 -- as above


def count_sharing(merchant: Merchant) -> tuple[int, str]:
    """How many SKUs share a code, and a sentence about two of them. One query."""
    with connection.cursor() as cursor:
        cursor.execute(_SUMMARY, [merchant.pk])
        row = cursor.fetchone()
    return (row[0], f"{row[1]}: {row[2]} is also that of SKU {row[3]}.") if row else (0, "")


def twins_of(variant: Variant) -> list[Twin]:
    """The other SKUs with a code of this one, by SKU, at most MOST_TWINS. One query, or none.

    Row-level security leaves PostgreSQL no index into JSON, so it reads the codes of all SKUs: each only once, whatever
    the number of spellings.
    """
    own = {
        key: f"{code.get('type', '')} {code.get('code', '')}"
        for code in variant.codes
        if (key := key_of(code))
    }
    if not own:
        return []
    written = Func(
        F("codes"), Value("$[*].code"), function="jsonb_path_query_array", output_field=JSONField()
    )
    rows = Variant.objects.filter(
        merchant=variant.merchant_id, multipack_quantity=variant.multipack_quantity
    ).exclude(pk=variant.pk)
    wanted = [text for key in own for text in spellings(key)]
    rows = rows.alias(written=written).filter(written__has_any_keys=wanted)
    shared = (
        (row, keys_of(row.codes) & own.keys())
        for row in rows.only("sku", "product_id", "codes").order_by("sku")
    )
    found = [Twin(row, own[min(same)]) for row, same in shared if same]
    return found[:MOST_TWINS]


class KnownCodes:
    """Who has which code, for the rows of a file: SKUs that are stored, then the rows above. Two queries.

    A merchant with more SKUs than memory should hold gets no answer, and of a huge file the first rows are remembered.
    """

    def __init__(self, merchant: Merchant) -> None:
        self._owners: dict[tuple[str, int], str] = {}
        rows = Variant.objects.filter(merchant=merchant).exclude(codes=[]).order_by()
        self._is_off = rows.count() > MOST_COMPARED
        if not self._is_off:
            found = rows.values_list("sku", "codes", "multipack_quantity")
            for sku, codes, pack in found.iterator(chunk_size=5000):
                self.owner_of(sku, codes, pack)

    def owner_of(self, sku: str, codes: Iterable[Mapping[str, str]], pack: int) -> str:
        """Another SKU that has one of these codes, "" for none. From now on new ones count as this SKU's."""
        if self._is_off:
            return ""
        take = self._owners.setdefault if len(self._owners) < 2 * MOST_COMPARED else self._owners.get
        owners = [take((key, pack), sku) for key in sorted(keys_of(codes))]
        return next((owner for owner in owners if owner != sku), "")
