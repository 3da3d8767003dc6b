"""What an app calls by words that a person types: a SKU leads to its product, its listing and the files that carried it.

register_named(named_by_sku)
"""

from __future__ import annotations

from collections.abc import Callable, Collection

from django.db.models import Q

from jetsync.models import LogEntry, Merchant

# `(object type, id)` of what begins with the words; at most `MOST_OBJECTS` of a type. A constant number of queries.
Finder = Callable[[Merchant, str], list[tuple[str, int]]]

# Objects whose name begins with the words: beyond so many the words are no name.
MOST_OBJECTS = 50

_finders: list[Finder] = []


def register_named(finder: Finder) -> Finder:
    _finders.append(finder)
    return finder


def objects_named(merchant: Merchant, words: str) -> list[tuple[str, int]]:
    """Objects that the log or an app calls by these words: an order's number leads to its calls, whose addresses lack it.

    Without words, none.
    """
    if not words:
        return []
    rows = LogEntry.objects.filter(
        merchant=merchant, object_label__istartswith=words, object_id__isnull=False
    )
    pairs = rows.order_by().values_list("object_type", "object_id").distinct()[:MOST_OBJECTS]
    found = [(label, pk) for label, pk in pairs if pk is not None]
    for finder in _finders:
        found += finder(merchant, words)
    return list(dict.fromkeys(found))


def labels_of(merchant: Merchant, objects: Collection[tuple[str, int | None]]) -> dict[tuple[str, int], str]:
    """`(object type, id) -> name`, as the newest line of the log about it has it. One query, over the index by object."""
    ids: dict[str, list[int]] = {}
    for label, pk in objects:
        if label and pk is not None:
            ids.setdefault(label, []).append(pk)
    if not ids:
        return {}
    about = Q(pk__in=[])
    for label, pks in ids.items():
        about |= Q(object_type=label, object_id__in=pks)
    rows = LogEntry.objects.filter(about, merchant=merchant).exclude(object_label="")
    newest = rows.order_by("object_type", "object_id", "-id").distinct("object_type", "object_id")
    return {
        (label, pk): name
        for label, pk, name in newest.values_list("object_type", "object_id", "object_label")
        if pk is not None
    }
