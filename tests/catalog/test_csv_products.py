"""The product file: every column's rule, by table, and what is stored of a good row."""

from __future__ import annotations

from collections.abc import Callable
from decimal import Decimal
from typing import Any

import pytest

from catalog.enums import Readiness
from catalog.models import CsvUpload, Listing, Product, StoreCategory, Variant
from jetsync.models import Merchant, OperationRow
from tests.catalog import rows

pytestmark = pytest.mark.django_db
ImportCsv = Callable[..., CsvUpload]

GOOD = {
    "sku": "HF-KET-25",
    "product_title": "Copper Whistling Kettle, 2.5 Quart",
    "multipack_quantity": "1",
    "asin": "",
    "standard_product_code_type1": "UPC",
    "standard_product_code1": "036000291452",
    "standard_product_code_type2": "",
    "standard_product_code2": "",
    "brand": "Harrow & Finch",
    "main_image_url": "https://img.example.com/kettle/1.jpg",
    "jet_browse_node_id": str(rows.LEAF),
    "shipping_weight_pounds": "3.25",
    "product_description": "A kettle of rolled copper.",
    "manufacturer": "Harrow & Finch Works",
    "mfr_part_number": "KET-25",
    "bullet1": "Rolled copper body",
    "map_implementation": "101",
    "map_price": "",
}


def stored(sku: str = "HF-KET-25") -> Variant:
    return Variant.objects.select_related("product", "product__store_category", "listing").get(sku=sku)


def failures(upload: CsvUpload) -> list[tuple[int | None, str]]:
    found = OperationRow.objects.filter(operation=upload.operation).order_by("pk")
    return list(found.values_list("line", "message"))


@pytest.mark.feature("CSV-03", "CSV-04", "CSV-07", "CSV-12", "CSV-13", "CSV-14", "CSV-15")
def test_a_good_row_becomes_a_product_with_all_its_values(shop: Merchant, import_csv: ImportCsv) -> None:
    more = {
        "bullet2": "Cool handle",
        "asin": "b00abcde12",
        "map_implementation": "102",
        "map_price": "35.5",
        "attribute_id1": str(rows.COLOR),
        "attribute_value1": "copper",
        "attribute_value_unit1": "",
        "attribute_id2": str(rows.WEIGHT),
        "attribute_value2": "3",
        "attribute_value_unit2": "ounce",
        "package_length_inches": "10",
        "package_width_inches": "8.25",
        "package_height_inches": "9",
        "number_units_for_price_per_unit": "6",
        "type_of_unit_for_price_per_unit": "can",
        "prop_65": "true",
        "legal_disclaimer_description": "None.",
        "country_of_origin": "Portugal",
        "safety_warning": "Hot.",
        "msrp": "49.99",
        "alternate_image1": "https://img.example.com/kettle/2.jpg",
        "alternate_image2": "https://img.example.com/kettle/3.jpg",
        "standard_product_code_type2": "EAN",
        "standard_product_code2": "4006381333931",
        "store_category": "Kitchen > Kettles",
    }

    upload = import_csv([{**GOOD, **more}])

    assert (upload.created_count, upload.failed_count, failures(upload)) == (1, 0, [])
    kettle = stored()
    assert kettle.product.title == "Copper Whistling Kettle, 2.5 Quart"
    assert kettle.product.brand == "Harrow & Finch"
    assert kettle.product.description == "A kettle of rolled copper."
    assert kettle.product.manufacturer == "Harrow & Finch Works"
    assert kettle.product.bullets == ["Rolled copper body", "Cool handle"]
    assert kettle.product.jet_node_id == rows.LEAF
    assert str(kettle.product.store_category) == "Kitchen > Kettles"
    assert kettle.mfr_part_number == "KET-25"
    assert kettle.multipack_quantity == 1
    assert kettle.asin == "B00ABCDE12"
    assert kettle.codes == [{"type": "UPC", "code": "036000291452"}, {"type": "EAN", "code": "4006381333931"}]
    assert (kettle.map_implementation, kettle.map_price) == ("102", Decimal("35.50"))
    assert kettle.shipping_weight_pounds == Decimal("3.25")
    assert (kettle.package_length_inches, kettle.package_width_inches) == (Decimal("10.00"), Decimal("8.25"))
    assert kettle.package_height_inches == Decimal("9.00")
    assert (kettle.number_units_for_price_per_unit, kettle.type_of_unit_for_price_per_unit) == (
        Decimal(6),
        "can",
    )
    assert kettle.prop_65 is True
    assert kettle.legal_disclaimer_description == "None."
    assert (kettle.country_of_origin, kettle.safety_warning) == ("Portugal", "Hot.")
    assert kettle.msrp == Decimal("49.99")
    assert kettle.main_image_url == "https://img.example.com/kettle/1.jpg"
    assert kettle.alternate_image_urls == [
        "https://img.example.com/kettle/2.jpg",
        "https://img.example.com/kettle/3.jpg",
    ]
    assert kettle.attributes == [
        {"id": rows.COLOR, "value": "copper", "unit": ""},
        {"id": rows.WEIGHT, "value": "3", "unit": "ounce"},
    ]
    # Price and quantity come with the other file, so the only gaps are theirs.
    assert [gap["field"] for gap in kettle.listing.gaps] == ["price", "quantity"]
    assert kettle.listing.readiness == Readiness.NOT_READY


