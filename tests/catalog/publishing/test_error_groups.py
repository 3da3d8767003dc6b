"""Equal causes get one key, whatever SKU, number and value stand in Jet's words."""

from __future__ import annotations

import pytest

from catalog.error_groups import LONGEST_LABEL, cause_of
from catalog.listing import SECTIONS
from catalog.models import Variant
from catalog.queries.errors import value_of

CODE_PATH = "Path: standard_product_codes[{}].standard_product_code"


@pytest.mark.feature("REJ-07")
def test_the_same_fault_of_two_skus_is_one_group() -> None:
    first = cause_of("content", f"String length 11L must be 12L for UPC. {CODE_PATH.format(0)}", "HF-1")
    second = cause_of("content", f"String length 9L must be 12L for UPC. {CODE_PATH.format(3)}", "HF-2")
    spoken = cause_of("content", "Invalid UPC Code", "HF-3")

    assert first == second == spoken
    assert (first.label, first.field) == ("Invalid UPC", "codes")
    assert "package" in first.fix


@pytest.mark.parametrize(
    ("words", "label", "field"),
    [
        ("Value '12 x' must consist of digits. " + CODE_PATH.format(0), "Invalid product code", "codes"),
        ("A required member is missing. Path: brand", "Brand is missing", "brand"),
        ("String length 600L is greater than the maximum 500L. Path: product_title", "Title is too long", "title"),
        ("String length 2L is less than the minimum 5L. Path: product_title", "Title is too short", "title"),
        (
            "Value 999L is greater than the maximum 128L. Path: multipack_quantity",
            "Multipack quantity is too high",
            "multipack_quantity",
        ),
        ("Value -1 must be greater than 0. Path: price", "Price is too low", "price"),
        ("Value 41L is not a known browse node. Path: jet_browse_node_id", "Jet does not know the category", "category"),
        ("Value 'x' is not an absolute URL. Path: main_image_url", "Main image is no web address", "main_image_url"),
        (
            "Value 'mauve' is not one of the attribute's values. Path: attributes_node_specific[0].attribute_value",
            "Attribute value is not in Jet's list",
            "attributes",
        ),
        ("merchant sku unavailable", "Jet does not know the SKU", ""),
        (
            "Value 'abc' is not a fulfillment node of this merchant. Path: fulfillment_nodes[0].fulfillment_node_id",
            "Jet does not know the fulfilment node",
            "quantity",
        ),
    ],
)  # fmt: skip
def test_jets_words_lead_to_our_field(words: str, label: str, field: str) -> None:
    cause = cause_of("content", words, "HF-1")

    assert (cause.label, cause.field) == (label, field)
    assert cause.fix.endswith(".")
    assert not field or field in SECTIONS or field == "shipping_weight_pounds"


def test_unknown_words_are_kept_without_sku_numbers_and_values() -> None:
    one = cause_of("content", "HF-1: The offer 'HF-1' of 12.50 clashes with 3 others", "HF-1")
    other = cause_of("content", "HF-2: The offer 'HF-2' of 9.00 clashes with 17 others", "HF-2")

    assert one == other
    assert one.label == "The offer … of n clashes with n others"
    assert (one.field, one.fix) == ("", "Correct the value on the product and send it again.")


@pytest.mark.feature("REJ-07")
def test_names_of_other_skus_make_no_cause_of_their_own() -> None:
    path = "Path: variation_refinements"
    one = cause_of("variation", f"SKU ALD-OXF-LAR lacks attribute 50L. {path}", "ALD-OXF-MED")
    other = cause_of("variation", f"SKU HF-TEE-S lacks attribute 50L. {path}", "HF-TEE-M")
    another = cause_of("variation", f"SKU HF-TEE-S lacks attribute 119L. {path}", "HF-TEE-M")

    assert one == other != another
    assert (one.label, one.field) == ("A SKU of the group lacks attribute 50", "attributes")


def test_skus_of_the_group_are_left_out_of_unknown_words() -> None:
    one = cause_of("variation", "HF 10 and HF 1 clash", "HF 1", ["HF 10"])
    other = cause_of("variation", "ZZ-2 and ZZ-1 clash", "ZZ-1", ["ZZ-2"])

    assert one == other
    assert one.label == "… and … clash"


@pytest.mark.parametrize(
    ("words", "value"),
    [
        ("SKU HF-1 lacks attribute 50L.", ""),
        ("SKU HF-2 lacks attribute 119L.", ""),
        ("SKU HF-1 lacks attribute 119L.", "Copper"),
        ("Value 'x' is not one of the attribute's values.", "Copper, 2 l"),
    ],
)
def test_value_now_is_that_of_the_attribute_and_sku_named(words: str, value: str) -> None:
    variant = Variant(sku="HF-1", attributes=[{"id": 119, "value": "Copper"}, {"id": 9, "value": "2 l"}])

    assert value_of(variant, "attributes", words) == value


def test_the_same_words_of_another_step_are_another_group() -> None:
    words = "Value 0 must be greater than 0."
    price, stock = cause_of("price", words), cause_of("inventory", words)

    assert (price.label, price.field) == ("Price is too low", "price")
    assert (stock.label, stock.field) == ("Quantity is too low", "quantity")
    assert price.key != stock.key


@pytest.mark.parametrize("words", ["", "…", "x" * 5000, "Path: ", "Path: [0]", "'", "12L"])
def test_odd_words_make_a_cause_too(words: str) -> None:
    cause = cause_of("content", words, "HF-1")

    assert len(cause.key) == 32
    assert 0 < len(cause.label) <= LONGEST_LABEL


def test_the_fix_of_a_text_that_is_too_long_names_the_limit() -> None:
    found = cause_of("content", "String length 62L is greater than the maximum 50L. Path: brand")
    bare = cause_of("content", "String length is greater than allowed. Path: brand")

    assert (found.label, found.fix) == ("Brand is too long", "Shorten the text to at most 50 characters.")
    assert bare.fix == "Shorten the text."
