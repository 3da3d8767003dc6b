"""The message for one SKU: members, origins, gaps and readiness, by table."""

from __future__ import annotations

import json
from dataclasses import replace
from decimal import Decimal
from typing import Any

import pytest

from catalog.enums import FreeText, Readiness
from catalog.facts import AttributeRule, CategoryFacts, ListingInput, Taxonomy, VariantFacts
from catalog.listing import Gap, ListingResult, build_listing, content_hash

LEAF, TOP = 13000645, 13000000
TAXONOMY = Taxonomy(
    version="2017-02",
    categories={
        LEAF: CategoryFacts(LEAF, "Kitchen > Tea > Kettles", 2, True, frozenset({119, 50, 23})),
        TOP: CategoryFacts(TOP, "Kitchen", 0, True),
        7: CategoryFacts(7, "Kitchen > Tea > Closed", 2, False),
    },
    attributes={
        119: AttributeRule(119, "Color", FreeText.LISTED, True, {"copper": "Copper", "black": "Black"}),
        50: AttributeRule(50, "Size", FreeText.FREE, True),
        23: AttributeRule(23, "Item Weight", FreeText.FREE_WITH_UNIT, False, {}, {"pounds": "Pounds"}),
        31: AttributeRule(31, "Age Range", FreeText.LISTED, False, {"up to 2": "Up to 2"}),
    },
)
KETTLE = VariantFacts(
    pk=1,
    product_id=1,
    sku="HF-KET-25",
    own_title="",
    price=Decimal("38.50"),
    quantity=12,
    asin="",
    codes=[{"type": "UPC", "code": "036000291452"}],
    mfr_part_number="",
    multipack_quantity=1,
    shipping_weight_pounds=Decimal("3.25"),
    package_length_inches=None,
    package_width_inches=None,
    package_height_inches=None,
    msrp=None,
    map_price=None,
    map_implementation="101",
    number_units_for_price_per_unit=None,
    type_of_unit_for_price_per_unit="",
    prop_65=False,
    legal_disclaimer_description="",
    country_of_origin="",
    safety_warning="",
    main_image_url="https://img.example.com/1.jpg",
    alternate_image_urls=[],
    attributes=[{"id": 119, "value": "copper", "unit": ""}],
    options=[],
    kind="simple",
    product_title="Copper Whistling Kettle",
    description="A kettle that whistles.",
    brand="Harrow & Finch",
    manufacturer="",
    bullets=[],
    own_node_id=LEAF,
    is_active=True,
    store_category=None,
    mapped_node_id=None,
)


def build(taxonomy: Taxonomy = TAXONOMY, quantity: int | None = 12, **changes: Any) -> ListingResult:
    facts = KETTLE._replace(**changes)
    return build_listing(ListingInput(facts=facts, price=facts.price, quantity=quantity, taxonomy=taxonomy))


def gaps(result: ListingResult) -> list[tuple[str, str, str]]:
    """Without the hint that names unfilled attributes: a kettle of these tests has one of three."""
    return [(gap.field, gap.rule, gap.level) for gap in result.gaps if gap.rule != "missing"]


def test_the_smallest_ready_message() -> None:
    result = build()

    assert result.payload == {
        "product_title": "Copper Whistling Kettle",
        "brand": "Harrow & Finch",
        "product_description": "A kettle that whistles.",
        "jet_browse_node_id": LEAF,
        "standard_product_codes": [
            {"standard_product_code": "036000291452", "standard_product_code_type": "UPC"}
        ],
        "multipack_quantity": 1,
        "shipping_weight_pounds": 3.25,
        "map_implementation": "101",
        "attributes_node_specific": [{"attribute_id": 119, "attribute_value": "Copper"}],
        "main_image_url": "https://img.example.com/1.jpg",
    }
    assert (gaps(result), result.readiness) == ([], Readiness.READY)


