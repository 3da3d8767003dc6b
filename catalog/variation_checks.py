"""The ten points that each SKU of a variable product needs before Jet can show the family (features VAR-01). Pure."""

from __future__ import annotations

from dataclasses import dataclass

from catalog.facts import VariantFacts
from catalog.variations import ATTRIBUTE, GroupFacts, value_gap, values_of


@dataclass(frozen=True)
class Check:
    """One point of the checklist per variation (features VAR-01). `field` opens the input that mends it."""

    label: str
    is_done: bool
    field: str
    note: str = ""


def ten_checks(row: VariantFacts, given: GroupFacts, *, quantity: int | None) -> list[Check]:
    """The ten points that each variation needs. `given` is its group; of a SKU without one, itself as parent.

    `quantity`: pieces counted over all nodes, None when nobody counted.
    """
    parent, values = given.parent, values_of(row)
    has_code = bool(row.codes) or bool(row.asin.strip())
    missing = [given.name_of(pk) for pk in given.refinements if pk not in values]
    gaps = [value_gap(given, row, pk, values[pk]) for pk in given.refinements if pk in values]
    wrong = next((gap for gap in gaps if gap is not None), None)
    first = next((pk for pk in given.refinements if pk not in values), 0)
    attribute = f"{ATTRIBUTE}{first}" if first else wrong.field if wrong else "attributes"
    return [
        Check("Title", bool((row.own_title or row.product_title).strip()), "title"),
        Check("Description", bool(row.description.strip()), "description"),
        Check("Price", row.price is not None, "price"),
        Check("Stock", quantity is not None, "quantity"),
        Check("Image", bool(row.main_image_url.strip()), "main_image_url"),
        Check("Category", row.jet_node_id is not None, "category"),
        Check(
            "Identifier",
            has_code or bool(row.brand.strip() and row.mfr_part_number.strip()),
            "codes",
            "" if has_code else "A product code, an ASIN, or brand and part number.",
        ),
        Check("Same category", row.jet_node_id == parent.jet_node_id, "category"),
        Check("Same brand", row.brand.strip() == parent.brand.strip(), "brand"),
        Check(
            "Attributes",
            bool(given.refinements) and not missing and wrong is None,
            attribute,
            f"Missing: {', '.join(missing)}." if missing else wrong.message if wrong else "",
        ),
    ]
