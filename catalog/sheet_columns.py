"""What is stored of a SKU, cell by cell as our files write it. Export and the import's look for changes both read this.

Names of columns come from `catalog.csv_columns`; nothing a merchant types ever becomes SQL.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from catalog.csv_columns import FIELD_PREFIX, is_field
from catalog.node_columns import NodeColumn, word_of
from catalog.numbers import Writing, readings
from catalog.product_fields import MAKER_PRICES, MEASURES, PLAIN_TEXTS

# Of the aliases v (variant), p (product) and c (store category).
_EXPRESSIONS: dict[str, str] = {
    "sku": "v.sku",
    "product_title": "CASE WHEN p.kind = 'variable' THEN v.title ELSE p.title END",
    "multipack_quantity": "v.multipack_quantity::text",
    "asin": "v.asin",
    "brand": "p.brand",
    "main_image_url": "v.main_image_url",
    "jet_browse_node_id": "coalesce(p.jet_node_id::text, '')",
    "product_description": "p.description",
    "manufacturer": "p.manufacturer",
    "mfr_part_number": "v.mfr_part_number",
    "map_implementation": "v.map_implementation",
    "prop_65": "CASE WHEN v.prop_65 THEN 'TRUE' ELSE 'FALSE' END",
    "store_category": "coalesce(c.path, '')",
    "inventory": "coalesce(v.quantity::text, '')",
    "number_units_for_price_per_unit": "coalesce(trim_scale(v.number_units_for_price_per_unit)::text, '')",
}
_EXPRESSIONS |= {name: f"coalesce(v.{name}::text, '')" for name in (*MEASURES, *MAKER_PRICES, "price")}
_EXPRESSIONS |= {name: f"v.{name}" for name in PLAIN_TEXTS}
_EXPRESSIONS |= {f"bullet{n}": f"coalesce(p.bullets[{n}], '')" for n in range(1, 6)}
_EXPRESSIONS |= {f"alternate_image{n}": f"coalesce(v.alternate_image_urls[{n}], '')" for n in range(1, 9)}
for _n in (1, 2):
    _EXPRESSIONS[f"standard_product_code_type{_n}"] = f"coalesce(v.codes -> {_n - 1} ->> 'type', '')"
    _EXPRESSIONS[f"standard_product_code{_n}"] = f"coalesce(v.codes -> {_n - 1} ->> 'code', '')"
for _n in range(1, 6):
    _EXPRESSIONS[f"attribute_id{_n}"] = f"coalesce(v.attributes -> {_n - 1} ->> 'id', '')"
    _EXPRESSIONS[f"attribute_value{_n}"] = f"coalesce(v.attributes -> {_n - 1} ->> 'value', '')"
    _EXPRESSIONS[f"attribute_value_unit{_n}"] = f"coalesce(v.attributes -> {_n - 1} ->> 'unit', '')"

TABLES = (
    "catalog_variant AS v JOIN catalog_product AS p ON p.id = v.product_id "
    "LEFT JOIN catalog_storecategory AS c ON c.id = p.store_category_id"
)
# What an empty cell means where the column has a default.
EMPTY_MEANS = {"multipack_quantity": "1", "map_implementation": "101", "prop_65": "FALSE"}
MONEY = (
    "shipping_weight_pounds",
    "package_length_inches",
    "package_width_inches",
    "package_height_inches",
    "msrp",
    "map_price",
    "price",
)
NUMERIC = frozenset(
    {*MONEY, "multipack_quantity", "inventory", "jet_browse_node_id", "number_units_for_price_per_unit"}
)
# What a node has of its own; a SKU has one row per node at most.
_AT_NODE = (
    "coalesce((SELECT s.{field} FROM catalog_nodestock AS s WHERE s.merchant_id = v.merchant_id "
    "AND s.variant_id = v.id AND s.node_id = %s)::text, '')"
)
# Stands between cells where a row is compared as one text; the reader lets no cell hold it.
UNIT = "\x1f"


def cell_expressions(
    columns: Sequence[str], nodes: Mapping[str, NodeColumn]
) -> tuple[list[str], list[str | int]]:
    """An SQL expression of type text per column, and the parameters they take, in order. `nodes`: by column."""
    found: list[str] = []
    params: list[str | int] = []
    for name in columns:
        if is_field(name):
            found.append("coalesce(v.data ->> %s, '')")
            params.append(name.removeprefix(FIELD_PREFIX))
        elif name in nodes:
            found.append(_AT_NODE.format(field=nodes[name].field))
            params.append(nodes[name].node.pk)
        else:
            found.append(_EXPRESSIONS[name])
    return found, params


def is_money(column: str) -> bool:
    return word_of(column) in MONEY


def is_numeric(column: str) -> bool:
    return word_of(column) in NUMERIC


def usual_cell(column: str, cell: str) -> str:
    """The cell as the export would write it: two decimals, defaults spelt out. Other values stay."""
    if not cell:
        return EMPTY_MEANS.get(column, "")
    if is_money(column):
        whole, point, cents = cell.partition(".")
        if point:
            return f"{whole}.{cents:0<2}"
        return f"{whole}.00" if whole.isdecimal() else cell
    return cell.upper() if column == "prop_65" else cell


def usual_number(column: str, cell: str, writing: Writing) -> str:
    """A numeric cell as the export would write it, however the file does; one that is no clear number stays."""
    money = is_money(column)
    found = readings(cell, writing, money=money)
    if not money:
        found = [value for value in found if value == value.to_integral_value()]
    if len(found) != 1:
        return cell
    return f"{found[0]:.2f}" if money else f"{found[0]:.0f}"
