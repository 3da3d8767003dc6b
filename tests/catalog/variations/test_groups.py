"""Groups form by themselves, and say what keeps them from being sent."""

from __future__ import annotations

from collections.abc import Callable
from decimal import Decimal

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from catalog.actions.product import add_variant, update_product, update_variant
from catalog.actions.sheet import CellEdit, save_cells
from catalog.actions.targets import refresh_targets
from catalog.actions.variation import dissolve_group, form_group
from catalog.actions.variation_targets import refresh_groups
from catalog.models import AttributeMapping, Listing, VariationGroup
from catalog.queries.errors import gap_groups
from jetsync.models import Merchant
from jetsync.tenancy.actor import SYSTEM
from tests.catalog import rows
from tests.catalog.rows import COLOR, LEAF, SIZE, WEIGHT
from tests.catalog.variations.families import blocking, children, gaps, group_of, make_family, sized, sku

pytestmark = pytest.mark.django_db


def test_a_variable_product_forms_its_group_by_itself(shop: Merchant) -> None:
    make_family(shop, "S", "M", "L")

    group = group_of(shop, "HF-S")

    assert (children(group), group.refinements, group.group_title, group.origin) == (
        ["HF-M", "HF-L"],
        [SIZE],
        "Copper Kettle",
        "product",
    )
    assert group.gaps == []
    assert len(group.target) == 64


def test_a_simple_product_forms_none(shop: Merchant) -> None:
    rows.make_variant(shop)

    assert not VariationGroup.objects.exists()


def test_the_group_follows_the_product(shop: Merchant) -> None:
    product = make_family(shop, "S", "M")
    group = group_of(shop, "HF-S")
    before = group.target

    add_variant(
        product,
        {
            "sku": "HF-L",
            "options": [{"name": "Size", "value": "L"}],
            "attributes": sized("L"),
            "codes": [{"type": "UPC", "code": "049000050103"}],
        },
        actor=SYSTEM,
    )
    update_product(product, {"title": "Steel Kettle"}, actor=SYSTEM)

    group.refresh_from_db()
    assert children(group) == ["HF-M", "HF-L"]
    assert group.group_title == "Steel Kettle"
    assert group.target not in ("", before)


def test_the_second_refresh_changes_nothing(shop: Merchant) -> None:
    product = make_family(shop, "S", "M")

    assert refresh_groups(shop, product.variants.values_list("pk", flat=True)) == 0


@pytest.mark.feature("VAR-02")
def test_the_odd_child_is_named_when_categories_differ(shop: Merchant) -> None:
    make_family(shop, "S", "M")
    other = rows.make_variant(
        shop, rows.make_product(shop, jet_node_id=LEAF + 1), sku="POT", attributes=sized("L")
    )
    group = group_of(shop, "HF-S")
    group.members.create(merchant=shop, variant=other, position=5)
    VariationGroup.objects.update(origin="panel")

    refresh_targets(shop, [other.pk])

    assert blocking(group) == [
        "SKU POT is in Kitchen > Tea > Teapots, the parent in Kitchen > Tea > Kettles."
    ]
    assert group.target == ""
    assert group.gaps[0]["variant"] == other.pk
    assert group.gaps[0]["field"] == "category"


@pytest.mark.feature("VAR-03")
def test_the_odd_child_is_named_when_brands_differ(shop: Merchant) -> None:
    make_family(shop, "S", "M")
    other = rows.make_variant(
        shop, rows.make_product(shop, brand="Other & Co"), sku="ODD", attributes=sized("L")
    )
    group = group_of(shop, "HF-S")
    group.members.create(merchant=shop, variant=other, position=5)
    VariationGroup.objects.update(origin="panel")

    refresh_targets(shop, [other.pk])

    assert blocking(group) == ["SKU ODD has the brand “Other & Co”, the parent “Harrow & Finch”."]
    assert group.target == ""


def test_a_family_without_brand_says_so(shop: Merchant) -> None:
    product = make_family(shop, "S", "M")

    update_product(product, {"brand": ""}, actor=SYSTEM)

    assert "The parent HF-S has no brand." in blocking(group_of(shop, "HF-S"))


@pytest.mark.feature("VAR-04")
@pytest.mark.parametrize(
    ("changes", "expected"),
    [
        ({"codes": [{"type": "EAN", "code": "4006381333931"}]}, []),
        ({"codes": [], "asin": "B00ABC1234"}, []),
        ({"codes": []}, ["SKU HF-M has no product code and no ASIN."]),
        (
            {"codes": [], "mfr_part_number": "KET-M"},
            ["SKU HF-M has only brand and part number: Jet takes it but it will never go live."],
        ),
    ],
)
def test_each_child_needs_an_identifier(shop: Merchant, changes: dict, expected: list[str]) -> None:
    make_family(shop, "S", "M")

    update_variant(sku(shop, "HF-M"), changes, actor=SYSTEM)

    group = group_of(shop, "HF-S")
    assert gaps(group) == expected
    assert bool(group.target) is not (expected == ["SKU HF-M has no product code and no ASIN."])


