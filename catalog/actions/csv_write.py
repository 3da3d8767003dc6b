"""Writes what was planned for one batch of CSV rows: changed columns of known SKUs, and new SKUs with their listings."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from typing import Any

from catalog.actions.csv_plan import PRODUCT_FIELDS, VARIANT_FIELDS, Change, Plan
from catalog.actions.csv_targets import NewSku, list_new
from catalog.actions.node_stock import write_at_node
from catalog.actions.store_field import note_fields
from catalog.bulk import insert_rows, reserve_ids, update_rows
from catalog.csv_rows import ParsedRow
from catalog.enums import ProductKind
from catalog.models import NodeStock, Product, StoreCategory, Variant
from catalog.node_columns import split_key
from catalog.store_values import samples_of
from jetsync.models import Merchant
from jetsync.queries.settings import default_node

SHARED = frozenset({*PRODUCT_FIELDS, "store_category"})


@dataclass
class Written:
    """`variant_ids` are those whose targets must follow; new SKUs have theirs already."""

    created: int = 0
    updated: int = 0
    unchanged: int = 0
    variant_ids: list[int] = field(default_factory=list)

    @property
    def done(self) -> int:
        return self.created + self.updated + self.unchanged


def write_products(merchant: Merchant, plan: Plan) -> Written:
    """Inside the caller's transaction, with the known SKUs locked."""
    rows = [*plan.new, *(change.row for change in plan.changed)]
    paths = {path for row in rows if (path := row.values.get("store_category", ""))}
    categories = _store_categories(merchant, paths)
    written = Written(len(plan.new), len(plan.changed), plan.unchanged)
    _note_fields(merchant, rows)
    _update_known(merchant, plan, categories, written)
    _insert_new(merchant, plan, categories)
    return written


def _store_categories(merchant: Merchant, wanted: set[str]) -> dict[str, int | None]:
    """Path -> pk, made where missing; the empty path means none."""
    found: dict[str, int | None] = {"": None}
    if wanted:
        stored = StoreCategory.objects.filter(merchant=merchant, path__in=wanted)
        found.update(stored.values_list("path", "pk"))
        missing = [{"path": path} for path in sorted(wanted - found.keys())]
        if missing:
            insert_rows(StoreCategory, merchant, ("path",), missing, skip_known=True)
            found.update(stored.all().values_list("path", "pk"))
    return found


def _note_fields(merchant: Merchant, rows: Sequence[ParsedRow]) -> None:
    samples: dict[str, str] = {}
    for row in rows:
        if row.values.get("data"):
            samples |= samples_of({name: text for name, text in row.values["data"].items() if text})
    note_fields(merchant, samples, strict=False)  # told when the file was taken in


def _update_known(
    merchant: Merchant, plan: Plan, categories: dict[str, int | None], written: Written
) -> None:
    changes = plan.changed
    if not changes:
        return
    names = frozenset().union(*(change.names for change in changes))
    own = [name for name in VARIANT_FIELDS if name in names]
    variants = []
    products: dict[int, dict[str, Any]] = {}
    for change in changes:
        row: dict[str, Any] = {"id": change.facts.pk, "last_upload": plan.upload_id}
        row |= {name: change.values[name] for name in own}
        if "title" in names:
            is_own = change.facts.kind == ProductKind.VARIABLE
            row["title"] = change.values["title"] if is_own else change.facts.own_title
        variants.append(row)
        if change.names & SHARED:
            _merge_product(products, change, categories)
    columns = [name for name in (*PRODUCT_FIELDS, "store_category") if name in names]
    update_rows(Product, merchant, columns, list(products.values()), touch="updated_at")
    written_columns = ["last_upload", *(["title"] if "title" in names else []), *own]
    update_rows(Variant, merchant, written_columns, variants, touch="updated_at")
    written.variant_ids += [row["id"] for row in variants]
    written.variant_ids += _siblings(merchant, products, variants)


