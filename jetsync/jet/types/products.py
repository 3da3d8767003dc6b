"""Merchant SKUs, price, inventory, variations and exceptions (products.md sections 3 to 9)."""

from __future__ import annotations

from datetime import datetime
from decimal import Decimal
from typing import Annotated, Any, NotRequired, TypedDict

from pydantic import BeforeValidator

from jetsync.jet.types.base import (
    AsList,
    JetModel,
    Money,
    OptionalMoment,
    OptionalMoney,
    Texts,
    either_or,
    spelled,
)
from jetsync.jet.words import (
    CodeType,
    CpsiaStatement,
    ListingStatus,
    ListingSubStatus,
    MapImplementation,
    OverrideType,
    Relationship,
    ServiceLevel,
    ShippingExceptionType,
    ShippingMethod,
    TaxCode,
)


class ProductCode(TypedDict):
    standard_product_code: str
    """Digits only: UPC 12, EAN 13, ISBN-13 13, ISBN-10 10, GTIN-14 14."""
    standard_product_code_type: CodeType | str
    """Of the code; an ASIN is no such code."""


class NodeAttribute(TypedDict):
    attribute_id: int
    """A known attribute, up to 64 bit."""
    attribute_value: str
    """A listed value when the attribute is not free text; numbers as text too."""
    attribute_value_unit: NotRequired[str]
    """Only for free text with a unit; one of the attribute's units."""


class AlternateImage(TypedDict):
    image_slot_id: int
    """1 to 8, each once."""
    image_url: str
    """Absolute."""


class MerchantSkuBody(TypedDict):
    product_title: str
    """5 to 500 characters."""
    multipack_quantity: int
    """1 to 128."""
    brand: NotRequired[str]
    """1 to 100 characters; required since 2016."""
    main_image_url: NotRequired[str]
    """Absolute; required since 2017. At least 40,000 pixels and 100 on a side."""
    standard_product_codes: NotRequired[list[ProductCode]]
    """These, or ASIN, or both."""
    ASIN: NotRequired[str]
    """10 characters; the member name is upper case."""
    jet_browse_node_id: NotRequired[int]
    """A known level 2 node, as a number; its absence is a sub status, not an error."""
    amazon_item_type_keyword: NotRequired[str]
    """Amazon's browse keyword; documented until 2015, taken later as well."""
    category_path: NotRequired[str]
    """The merchant's own category."""
    manufacturer: NotRequired[str]
    """1 to 100 characters."""
    mfr_part_number: NotRequired[str]
    """At most 50 characters."""
    product_description: NotRequired[str]
    """1 to 2,000 characters."""
    bullets: NotRequired[list[str]]
    """At most 5 of at most 500 characters."""
    number_units_for_price_per_unit: NotRequired[Decimal | int]
    """Above 0; goes with the next."""
    type_of_unit_for_price_per_unit: NotRequired[str]
    """For instance `each` or `can`."""
    shipping_weight_pounds: NotRequired[Decimal]
    """Pounds, two places."""
    package_length_inches: NotRequired[Decimal]
    """Inches, two places, as all lengths here. Of the parcel."""
    package_width_inches: NotRequired[Decimal]
    """Inches of the parcel."""
    package_height_inches: NotRequired[Decimal]
    """Inches of the parcel."""
    display_length_inches: NotRequired[Decimal]
    """Inches of the product itself."""
    display_width_inches: NotRequired[Decimal]
    """Inches of the product itself."""
    display_height_inches: NotRequired[Decimal]
    """Inches of the product itself."""
    prop_65: NotRequired[bool]
    """California's warning applies; absent is false."""
    legal_disclaimer_description: NotRequired[str]
    """At most 500 characters."""
    cpsia_cautionary_statements: NotRequired[list[CpsiaStatement | str]]
    """At most 7; `no warning applicable` stands alone."""
    country_of_origin: NotRequired[str]
    """At most 50 characters, free text."""
    safety_warning: NotRequired[str]
    """At most 2,000 characters."""
    fulfillment_time: NotRequired[int]
    """Business days, only when it differs from the account's."""
    msrp: NotRequired[Decimal]
    """US dollars."""
    map_price: NotRequired[Decimal]
    """US dollars, above 0; needed with map_implementation 102."""
    map_implementation: NotRequired[MapImplementation | str]
    """A text, not a number."""
    product_tax_code: NotRequired[TaxCode | str]
    """A code off the list was likely not refused."""
    no_return_fee_adjustment: NotRequired[Decimal]
    """0.02 is two points."""
    exclude_from_fee_adjustments: NotRequired[bool]
    """The SKU takes no part in fee adjustments."""
    ships_alone: NotRequired[bool]
    """Always an order of its own."""
    attributes_node_specific: NotRequired[list[NodeAttribute]]
    """At most 10."""
    swatch_image_url: NotRequired[str]
    """Absolute."""
    alternate_images: NotRequired[list[AlternateImage]]
    """At most 8."""


class NodePriceBody(TypedDict):
    fulfillment_node_id: str
    """A node of this merchant, 32 hex digits."""
    fulfillment_node_price: Decimal
    """US dollars, above 0."""