def test_the_full_message_has_every_member_in_jets_form() -> None:
    result = build(
        kind="variable",
        own_title="Copper Kettle, black handle",
        asin="B00ABCDE12",
        mfr_part_number="K-25",
        multipack_quantity=6,
        package_length_inches=Decimal("10.00"),
        package_width_inches=Decimal("8.10"),
        package_height_inches=Decimal("9.05"),
        msrp=Decimal("49.99"),
        map_price=Decimal("35.00"),
        map_implementation="102",
        number_units_for_price_per_unit=Decimal("6.00"),
        type_of_unit_for_price_per_unit="can",
        prop_65=True,
        legal_disclaimer_description="None.",
        country_of_origin="Portugal",
        safety_warning="Hot.",
        alternate_image_urls=["https://img.example.com/2.jpg", "https://img.example.com/3.png"],
        attributes=[{"id": 23, "value": "3", "unit": "POUNDS"}, {"id": 50, "value": "2.5 qt", "unit": ""}],
        manufacturer="Works",
        bullets=["Rolled copper", "Cool handle"],
    )

    assert gaps(result) == []
    assert result.payload["product_title"] == "Copper Kettle, black handle"
    assert result.origins["product_title"] == "from variant"
    assert result.origins["brand"] == "from product"
    assert result.payload["package_length_inches"] == 10
    assert result.payload["package_height_inches"] == 9.05
    assert result.payload["map_price"] == 35
    assert result.payload["ASIN"] == "B00ABCDE12"
    assert result.payload["prop_65"] is True
    assert result.payload["alternate_images"] == [
        {"image_slot_id": 1, "image_url": "https://img.example.com/2.jpg"},
        {"image_slot_id": 2, "image_url": "https://img.example.com/3.png"},
    ]
    assert result.payload["attributes_node_specific"] == [
        {"attribute_id": 23, "attribute_value": "3", "attribute_value_unit": "Pounds"},
        {"attribute_id": 50, "attribute_value": "2.5 qt"},
    ]
    assert set(result.origins) == {*result.payload, "attribute:23", "attribute:50"}
    text = json.dumps(result.payload)
    assert '"package_width_inches": 8.1,' in text
    assert '"msrp": 49.99,' in text


def test_a_simple_product_has_the_products_title() -> None:
    assert build(own_title="Old title").payload["product_title"] == "Copper Whistling Kettle"


