"""Filters of the API that more than one list has."""

from __future__ import annotations

from typing import Any

import django_filters
from django.db.models import QuerySet

from catalog.queries.stock import variants_by_sku


class SkuFilter(django_filters.CharFilter):  # type: ignore[misc]  # django-filter ships no types
    """By a SKU of `Variant`, whatever else narrows the list: the one that is written so, else the one that differs in letter
    case alone; where two differ so, neither (ADR 12). `field_name` leads to the variant.
    """

    def filter(self, qs: QuerySet[Any], value: str) -> QuerySet[Any]:
        if not value:
            return qs
        variant = variants_by_sku(self.parent.request._request.merchant, [value]).get(value)
        return qs.filter(**{self.field_name: variant.pk}) if variant else qs.none()
