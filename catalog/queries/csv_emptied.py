"""Listed SKUs that the undo of an import would leave without price or quantity."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

from catalog.csv_undo import EMPTIES, can_empty, falls_back, mark_of_value
from catalog.models import CsvBefore, Listing, Variant
from catalog.node_columns import split_key
from catalog.queries.sheet import node_values
from jetsync.models import Merchant, Operation
from jetsync.queries.settings import default_node


def listed_among(merchant: Merchant, variant_ids: Iterable[int]) -> set[int]:
    """Those that Jet has and that are not archived there."""
    rows = Listing.objects.filter(merchant=merchant, variant__in=list(variant_ids))
    listed = rows.filter(content_sent_at__isnull=False, archived_sent=False, is_wanted=True)
    return set(listed.values_list("variant_id", flat=True))


def emptying(entries: Mapping[int, Mapping[str, Any]]) -> dict[int, dict[str, Any]]:
    """Variant pk -> the marks of its values that had none before the import."""
    found = {
        pk: {
            name: entry["new"][name] for name, old in entry["old"].items() if old is None and can_empty(name)
        }
        for pk, entry in entries.items()
    }
    return {pk: marks for pk, marks in found.items() if marks}


def nodes_of(entries: Iterable[Iterable[str]]) -> set[int]:
    """Pks of the nodes that names of values speak of."""
    return {place[1] for names in entries for name in names if (place := split_key(name))}


def count_emptied(operation: Operation) -> int:
    """Listed SKUs whose price or quantity the undo would take away now; what was changed since stays anyway."""
    merchant, count = operation.merchant, 0
    default = default_node(merchant)
    default_pk = default.pk if default else None
    kept = CsvBefore.objects.filter(merchant=merchant, upload__operation=operation)
    for rows in kept.values_list("rows", flat=True).iterator(chunk_size=1):
        marks = emptying({int(pk): entry for pk, entry in rows.items()})
        if not marks:
            continue
        stored = Variant.objects.filter(merchant=merchant, pk__in=list(marks)).values("pk", *EMPTIES)
        own = node_values(merchant, list(marks), nodes_of(marks.values()))
        lost = []
        for row in stored:
            values = {**own.get(row["pk"], {}), **row}
            is_lost = any(
                mark_of_value(name, values.get(name)) == mark
                and not falls_back(name, default_pk, row["quantity"])
                for name, mark in marks[row["pk"]].items()
            )
            lost += [row["pk"]] if is_lost else []
        count += len(listed_among(merchant, lost))
    return count
