"""Listed SKUs that the undo of an import would leave without price or quantity."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

from catalog.csv_undo import EMPTIES, mark_of_value
from catalog.models import CsvBefore, Listing, Variant
from jetsync.models import Merchant, Operation


def listed_among(merchant: Merchant, variant_ids: Iterable[int]) -> set[int]:
    """Those that Jet has and that are not archived there."""
    rows = Listing.objects.filter(merchant=merchant, variant__in=list(variant_ids))
    listed = rows.filter(content_sent_at__isnull=False, archived_sent=False, is_wanted=True)
    return set(listed.values_list("variant_id", flat=True))


def emptying(entries: Mapping[int, Mapping[str, Any]]) -> dict[int, dict[str, Any]]:
    """Variant pk -> the marks of its values that had none before the import."""
    found = {
        pk: {name: entry["new"][name] for name in EMPTIES if entry["old"].get(name, "") is None}
        for pk, entry in entries.items()
    }
    return {pk: marks for pk, marks in found.items() if marks}


def count_emptied(operation: Operation) -> int:
    """Listed SKUs whose price or quantity the undo would take away now; what was changed since stays anyway."""
    merchant, count = operation.merchant, 0
    kept = CsvBefore.objects.filter(merchant=merchant, upload__operation=operation)
    for rows in kept.values_list("rows", flat=True).iterator(chunk_size=1):
        marks = emptying({int(pk): entry for pk, entry in rows.items()})
        if not marks:
            continue
        stored = Variant.objects.filter(merchant=merchant, pk__in=list(marks)).values("pk", *EMPTIES)
        lost = [
            row["pk"]
            for row in stored
            if any(mark_of_value(name, row[name]) == mark for name, mark in marks[row["pk"]].items())
        ]
        count += len(listed_among(merchant, lost))
    return count
