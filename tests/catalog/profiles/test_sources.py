"""Where values come from: the order of the sources, what each field takes, and reading the store's own fields."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from catalog.facts import ListingInput
from catalog.jet_fields import JET_FIELDS, parsed, value_problem
from catalog.listing import ListingResult, build_listing
from catalog.sources import (
    SPECIFICS,
    STANDARD_CODES,
    AttributeChoice,
    Choice,
    FieldRule,
    Filled,
    ProfileRules,
    ValueRules,
    fill,
)
from catalog.store_values import (
    BUILT_IN,
    data_problems,
    is_source,
    keys_of,
    plain_number,
    plain_text,
    read_source,
    samples_of,
    source_label,
)
from tests.catalog.test_listing import KETTLE, TAXONOMY

# A loaded machine is slow at the first draw; that says nothing about the code.
UNHURRIED = settings(deadline=None, suppress_health_check=[HealthCheck.too_slow])
BARE = KETTLE._replace(brand="", codes=[], asin="", profile_id=7, attributes=[])


def profile(**changes: Any) -> ProfileRules:
    return ProfileRules(pk=7, name="Kitchen", **changes)


def rules(given: ProfileRules | None = None, *fields: FieldRule) -> ValueRules:
    return ValueRules({given.pk: given} if given else {}, fields)


def built(filled: Filled) -> ListingResult:
    facts = filled.facts
    return build_listing(
        ListingInput(
            facts=facts,
            price=facts.price,
            quantity=12,
            taxonomy=TAXONOMY,
            origins=filled.origins,
            mapped_problems=filled.problems,
        )
    )


def text_rule(name: str, text: str, *, overrides: bool = False) -> FieldRule:
    return FieldRule(name, Choice(text), overrides)


def test_without_rules_the_facts_are_the_same_object() -> None:
    assert fill(KETTLE, ValueRules()) == Filled(KETTLE)


@pytest.mark.parametrize(
    ("texts", "wins", "expected"),
    [
        (("Own", "Prof", "Map"), "", ("Own", "from product")),
        (("", "Prof", "Map"), "", ("Prof", "from profile Kitchen")),
        (("", "", "Map"), "", ("Map", "from the field mapping, a fixed text")),
        (("Own", "Prof", "Map"), "wins", ("Map", "from the field mapping, a fixed text")),
        (("", "Prof", "Map"), "wins", ("Map", "from the field mapping, a fixed text")),
    ],
)
def test_product_goes_before_profile_before_mapping(
    texts: tuple[str, str, str], wins: str, expected: tuple[str, str]
) -> None:
    own, from_profile, mapped = texts
    given_rules = rules(
        profile(specifics={"brand": Choice(from_profile)}), text_rule("brand", mapped, overrides=bool(wins))
    )

    result = built(fill(BARE._replace(brand=own), given_rules))

    assert (result.payload["brand"], result.origins["brand"]) == expected


def test_fixed_value_wins_over_the_field() -> None:
    facts = BARE._replace(data={"maker": "Finch"})

    both = fill(facts, rules(profile(specifics={"brand": Choice("Harrow", "field:maker")})))
    field_only = fill(facts, rules(profile(specifics={"brand": Choice("  ", "field:maker")})))

    assert (both.facts.brand, both.origins) == ("Harrow", {"brand": "from profile Kitchen"})
    assert (field_only.facts.brand, field_only.origins) == (
        "Finch",
        {"brand": "from profile Kitchen, field maker"},
    )


def test_another_profile_changes_nothing() -> None:
    other = ProfileRules(pk=8, name="Books", specifics={"brand": Choice("Penguin")})

    assert fill(BARE, rules(other)) == Filled(BARE)


@pytest.mark.parametrize(
    ("sku", "code_type", "code"),
    [
        ("036000291452", "UPC", {"type": "UPC", "code": "036000291452"}),
        ("0-36000-29145-2", "UPC", {"type": "UPC", "code": "036000291452"}),
        ("04252614", "UPC-E", {"type": "UPC-E", "code": "04252614"}),
    ],
)
def test_sku_becomes_the_code(sku: str, code_type: str, code: dict[str, str]) -> None:
    filled = fill(BARE._replace(sku=sku), rules(profile(sku_as_code=code_type)))

    assert list(filled.facts.codes) == [code]
    assert filled.origins == {"codes": "from profile Kitchen, the SKU"}
    assert filled.problems == ()


def test_sku_that_does_not_fit_is_no_code_and_says_so() -> None:
    filled = fill(BARE, rules(profile(sku_as_code="UPC")))

    assert list(filled.facts.codes) == []
    (problem,) = filled.problems
    assert problem.message == (
        "UPC “HFKET25” holds other characters than digits. It comes from profile Kitchen, the SKU."
    )
    assert [gap.level for gap in built(filled).gaps if gap.field == "codes"] == ["blocks", "hint"]


def test_codes_of_the_product_are_kept_and_asin_counts_as_one() -> None:
    with_code = fill(KETTLE._replace(profile_id=7), rules(profile(sku_as_code="EAN")))
    with_asin = fill(BARE._replace(asin="B00ABCDEFG"), rules(profile(sku_as_code="UPC")))

    assert (with_code.origins, with_asin.origins) == ({}, {})


def test_asin_from_a_field() -> None:
    facts = BARE._replace(data={"jet_asin": "b00abcdefg"})

    filled = fill(facts, rules(profile(code_type="ASIN", code_source="field:jet_asin")))

    assert filled.facts.asin == "B00ABCDEFG"
    assert built(filled).origins["ASIN"] == "from profile Kitchen, field jet_asin"


def test_mapped_code_stands_beside_the_own_one_and_the_origin_names_both() -> None:
    facts = KETTLE._replace(data={"gtin": "4006381333931"})

    filled = fill(facts, rules(None, FieldRule("EAN", Choice(source="field:gtin"))))

    assert [code["type"] for code in filled.facts.codes] == ["UPC", "EAN"]
    assert built(filled).origins["standard_product_codes"] == (
        "from variant; EAN from the field mapping, field gtin"
    )


def test_same_code_in_another_spelling_is_left_out() -> None:
    facts = KETTLE._replace(codes=[{"type": "UPC", "code": "042100005264"}], data={"short": "04252614"})

    filled = fill(facts, rules(None, FieldRule("UPC-E", Choice(source="field:short"))))

    assert list(filled.facts.codes) == [{"type": "UPC", "code": "042100005264"}]
    assert built(filled).readiness == "ready"


def test_sku_as_part_number_fills_an_empty_one_only() -> None:
    wanted = rules(profile(sku_as_part_number=True))

    assert fill(BARE, wanted).facts.mfr_part_number == "HF-KET-25"
    assert fill(BARE._replace(mfr_part_number="MPN-1"), wanted).facts.mfr_part_number == "MPN-1"


def test_profile_category_yields_to_the_products_own() -> None:
    wanted = rules(profile(jet_node_id=7))

    assert fill(BARE._replace(own_node_id=None, mapped_node_id=99), wanted).facts.jet_node_id == 7
    assert fill(BARE, wanted).facts.jet_node_id == KETTLE.own_node_id


def test_attributes_have_an_origin_each() -> None:
    chosen = (
        AttributeChoice(119, Choice("Black")),
        AttributeChoice(50, Choice(source="option:size")),
        AttributeChoice(23, Choice(source="field:heavy"), unit="Pounds"),
    )
    facts = BARE._replace(
        data={"heavy": 3},
        options=[{"name": "Size", "value": "Large"}],
        attributes=[{"id": 119, "value": "Copper", "unit": ""}],
    )

    result = built(fill(facts, rules(profile(attributes=chosen))))

    assert result.payload["attributes_node_specific"] == [
        {"attribute_id": 119, "attribute_value": "Copper"},
        {"attribute_id": 50, "attribute_value": "Large"},
        {"attribute_id": 23, "attribute_value": "3", "attribute_value_unit": "Pounds"},
    ]
    assert {key: text for key, text in result.origins.items() if key.startswith("attribute:")} == {
        "attribute:119": "from variant",
        "attribute:50": "from profile Kitchen, option size",
        "attribute:23": "from profile Kitchen, field heavy",
    }


@pytest.mark.parametrize(
    ("choice", "message", "fix", "unfilled"),
    [
        (
            AttributeChoice(119, Choice(source="field:shade")),
            "Color “Mauve” is not one of Jet's values. It comes from profile Kitchen, field shade, and is left out.",
            "Use one of Copper, Black.",
            "Item Weight",
        ),
        (
            AttributeChoice(23, Choice("3"), unit="Stone"),
            "Unit “Stone” is not one that Jet takes for Item Weight. It comes from profile Kitchen, and is left out.",
            "Use one of Pounds.",
            "Color",
        ),
    ],
)
def test_a_value_of_the_profile_that_jet_does_not_list_is_left_out(
    choice: AttributeChoice, message: str, fix: str, unfilled: str
) -> None:
    facts = BARE._replace(codes=KETTLE.codes, brand="Harrow", data={"shade": "Mauve"})
    size = AttributeChoice(50, Choice("2 qt"))

    result = built(fill(facts, rules(profile(attributes=(choice, size)))))

    assert result.payload["attributes_node_specific"] == [{"attribute_id": 50, "attribute_value": "2 qt"}]
    assert f"attribute:{choice.attribute_id}" not in result.origins
    assert [(gap.level, gap.message, gap.fix) for gap in result.gaps][:1] == [("hint", message, fix)]
    assert [gap.message for gap in result.gaps][1:] == [
        f"Not filled, though Kitchen > Tea > Kettles asks for it: {unfilled}."
    ]
    assert result.readiness == "ready"


def test_a_left_out_value_that_leaves_no_attribute_keeps_a_product_from_going_live() -> None:
    facts = BARE._replace(codes=KETTLE.codes, brand="Harrow")
    mapped = ValueRules(attributes=(AttributeChoice(119, Choice("Mauve", "field:shade")),))

    result = built(fill(facts, mapped))

    assert "attributes_node_specific" not in result.payload
    assert [(gap.rule, gap.value, gap.level) for gap in result.gaps] == [
        ("listed", "Mauve", "never_live"),
        ("none", "", "never_live"),
    ]
    assert result.gaps[0].fix == "Use one of Copper, Black."


def test_an_attribute_that_tells_variants_apart_blocks_with_its_value_and_the_legal_ones() -> None:
    facts = BARE._replace(codes=KETTLE.codes, brand="Harrow", kind="variable", data={"shade": "Mauve"})
    size = AttributeChoice(50, Choice("2 qt"))
    color = AttributeChoice(119, Choice(source="field:shade"))

    result = built(fill(facts, rules(profile(attributes=(color, size)))))

    assert [(gap.level, gap.message, gap.fix) for gap in result.gaps if gap.blocks] == [
        ("blocks", "Color “Mauve” is not one of Jet's values.", "Use one of Copper, Black.")
    ]


def test_a_wrong_value_of_the_sku_itself_still_blocks() -> None:
    result = built(fill(KETTLE._replace(attributes=[{"id": 119, "value": "Mauve", "unit": ""}]), rules()))

    assert [gap.rule for gap in result.gaps if gap.blocks] == ["listed"]


def test_overriding_title_wins_over_a_variants_own() -> None:
    facts = KETTLE._replace(kind="variable", own_title="Kettle, large")

    result = built(fill(facts, rules(None, text_rule("product_title", "Harrow kettle", overrides=True))))

    assert result.payload["product_title"] == "Harrow kettle"
    assert result.origins["product_title"] == "from the field mapping, a fixed text"


def test_bullets_fill_free_places_and_replace_only_where_the_mapping_wins() -> None:
    facts = KETTLE._replace(bullets=["Own one"])
    fields = (text_rule("bullet1", "Mapped one"), text_rule("bullet3", "Mapped three"))

    filled = fill(facts, rules(None, *fields))
    winning = fill(facts, rules(None, text_rule("bullet1", "Mapped one", overrides=True)))

    assert filled.facts.bullets == ["Own one", "Mapped three"]
    assert filled.origins["bullets"] == "from product; bullet 3 from the field mapping, a fixed text"
    assert winning.facts.bullets == ["Mapped one"]
    assert winning.origins["bullets"] == "from the field mapping, a fixed text"


def test_mapped_pictures_are_not_shown_twice() -> None:
    again, other = "https://img.example.com/1.jpg", "https://img.example.com/2.jpg"
    fields = (
        text_rule("alternate_image1", again),
        text_rule("alternate_image2", other),
        text_rule("alternate_image3", other),
    )

    result = built(fill(KETTLE, rules(None, *fields)))

    assert result.payload["alternate_images"] == [{"image_slot_id": 1, "image_url": other}]
    assert result.readiness == "ready"


@pytest.mark.parametrize(
    ("name", "text", "words"),
    [
        ("package_length_inches", "12;5", "Package length is “12;5”, not a number."),
        ("package_length_inches", "1e999999", "not a number"),
        ("package_length_inches", "NaN", "not a number"),
        ("package_length_inches", "-3", "at least 0.01 inches is needed"),
        ("fulfillment_time", "-3", "not a whole number from 0 to 9,999"),
        ("fulfillment_time", "2.5", "not a whole number"),
        ("multipack_quantity", "500", "1 to 128 is allowed"),
        ("prop_65", "perhaps", "not yes or no"),
        ("map_implementation", "7", "101, 102 or 103 is expected"),
        ("brand", "x" * 101, "at most 100 are allowed"),
        ("brand", "a\x00b", "control characters"),
        ("main_image_url", "kettle.jpg", "is not a full address"),
        ("EAN", "036000291452", "EAN has 12 digits, 13 expected"),
        ("ASIN", "B00", "ASIN has 3 characters"),
        ("bullet2", "x" * 501, "at most 500 are allowed"),
    ],
)
def test_a_value_the_field_cannot_take_is_not_used_and_told(name: str, text: str, words: str) -> None:
    facts = BARE._replace(main_image_url="", bullets=[])

    filled = fill(facts, rules(None, text_rule(name, text)))

    assert filled.facts == facts
    (problem,) = filled.problems
    assert words in problem.message
    assert problem.message.endswith(" It comes from the field mapping, a fixed text.")
    (hint,) = [gap for gap in built(filled).gaps if gap.message == problem.message]
    assert hint.level == "hint"


@pytest.mark.parametrize(
    ("name", "text", "fact", "value"),
    [
        ("shipping_weight_pounds", "$1,299.505", "shipping_weight_pounds", Decimal("1299.51")),
        ("display_width_inches", "0.30000000000000004", "display_width_inches", Decimal("0.30")),
        ("fulfillment_time", "3.0", "fulfillment_time", 3),
        ("prop_65", "TRUE", "prop_65", True),
        ("map_price", "20", "map_price", Decimal("20.00")),
    ],
)
def test_numbers_and_yes_are_read_as_stores_write_them(name: str, text: str, fact: str, value: Any) -> None:
    facts = KETTLE._replace(shipping_weight_pounds=None)

    filled = fill(facts, rules(None, text_rule(name, text)))

    assert getattr(filled.facts, fact) == value
    assert filled.problems == ()


def test_zero_means_not_measured() -> None:
    filled = fill(KETTLE, rules(None, text_rule("package_length_inches", "0.00")))

    assert (filled.facts.package_length_inches, filled.problems) == (None, ())


def test_fields_of_a_sku_go_before_its_products_and_options_are_found_in_any_case() -> None:
    facts = KETTLE._replace(
        data={"material": "", "tags": ["a", None, "b"], "on": True, "deep": {"x": 1}, "zero": 0},
        product_data={"material": "Copper"},
        options=[{"name": " Size ", "value": "Large"}],
    )

    assert read_source(facts, "field:material") == "Copper"
    assert read_source(facts, "field:tags") == "a, b"
    assert read_source(facts, "field:on") == "yes"
    assert read_source(facts, "field:deep") == ""
    assert read_source(facts, "field:zero") == "0"
    assert read_source(facts, "option:size") == "Large"
    assert read_source(facts, "nonsense") == read_source(facts, "other:x") == ""
    assert keys_of(facts)[len(BUILT_IN) :] == [
        "field:deep",
        "field:material",
        "field:on",
        "field:tags",
        "field:zero",
        "option:Size",
    ]


def test_samples_name_keys_that_fit_the_registry() -> None:
    found = samples_of({"material": "Copper", " ": "x", "n" * 101: "y"}, [{"name": "Size", "value": "L"}])

    assert found == {"field:material": "Copper", "option:Size": "L"}
    assert [
        is_source(key) for key in ("product.title", "product.nothing", "field:", "x:y", "option:Size")
    ] == [
        True,
        False,
        False,
        False,
        True,
    ]
    assert source_label("field:material") == "field material"


@pytest.mark.parametrize(
    ("data", "words"),
    [
        ({"": "x"}, "needs a name"),
        ({" a": "x"}, "without spaces at its ends"),
        ({"n" * 101: "x"}, "Name has 101 characters"),
        ({"a": "x" * 4001}, "Field a has 4,001 characters"),
        ({"a": {"b": 1}}, "nested"),
        ({"a": [{"b": 1}]}, "nested"),
        ({"a": "\x07"}, "control characters"),
        ({str(n): "x" for n in range(201)}, "There are 201 own fields"),
    ],
)
def test_bad_own_fields_are_named(data: dict[str, Any], words: str) -> None:
    (problem,) = data_problems(data)

    assert words in problem.message


TEXTS = st.text(max_size=30) | st.from_regex(r"-?[0-9]{0,5}[.,]?[0-9]{0,4}", fullmatch=True)
SOURCES = st.sampled_from(["", *BUILT_IN, "field:a", "field:b", "option:Size"])
CHOICES = st.builds(Choice, value=TEXTS, source=SOURCES)
FIELDS = st.lists(
    st.builds(FieldRule, st.sampled_from(list(JET_FIELDS)), CHOICES, st.booleans()),
    max_size=8,
    unique_by=lambda rule: rule.jet_field,
)
PROFILES = st.builds(
    profile,
    sku_as_part_number=st.booleans(),
    sku_as_code=st.sampled_from(["", *STANDARD_CODES]),
    code_type=st.sampled_from(["", *STANDARD_CODES]),
    code_source=SOURCES,
    specifics=st.dictionaries(st.sampled_from(SPECIFICS), CHOICES, max_size=5),
)


@UNHURRIED
@given(PROFILES, FIELDS, st.dictionaries(st.sampled_from(["a", "b"]), TEXTS))
def test_any_rules_over_any_fields_give_values_that_are_told_and_never_break(
    given_profile: ProfileRules, fields: list[FieldRule], data: dict[str, str]
) -> None:
    facts = KETTLE._replace(profile_id=7, data=data)

    filled = fill(facts, rules(given_profile, *fields))

    result = built(filled)
    changed = {name for name in facts._fields if getattr(filled.facts, name) != getattr(facts, name)}
    assert changed <= {*filled.origins, "own_title"}
    assert fill(facts, rules(given_profile, *fields)) == filled
    # What a rule adds is good: nothing but the product's own faults blocks it.
    assert [gap for gap in result.gaps if gap.blocks and gap.field not in {"map_price", *_PAIR}] == []


_PAIR = ("number_units_for_price_per_unit", "type_of_unit_for_price_per_unit")


@UNHURRIED
@given(st.sampled_from(list(JET_FIELDS.values())), TEXTS)
def test_every_field_judges_every_text(spec: Any, text: str) -> None:
    text = text.strip() or "x"
    problem = value_problem(spec, text)

    assert problem is None or problem.message
    if problem is None:
        assert parsed(spec, text) is not None


@UNHURRIED
@given(st.text(max_size=20))
def test_plain_number_reads_only_numbers(text: str) -> None:
    number = plain_number(text)

    assert number is None or (number.is_finite() and abs(number) < Decimal(10) ** 13)


@UNHURRIED
@given(st.recursive(st.none() | st.booleans() | st.integers() | st.text(), st.lists, max_leaves=5))
def test_plain_text_takes_all_of_json(value: Any) -> None:
    assert isinstance(plain_text(value), str)
