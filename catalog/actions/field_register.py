"""The register of the store's own fields: their names, kept so that pickers need not read all products."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from django.db.models import Count
from django.utils import timezone

from catalog.bulk import insert_rows
from catalog.codes import Code
from catalog.enums import StoreFieldKind
from catalog.models import Product, StoreField, Variant
from catalog.store_values import FIELD, OPTION, is_source, samples_of
from catalog.validators import shown
from jetsync.enums import Priority
from jetsync.exceptions import InvalidInput
from jetsync.models import Merchant
from jetsync.sync.requests import request_job

READ_FIELDS_JOB = "catalog.read_store_fields"
SAMPLE_LENGTH = 200
# Each is a column of an export and a line of every picker. A store with a thousand has put data into names.
MOST_KNOWN = 1000
# Rows read at once; a product's fields take a few kilobytes.
BATCH = 2000


def note_fields(merchant: Merchant, samples: Mapping[str, str], *, strict: bool = True) -> int:
    """Keeps the names of store fields for the pickers. Call it wherever products are written.

    `samples`: key -> an example of its value, as `catalog.store_values.samples_of(data, options)` gives them. One query
    when all are known, three when some are new; known ones are left alone. Returns how many are new. Safe to repeat.
    Raises InvalidInput for a field too many; options beyond the limit, and with `strict` off fields too, stay on their
    products and only out of the register.
    """
    wanted = {key: text for key, text in samples.items() if ":" in key and is_source(key)}
    if not wanted:
        return 0
    names = {key.partition(":")[2] for key in wanted}
    rows = StoreField.objects.filter(merchant=merchant, name__in=names)
    known = {f"{kind}:{name}" for kind, name in rows.values_list("kind", "name")}
    new = sorted(wanted.keys() - known)
    if not new:
        return 0
    if strict:
        _check_room(merchant, new)
    fresh = [_row(key, wanted[key]) for key in _with_room(merchant, new)]
    return insert_rows(StoreField, merchant, ("kind", "name", "sample"), fresh, skip_known=True)


def check_field_names(merchant: Merchant, names: Iterable[str]) -> None:
    """Raises InvalidInput when products with these own fields would bring the merchant above the limit."""
    fields = StoreField.objects.filter(merchant=merchant, kind=StoreFieldKind.FIELD)
    known = set(fields.values_list("name", flat=True))
    _refuse(sorted(set(names) - known), len(known))


def _check_room(merchant: Merchant, new: Sequence[str]) -> None:
    fields = [key.removeprefix(FIELD) for key in new if key.startswith(FIELD)]
    if fields:
        _refuse(fields, StoreField.objects.filter(merchant=merchant, kind=StoreFieldKind.FIELD).count())


def _refuse(new: Sequence[str], count: int) -> None:
    if new and count + len(new) > MOST_KNOWN:
        raise InvalidInput(
            f"Your products have {count:,} own fields, at most {MOST_KNOWN:,} are kept. "
            f"New would be {len(new):,}, e.g. “{shown(new[0])}”.",
            hint="Use fields that are there, or take those from your products that no mapping reads.",
            code=Code.TOO_MANY_FIELDS,
        )


def _with_room(merchant: Merchant, new: Sequence[str]) -> list[str]:
    rows = StoreField.objects.filter(merchant=merchant).values_list("kind").annotate(Count("pk"))
    counts = dict(rows.order_by())
    kinds = {FIELD: StoreFieldKind.FIELD, OPTION: StoreFieldKind.OPTION}
    found: list[str] = []
    for prefix, kind in kinds.items():
        room = max(0, MOST_KNOWN - counts.get(kind, 0))
        found += [key for key in new if key.startswith(prefix)][:room]
    return found


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
    note_fields(merchant, found, strict=False)
    old = StoreField.objects.filter(merchant=merchant, seen_at__lt=started)
    gone = [pk for pk, kind, name in old.values_list("pk", "kind", "name") if f"{kind}:{name}" not in found]
    StoreField.objects.filter(merchant=merchant, pk__in=gone).delete()
    return len(found)


def ensure_fields(merchant: Merchant) -> None:
    """For pages that list the store's fields: fills a register that is empty although products carry some.

    Older products, or those of an import that notes no names, are read at once up to a batch; a job reads the others.
    One query when anything is known. Safe to repeat.
    """
    if StoreField.objects.filter(merchant=merchant).exists():
        return
    found: dict[str, str] = {}
    rows = Variant.objects.filter(merchant=merchant).exclude(data={}, options=[])
    for data, options in rows.order_by("pk").values_list("data", "options")[:BATCH]:
        _collect(found, samples_of(data, options))
    products = Product.objects.filter(merchant=merchant).exclude(data={})
    for data in products.order_by("pk").values_list("data", flat=True)[:BATCH]:
        _collect(found, samples_of(data))
    if note_fields(merchant, found, strict=False):
        ask_read_fields(merchant)


def _collect(found: dict[str, str], samples: Mapping[str, str]) -> None:
    """Keeps one example per field, a value rather than none."""
    for key, text in samples.items():
        if not found.get(key):
            found[key] = text[:SAMPLE_LENGTH]


def ask_read_fields(merchant: Merchant) -> None:
    """Asks for the job that reads the fields of all products."""
    request_job(merchant, READ_FIELDS_JOB, "all", priority=Priority.NOW)