BLOCKING = [
    ({"product_title": ""}, ("title", "required"), "Title is missing."),
    ({"product_title": "Cup"}, ("title", "length"), "Title has 3 characters, at least 5 are needed."),
    ({"product_title": "x" * 501}, ("title", "length"), "Title has 501 characters, at most 500 are allowed."),
    ({"brand": " "}, ("brand", "required"), "Brand is missing."),
    ({"description": ""}, ("description", "required"), "Description is missing."),
    (
        {"description": "x" * 2001},
        ("description", "length"),
        "Description has 2,001 characters, at most 2,000 are allowed.",
    ),
    ({"price": None}, ("price", "required"), "Price is missing."),
    ({"main_image_url": ""}, ("main_image_url", "required"), "Main image is missing."),
    (
        {"main_image_url": "/media/1.jpg"},
        ("main_image_url", "url"),
        "Main image is not a full address.",
    ),
    (
        {"main_image_url": "https://img.example.com/1.GIF?x=1"},
        ("main_image_url", "gif"),
        "Main image is a GIF, which Jet does not take.",
    ),
    (
        {"alternate_image_urls": ["https://img.example.com/1.jpg"]},
        ("alternate_image_urls", "duplicate"),
        "Alternate image 1 is the same as the main image.",
    ),
    (
        {"alternate_image_urls": [f"https://img.example.com/a{n}.jpg" for n in range(9)]},
        ("alternate_image_urls", "count"),
        "There are 9 alternate images, Jet takes 8.",
    ),
    ({"own_node_id": None}, ("category", "required"), "Jet category is missing. None is set."),
    (
        {"own_node_id": None, "store_category": "Kitchen > Kettles"},
        ("category", "required"),
        "Jet category is missing. The store category “Kitchen > Kettles” is not mapped.",
    ),
    (
        {"own_node_id": 99},
        ("category", "unknown"),
        "Jet category 99 is not in the taxonomy in use.",
    ),
    (
        {"own_node_id": TOP},
        ("category", "level"),
        f"Jet category {TOP} “Kitchen” is a top-level node; products go into its sub-categories.",
    ),
    (
        {"own_node_id": 7},
        ("category", "inactive"),
        "Jet has closed category 7 “Kitchen > Tea > Closed”.",
    ),
    (
        {"codes": [{"type": "UPC", "code": "36000291452"}]},
        ("codes", "length"),
        "UPC has 11 digits, 12 expected.",
    ),
    ({"codes": []}, ("codes", "required"), "A product code or ASIN is missing."),
    ({"asin": "B00"}, ("asin", "format"), "ASIN has 3 characters, 10 expected."),
    (
        {"multipack_quantity": 129},
        ("multipack_quantity", "range"),
        "Multipack quantity is 129, 1 to 128 is allowed.",
    ),
    (
        {"map_implementation": "102"},
        ("map_price", "required"),
        "MAP price is missing; MAP implementation 102 needs one.",
    ),
    (
        {"map_implementation": "104"},
        ("map_implementation", "choice"),
        "MAP implementation is “104”, 101, 102 or 103 is expected.",
    ),
    (
        {"number_units_for_price_per_unit": Decimal(6)},
        ("type_of_unit_for_price_per_unit", "pair"),
        "type_of_unit_for_price_per_unit is missing while number_units_for_price_per_unit is given.",
    ),
    (
        {"bullets": [f"b{n}" for n in range(6)]},
        ("bullets", "count"),
        "There are 6 bullets, at most 5 are allowed.",
    ),
    (
        {"bullets": ["x" * 501]},
        ("bullets", "length"),
        "Bullet 1 has 501 characters, at most 500 are allowed.",
    ),
    (
        {"attributes": [{"id": 119, "value": "Mauve", "unit": ""}]},
        ("attributes", "listed"),
        "Color “Mauve” is not one of Jet's values.",
    ),
    (
        {"attributes": [*KETTLE.attributes, {"id": 999, "value": "x", "unit": ""}]},
        ("attributes", "unknown"),
        "Attribute 999 is not in Jet's taxonomy.",
    ),
    (
        {"attributes": [{"id": 23, "value": "3", "unit": ""}]},
        ("attributes", "unit"),
        "Item Weight needs a unit.",
    ),
    (
        {"attributes": [{"id": 23, "value": "3", "unit": "stone"}]},
        ("attributes", "unit"),
        "Unit “stone” is not one that Jet takes for Item Weight.",
    ),
    (
        {"attributes": [{"id": 50, "value": "https://x.example/1.jpg", "unit": ""}]},
        ("attributes", "url"),
        "Value of Size is an address of an image.",
    ),
    (
        {
            "attributes": [
                {"id": 119, "value": "Black", "unit": ""},
                {"id": 119, "value": "Copper", "unit": ""},
            ]
        },
        ("attributes", "duplicate"),
        "Attribute Color is given twice.",
    ),
    (
        {"country_of_origin": "x" * 51},
        ("country_of_origin", "length"),
        "Country of origin has 51 characters, at most 50 are allowed.",
    ),
    (
        {"kind": "unsupported"},
        ("kind", "kind"),
        "Not supported: only simple and variable products can be listed on Jet.",
    ),
    (
        {"shipping_weight_pounds": Decimal(0)},
        ("shipping_weight_pounds", "range"),
        "Shipping weight is 0, at least 0.01 pounds is needed.",
    ),
]


@pytest.mark.feature("SIM-03", "FLD-11", "FLD-12", "CAT-17")
@pytest.mark.parametrize(("changes", "gap", "message"), BLOCKING)
def test_what_blocks_is_named(changes: dict[str, Any], gap: tuple[str, str], message: str) -> None:
    result = build(**changes)

    assert gaps(result) == [(*gap, "blocks")]
    assert result.gaps[0].message == message
    assert result.readiness == Readiness.NOT_READY


def test_all_that_is_missing_is_told_at_once() -> None:
    result = build(
        product_title="", brand="", description="", price=None, main_image_url="", own_node_id=None, codes=[],
        attributes=[], quantity=None,
    )  # fmt: skip

    assert [gap.field for gap in result.gaps] == [
        "title", "brand", "description", "category", "codes", "main_image_url", "price",
        "quantity",
    ]  # fmt: skip


@pytest.mark.feature("FLD-10")
def test_brand_and_part_number_alone_can_be_sent_but_never_go_live() -> None:
    result = build(codes=[], mfr_part_number="K-25")

    assert gaps(result) == [("codes", "identifier", "never_live")]
    assert result.readiness == Readiness.NEVER_LIVE
    assert "standard_product_codes" not in result.payload


