"""The product file: what is stored of a good row (its rules by table: test_rules)."""

from __future__ import annotations

from collections.abc import Callable
from decimal import Decimal

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
    assert [gap["field"] for gap in kettle.listing.gaps] == ["price", "quantity", "attributes"]
    assert kettle.listing.readiness == Readiness.NOT_READY


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
def test_two_rows_of_a_sku_that_differ_are_both_held_back(shop: Merchant, import_csv: ImportCsv) -> None:
    upload = import_csv([GOOD, {**GOOD, "sku": "HF-2"}, {**GOOD, "brand": "Other"}])

    assert failures(upload) == [
        (2, "sku: SKU HF-KET-25 stands in line 4 too, with other values."),
        (4, "sku: SKU HF-KET-25 stands in line 2 too, with other values."),
    ]
    assert list(Variant.objects.values_list("sku", flat=True)) == ["HF-2"]


@pytest.mark.feature("CSV-03")
def test_a_row_that_stands_twice_is_taken_once(shop: Merchant, import_csv: ImportCsv) -> None:
    upload = import_csv([GOOD, {**GOOD, "sku": "HF-2"}, GOOD])

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