@pytest.mark.feature("CAT-16")
def test_a_category_without_the_attribute_blocks_with_its_name(shop: Merchant) -> None:
    product = make_family(shop, "S", "M")
    for row in product.variants.all():
        options = [*row.options, {"name": "Capacity", "value": row.sku}]
        update_variant(row, {"options": options}, actor=SYSTEM)

    group = group_of(shop, "HF-S")

    assert blocking(group) == [
        "Kitchen > Tea > Kettles has no variation attribute for the option “Capacity”. It has: Color, Size."
    ]
    assert group.target == ""


@pytest.mark.feature("CAT-16")
def test_skus_that_would_be_listed_alone_are_not_ready_and_counted_as_a_cause(
    shop: Merchant, drain: Callable[..., int]
) -> None:
    """Jet cannot join them to a family, so none is uploaded as a single listing; the attribute is named."""
    product = make_family(shop, "S", "M")
    ready = [row.listing.readiness for row in product.variants.select_related("listing")]
    assert "not_ready" not in ready
    for row in product.variants.all():
        options = [*row.options, {"name": "Capacity", "value": row.sku}]
        update_variant(row, {"options": options}, actor=SYSTEM)

    listings = list(Listing.objects.filter(variant__product=product).order_by("variant__sku"))
    words = (
        "Kitchen > Tea > Kettles has no variation attribute for the option “Capacity”. It has: Color, Size."
    )
    assert [row.readiness for row in listings] == ["not_ready", "not_ready"]
    assert [gap["message"] for row in listings for gap in row.gaps if gap["field"] == "variation"] == [
        words
    ] * 2
    causes = {group.label: (group.level, group.skus) for group in gap_groups(shop)}
    assert causes["Variation attributes: the Jet category has none for an option"] == ("blocks", 2)

    # The merchant has said otherwise: by hand in which attributes they differ, or that they stand alone.
    dissolve_group(group_of(shop, "HF-S"), actor=SYSTEM)
    drain()
    assert {row.readiness for row in Listing.objects.filter(variant__product=product)} == set(ready)
    form_group(product, actor=SYSTEM)
    drain()
    assert {row.readiness for row in Listing.objects.filter(variant__product=product)} == {"not_ready"}
    VariationGroup.objects.update(origin="panel")
    refresh_targets(shop, [row.variant_id for row in listings])
    assert {row.readiness for row in Listing.objects.filter(variant__product=product)} == set(ready)


def by_form(shop: Merchant, *, sells: bool) -> None:
    update_variant(sku(shop, "HF-M"), {"sells_on_jet": sells}, actor=SYSTEM)


def by_table(shop: Merchant, *, sells: bool) -> None:
    before, after = ("no", "yes") if sells else ("yes", "no")
    cell = CellEdit(sku(shop, "HF-M").pk, "sells_on_jet", before, after)
    assert save_cells(shop, [cell], actor=SYSTEM).cells == 1


@pytest.mark.feature("CAT-16")
@pytest.mark.parametrize("switch", [by_form, by_table])
def test_a_sku_that_is_offered_without_its_siblings_has_no_family(
    shop: Merchant, drain: Callable[..., int], *, switch: Callable[..., None]
) -> None:
    product = make_family(shop, "S", "M")
    first = sku(shop, "HF-S")
    update_variant(first, {"options": [{"name": "Capacity", "value": "2 l"}]}, actor=SYSTEM)

    def readiness() -> str:
        return Listing.objects.get(variant=first).readiness

    assert readiness() == "not_ready"
    switch(shop, sells=False)
    drain()
    assert readiness() != "not_ready"
    switch(shop, sells=True)
    drain()
    assert readiness() == "not_ready"
    assert product.variants.count() == 2


@pytest.mark.feature("CAT-16")
def test_a_sku_without_the_value_it_differs_in_is_not_ready(shop: Merchant) -> None:
    make_family(shop, "S", "M")

    update_variant(sku(shop, "HF-M"), {"attributes": []}, actor=SYSTEM)

    gaps_of = {row.variant.sku: row.gap_keys for row in Listing.objects.select_related("variant")}
    assert "blocks:variation:missing" in gaps_of["HF-M"]
    assert "blocks:variation:missing" not in gaps_of["HF-S"]


