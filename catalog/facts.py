"""What the listing of one SKU is built from: plain values, no database."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from decimal import Decimal
from typing import Any, NamedTuple

from catalog.enums import FreeText


class VariantFacts(NamedTuple):
    """One variant with its product. Field names and order are those of `FACT_FIELDS`."""

    pk: int
    product_id: int
    sku: str
    own_title: str
    price: Decimal | None
    quantity: int | None
    asin: str
    codes: Sequence[Mapping[str, str]]
    mfr_part_number: str
    multipack_quantity: int
    shipping_weight_pounds: Decimal | None
    package_length_inches: Decimal | None
    package_width_inches: Decimal | None
    package_height_inches: Decimal | None
    msrp: Decimal | None
    map_price: Decimal | None
    map_implementation: str
    number_units_for_price_per_unit: Decimal | None
    type_of_unit_for_price_per_unit: str
    prop_65: bool
    legal_disclaimer_description: str
    country_of_origin: str
    safety_warning: str
    main_image_url: str
    alternate_image_urls: Sequence[str]
    attributes: Sequence[Mapping[str, Any]]
    options: Sequence[Mapping[str, str]]
    kind: str
    product_title: str
    description: str
    brand: str
    manufacturer: str
    bullets: Sequence[str]
    own_node_id: int | None
    is_active: bool
    store_category: str | None
    mapped_node_id: int | None

    @property
    def jet_node_id(self) -> int | None:
        """The product's own choice wins over the mapping of its store category."""
        return self.own_node_id or self.mapped_node_id


# Columns of `Variant.objects.values_list`, in the order of VariantFacts.
FACT_FIELDS = (
    "pk",
    "product_id",
    "sku",
    "title",
    *VariantFacts._fields[4:27],  # noqa: SLF001 -- NamedTuple's documented API
    "product__kind",
    "product__title",
    "product__description",
    "product__brand",
    "product__manufacturer",
    "product__bullets",
    "product__jet_node_id",
    "product__is_active",
    "product__store_category__path",
    "product__store_category__mapping__jet_node_id",
)


@dataclass(frozen=True)
class CategoryFacts:
    """A node of Jet's tree and the attributes linked to it."""

    node_id: int
    path: str
    level: int
    is_active: bool
    attribute_ids: frozenset[int] = frozenset()


@dataclass(frozen=True)
class AttributeRule:
    """`values` and `units` map the lower-case spelling to Jet's own."""

    attribute_id: int
    name: str
    free_text: FreeText = FreeText.LISTED
    is_variant: bool = False
    values: Mapping[str, str] = field(default_factory=dict)
    units: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True)
class Taxonomy:
    """The part of Jet's taxonomy that a batch needs. `version` is empty when none was imported yet."""

    version: str = ""
    categories: Mapping[int, CategoryFacts] = field(default_factory=dict)
    attributes: Mapping[int, AttributeRule] = field(default_factory=dict)


@dataclass(frozen=True)
class ListingInput:
    """`quantity` is the sum over the nodes as Jet should have it; None when no quantity is known anywhere."""

    facts: VariantFacts
    price: Decimal | None
    quantity: int | None
    taxonomy: Taxonomy
