"""Products and SKUs as rows: locked, compared, written, and what stands in the way of a name or a category."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime
from decimal import Decimal
from typing import Any

from django.db import IntegrityError, transaction
from django.db.models import Model

from catalog.actions.field_register import note_fields
from catalog.listing import category_problem
from catalog.models import Listing, Product, StoreCategory, Variant
from catalog.problems import Problem, moved_problems, raise_moved, raise_problems
from catalog.product_fields import CONTENT_FIELDS
from catalog.queries.spelling import spelled_like, taken_problem
from catalog.queries.taxonomy import load_taxonomy
from catalog.store_values import samples_of
from jetsync.exceptions import InvalidInput, StateConflict
from jetsync.models import Merchant

PRODUCT_FIELDS = (
    "title",
    "description",
    "brand",
    "manufacturer",
    "bullets",
    "store_category",
    "jet_node_id",
    "is_active",
    "data",
)
VARIANT_FIELDS = (
    "sku",
    "title",
    "price",
    "quantity",
    *CONTENT_FIELDS,
    "options",
    "fulfillment_time",
    "special_price",
    "special_from",
    "special_to",
    "price_floor",
    "buffer_quantity",
    "sells_on_jet",
    "data",
)
# Whether its siblings are a family depends on these values of a SKU.
OFFERED_WITH = frozenset({"sells_on_jet"})
# What the guard of prices looks at.
PRICE_FIELDS = ("price", "special_price", "price_floor", "map_price", "msrp")


def locked_product(product: Product) -> Product:
    return Product.objects.select_for_update(of=("self",)).get(pk=product.pk, merchant=product.merchant)


def locked_variant(variant: Variant) -> Variant:
    rows = Variant.objects.select_for_update(of=("self",), no_key=True)
    return rows.get(pk=variant.pk, merchant=variant.merchant)


def check_unmoved(
    row: Product | Variant,
    fields: Sequence[str],
    changes: Mapping[str, Any],
    seen: Mapping[str, Any] | None,
) -> None:
    if seen:
        what = f"SKU {row.sku}" if isinstance(row, Variant) else f"“{row.title}”"
        raise_moved(moved_problems({name: getattr(row, name) for name in fields}, changes, seen), what)


def apply_values(
    row: Model, fields: Sequence[str], changes: Mapping[str, Any]
) -> tuple[dict[str, Any], dict[str, Any]]:
    """Sets the changed attributes and returns old and new values as the log keeps them."""
    old: dict[str, Any] = {}
    new: dict[str, Any] = {}
    for name in fields:
        if name in changes and getattr(row, name) != changes[name]:
            old[name], new[name] = _plain(getattr(row, name)), _plain(changes[name])
            setattr(row, name, changes[name])
    return old, new


def _plain(value: Any) -> Any:
    if isinstance(value, Decimal | StoreCategory | datetime):
        return str(value)
    return value


def insert_variant(product: Product, values: Mapping[str, Any], position: int = 0) -> Variant:
    row = Variant(merchant=product.merchant, product=product, position=position)
    apply_values(row, VARIANT_FIELDS, values)
    check_spelling(row)
    save_variant(row, None)
    note_variant_fields(row, values)
    return row


def note_variant_fields(row: Variant, written: Mapping[str, Any]) -> None:
    """New names of store fields and options go into the register that pickers read."""
    data = row.data if "data" in written else {}
    note_fields(row.merchant, samples_of(data, row.options if "options" in written else ()))


def check_spelling(row: Variant) -> None:
    found = spelled_like(row.merchant, [row.sku], but=[row.pk])
    raise_problems([taken_problem(row.sku, other) for other in found.values() if other != row.sku])


def save_variant(row: Variant, update_fields: list[str] | None) -> None:
    try:
        with transaction.atomic():
            row.save(update_fields=update_fields)
    except IntegrityError:
        message = f"SKU {row.sku} is in use by another product."
        raise InvalidInput(message, hint="Give another SKU.", fields={"sku": [message]}) from None


def check_rename(variant: Variant, changes: Mapping[str, Any]) -> None:
    if changes.get("sku", variant.sku) == variant.sku:
        return
    if Listing.objects.filter(
        merchant=variant.merchant_id, variant=variant, content_sent_at__isnull=False
    ).exists():
        raise StateConflict(
            f"SKU {variant.sku} is known to Jet and keeps its name.",
            hint="Archive it and make a new SKU instead.",
            fields={"sku": ["Jet knows this SKU; it cannot be renamed."]},
        )


def variant_ids_of(product: Product) -> list[int]:
    rows = Variant.objects.filter(merchant=product.merchant_id, product=product)
    return list(rows.values_list("pk", flat=True))


def category_problems(merchant: Merchant, values: Mapping[str, Any]) -> list[Problem]:
    """Without a taxonomy the checklist says that the category is not checked."""
    node_id = values.get("jet_node_id")
    if node_id is None:
        return []
    taxonomy = load_taxonomy(merchant, [node_id])
    known = bool(taxonomy.version)
    problem = category_problem(taxonomy.categories.get(node_id), node_id, known=known, column="jet_node_id")
    return [problem] if problem else []


def attribute_taxonomy(merchant: Merchant, changes: Mapping[str, Any]) -> Any:
    ids = [item["id"] for item in changes.get("attributes", ()) if item["id"] > 0]
    return load_taxonomy(merchant, (), ids)
