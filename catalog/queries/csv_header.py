"""What a merchant's earlier files tell of a header: the choice made for the same one, and for single names."""

from __future__ import annotations

from collections.abc import Sequence

from catalog.csv_mapping import guess_columns, needs_choice
from catalog.models import CsvUpload
from jetsync.models import Merchant

# Files looked at for what single names meant; the same header is found however long ago it was.
RECENT = 20


def columns_as_before(merchant: Merchant, kind: str, header: Sequence[str]) -> list[str] | None:
    """The columns of the newest file with just this header, if it had to be chosen what they are."""
    rows = CsvUpload.objects.filter(
        merchant=merchant, kind=kind, header=list(header), columns__contains=["sku"]
    )
    return rows.order_by("-pk").values_list("columns", flat=True).first()


def likely_columns(merchant: Merchant, kind: str, header: Sequence[str]) -> list[str]:
    """Our name per column as a proposal, "" for none."""
    rows = CsvUpload.objects.filter(merchant=merchant, kind=kind, columns__contains=["sku"]).order_by("-pk")
    remembered: dict[str, str] = {}
    for titles, columns in rows.values_list("header", "columns")[:RECENT]:
        for title, name in zip(titles, columns, strict=False):
            remembered.setdefault(title, name)
    return guess_columns(header, kind, remembered)


def settled_columns(
    merchant: Merchant, kind: str, header: Sequence[str], columns: Sequence[str]
) -> list[str] | None:
    """The columns where nothing has to be asked: all are ours, or the same header was mapped before."""
    if not needs_choice(columns, kind):
        return list(columns)
    return columns_as_before(merchant, kind, header)
