"""Puts the demo's goods into the catalogue by the same actions that pages and CSV files use."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import groupby
from pathlib import Path

from django.conf import settings
from django.db import transaction

from catalog.actions.targets import refresh_targets
from catalog.actions.taxonomy import import_taxonomy
from catalog.enums import FreeText, ProductKind
from catalog.models import (
    CategoryMapping,
    JetAttribute,
    JetAttributeValue,
    JetCategory,
    JetCategoryAttribute,
    Product,
    StoreCategory,
    TaxonomyVersion,
    Variant,
)
from jetsync.actions.log import record
from jetsync.demo.goods import CATEGORIES, Good, goods
from jetsync.models import Merchant
from jetsync.tenancy.actor import SYSTEM

TAXONOMY = Path(__file__).resolve().parent.parent / "sandbox" / "taxonomy_small"
TAXONOMY_NAME = "Demo taxonomy"
# What shirts are called in the store, and at Jet.
SIZES = {"Small": "S", "Medium": "M", "Large": "L", "X-Large": "XL"}


def ensure_taxonomy() -> TaxonomyVersion:
    """The small taxonomy that the sandbox knows too; a current one is left alone."""
    current = TaxonomyVersion.objects.filter(owner=None, is_current=True).first()
    return current or import_taxonomy(TAXONOMY, TAXONOMY_NAME)


@transaction.atomic
def add_goods(merchant: Merchant) -> list[int]:
    """Categories, mappings, products and variants; returns the variants' ids."""
    version = ensure_taxonomy()
    categories = _categories(merchant, version)
    ids: list[int] = []
    for _key, family in groupby(goods(), key=lambda good: good.family or good.sku):
        members = list(family)
        product = _product(merchant, members, categories[members[0].category])
        ids += [
            _variant(merchant, product, good, position, version).pk for position, good in enumerate(members)
        ]
    refresh_targets(merchant, ids, push=False)
    record(merchant, "demo.goods.added", f"{len(ids)} demo products were added.", actor=SYSTEM)
    return ids


def _categories(merchant: Merchant, version: TaxonomyVersion) -> dict[str, StoreCategory]:
    found: dict[str, StoreCategory] = {}
    for path, node_id in CATEGORIES.items():
        category = StoreCategory.objects.create(merchant=merchant, path=path)
        node = JetCategory.objects.filter(version=version, node_id=node_id or 0).first()
        if node is not None:
            CategoryMapping.objects.create(
                merchant=merchant, store_category=category, jet_node_id=node.node_id, jet_path=node.path
            )
        found[path] = category
    return found


def _product(merchant: Merchant, members: Sequence[Good], category: StoreCategory) -> Product:
    first = members[0]
    is_family = len(members) > 1
    return Product.objects.create(
        merchant=merchant,
        kind=ProductKind.VARIABLE if is_family else ProductKind.SIMPLE,
        title=first.title.rpartition(", ")[0] if is_family else first.title,
        description=first.description,
        brand=first.brand,
        manufacturer=first.brand,
        bullets=["Tested by hand before it ships", "Recyclable packaging"],
        store_category=category,
    )


def _variant(
    merchant: Merchant, product: Product, good: Good, position: int, version: TaxonomyVersion
) -> Variant:
    picture = f"{settings.BASE_URL}{settings.STATIC_URL}demo/{good.picture}.png" if good.picture else ""
    return Variant.objects.create(
        merchant=merchant,
        product=product,
        sku=good.sku,
        position=position,
        title=good.title,
        price=good.price,
        quantity=good.quantity,
        codes=[{"type": "UPC", "code": good.upc}],
        mfr_part_number=good.sku,
        shipping_weight_pounds=good.weight or None,
        country_of_origin="USA",
        main_image_url=picture,
        options=[{"name": name, "value": value} for name, value in good.options.items()],
        attributes=_attributes(good, version),
    )


def _option_value(attribute: JetAttribute, value: str, version: TaxonomyVersion) -> dict[str, object]:
    """As Jet wants it: "Small" is one of its sizes by another name, "8 Inch" a number and a unit."""
    if attribute.free_text == FreeText.FREE_WITH_UNIT:
        number, _, unit = value.partition(" ")
        return {"id": attribute.attribute_id, "value": number, "unit": unit}
    legal = JetAttributeValue.objects.filter(version=version, attribute_id=attribute.attribute_id)
    known = legal.filter(value__in=[value, SIZES.get(value, value)]).first()
    return {"id": attribute.attribute_id, "value": known.value if known else value, "unit": ""}


def _attributes(good: Good, version: TaxonomyVersion) -> list[dict[str, object]]:
    """Those by which siblings differ; else one of the category: free text where there is one, or the first legal value."""
    node_id = CATEGORIES[good.category]
    if node_id is None:
        return []
    linked = JetCategoryAttribute.objects.filter(version=version, node_id=node_id).values("attribute_id")
    attributes = JetAttribute.objects.filter(version=version, attribute_id__in=linked).order_by(
        "attribute_id"
    )
    told_apart = [
        _option_value(attribute, value, version)
        for name, value in good.options.items()
        for attribute in attributes.filter(is_variant=True, name=name)
    ]
    if told_apart:
        return told_apart
    free = attributes.filter(free_text=FreeText.FREE).first()
    if free is not None:
        return [{"id": free.attribute_id, "value": good.options.get("Color", "Natural"), "unit": ""}]
    for attribute in attributes.filter(free_text=FreeText.LISTED):
        value = JetAttributeValue.objects.filter(version=version, attribute_id=attribute.attribute_id).first()
        if value is not None:
            return [{"id": attribute.attribute_id, "value": value.value, "unit": ""}]
    return []
