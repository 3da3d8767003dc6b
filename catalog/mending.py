"""Where a cause is mended for many products at once: a column of the table, or the page that can. Pure."""

from __future__ import annotations

from dataclasses import dataclass

from catalog.sheet_cells import FIXED_COLUMNS
from jetsync.tenancy.rights import Right

# Fields of gaps and refusals that the table has under another name.
# The table takes an address for each SKU; a field, or a look at the pictures, may mend all at once.
_BOTH = "main_image_url"
_COLUMN_OF = {"product_title": "title"}


@dataclass(frozen=True)
class Page:
    """`query` begins with "?" or is empty."""

    url_name: str
    label: str
    right: Right = Right.MAPPING_VIEW
    query: str = ""


MAP_CATEGORIES = Page("category-mapping", "Map categories", query="?only=open")
_MAP_ATTRIBUTES = Page("attribute-mapping", "Map attributes")
_IMAGES = Page("image-list", "See images", Right.PRODUCTS_VIEW)
_FIELDS = Page("field-mapping", "Fill it from a field")
_PAGES = {
    "category": MAP_CATEGORIES,
    "taxonomy": Page("taxonomy-list", "Jet taxonomy"),
    "attributes": _MAP_ATTRIBUTES,
    "variation": _MAP_ATTRIBUTES,
    "main_image_url": _IMAGES,
    "alternate_image_urls": _IMAGES,
    "swatch_image_url": _IMAGES,
}
# Not of one value of a product; the table shows such SKUs as it always does.
_OF_NO_VALUE = {"", "sku", "kind"}


def table_column(field: str) -> str:
    """The column of the table that holds this field; "" when it has none."""
    name = _COLUMN_OF.get(field, field)
    return name if name in FIXED_COLUMNS else ""


def page_for(field: str, rule: str = "") -> Page | None:
    """The page that mends what the table cannot, or not for many at once; None where the table alone is the place.

    `rule` of a gap: a picture that is missing comes from a field, one that is too small is looked at.
    """
    if (table_column(field) and field != _BOTH) or field in _OF_NO_VALUE:
        return None
    if rule == "required" and field == "main_image_url":
        return _FIELDS
    return _PAGES.get(field, _FIELDS)
