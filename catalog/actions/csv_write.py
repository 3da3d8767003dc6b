"""Writes one batch of parsed CSV rows: what is known is updated where it differs, what is new is inserted."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from typing import Any

from catalog.bulk import insert_rows, reserve_ids, update_rows
from catalog.csv_rows import ParsedRow, check_attributes, check_whole
from catalog.enums import ProductKind
from catalog.facts import VariantFacts
from catalog.models import Listing, NodeStock, Product, StoreCategory, Variant
from catalog.problems import Problem
from catalog.queries.listing import load_facts
from catalog.queries.taxonomy import load_taxonomy
from jetsync.models import Merchant
from jetsync.queries.settings import default_node

PRODUCT_FIELDS = ("title", "description", "brand", "manufacturer", "bullets", "jet_node_id")
VARIANT_FIELDS = (
    "asin",
    "codes",
    "mfr_part_number",
    "multipack_quantity",
    "shipping_weight_pounds",
    "package_length_inches",
    "package_width_inches",
    "package_height_inches",
    "msrp",
    "map_price",
    "map_implementation",
    "number_units_for_price_per_unit",
    "type_of_unit_for_price_per_unit",
    "prop_65",
    "legal_disclaimer_description",
    "country_of_origin",
    "safety_warning",
    "main_image_url",
    "alternate_image_urls",
    "attributes",
)
_EMPTY: dict[str, Any] = {
    "bullets": [],
    "codes": [],
    "attributes": [],
    "alternate_image_urls": [],
    "multipack_quantity": 1,
    "map_implementation": "101",
    "prop_65": False,
    "jet_node_id": None,
    "shipping_weight_pounds": None,
    "package_length_inches": None,
    "package_width_inches": None,
    "package_height_inches": None,
    "msrp": None,
    "map_price": None,
    "number_units_for_price_per_unit": None,
}


@dataclass
class Written:
    created: int = 0
    updated: int = 0
    unchanged: int = 0
    variant_ids: list[int] = field(default_factory=list)

    @property
    def done(self) -> int:
        return self.created + self.updated + self.unchanged


def stored_values(facts: VariantFacts) -> dict[str, Any]:
    """What is stored of a SKU, under the names that parsed rows use."""
    values = {name: getattr(facts, name) for name in VARIANT_FIELDS}
    return values | {
        "title": facts.own_title if facts.kind == ProductKind.VARIABLE else facts.product_title,
        "description": facts.description,
        "brand": facts.brand,
        "manufacturer": facts.manufacturer,
        "bullets": facts.bullets,
        "jet_node_id": facts.own_node_id,
        "store_category": facts.store_category or "",
    }


def lock_known(merchant: Merchant, skus: Iterable[str]) -> dict[str, VariantFacts]:
    """The variants that have these SKUs, locked in order of their pk."""
    rows = Variant.objects.filter(merchant=merchant, sku__in=list(skus)).order_by("pk")
    ids = list(rows.select_for_update(no_key=True).values_list("pk", flat=True))
    return {facts.sku: facts for facts in load_facts(merchant, ids)}


def _lock_products(merchant: Merchant, skus: Sequence[str]) -> None:
    """Products before variants, as the forms lock them: else a form and an import would wait for each other, and an
    edit made between our reading and writing would be undone.
    """
    ids = Variant.objects.filter(merchant=merchant, sku__in=skus).values("product_id")
    rows = Product.objects.filter(merchant=merchant, pk__in=ids).order_by("pk")
    list(rows.select_for_update(no_key=True).values_list("pk", flat=True))


def write_products(merchant: Merchant, rows: Sequence[ParsedRow], *, is_on_jet: bool) -> Written:
    """Checks each row against the taxonomy and what is stored, then writes the good ones.

    Rows with problems get them noted and are left out. Inside the caller's transaction.
    """
    skus = [row.sku for row in rows]
    _lock_products(merchant, skus)
    known = lock_known(merchant, skus)
    listed = _listed_at_jet(merchant, [facts.pk for facts in known.values()])
    nodes = {row.values["jet_node_id"] for row in rows if row.values.get("jet_node_id")}
    attributes = {item["id"] for row in rows for item in row.values.get("attributes", ())}
    taxonomy = load_taxonomy(merchant, nodes, attributes)
    for row in rows:
        facts = known.get(row.sku)
        check_attributes(row, taxonomy)
        new_to_jet = not is_on_jet and (facts is None or facts.pk not in listed)
        check_whole(row, stored_values(facts) if facts else None, new_to_jet=new_to_jet)
    good = [row for row in rows if not row.problems]
    categories = _store_categories(merchant, {row.values.get("store_category", "") for row in good})
    written = Written()
    _update_known(merchant, good, known, categories, written)
    _insert_new(merchant, [row for row in good if row.sku not in known], categories, written)
    return written


def _listed_at_jet(merchant: Merchant, variant_ids: Sequence[int]) -> set[int]:
    rows = Listing.objects.filter(merchant=merchant, variant__in=variant_ids, content_sent_at__isnull=False)
    return set(rows.values_list("variant_id", flat=True))


def _store_categories(merchant: Merchant, paths: set[str]) -> dict[str, int | None]:
    """Path -> pk, made where missing; the empty path means none."""
    wanted = paths - {""}
    found: dict[str, int | None] = {"": None}
    if wanted:
        rows = [{"path": path} for path in sorted(wanted)]
        insert_rows(StoreCategory, merchant, ("path",), rows, skip_known=True)
        stored = StoreCategory.objects.filter(merchant=merchant, path__in=wanted)
        found.update(stored.values_list("path", "pk"))
    return found


def _update_known(
    merchant: Merchant,
    rows: Sequence[ParsedRow],
    known: dict[str, VariantFacts],
    categories: dict[str, int | None],
    written: Written,
) -> None:
    products: dict[int, dict[str, Any]] = {}
    variants: list[dict[str, Any]] = []
    for row in rows:
        facts = known.get(row.sku)
        if facts is None:
            continue
        stored = stored_values(facts)
        changed = {name for name, value in row.values.items() if stored[name] != value}
        if not changed:
            written.unchanged += 1
            continue
        written.updated += 1
        values = stored | row.values
        own = {name: values[name] for name in VARIANT_FIELDS}
        variants.append({"id": facts.pk, "title": _own_title(facts, values), **own})
        if changed - set(VARIANT_FIELDS):
            _merge_product(products, facts, values, categories)
    update_rows(
        Product, merchant, (*PRODUCT_FIELDS, "store_category"), list(products.values()), touch="updated_at"
    )
    update_rows(Variant, merchant, ("title", *VARIANT_FIELDS), variants, touch="updated_at")
    written.variant_ids += [row["id"] for row in variants]
    written.variant_ids += _siblings(merchant, products, variants)


def _own_title(facts: VariantFacts, values: dict[str, Any]) -> str:
    return str(values["title"]) if facts.kind == ProductKind.VARIABLE else facts.own_title


def _merge_product(
    products: dict[int, dict[str, Any]],
    facts: VariantFacts,
    values: dict[str, Any],
    categories: dict[str, int | None],
) -> None:
    """Variants of one product share brand, texts and category; the lowest row of the file wins."""
    path = values["store_category"]
    title = facts.product_title if facts.kind == ProductKind.VARIABLE else values["title"]
    products[facts.product_id] = {
        "id": facts.product_id,
        **{name: values[name] for name in PRODUCT_FIELDS},
        "title": title,
        "store_category": categories[path],
    }


def _siblings(merchant: Merchant, products: dict[int, Any], variants: Sequence[dict[str, Any]]) -> list[int]:
    written = {row["id"] for row in variants}
    rows = Variant.objects.filter(merchant=merchant, product__in=list(products)).exclude(pk__in=written)
    return list(rows.values_list("pk", flat=True))


def _insert_new(
    merchant: Merchant, rows: Sequence[ParsedRow], categories: dict[str, int | None], written: Written
) -> None:
    product_ids, variant_ids = reserve_ids(Product, len(rows)), reserve_ids(Variant, len(rows))
    products, variants = [], []
    for row, product_id, variant_id in zip(rows, product_ids, variant_ids, strict=True):
        values = row.values
        products.append(
            {
                "id": product_id,
                **{name: values.get(name, _EMPTY.get(name, "")) for name in PRODUCT_FIELDS},
                "store_category": categories[values.get("store_category", "")],
            }
        )
        own = {name: values.get(name, _EMPTY.get(name, "")) for name in VARIANT_FIELDS}
        variants.append({"id": variant_id, "product": product_id, "sku": row.sku, **own})
    insert_rows(Product, merchant, ("id", *PRODUCT_FIELDS, "store_category"), products)
    insert_rows(Variant, merchant, ("id", "product", "sku", *VARIANT_FIELDS), variants)
    written.created += len(rows)
    written.variant_ids += variant_ids


def write_prices(merchant: Merchant, rows: Sequence[ParsedRow], *, is_on_jet: bool) -> Written:  # noqa: ARG001 -- one signature for both kinds
    """Prices and quantities of known SKUs; an unknown SKU is a problem of its row. Inside the caller's transaction."""
    known = lock_known(merchant, [row.sku for row in rows])
    written = Written()
    changed: list[dict[str, Any]] = []
    counted: list[int] = []
    for row in rows:
        facts = known.get(row.sku)
        if facts is None:
            message = f"SKU {row.sku} is not among your products."
            row.take(
                Problem("sku", "unknown", row.sku, message, "Upload the product first, or correct the SKU.")
            )
        if row.problems or facts is None:
            continue
        if "quantity" in row.values:
            counted.append(facts.pk)
        if all(getattr(facts, name) == value for name, value in row.values.items()):
            written.unchanged += 1
            continue
        written.updated += 1
        written.variant_ids.append(facts.pk)
        changed.append(
            {
                "id": facts.pk,
                "price": row.values.get("price", facts.price),
                "quantity": row.values.get("quantity", facts.quantity),
            }
        )
    update_rows(Variant, merchant, ("price", "quantity"), changed, touch="updated_at")
    written.variant_ids += _forget_own_count(merchant, counted)
    return written


def _forget_own_count(merchant: Merchant, variant_ids: Sequence[int]) -> list[int]:
    """The file's quantity is the product's: a count kept at the default node alone would hide it."""
    node = default_node(merchant)
    rows = NodeStock.objects.filter(
        merchant=merchant, variant__in=variant_ids, node=node, quantity__isnull=False
    )
    ids = list(rows.values_list("variant_id", flat=True))
    if ids:
        rows.update(quantity=None)
    return ids