class PriceBody(TypedDict):
    price: Decimal
    """What the merchant is paid, US dollars, above 0."""
    fulfillment_nodes: NotRequired[list[NodePriceBody]]
    """Prices of single nodes; the call replaces the whole record."""


class NodeQuantityBody(TypedDict):
    fulfillment_node_id: str
    """A node of this merchant, 32 hex digits."""
    quantity: int
    """Units, 0 or more."""


class InventoryBody(TypedDict):
    fulfillment_nodes: list[NodeQuantityBody]
    """Nodes that are not named keep their quantity (since 30 January 2018)."""


class ArchiveBody(TypedDict):
    is_archived: bool
    """False brings the SKU back, without its quantities."""


class VariationBody(TypedDict):
    relationship: Relationship | str
    """`Variation`; `Accessory` is refused since October 2017."""
    variation_refinements: list[int]
    """Attribute ids; every SKU of the group has a value for each."""
    children_skus: list[str]
    """Uploaded SKUs of the same category and brand, without the parent. An empty list dissolves the group."""
    group_title: NotRequired[str]
    """Title of the group as a whole."""


class ShippingExceptionBody(TypedDict):
    shipping_exception_type: ShippingExceptionType | str
    """`exclusive`: only this way. `restricted`: never this way, and then no charge."""
    service_level: NotRequired[ServiceLevel | str]
    """This or shipping_method, not both."""
    shipping_method: NotRequired[ShippingMethod | str]
    """This or service_level, not both."""
    override_type: NotRequired[OverrideType | str]
    """Replaces the charge or adds to it; an addition needs the level or method on the node."""
    shipping_charge_amount: NotRequired[Decimal]
    """US dollars, above 0; goes with override_type."""


class NodeShippingExceptionsBody(TypedDict):
    fulfillment_node_id: str
    """A node of this merchant, 32 hex digits."""
    shipping_exceptions: list[ShippingExceptionBody]
    """All of the node; an empty list takes them away."""


class ShippingExceptionsBody(TypedDict):
    fulfillment_nodes: list[NodeShippingExceptionsBody]
    """Nodes that are not named keep theirs; no node at all takes away everything."""


class ReturnsExceptionBody(TypedDict):
    return_location_ids: list[str]
    """Return nodes made in the partner portal. An empty list takes the exception away."""
    time_to_return: NotRequired[int]
    """Days, 1 to 30."""
    return_shipping_methods: NotRequired[list[ShippingMethod | str]]
    """Jet's default is FedEx Ground."""


class NodePrice(JetModel):
    fulfillment_node_id: str
    fulfillment_node_price: Money


class Price(JetModel):
    """A SKU that never got a price has none; nodes without a price of their own are not named."""

    price: OptionalMoney = None
    fulfillment_nodes: list[NodePrice] = []
    price_last_update: OptionalMoment = None

    @property
    def by_node(self) -> dict[str, Decimal]:
        return {node.fulfillment_node_id: node.fulfillment_node_price for node in self.fulfillment_nodes}


class NodeQuantity(JetModel):
    fulfillment_node_id: str
    quantity: int
    last_update: OptionalMoment = either_or(None, "inventory_last_update", "last_update")


class Inventory(JetModel):
    """Quantities as fed, not what is still sellable. Until 2018 one time for all, later one per node."""

    fulfillment_nodes: list[NodeQuantity] = []
    inventory_last_update: OptionalMoment = None

    @property
    def by_node(self) -> dict[str, int]:
        return {node.fulfillment_node_id: node.quantity for node in self.fulfillment_nodes}

    @property
    def last_update(self) -> datetime | None:
        """The latest of the times given."""
        times = [node.last_update for node in self.fulfillment_nodes if node.last_update]
        return max(
            [*times, *([self.inventory_last_update] if self.inventory_last_update else [])], default=None
        )


def _sku_names(value: Any) -> Any:
    """`[{"merchant_sku": "A"}]` as read by clients that ran, or `["A"]` as in a documentation sample."""
    if not isinstance(value, list):
        return []
    return [item.get("merchant_sku", "") if isinstance(item, dict) else item for item in value]


SkuNames = Annotated[list[str], BeforeValidator(_sku_names)]


class Variation(JetModel):
    """A SKU without a group has no relationship and no children."""

    relationship: Annotated[str | None, spelled(Relationship)] = None
    variation_refinements: Annotated[list[int], AsList] = []
    children_skus: SkuNames = []
    group_title: str | None = None


class ShippingException(JetModel):
    service_level: Annotated[str | None, spelled(ServiceLevel)] = None
    shipping_method: Annotated[str | None, spelled(ShippingMethod)] = None
    override_type: Annotated[str | None, spelled(OverrideType)] = None
    shipping_charge_amount: OptionalMoney = None
    shipping_exception_type: Annotated[str | None, spelled(ShippingExceptionType)] = None


class NodeShippingExceptions(JetModel):
    fulfillment_node_id: str
    shipping_exceptions: list[ShippingException] = []


