"""Rows for the catalogue's lists beside the SKUs themselves: pictures, drift, errors, groups, files, imports, mappings."""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from typing import Any

from django.conf import settings
from django.db.models import F, Value
from django.db.models.functions import Mod
from django.utils import timezone

from catalog.actions.stock_drift import note_stock_drift
from catalog.actions.taxonomy import import_taxonomy
from catalog.bulk import batches, insert_rows, reserve_ids, update_rows
from catalog.enums import CsvKind, FileState, FileType, GroupOrigin, ImageState, ListingStatus, Readiness
from catalog.images import ImageVerdict
from catalog.models import (
    BulkFile,
    CategoryMapping,
    CsvUpload,
    ImageFact,
    ImageUse,
    JetAttribute,
    JetAttributeValue,
    JetCategory,
    JetCategoryAttribute,
    Listing,
    NodeStock,
    Product,
    Profile,
    SkuError,
    StoreCategory,
    TaxonomyVersion,
    Variant,
    VariationGroup,
    VariationMember,
)
from jetsync.models import Merchant
from jetsync.queries.settings import get_account

# Children first: rows go without Django's collector, which would load all of them.
TABLES = (
    ImageUse,
    ImageFact,
    SkuError,
    VariationMember,
    VariationGroup,
    BulkFile,
    CsvUpload,
    NodeStock,
    Listing,
    Variant,
    Product,
    Profile,
    CategoryMapping,
    StoreCategory,
)
TAXONOMY_TABLES = (JetCategoryAttribute, JetAttributeValue, JetAttribute, JetCategory)
TAXONOMY = settings.BASE_DIR / "jetsync" / "sandbox" / "taxonomy_small"
# Lists that a person fills by hand are as long for a small merchant as for a large one: a page and a bit.
BY_HAND = 60
# One SKU in this many differs at Jet, and was refused.
DRIFT_EVERY = 10
ERROR_EVERY = 10
# A group takes one of each five SKUs as its parent and the next two to four as children.
GROUP_EVERY = 5
BATCH = 5000
KETTLES, COLOR, MATERIAL = 41001003, 101, 103
# Most of a shop is for sale; the other parts of the catalogue hold 5 % each.
STATUSES = (
    ListingStatus.NOT_UPLOADED,
    ListingStatus.UNDER_REVIEW,
    ListingStatus.MISSING_DATA,
    ListingStatus.ARCHIVED,
    *([ListingStatus.AVAILABLE] * 16),
)
Row = dict[str, Any]


