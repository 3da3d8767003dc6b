"""Columns of products and SKUs by what they are, for those who read, compare or write many of them. Pure."""

from __future__ import annotations

MEASURES = (
    "shipping_weight_pounds",
    "package_length_inches",
    "package_width_inches",
    "package_height_inches",
)
# Prices that others set: the maker's.
MAKER_PRICES = ("msrp", "map_price")
# Of a SKU, decimals that are product data.
DECIMALS = (*MEASURES, *MAKER_PRICES, "number_units_for_price_per_unit")
# Of a SKU, what product files have columns for and Jet is told as product data.
CONTENT_FIELDS = (
    "asin",
    "codes",
    "mfr_part_number",
    "multipack_quantity",
    *MEASURES,
    *MAKER_PRICES,
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
# Texts of a SKU that go to Jet as they are.
PLAIN_TEXTS = (
    "legal_disclaimer_description",
    "country_of_origin",
    "safety_warning",
    "type_of_unit_for_price_per_unit",
)