def _merge_product(
    products: dict[int, dict[str, Any]], change: Change, categories: dict[str, int | None]
) -> None:
    """Variants of one product share brand, texts and category; of two rows that change one, the lower wins."""
    facts, values = change.facts, change.values
    is_variable = facts.kind == ProductKind.VARIABLE
    row = products.setdefault(
        facts.product_id,
        {
            "id": facts.product_id,
            "title": facts.product_title,
            "description": facts.description,
            "brand": facts.brand,
            "manufacturer": facts.manufacturer,
            "bullets": facts.bullets,
            "jet_node_id": facts.own_node_id,
            "store_category": None,
        },
    )
    for name in change.names & SHARED:
        if name != "title" or not is_variable:
            row[name] = values[name]
    row["store_category"] = (
        categories[values["store_category"]] if "store_category" in change.row.values else None
    )


def _siblings(merchant: Merchant, products: dict[int, Any], variants: Sequence[dict[str, Any]]) -> list[int]:
    if not products:
        return []
    written = {row["id"] for row in variants}
    rows = Variant.objects.filter(merchant=merchant, product__in=list(products)).exclude(pk__in=written)
    return list(rows.values_list("pk", flat=True))


def _insert_new(merchant: Merchant, plan: Plan, categories: dict[str, int | None]) -> None:
    """Columns that the file does not speak about take the models' defaults."""
    rows = plan.new
    if not rows:
        return
    given = rows[0].values.keys()
    shared = [name for name in PRODUCT_FIELDS if name in given]
    own = [name for name in VARIANT_FIELDS if name in given]
    products: list[dict[str, Any]] = []
    variants: list[dict[str, Any]] = []
    made: list[NewSku] = []
    ids = zip(reserve_ids(Product, len(rows)), reserve_ids(Variant, len(rows)), strict=True)
    for row, (product_id, variant_id) in zip(rows, ids, strict=True):
        values = row.values
        if "data" in values:
            values = {**values, "data": {name: text for name, text in values["data"].items() if text}}
        product = {name: values[name] for name in shared}
        product["id"] = product_id
        product["store_category"] = categories[values.get("store_category", "")]
        variant = {name: values[name] for name in own}
        variant["id"] = variant_id
        variant["product"] = product_id
        variant["sku"] = row.sku
        variant["last_upload"] = plan.upload_id
        products.append(product)
        variants.append(variant)
        made.append(NewSku(variant_id, product_id, row.sku, values))
    insert_rows(Product, merchant, ("id", *shared, "store_category"), products)
    insert_rows(Variant, merchant, ("id", "product", "sku", "last_upload", *own), variants)
    list_new(merchant, made)


def write_prices(merchant: Merchant, plan: Plan) -> Written:
    """Inside the caller's transaction, with the known SKUs locked."""
    written = Written(0, plan.updated, plan.unchanged)
    if plan.changed:
        changed = frozenset().union(*(change.names for change in plan.changed))
        names = [name for name in sorted(changed) if split_key(name) is None]
        rows = [
            {"id": change.facts.pk, **{name: change.values[name] for name in names}}
            for change in plan.changed
        ]
        update_rows(Variant, merchant, names, rows, touch="updated_at")
        _write_at_nodes(merchant, plan.changed, changed)
        written.variant_ids += [change.facts.pk for change in plan.changed]
    if plan.own_counts:
        _forget_own_counts(merchant, list(plan.own_counts))
        written.variant_ids += list(plan.own_counts)
    return written


def _write_at_nodes(merchant: Merchant, changes: Sequence[Change], names: Iterable[str]) -> None:
    """A few statements per column of a node, however many SKUs change it."""
    for key in sorted(names):
        place = split_key(key)
        if place is not None:
            given = {change.facts.pk: change.values[key] for change in changes if key in change.names}
            write_at_node(merchant, place[1], place[0], given)


def _forget_own_counts(merchant: Merchant, variant_ids: Sequence[int]) -> None:
    """The file's quantity is the product's: a count kept at the default node alone would hide it."""
    rows = NodeStock.objects.filter(merchant=merchant, variant__in=variant_ids, node=default_node(merchant))
    rows.filter(quantity__isnull=False).update(quantity=None)