@pytest.mark.feature("CAT-16")
def test_an_attribute_that_tells_no_variants_apart_is_refused(shop: Merchant) -> None:
    make_family(shop, "S", "M")
    VariationGroup.objects.update(origin="panel", refinements=[WEIGHT])

    refresh_targets(shop, [sku(shop, "HF-S").pk])

    assert (
        "Kitchen > Tea > Kettles has no variation attribute “Item Weight”. It has: Color, Size."
        in blocking(group_of(shop, "HF-S"))
    )


def test_a_mapping_of_the_option_is_followed(shop: Merchant) -> None:
    AttributeMapping.objects.create(merchant=shop, source="option:Volume", attribute_id=SIZE)
    product = make_family(shop, "S", "M")
    for row in product.variants.all():
        options = [{"name": "Volume", "value": row.sku}]
        update_variant(row, {"options": options, "attributes": []}, actor=SYSTEM)

    group = group_of(shop, "HF-S")

    assert (group.refinements, blocking(group)) == ([SIZE], [])


@pytest.mark.parametrize(
    ("attributes", "expected"),
    [
        ([], "SKU HF-M has no Size."),
        (sized("S"), "SKU HF-M has the same values as HF-S: Size S."),
    ],
)
def test_each_sku_has_its_own_value(shop: Merchant, attributes: list, expected: str) -> None:
    make_family(shop, "S", "M")

    update_variant(sku(shop, "HF-M"), {"attributes": attributes}, actor=SYSTEM)

    group = group_of(shop, "HF-S")
    assert blocking(group) == [expected]
    assert group.gaps[0]["field"] == f"attribute:{SIZE}"


def test_a_value_that_jet_does_not_list_is_named(shop: Merchant) -> None:
    make_family(shop, "S", "M")
    VariationGroup.objects.update(origin="panel", refinements=[SIZE, COLOR])
    other = sku(shop, "HF-M")
    other.attributes = sized("M", "Mauve")
    other.save()

    refresh_targets(shop, [other.pk])

    assert blocking(group_of(shop, "HF-S")) == ["SKU HF-M: Color “Mauve” is not one of Jet's values."]


def test_more_than_fifty_children_are_refused(shop: Merchant) -> None:
    make_family(shop, *[f"{n}" for n in range(52)])

    assert "The group has 51 children, Jet takes at most 50." in blocking(group_of(shop, "HF-0"))


def test_a_parent_in_another_group_is_named(shop: Merchant) -> None:
    make_family(shop, "S", "M")
    make_family(shop, "1", "2", stem="ZZ")
    group = group_of(shop, "ZZ-1")
    VariationGroup.objects.update(origin="panel")
    group.members.create(merchant=shop, variant=sku(shop, "HF-S"), position=9)

    refresh_targets(shop, [sku(shop, "HF-S").pk])

    assert "SKU HF-S is in the group of ZZ-1 already; a SKU belongs to one group only." in blocking(
        group_of(shop, "HF-S")
    )
    assert "SKU HF-S leads a group of its own; a SKU belongs to one group only." in blocking(group)


def test_sku_not_sold_on_jet_stays_out(shop: Merchant) -> None:
    make_family(shop, "S", "M", "L")
    other = sku(shop, "HF-M")
    other.sells_on_jet = False
    other.save()

    refresh_targets(shop, [other.pk])

    assert children(group_of(shop, "HF-S")) == ["HF-L"]


def test_the_last_two_skus_left_dissolve_the_group(shop: Merchant) -> None:
    """Jet never heard of it, so the row goes at once."""
    make_family(shop, "S", "M")
    other = sku(shop, "HF-M")
    other.sells_on_jet = False
    other.save()

    refresh_targets(shop, [other.pk])

    assert not VariationGroup.objects.exists()


def test_costs_the_same_for_one_family_and_for_three(shop: Merchant) -> None:
    first = make_family(shop, "S", "M")
    more = [make_family(shop, "1", "2", "3", stem=f"Z{n}") for n in range(3)]

    def queries(products: list) -> int:
        ids = [pk for product in products for pk in product.variants.values_list("pk", flat=True)]
        VariationGroup.objects.update(target="old")
        with CaptureQueriesContext(connection) as seen:
            refresh_groups(shop, ids)
        return len(seen)

    assert queries([first]) == queries(more)


def test_price_changes_leave_groups_alone(shop: Merchant) -> None:
    make_family(shop, "S", "M")
    before = group_of(shop, "HF-S").updated_at

    update_variant(sku(shop, "HF-M"), {"price": Decimal("40.00")}, actor=SYSTEM)

    assert group_of(shop, "HF-S").updated_at == before
