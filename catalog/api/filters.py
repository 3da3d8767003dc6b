"""Filters of the API that more than one list has."""

from __future__ import annotations

from typing import Any

import django_filters
from django.db.models import QuerySet

from catalog.validators import sku_key


class SkuFilter(django_filters.CharFilter):  # type: ignore[misc]  # django-filter ships no types
    """By a SKU of `Variant`: the one that is written so, else what differs in letter case alone (ADR 12)."""

    def filter(self, qs: QuerySet[Any], value: str) -> QuerySet[Any]:
        if not value:
            return qs
        exact = qs.filter(**{self.field_name: value})
        return exact if exact.exists() else qs.filter(**{f"{self.field_name}_key": sku_key(value)})
