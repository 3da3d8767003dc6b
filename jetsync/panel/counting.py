"""How many rows a list and its tabs hold, at a price that does not grow with the table."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, ClassVar

from django.db.models import IntegerField, QuerySet, Subquery

from jetsync.models import Merchant
from jetsync.panel.list_parts import Count

# Counting stops here: an exact number beyond it costs more than it tells.
COUNT_LIMIT = 10_000


class _CountOf(Subquery):
    template = "(SELECT COUNT(*) FROM (%(subquery)s) counted)"
    output_field: ClassVar[IntegerField[int, int]] = IntegerField()
    empty_result_set_value = 0


def _bounded(found: int) -> Count:
    return Count(min(found, COUNT_LIMIT), found > COUNT_LIMIT)


def _to_count(queryset: QuerySet[Any]) -> QuerySet[Any]:
    return queryset.order_by()[: COUNT_LIMIT + 1]


def bounded_count(queryset: QuerySet[Any]) -> Count:
    """At most COUNT_LIMIT rows; more are "at least that many"."""
    return _bounded(_to_count(queryset).count())


def bounded_counts(merchant: Merchant, parts: Mapping[str, QuerySet[Any]]) -> dict[str, Count]:
    """The same for several querysets, in one query and none for no part. The keys are free text."""
    if not parts:
        return {}
    columns = [_CountOf(_to_count(rows).values("pk")) for rows in parts.values()]
    found = Merchant.objects.filter(pk=merchant.pk).values_list(*columns).get()
    return {key: _bounded(count) for key, count in zip(parts, found, strict=True)}