RULES: list[Any] = []


def rule(feature: str, changes: dict[str, str], message: str) -> None:
    RULES.append(
        pytest.param(changes, message, marks=pytest.mark.feature(feature), id=f"{feature} {message[:60]}")
    )


rule("CSV-03", {"sku": ""}, "sku: SKU is empty.")
rule("CSV-03", {"sku": "HF/25"}, "sku: SKU contains “/”, which Jet cannot address.")
rule("CSV-03", {"sku": "x" * 101}, "sku: SKU has 101 characters, at most 100 are allowed.")
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
rule("CSV-24", {"msrp": "$49.99"}, "msrp: MSRP “$49.99” is not a number.")
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


@pytest.mark.parametrize(("changes", "message"), RULES)
def test_a_row_that_breaks_a_rule_is_named_and_not_stored(
    shop: Merchant, import_csv: ImportCsv, changes: dict[str, str], message: str
) -> None:
    upload = import_csv([{**GOOD, **changes}, {**GOOD, "sku": "HF-OK"}])

    assert failures(upload) == [(2, message)]
    assert (upload.created_count, upload.failed_count) == (1, 1)
    assert list(Variant.objects.values_list("sku", flat=True)) == ["HF-OK"]


@pytest.mark.feature("CSV-05", "CSV-17", "CSV-20")
def test_empty_cells_take_their_defaults(shop: Merchant, import_csv: ImportCsv) -> None:
    import_csv([{**GOOD, "multipack_quantity": "", "map_implementation": "", "prop_65": ""}])

    kettle = stored()
    assert (kettle.multipack_quantity, kettle.map_implementation, kettle.prop_65) == (1, "101", False)


@pytest.mark.feature("CSV-06", "CSV-26")
def test_an_asin_is_enough_without_a_code(shop: Merchant, import_csv: ImportCsv) -> None:
    row = {**GOOD, "standard_product_code_type1": "", "standard_product_code1": "", "asin": "B00ABCDE12"}

    assert import_csv([row]).created_count == 1
    assert (stored().asin, stored().codes) == ("B00ABCDE12", [])


def test_all_problems_of_a_row_are_told_at_once(shop: Merchant, import_csv: ImportCsv) -> None:
    upload = import_csv([{**GOOD, "brand": "", "msrp": "x", "bullet1": ""}])

    row = OperationRow.objects.get(operation=upload.operation)
    assert [problem["column"] for problem in row.data["problems"]] == ["msrp", "brand", "bullet1"]
    assert row.data["cells"][0] == "HF-KET-25"
    assert row.hint.startswith("Type it like 1234.50")


