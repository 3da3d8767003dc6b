"""What the listing of one SKU is built from: plain values, no database."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from decimal import Decimal
from types import MappingProxyType
from typing import Any, NamedTuple

from catalog.enums import FreeText, ImageState
from catalog.problems import Problem


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
    fulfillment_time: int | None = None
    sells_on_jet: bool = True
    special_price: Decimal | None = None
    special_from: datetime | None = None
    special_to: datetime | None = None
    price_floor: Decimal | None = None
    buffer_quantity: int | None = None
    data: Mapping[str, Any] = MappingProxyType({})
    profile_id: int | None = None
    product_data: Mapping[str, Any] = MappingProxyType({})
    repriced_price: Decimal | None = None
    # No column of ours: only a field mapping gives these.
    display_length_inches: Decimal | None = None
    display_width_inches: Decimal | None = None
    display_height_inches: Decimal | None = None

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
    "fulfillment_time",
    "sells_on_jet",
    "special_price",
    "special_from",
    "special_to",
    "price_floor",
    "buffer_quantity",
    "data",
    "product__profile_id",
    "product__data",
    "repriced_price",
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
class ImageFacts:
    """What was found behind an address. `state` as ImageState; sizes in pixels; `content_hash` of the bytes."""

    state: ImageState
    width: int = 0
    height: int = 0
    format: str = ""
    is_layered: bool = False
    content_hash: str = ""
    message: str = ""


class ListingInput(NamedTuple):
    """`quantity` is the sum over the nodes as Jet should have it; None when no quantity is known anywhere.

    `origins`: fact -> where its value came from, if not from the SKU itself. `images` by address, where known.
    `family_problems`: what keeps it out of the family of its variable product.
    """

    facts: VariantFacts
    price: Decimal | None
    quantity: int | None
    taxonomy: Taxonomy
    origins: Mapping[str, str] = MappingProxyType({})
    mapped_problems: Sequence[Problem] = ()
    family_problems: Sequence[Problem] = ()
    images: Mapping[str, ImageFacts] = MappingProxyType({})
