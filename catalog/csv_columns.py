"""Columns of our CSV files: names, need, explanation. The template and the header check are made from these."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

from catalog.enums import CsvKind
from catalog.identifiers import CODE_LENGTHS

MINIMUM, NEW, OPTIONAL = "**", "*", ""
# One of the columns with this mark is needed.
EITHER, NEW_EITHER = "** one of these", "* one of these"
# Behind the cells of a downloaded failed row; passed over when that file comes back corrected.
NOTE_COLUMNS = ("jetsync_line", "jetsync_error")
# Stands for a column of the file that the merchant leaves out.
IGNORED = ""
# A header "field:material" fills the store's own field of that name; the name keeps its case.
FIELD_PREFIX = "field:"


@dataclass(frozen=True)
class Column:
    """`need`: "**" always, "*" also when the product is new to Jet, "" optional, or one of those marked EITHER."""

    name: str
    need: str
    rule: str
    example: str = ""


def _numbered(
    name: str, count: int, need: str, rule: str, examples: Sequence[str] = ()
) -> tuple[Column, ...]:
    return tuple(
        Column(
            f"{name}{n}", need if n == 1 else OPTIONAL, rule, examples[n - 1] if n <= len(examples) else ""
        )
        for n in range(1, count + 1)
    )


def _attribute_columns() -> tuple[Column, ...]:
    columns: list[Column] = []
    for n in range(1, 6):
        columns += [
            Column(f"attribute_id{n}", OPTIONAL, "Id of a Jet attribute, above 0"),
            Column(f"attribute_value{n}", OPTIONAL, "1 to 100 characters, not an image address"),
            Column(f"attribute_value_unit{n}", OPTIONAL, "Only where the attribute has units"),
        ]
    return tuple(columns)


# Nobody's SKU, not even the demo's: a template that is imported as it is must not overwrite a real product.
EXAMPLE_SKU = "EXAMPLE-1"
CODE_RULE = f"Empty (use ASIN), {', '.join(CODE_LENGTHS)}; UPC-E is written out as UPC"
PRODUCT_COLUMNS: tuple[Column, ...] = (
    Column(
        "sku",
        MINIMUM,
        "Your own key of the product, once per file, up to 100 characters, no “/”",
        EXAMPLE_SKU,
    ),
    Column("product_title", MINIMUM, "5 to 500 characters", "Copper Whistling Kettle, 2.5 Quart"),
    Column("multipack_quantity", OPTIONAL, "1 to 128; empty means 1", "1"),
    Column(
        "asin",
        EITHER,
        "10 characters; must exist at Amazon, which is not checked here. Or use a product code",
    ),
    Column("standard_product_code_type1", EITHER, CODE_RULE, "UPC"),
    Column(
        "standard_product_code1",
        EITHER,
        "Digits: UPC 12, EAN 13, ISBN-10 10, ISBN-13 13, GTIN-14 14",
        "036000291452",
    ),
    Column("standard_product_code_type2", OPTIONAL, CODE_RULE),
    Column("standard_product_code2", OPTIONAL, "As above"),
    Column("brand", MINIMUM, "1 to 100 characters", "Harrow & Finch"),
    Column(
        "main_image_url",
        MINIMUM,
        "Full address that Jet can open, no GIF, at least 40,000 pixels",
        "https://img.example.com/kettle/1.jpg",
    ),
    Column("jet_browse_node_id", NEW_EITHER, "Id of a Jet sub-category; or give store_category"),
    Column("shipping_weight_pounds", NEW, "0.01 or more, in pounds (1.25 = 20 oz)", "3.25"),
    Column("product_description", NEW, "1 to 2,000 characters", "A kettle of rolled copper."),
    Column("manufacturer", NEW, "1 to 100 characters", "Harrow & Finch"),
    Column("mfr_part_number", NEW, "1 to 50 characters", "KET-25"),
    *_numbered("bullet", 5, NEW, "Up to 500 characters", ["Rolled copper body"]),
    Column(
        "map_implementation",
        OPTIONAL,
        "101 no restriction (default), 102 savings for members, 103 never",
        "101",
    ),
    Column("map_price", OPTIONAL, "0.01 or more; needed with map_implementation 102"),
    *_attribute_columns(),
    Column("package_length_inches", OPTIONAL, "0.01 or more"),
    Column("package_width_inches", OPTIONAL, "0.01 or more"),
    Column("package_height_inches", OPTIONAL, "0.01 or more"),
    Column("number_units_for_price_per_unit", OPTIONAL, "Whole number; together with the next column"),
    Column("type_of_unit_for_price_per_unit", OPTIONAL, "Text, e.g. can"),
    Column("prop_65", OPTIONAL, "TRUE or FALSE; empty means FALSE"),
    Column("legal_disclaimer_description", OPTIONAL, "Up to 500 characters"),
    Column("country_of_origin", OPTIONAL, "Up to 50 characters"),
    Column("safety_warning", OPTIONAL, "Up to 2,000 characters"),
    Column("msrp", OPTIONAL, "0.01 or more"),
    *_numbered("alternate_image", 8, OPTIONAL, "Full address, other than the main image"),
    Column(
        "store_category",
        NEW_EITHER,
        "Your own category, e.g. Kitchen > Kettles; map it to Jet once",
        "Kitchen > Kettles",
    ),
)
PRICE_COLUMNS: tuple[Column, ...] = (
    Column("sku", MINIMUM, "A SKU that is already among your products", EXAMPLE_SKU),
    Column("price", EITHER, "What you are paid in USD; leave the column out to keep prices", "38.50"),
    Column("inventory", EITHER, "Pieces in stock; leave the column out to keep quantities", "12"),
)
# Of the columns that each fulfilment node gives, see `catalog.node_columns`; by the word before the colon.
NODE_RULES = {
    "inventory": "Pieces at this fulfilment node; an empty cell leaves what is stored, the word none clears it",
    "price": "Price at this fulfilment node in USD; an empty cell leaves what is stored, the word none clears it",
}
# Protocol: variation; features CSV-33 and CSV-34.
MOST_REFINEMENTS, MOST_CHILDREN = 5, 50
VARIATION_COLUMNS: tuple[Column, ...] = (
    Column("sku", MINIMUM, "The parent: a SKU that Jet has already taken", EXAMPLE_SKU),
    Column("relationship", MINIMUM, "Variation", "Variation"),
    Column("group_title", OPTIONAL, "Title shown for the group, up to 500 characters", "Copper Kettle"),
    *_numbered(
        "variation_refinement",
        MOST_REFINEMENTS,
        MINIMUM,
        "Id of a Jet attribute, above 0, that every SKU of the group has",
        ["50", "119"],
    ),
    *_numbered(
        "child_sku",
        MOST_CHILDREN,
        MINIMUM,
        "A SKU that Jet has already taken, of the parent's brand, other than the parent",
        ["EXAMPLE-2", "EXAMPLE-3"],
    ),
)
COLUMNS = {
    CsvKind.PRODUCTS: PRODUCT_COLUMNS,
    CsvKind.PRICE_INVENTORY: PRICE_COLUMNS,
    CsvKind.VARIATIONS: VARIATION_COLUMNS,
}


def is_field(name: str) -> bool:
    return name.startswith(FIELD_PREFIX)


def column_names(kind: str) -> list[str]:
    return [column.name for column in COLUMNS[CsvKind(kind)]]


def is_passed_over(name: str) -> bool:
    """Whether nothing of such a column is read: our own notes of failed rows, and what the merchant leaves out."""
    return name == IGNORED or name in NOTE_COLUMNS


def folded(columns: Sequence[Column]) -> list[Column]:
    """For reading: numbered columns with one rule as one line, "child_sku2 to child_sku50"."""
    groups: dict[tuple[str, str, str], list[Column]] = {}
    for column in columns:
        stem = column.name.rstrip("0123456789")
        groups.setdefault((stem, column.need, column.rule), []).append(column)
    return [
        replace(group[0], name=f"{group[0].name} to {group[-1].name}") if len(group) > 1 else group[0]
        for group in groups.values()
    ]