@pytest.mark.feature("CSV-02")
def test_the_minimum_is_enough_for_products_that_are_on_jet(shop: Merchant, import_csv: ImportCsv) -> None:
    minimum = {
        name: GOOD[name]
        for name in (
            "sku",
            "product_title",
            "multipack_quantity",
            "standard_product_code_type1",
            "standard_product_code1",
            "brand",
            "main_image_url",
        )
    }

    refused = import_csv([minimum])
    taken = import_csv([minimum], is_on_jet=True)

    assert (refused.failed_count, refused.created_count) == (1, 0)
    assert (taken.failed_count, taken.created_count) == (0, 1)


@pytest.mark.feature("CSV-02")
def test_a_sku_that_jet_has_accepted_needs_the_minimum_only(shop: Merchant, import_csv: ImportCsv) -> None:
    import_csv([GOOD])
    rows.mark_listed(stored())

    upload = import_csv([{**GOOD, "mfr_part_number": "", "bullet1": ""}])

    assert (upload.updated_count, upload.failed_count) == (1, 0)
    assert stored().mfr_part_number == ""


def test_a_missing_column_leaves_the_stored_value(shop: Merchant, import_csv: ImportCsv) -> None:
    import_csv([GOOD])
    before = stored()

    upload = import_csv([{"sku": GOOD["sku"], "msrp": "60"}])

    after = stored()
    assert (upload.updated_count, upload.failed_count) == (1, 0)
    assert after.msrp == Decimal("60.00")
    assert (after.product.brand, after.codes, after.product.bullets) == (
        before.product.brand,
        before.codes,
        before.product.bullets,
    )


def test_the_same_file_again_changes_nothing(shop: Merchant, import_csv: ImportCsv) -> None:
    first = import_csv([GOOD])
    stamp = stored().updated_at

    again = import_csv([GOOD])

    assert (first.created_count, again.created_count, again.updated_count, again.unchanged_count) == (
        1,
        0,
        0,
        1,
    )
    assert stored().updated_at == stamp
    assert Product.objects.count() == Variant.objects.count() == Listing.objects.count() == 1


@pytest.mark.feature("CSV-03")
def test_a_sku_twice_in_a_file_names_the_first_line(shop: Merchant, import_csv: ImportCsv) -> None:
    upload = import_csv([GOOD, {**GOOD, "sku": "HF-2"}, {**GOOD, "brand": "Other"}])

    assert failures(upload) == [(4, "sku: SKU HF-KET-25 stands in line 2 already.")]
    assert stored().product.brand == "Harrow & Finch"


@pytest.mark.feature("CSV-03")
def test_the_same_sku_of_another_merchant_is_untouched(shop: Merchant, import_csv: ImportCsv) -> None:
    from jetsync.tenancy.context import merchant_scope
    from tests import factories

    other = factories.make_merchant("Other")
    with merchant_scope(other):
        theirs = rows.make_variant(other, sku="HF-KET-25")
        title = theirs.product.title

    import_csv([GOOD])

    with merchant_scope(other):
        theirs.product.refresh_from_db()
        assert theirs.product.title == title
    assert stored().pk != theirs.pk


def test_store_categories_are_made_once(shop: Merchant, import_csv: ImportCsv) -> None:
    StoreCategory.objects.create(merchant=shop, path="Kitchen > Kettles")

    import_csv(
        [
            {**GOOD, "jet_browse_node_id": "", "store_category": "Kitchen > Kettles"},
            {**GOOD, "sku": "HF-2", "jet_browse_node_id": "", "store_category": "Kitchen > Pots"},
            {**GOOD, "sku": "HF-3", "jet_browse_node_id": "", "store_category": "Kitchen > Pots"},
        ]
    )

    assert list(StoreCategory.objects.values_list("path", flat=True)) == [
        "Kitchen > Kettles",
        "Kitchen > Pots",
    ]
    assert str(stored("HF-3").product.store_category) == "Kitchen > Pots"