def make_neighbours(merchant: Merchant, skus: int) -> None:
    """What the lists show of `skus` SKUs that `make_catalogue` has written. The merchant's scope is open."""
    rows = Listing.objects.filter(merchant=merchant).order_by("pk")
    listings = list(rows.values_list("pk", "variant_id", "variant__main_image_url"))
    for batch in batches(listings, BATCH):
        _pictures(merchant, batch)
    for number, status in enumerate(STATUSES):
        rows.annotate(place=Mod("pk", Value(len(STATUSES)))).filter(place=number).update(status=status)
    ids = [pk for pk, *_rest in listings]
    _drift(merchant, ids[::DRIFT_EVERY])
    _errors(merchant, ids[1::ERROR_EVERY])
    _groups(merchant, [variant_id for _pk, variant_id, _url in listings])
    _files(merchant, max(BY_HAND, skus // 50))
    _by_hand(merchant)


def _pictures(merchant: Merchant, rows: Sequence[tuple[int, int, str]]) -> None:
    now, verdicts = timezone.now(), list(ImageVerdict)
    ids = reserve_ids(ImageFact, len(rows))
    facts = [
        {
            "id": fact,
            "url_hash": hashlib.sha256(url.encode()).hexdigest(),
            "url": url,
            "state": ImageState.FINE.value,
            "verdict": verdicts[pk % len(verdicts)].value if pk % 10 == 0 else ImageVerdict.FINE.value,
            "width": 1200,
            "height": 900,
            "format": "JPEG",
            "byte_count": 240_000,
            "checked_at": now,
            "due_at": now,
        }
        for fact, (pk, _variant_id, url) in zip(ids, rows, strict=True)
    ]
    insert_rows(ImageFact, merchant, tuple(facts[0]), facts)
    uses = [{"fact": fact, "variant": variant} for fact, (_pk, variant, _url) in zip(ids, rows, strict=True)]
    insert_rows(ImageUse, merchant, ("fact", "variant"), uses)


def _drift(merchant: Merchant, ids: Sequence[int]) -> None:
    """A third each in price, quantity and product data; Jet was read after it had accepted ours."""
    now = timezone.now()
    price, quantity, content = (ids[number::3] for number in range(3))
    rows = Listing.objects.filter(merchant=merchant)
    rows.filter(pk__in=ids).update(drift_since=now, status_read_at=now)
    rows.filter(pk__in=price).update(price_live=F("price_sent") + 1, price_live_at=now)
    shown = {"product_title": "Another title", "brand": "Harrow and Finch"}
    rows.filter(pk__in=content).update(
        content_drift=list(shown), live_body=shown, content_sent_body=dict.fromkeys(shown, "Ours")
    )
    stock = NodeStock.objects.filter(merchant=merchant, variant__listing__in=quantity, node__is_default=True)
    stock.update(quantity_live=F("quantity_sent") + 1, quantity_live_at=now)
    note_stock_drift(merchant)


def _errors(merchant: Merchant, ids: Sequence[int]) -> None:
    """Refusals of 40 causes, and what is said about each SKU on its own row."""
    rows = [
        {
            "listing": pk,
            "step": "content",
            "code": "content_refused",
            "message": "Invalid UPC",
            "group_key": f"upc-{pk % 40}",
            "group_label": "Invalid UPC",
        }
        for pk in ids
    ]
    insert_rows(SkuError, merchant, tuple(rows[0]), rows)
    Listing.objects.filter(merchant=merchant, pk__in=ids).update(
        error_code="content_refused",
        error_message="Invalid UPC",
        error_at=timezone.now(),
        readiness=Readiness.NOT_READY,
    )


def _groups(merchant: Merchant, variants: Sequence[int]) -> None:
    """Groups with two to four children, in every state that a list shows."""
    starts = list(range(0, len(variants) - GROUP_EVERY, GROUP_EVERY))
    groups: list[Row] = []
    members: list[Row] = []
    for pk, start in zip(reserve_ids(VariationGroup, len(starts)), starts, strict=True):
        children = variants[start + 1 : start + 3 + pk % 3]
        groups.append({"id": pk, "parent": variants[start], **_group(pk, len(children))})
        members += [
            {"group": pk, "variant": variant, "position": position}
            for position, variant in enumerate(children)
        ]
    insert_rows(VariationGroup, merchant, tuple(groups[0]), groups)
    insert_rows(VariationMember, merchant, ("group", "variant", "position"), members)


def _group(number: int, children: int) -> Row:
    """Of seven, three are as Jet has them, one each lacks something, was refused, waits, is about to be sent."""
    kind = number % 7
    digest = hashlib.sha256(str(number).encode()).hexdigest()
    gap = {"field": "brand", "rule": "required", "message": "The parent has no brand.", "level": "blocks"}
    now = timezone.now().isoformat()
    return {
        "group_title": f"Family {number}",
        "refinements": [COLOR, MATERIAL],
        "origin": GroupOrigin.PANEL.value,
        "gaps": [gap] if kind == 0 else [],
        "target": "" if kind == 0 else digest,
        "sent": digest if kind > 3 else "",  # noqa: PLR2004 -- see above
        "sent_at": now if kind > 3 else None,  # noqa: PLR2004 -- as above
        "error_message": "Group is incomplete" if kind == 1 else "",
        "error_at": now if kind == 1 else None,
        "child_count": children,
        "unsent_count": 1 if kind == 2 else 0,  # noqa: PLR2004 -- as above
    }


def _files(merchant: Merchant, count: int) -> None:
    """Bulk files and imports grow slower than the catalogue."""
    account = get_account(merchant)
    if account is None:
        raise LookupError("make_catalogue gives every merchant an account")
    files = [
        {
            "account": account.pk,
            "file_type": FileType.PRICE.value,
            "name": f"price-{number}",
            "state": (FileState.WITH_ERRORS if number % 9 == 0 else FileState.DONE).value,
            "sku_count": 5000,
        }
        for number in range(count)
    ]
    insert_rows(BulkFile, merchant, tuple(files[0]), files)
    uploads = [
        {
            "kind": CsvKind.PRODUCTS.value,
            "token": f"{number:032x}",
            "file": "x.csv",
            "original_name": f"{number}.csv",
        }
        for number in range(count)
    ]
    insert_rows(CsvUpload, merchant, tuple(uploads[0]), uploads)


def _by_hand(merchant: Merchant) -> None:
    """Profiles, store categories with their mapping, a taxonomy of his own."""
    insert_rows(Profile, merchant, ("name",), [{"name": f"Profile {number}"} for number in range(BY_HAND)])
    ids = reserve_ids(StoreCategory, BY_HAND)
    categories = [{"id": pk, "path": f"Kitchen > Shelf {pk}"} for pk in ids]
    insert_rows(StoreCategory, merchant, ("id", "path"), categories)
    mapped = [{"store_category": pk, "jet_node_id": KETTLES, "jet_path": "Kitchen > Kettles"} for pk in ids]
    insert_rows(CategoryMapping, merchant, tuple(mapped[0]), mapped)
    products = Product.objects.filter(merchant=merchant).order_by("pk").values_list("pk", flat=True)
    for batch in batches(products.iterator(chunk_size=BATCH), BATCH):
        placed = [{"id": pk, "store_category": ids[pk % BY_HAND]} for pk in batch]
        update_rows(Product, merchant, ("store_category",), placed)
    import_taxonomy(TAXONOMY, "Benchmark", owner=merchant)


def remove_taxonomy(merchant: Merchant) -> None:
    versions = TaxonomyVersion.objects.filter(owner=merchant)
    for model in TAXONOMY_TABLES:
        model._default_manager.filter(version__in=versions).delete()
    versions.delete()