def test_a_missing_weight_keeps_a_product_from_going_live() -> None:
    result = build(shipping_weight_pounds=None)

    assert gaps(result) == [("shipping_weight_pounds", "required", "never_live")]
    assert result.readiness == Readiness.NEVER_LIVE


HINTS = [
    ({"brand": "x" * 51}, ("brand", "hint")),
    ({"is_active": False}, ("is_active", "active")),
    (
        {"attributes": [*KETTLE.attributes, {"id": 31, "value": "up to 2", "unit": ""}]},
        ("attributes", "foreign"),
    ),
    ({"main_image_url": "https://img.example.com/no-image.png"}, ("main_image_url", "placeholder")),
]


@pytest.mark.parametrize(("changes", "gap"), HINTS)
def test_hints_leave_the_product_ready(changes: dict[str, Any], gap: tuple[str, str]) -> None:
    result = build(**changes)

    assert gaps(result) == [(*gap, "hint")]
    assert result.readiness == Readiness.READY


@pytest.mark.feature("SIM-02")
def test_unfilled_attributes_are_named_and_none_at_all_keeps_a_product_from_going_live() -> None:
    some, none = build(), build(attributes=[{"id": 31, "value": "up to 2", "unit": ""}])

    assert [(gap.rule, gap.message) for gap in some.gaps] == [
        ("missing", "Not filled, though Kitchen > Tea > Kettles asks for it: Size, Item Weight.")
    ]
    assert gaps(none) == [("attributes", "none", "never_live"), ("attributes", "foreign", "hint")]
    assert none.gaps[0].message == (
        "None of the attributes that Kitchen > Tea > Kettles asks for is filled: Color, Size, Item Weight."
    )
    assert (some.readiness, none.readiness) == (Readiness.READY, Readiness.NEVER_LIVE)


def test_quantity_must_be_known_and_zero_is_only_a_hint() -> None:
    assert gaps(build(quantity=None)) == [("quantity", "required", "blocks")]
    assert gaps(build(quantity=0)) == [("quantity", "zero", "hint")]


def test_eleven_attributes_are_too_many() -> None:
    rules = {n: AttributeRule(n, f"A{n}", FreeText.FREE) for n in range(1, 12)}
    taxonomy = replace(TAXONOMY, attributes=rules, categories={LEAF: CategoryFacts(LEAF, "K", 2, True)})

    result = build(taxonomy, attributes=[{"id": n, "value": "x", "unit": ""} for n in rules])

    assert gaps(result) == [("attributes", "count", "blocks")]
    assert "attributes_node_specific" not in result.payload


def test_without_a_taxonomy_only_the_form_is_checked() -> None:
    result = build(Taxonomy(), own_node_id=99, attributes=[{"id": 999, "value": "x", "unit": "y"}])

    assert gaps(result) == [("taxonomy", "unknown", "hint")]
    assert result.payload["jet_browse_node_id"] == 99
    assert result.payload["attributes_node_specific"] == [
        {"attribute_id": 999, "attribute_value": "x", "attribute_value_unit": "y"}
    ]


def test_the_mapping_gives_the_category_and_the_products_own_wins() -> None:
    mapped = build(own_node_id=None, mapped_node_id=LEAF, store_category="Kettles")
    both = build(own_node_id=LEAF, mapped_node_id=7, store_category="Kettles")

    assert mapped.payload["jet_browse_node_id"] == LEAF
    assert mapped.origins["jet_browse_node_id"] == "from the mapping of Kettles"
    assert both.origins["jet_browse_node_id"] == "from product"


def test_a_gap_knows_the_page_that_mends_it() -> None:
    gap = Gap("codes", "length", "1", "UPC has 1 digits, 12 expected.")

    assert (gap.fix_url_name, gap.section, gap.anchor) == ("catalog:variant-edit", "identifiers", "id_codes")


def test_the_hash_ignores_order_and_sees_values() -> None:
    assert content_hash({"a": 1, "b": [1, 2]}) == content_hash({"b": [1, 2], "a": 1})
    assert content_hash({"a": 1}) != content_hash({"a": 2})
