"""The rules of the product file, as a table: what a row breaks, and the words that say so."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

import pytest

from catalog.models import Variant
from catalog.validators import number_problem
from jetsync.models import Merchant
from tests.catalog import rows
from tests.catalog.csv.test_products import GOOD, ImportCsv, failures

pytestmark = pytest.mark.django_db

RULES: list[Any] = []


def rule(feature: str, changes: dict[str, str], message: str) -> None:
    RULES.append(
        pytest.param(changes, message, marks=pytest.mark.feature(feature), id=f"{feature} {message[:60]}")
    )


rule("CSV-03", {"sku": ""}, "sku: SKU is empty.")
rule("CSV-03", {"sku": "HF/25"}, "sku: SKU contains “/”, which Jet cannot address.")
rule("CSV-03", {"sku": "x" * 101}, "sku: SKU has 101 characters, at most 100 are allowed.")
rule("CSV-04", {"product_title": "C"}, "product_title: Title has 1 character, at least 5 are needed.")
rule("CSV-04", {"product_title": "Cup"}, "product_title: Title has 3 characters, at least 5 are needed.")
rule(
    "CSV-04",
    {"product_title": "x" * 501},
    "product_title: Title has 501 characters, at most 500 are allowed.",
)
rule("CSV-04", {"product_title": ""}, "product_title: product_title is empty.")
rule(
    "CSV-05", {"multipack_quantity": "0"}, "multipack_quantity: Multipack quantity is 0, 1 to 128 is allowed."
)
rule(
    "CSV-05",
    {"multipack_quantity": "129"},
    "multipack_quantity: Multipack quantity is 129, 1 to 128 is allowed.",
)
rule(
    "CSV-05",
    {"multipack_quantity": "1.5"},
    "multipack_quantity: Multipack quantity “1.5” is not a whole number.",
)
rule("CSV-06", {"asin": "B00"}, "asin: ASIN has 3 characters, 10 expected.")
rule("CSV-06", {"asin": "B00-BCDE12"}, "asin: ASIN may hold capital letters and digits only.")
rule("CSV-07", {"brand": ""}, "brand: brand is empty.")
rule("CSV-07", {"brand": "x" * 101}, "brand: Brand has 101 characters, at most 100 are allowed.")
rule("CSV-08", {"main_image_url": ""}, "main_image_url: main_image_url is empty.")
rule("CSV-08", {"main_image_url": "kettle/1.jpg"}, "main_image_url: Main image is not a full address.")
rule(
    "CSV-08",
    {"main_image_url": "https://img.example.com/1.gif"},
    "main_image_url: Main image is a GIF, which Jet does not take.",
)
rule(
    "CSV-09",
    {"jet_browse_node_id": "abc"},
    "jet_browse_node_id: Jet category id “abc” is not a whole number.",
)
rule(
    "CSV-09",
    {"jet_browse_node_id": "99"},
    "jet_browse_node_id: Jet category 99 is not in the taxonomy in use.",
)
rule(
    "CSV-09",
    {"jet_browse_node_id": str(rows.ROOT)},
    f"jet_browse_node_id: Jet category {rows.ROOT} “Kitchen” is a top-level node; products go into its sub-categories.",
)
rule(
    "CSV-09",
    {"jet_browse_node_id": ""},
    "jet_browse_node_id: jet_browse_node_id is empty. It is needed for a product that is new to Jet.",
)
rule(
    "CSV-10",
    {"shipping_weight_pounds": "0"},
    "shipping_weight_pounds: Shipping weight is 0, at least 0.01 pounds is needed.",
)
rule(
    "CSV-10",
    {"shipping_weight_pounds": "1.255"},
    "shipping_weight_pounds: Shipping weight is 1.255, at most two decimals are allowed.",
)
rule(
    "CSV-10",
    {"shipping_weight_pounds": "2 lb"},
    "shipping_weight_pounds: Shipping weight “2 lb” is not a number.",
)
rule(
    "CSV-10",
    {"shipping_weight_pounds": ""},
    "shipping_weight_pounds: shipping_weight_pounds is empty. It is needed for a product that is new to Jet.",
)
for _side in ("length", "width", "height"):
    rule(
        "CSV-11",
        {f"package_{_side}_inches": "0"},
        f"package_{_side}_inches: Package {_side} is 0, at least 0.01 inches is needed.",
    )
rule(
    "CSV-12",
    {"product_description": "x" * 2001},
    "product_description: Description has 2,001 characters, at most 2,000 are allowed.",
)
rule(
    "CSV-12",
    {"product_description": ""},
    "product_description: product_description is empty. It is needed for a product that is new to Jet.",
)
rule(
    "CSV-13",
    {"manufacturer": "x" * 101},
    "manufacturer: Manufacturer has 101 characters, at most 100 are allowed.",
)
rule(
    "CSV-13",
    {"manufacturer": ""},
    "manufacturer: manufacturer is empty. It is needed for a product that is new to Jet.",
)
rule(
    "CSV-14",
    {"mfr_part_number": "x" * 51},
    "mfr_part_number: Manufacturer part number has 51 characters, at most 50 are allowed.",
)
rule(
    "CSV-14",
    {"mfr_part_number": ""},
    "mfr_part_number: mfr_part_number is empty. It is needed for a product that is new to Jet.",
)
rule("CSV-15", {"bullet1": ""}, "bullet1: bullet1 is empty. It is needed for a product that is new to Jet.")
rule("CSV-15", {"bullet5": "x" * 501}, "bullet5: Bullet5 has 501 characters, at most 500 are allowed.")
rule(
    "CSV-16",
    {"map_implementation": "102"},
    "map_price: MAP price is missing; MAP implementation 102 needs one.",
)
rule("CSV-16", {"map_price": "0"}, "map_price: MAP price is 0, at least 0.01 USD is needed.")
rule(
    "CSV-17",
    {"map_implementation": "100"},
    "map_implementation: MAP implementation is “100”, 101, 102 or 103 is expected.",
)
rule(
    "CSV-18",
    {"attribute_id1": "0", "attribute_value1": "x"},
    "attribute_id1: Attribute id is 0, it must be above 0.",
)
rule(
    "CSV-18",
    {"attribute_id1": "999", "attribute_value1": "x"},
    "attribute_id1: Attribute 999 is not in Jet's taxonomy.",
)
rule(
    "CSV-18",
    {"attribute_id2": str(rows.SIZE), "attribute_value2": "x" * 101},
    "attribute_value2: Value of Size has 101 characters, at most 100 are allowed.",
)
rule(
    "CSV-18",
    {"attribute_id3": str(rows.SIZE), "attribute_value3": "https://img.example.com/1.jpg"},
    "attribute_value3: Value of Size is an address of an image.",
)
rule(
    "CSV-18",
    {"attribute_id1": str(rows.WEIGHT), "attribute_value1": "3"},
    "attribute_value_unit1: Item Weight needs a unit.",
)
rule(
    "CSV-18",
    {"attribute_id1": str(rows.COLOR), "attribute_value1": "Mauve"},
    "attribute_value1: Color “Mauve” is not one of Jet's values.",
)
rule(
    "CSV-18",
    {"attribute_id1": str(rows.COLOR), "attribute_value1": ""},
    "attribute_value1: attribute_value1 is empty.",
)
rule(
    "CSV-19",
    {"number_units_for_price_per_unit": "6"},
    "type_of_unit_for_price_per_unit: type_of_unit_for_price_per_unit is missing while "
    "number_units_for_price_per_unit is given.",
)
rule(
    "CSV-19",
    {"number_units_for_price_per_unit": "1.5", "type_of_unit_for_price_per_unit": "can"},
    "number_units_for_price_per_unit: Number of units is 1.5, a whole number is needed.",
)
rule("CSV-20", {"prop_65": "yes"}, "prop_65: prop_65 is “yes”, TRUE or FALSE is expected.")
rule(
    "CSV-21",
    {"legal_disclaimer_description": "x" * 501},
    "legal_disclaimer_description: Legal disclaimer has 501 characters, at most 500 are allowed.",
)
rule(
    "CSV-22",
    {"country_of_origin": "x" * 51},
    "country_of_origin: Country of origin has 51 characters, at most 50 are allowed.",
)
rule(
    "CSV-23",
    {"safety_warning": "x" * 2001},
    "safety_warning: Safety warning has 2,001 characters, at most 2,000 are allowed.",
)
rule("CSV-24", {"msrp": "0.00"}, "msrp: MSRP is 0.00, at least 0.01 USD is needed.")
rule("CSV-24", {"msrp": "€49.99"}, "msrp: MSRP “€49.99” is not a number.")
rule(
    "CSV-25",
    {"alternate_image8": "2.jpg"},
    "alternate_image8: Alternate image 8 is not a full address.",
)
rule(
    "CSV-25",
    {"alternate_image1": GOOD["main_image_url"]},
    "alternate_image1: Alternate image 1 is the same as the main image.",
)
rule(
    "CSV-26",
    {"standard_product_code_type1": "ASIN"},
    "standard_product_code_type1: Code type “ASIN” is not known.",
)
rule(
    "CSV-26",
    {"standard_product_code_type1": ""},
    "standard_product_code_type1: standard_product_code_type1 is empty.",
)
rule(
    "CSV-26",
    {"standard_product_code_type1": "", "standard_product_code1": ""},
    "standard_product_code1: standard_product_code1 and asin are both empty; one of them is needed.",
)
rule(
    "CSV-27",
    {"standard_product_code1": "36000291452"},
    "standard_product_code1: UPC has 11 digits, 12 expected.",
)
rule(
    "CSV-27",
    {"standard_product_code1": "036000291453"},
    "standard_product_code1: UPC 036000291453 ends in 3, its check digit should be 2.",
)
rule(
    "CSV-27",
    {"standard_product_code1": "3.6E+10"},
    "standard_product_code1: UPC “3.6E+10” holds other characters than digits.",
)
rule(
    "CSV-12",
    {"product_description": "=HYPERLINK(1)"},
    "product_description: product_description holds a spreadsheet formula.",
)


def test_a_number_that_is_too_low_is_told_the_lowest_one() -> None:
    problem = number_problem("shipping_weight_pounds", Decimal("0.004"))

    assert problem is not None
    assert problem.fix == "Type 0.01 or more."


# The rows of the table above, for the list of features; each case carries its own besides.
@pytest.mark.feature(
    "CSV-03",
    "CSV-04",
    "CSV-05",
    "CSV-06",
    "CSV-07",
    "CSV-08",
    "CSV-09",
    "CSV-10",
    "CSV-11",
    "CSV-12",
    "CSV-13",
    "CSV-14",
    "CSV-15",
    "CSV-16",
    "CSV-17",
    "CSV-18",
    "CSV-19",
    "CSV-20",
    "CSV-21",
    "CSV-22",
    "CSV-23",
    "CSV-24",
    "CSV-25",
    "CSV-26",
    "CSV-27",
)
@pytest.mark.parametrize(("changes", "message"), RULES)
def test_a_row_that_breaks_a_rule_is_named_and_not_stored(
    shop: Merchant, import_csv: ImportCsv, changes: dict[str, str], message: str
) -> None:
    upload = import_csv([{**GOOD, **changes}, {**GOOD, "sku": "HF-OK"}])

    assert failures(upload) == [(2, message)]
    assert (upload.created_count, upload.failed_count) == (1, 1)
    assert list(Variant.objects.values_list("sku", flat=True)) == ["HF-OK"]