class ReturnsException(JetModel):
    time_to_return: int | None = None
    return_location_ids: Texts = []
    return_shipping_methods: Annotated[list[str], AsList] = []


class ProductCodeRead(JetModel):
    standard_product_code: str = ""
    standard_product_code_type: Annotated[str, spelled(CodeType)] = ""


class NodeAttributeRead(JetModel):
    attribute_id: int
    attribute_value: str = ""
    attribute_value_unit: str | None = either_or(None, "attribute_value_unit", "attribute_value_units")


class AlternateImageRead(JetModel):
    image_slot_id: int
    image_url: str = ""


class MerchantSku(JetModel):
    """What was sent, what price, inventory, variation and exceptions added, and Jet's own members. Unset is absent."""

    merchant_sku: str | None = None
    merchant_sku_id: str | None = None
    merchant_id: str | None = None
    correlation_id: str | None = None
    producer_id: str | None = None
    jet_retail_sku: str | None = None
    status: Annotated[str | None, spelled(ListingStatus)] = None
    sub_status: Annotated[list[Annotated[str, spelled(ListingSubStatus)]], AsList] = []
    is_archived: bool = False
    sku_last_update: OptionalMoment = None

    product_title: str | None = None
    product_description: str | None = None
    brand: str | None = None
    manufacturer: str | None = None
    mfr_part_number: str | None = None
    ASIN: str | None = either_or(None, "ASIN", "asin")
    standard_product_codes: list[ProductCodeRead] = []
    multipack_quantity: int | None = None
    jet_browse_node_id: int | None = None
    amazon_item_type_keyword: str | None = None
    category_path: str | None = None
    bullets: Texts = []
    number_units_for_price_per_unit: Decimal | None = None
    type_of_unit_for_price_per_unit: str | None = None
    attributes_node_specific: list[NodeAttributeRead] = []
    main_image_url: str | None = None
    swatch_image_url: str | None = None
    alternate_images: list[AlternateImageRead] = []
    shipping_weight_pounds: Decimal | None = None
    package_length_inches: Decimal | None = None
    package_width_inches: Decimal | None = None
    package_height_inches: Decimal | None = None
    display_length_inches: Decimal | None = None
    display_width_inches: Decimal | None = None
    display_height_inches: Decimal | None = None
    prop_65: bool = False
    legal_disclaimer_description: str | None = None
    cpsia_cautionary_statements: Annotated[list[Annotated[str, spelled(CpsiaStatement)]], AsList] = []
    country_of_origin: str | None = None
    safety_warning: str | None = None
    fulfillment_time: int | None = None
    msrp: OptionalMoney = None
    map_price: OptionalMoney = None
    map_implementation: str | None = None
    product_tax_code: str | None = None
    no_return_fee_adjustment: Decimal | None = None
    exclude_from_fee_adjustments: bool = False
    ships_alone: bool = False

    price: OptionalMoney = None
    price_last_update: OptionalMoment = None
    price_by_fulfillment_node: list[NodePrice] = []
    inventory_by_fulfillment_node: list[NodeQuantity] = []
    inventory_last_update: OptionalMoment = either_or(None, "inventory_last_update", "last_update")

    relationship: Annotated[str | None, spelled(Relationship)] = None
    variation_refinements: list[int] = []
    children_skus: SkuNames = []
    group_title: str | None = None
    time_to_return: int | None = None
    return_location_ids: Texts = []
    return_shipping_methods: Annotated[list[str], AsList] = []

    @property
    def node_prices(self) -> dict[str, Decimal]:
        return {
            node.fulfillment_node_id: node.fulfillment_node_price for node in self.price_by_fulfillment_node
        }

    @property
    def quantities(self) -> dict[str, int]:
        return {node.fulfillment_node_id: node.quantity for node in self.inventory_by_fulfillment_node}


class PortalSku(JetModel):
    """One row of the partner portal's own list."""

    merchant_sku: str
    product_title: str | None = None
    status: Annotated[str | None, spelled(ListingStatus)] = None
    sub_status: Annotated[list[Annotated[str, spelled(ListingSubStatus)]], AsList] = []
    has_inventory: bool | None = None


class PortalPage(JetModel):
    """`total` counts all rows of the status, not those of the page; without it nothing can be counted."""

    merchant_skus: list[PortalSku] = []
    total: int


class SalesRank(JetModel):
    level_0: int | None = either_or(None, "level_0", "level0")
    last_update: OptionalMoment = None


class UnitsSold(JetModel):
    last_30_days: int = 0
    last_update: OptionalMoment = None


class Offer(JetModel):
    """US dollars. `shipping_method` has always been null."""

    item_price: OptionalMoney = None
    shipping_price: OptionalMoney = None
    shipping_method: Any = None
    last_update: OptionalMoment = None


class SalesData(JetModel):
    """Lags up to 24 hours. `units_sold` is None when nothing was sold."""

    sales_rank: SalesRank | None = None
    units_sold: UnitsSold | None = None
    my_best_offer: Annotated[list[Offer], AsList] = []
    best_marketplace_offer: Annotated[list[Offer], AsList] = []
