"""Reads about exports of all data."""

from __future__ import annotations

from django.db.models import QuerySet
from django.http import Http404

from jetsync.models import DataExport, Merchant


def exports_of(merchant: Merchant) -> QuerySet[DataExport]:
    """Newest first, with their operations."""
    return (
        DataExport.objects.filter(merchant=merchant).select_related("operation", "merchant").order_by("-pk")
    )


def get_export(merchant: Merchant, pk: int) -> DataExport:
    """Raises Http404."""
    export = exports_of(merchant).filter(pk=pk).first()
    if export is None:
        raise Http404("There is no such export; its file is removed after 7 days.")
    return export
