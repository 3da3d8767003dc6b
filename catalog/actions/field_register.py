"""The register of the store's own fields: their names, kept so that pickers need not read all products."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from django.utils import timezone

from catalog.bulk import insert_rows
from catalog.models import Product, StoreField, Variant
from catalog.store_values import is_source, samples_of
from jetsync.enums import Priority
from jetsync.models import Merchant
from jetsync.sync.requests import request_job

READ_FIELDS_JOB = "catalog.read_store_fields"
SAMPLE_LENGTH = 200
# Rows read at once; a product's fields take a few kilobytes.
BATCH = 2000


def note_fields(merchant: Merchant, samples: Mapping[str, str]) -> int:
    """Keeps the names of store fields for the pickers. Call it wherever products are written.

    `samples`: key -> an example of its value, as `catalog.store_values.samples_of(data, options)` gives them. One query
    when all are known, two when some are new; known ones are left alone. Returns how many are new. Safe to repeat.
    """
    wanted = {key: text for key, text in samples.items() if ":" in key and is_source(key)}
    if not wanted:
        return 0
    names = {key.partition(":")[2] for key in wanted}
    rows = StoreField.objects.filter(merchant=merchant, name__in=names)
    known = {f"{kind}:{name}" for kind, name in rows.values_list("kind", "name")}
    fresh = [_row(key, wanted[key]) for key in sorted(wanted.keys() - known)]
    return insert_rows(StoreField, merchant, ("kind", "name", "sample"), fresh, skip_known=True)


def _row(key: str, text: str) -> dict[str, Any]:
    kind, _colon, name = key.partition(":")
    return {"kind": kind, "name": name, "sample": text[:SAMPLE_LENGTH]}


def read_fields(merchant: Merchant) -> int:
    """Brings the register up to date with all products: adds what is missing, forgets what no product carries.

    Returns how many fields there are. Reads every product; a job does it.
    """
    started = timezone.now()
    found: dict[str, str] = {}
    variants = Variant.objects.filter(merchant=merchant).exclude(data={}, options=[])
    for data, options in variants.values_list("data", "options").iterator(chunk_size=BATCH):
        _collect(found, samples_of(data, options))
    products = Product.objects.filter(merchant=merchant).exclude(data={})
    for data in products.values_list("data", flat=True).iterator(chunk_size=BATCH):
        _collect(found, samples_of(data))
    note_fields(merchant, found)
    old = StoreField.objects.filter(merchant=merchant, seen_at__lt=started)
    gone = [pk for pk, kind, name in old.values_list("pk", "kind", "name") if f"{kind}:{name}" not in found]
    StoreField.objects.filter(merchant=merchant, pk__in=gone).delete()
    return len(found)


def _collect(found: dict[str, str], samples: Mapping[str, str]) -> None:
    """Keeps one example per field, a value rather than none."""
    for key, text in samples.items():
        if not found.get(key):
            found[key] = text[:SAMPLE_LENGTH]


def ask_read_fields(merchant: Merchant) -> None:
    """Asks for the job that reads the fields of all products."""
    request_job(merchant, READ_FIELDS_JOB, "all", priority=Priority.NOW)
