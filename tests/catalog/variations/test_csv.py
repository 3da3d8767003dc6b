"""The variations file: groups by the row, refused with line, column, value and fix."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from catalog.actions.variation import GroupSpec, change_group
from catalog.csv_columns import MOST_CHILDREN, column_names
from catalog.enums import CsvKind
from catalog.models import CsvUpload, Product, VariationGroup
from jetsync.actions.operation import undo_operation
from jetsync.models import Merchant, Operation, OperationRow
from jetsync.tenancy.actor import SYSTEM
from tests.catalog import rows
from tests.catalog.rows import COLOR, LEAF, SIZE, WEIGHT
from tests.catalog.variations.families import children, group_of, make_family, sized, sku

pytestmark = pytest.mark.django_db
ImportCsv = Callable[..., CsvUpload]


def listed(shop: Merchant, name: str, size: str, **extra: Any) -> None:
    product = rows.make_product(shop, **extra)
    rows.mark_listed(rows.make_variant(shop, product, sku=name, attributes=sized(size)))


@pytest.fixture
def kettles(shop: Merchant) -> Merchant:
    for name in ("A", "B", "C", "D"):
        listed(shop, name, name)
    return shop


def row(**cells: str) -> dict[str, str]:
    return {
        "sku": "A",
        "relationship": "Variation",
        "group_title": "Kettles",
        "variation_refinement1": str(SIZE),
        "child_sku1": "B",
        "child_sku2": "C",
        **cells,
    }


def failures() -> list[tuple[int, str, str, str, str]]:
    """(line, column, value, message, fix) of every problem."""
    return [
        (failed.line, problem["column"], problem["value"], problem["message"], problem["fix"])
        for failed in OperationRow.objects.order_by("pk")
        for problem in failed.data["problems"]
    ]


@pytest.mark.feature("CSV-31", "CSV-32", "CSV-33", "CSV-34", "CSV-35", "VAR-08")
def test_a_row_makes_a_group(kettles: Merchant, import_csv: ImportCsv) -> None:
    upload = import_csv([row(variation_refinement2=str(COLOR))], CsvKind.VARIATIONS)

    group = group_of(kettles, "A")
    assert (upload.created_count, upload.failed_count) == (1, 0)
    assert (children(group), group.refinements, group.group_title, group.relationship, group.origin) == (
        ["B", "C"],
        [SIZE, COLOR],
        "Kettles",
        "Variation",
        "csv",
    )
    assert len(group.target) == 64


@pytest.mark.feature("CSV-32")
def test_the_title_is_optional(kettles: Merchant, import_csv: ImportCsv) -> None:
    given = row()
    del given["group_title"]

    import_csv([given], CsvKind.VARIATIONS)
    import_csv([row()], CsvKind.VARIATIONS)
    import_csv([given], CsvKind.VARIATIONS)
    kept = group_of(kettles, "A").group_title
    import_csv([row(group_title="")], CsvKind.VARIATIONS)

    assert kept == "Kettles"
    assert group_of(kettles, "A").group_title == ""


@pytest.mark.feature("CSV-34")
def test_importing_again_changes_the_group(kettles: Merchant, import_csv: ImportCsv) -> None:
    import_csv([row()], CsvKind.VARIATIONS)

    same = import_csv([row()], CsvKind.VARIATIONS)
    other = import_csv([row(child_sku1="D", child_sku2="B")], CsvKind.VARIATIONS)

    assert (same.unchanged_count, same.updated_count) == (1, 0)
    assert (other.unchanged_count, other.updated_count) == (0, 1)
    assert children(group_of(kettles, "A")) == ["D", "B"]
    assert VariationGroup.objects.count() == 1


@pytest.mark.feature("CSV-34")
def test_a_child_moves_from_one_group_to_another_in_one_file(
    kettles: Merchant, import_csv: ImportCsv
) -> None:
    listed(kettles, "E", "E")
    import_csv([row(), row(sku="D", child_sku1="E", child_sku2="")], CsvKind.VARIATIONS)

    moved = [
        row(sku="D", child_sku1="E", child_sku2="C"),
        row(child_sku2=""),
    ]
    upload = import_csv(moved, CsvKind.VARIATIONS)

    assert (upload.updated_count, upload.failed_count) == (2, 0)
    assert children(group_of(kettles, "A")) == ["B"]
    assert children(group_of(kettles, "D")) == ["E", "C"]


@pytest.mark.feature("CSV-30")
def test_a_sku_that_jet_has_not_taken_is_refused(kettles: Merchant, import_csv: ImportCsv) -> None:
    rows.make_variant(kettles, sku="NEW", attributes=sized("N"))

    import_csv([row(child_sku2="NEW")], CsvKind.VARIATIONS)

    assert failures() == [
        (
            2,
            "child_sku2",
            "NEW",
            "SKU NEW is not uploaded to Jet yet; a group takes only SKUs that Jet has accepted.",
            "Upload it, then this file again.",
        )
    ]
    assert not VariationGroup.objects.exists()


@pytest.mark.feature("CSV-31")
@pytest.mark.parametrize(
    ("value", "message"),
    [
        ("", "relationship is empty."),
        ("Accessory", "relationship is Accessory, which Jet has refused since October 2017."),
        ("Bundle", "relationship is “Bundle”, only Variation is allowed."),
    ],
)
def test_the_relationship_is_variation(
    kettles: Merchant, import_csv: ImportCsv, value: str, message: str
) -> None:
    import_csv([row(relationship=value)], CsvKind.VARIATIONS)

    assert [(line, column, told) for line, column, _value, told, _fix in failures()] == [
        (2, "relationship", message)
    ]


@pytest.mark.feature("CSV-33")
@pytest.mark.parametrize(
    ("cells", "column", "message"),
    [
        ({"variation_refinement1": ""}, "variation_refinement1", "variation_refinement1 is empty"),
        ({"variation_refinement1": "0"}, "variation_refinement1", "is 0, it must be above 0"),
        ({"variation_refinement1": "-4"}, "variation_refinement1", "is -4, it must be above 0"),
        ({"variation_refinement1": "Size"}, "variation_refinement1", "“Size” is not a whole number"),
        (
            {"variation_refinement1": str(10**30)},
            "variation_refinement1",
            "is not a whole number",
        ),
        ({"variation_refinement2": str(SIZE)}, "variation_refinement2", f"repeats the attribute {SIZE}"),
        (
            {"variation_refinement2": str(WEIGHT)},
            "variation_refinement2",
            "has no variation attribute “Item Weight”",
        ),
        ({"variation_refinement2": "77"}, "variation_refinement2", "has no variation attribute"),
    ],
)
def test_refinements_are_attributes_of_the_category(
    kettles: Merchant, import_csv: ImportCsv, cells: dict[str, str], column: str, message: str
) -> None:
    import_csv([row(**cells)], CsvKind.VARIATIONS)

    found = failures()
    assert found[0][:2] == (2, column)
    assert message in found[0][3]
    assert found[0][4] != ""
    assert not VariationGroup.objects.exists()


@pytest.mark.feature("CSV-33")
def test_every_sku_has_the_attribute(kettles: Merchant, import_csv: ImportCsv) -> None:
    child = sku(kettles, "C")
    child.attributes = []
    child.save()

    import_csv([row()], CsvKind.VARIATIONS)

    assert failures() == [
        (
            2,
            "variation_refinement1",
            str(SIZE),
            "SKU C has no Size.",
            "Fill Size, or map the option that holds it.",
        )
    ]


@pytest.mark.feature("CSV-34")
def test_all_children_are_of_one_brand_and_category(kettles: Merchant, import_csv: ImportCsv) -> None:
    listed(kettles, "ODD", "O", brand="Other & Co")
    listed(kettles, "POT", "P", jet_node_id=LEAF + 1)

    import_csv([row(child_sku1="ODD", child_sku2="POT")], CsvKind.VARIATIONS)

    assert [(column, message) for _line, column, _value, message, _fix in failures()] == [
        ("child_sku2", "SKU POT is in Kitchen > Tea > Teapots, the parent in Kitchen > Tea > Kettles."),
        ("child_sku1", "SKU ODD has the brand “Other & Co”, the parent “Harrow & Finch”."),
    ]


@pytest.mark.feature("CSV-34", "CSV-35")
@pytest.mark.parametrize(
    ("cells", "column", "message"),
    [
        ({"child_sku1": "", "child_sku2": ""}, "child_sku1", "a group needs at least one child"),
        ({"child_sku2": "A"}, "child_sku2", "is the parent itself"),
        ({"child_sku2": "B"}, "child_sku2", "repeats child_sku1"),
        ({"child_sku2": "NONE"}, "child_sku2", "SKU NONE is not among your products"),
        ({"child_sku2": "B/1"}, "child_sku2", "contains “/”"),
        ({"child_sku2": "x" * 101}, "child_sku2", "101 characters"),
        ({"child_sku2": "=1+1"}, "child_sku2", "spreadsheet formula"),
        ({"sku": "NONE"}, "sku", "SKU NONE is not among your products"),
        ({"sku": ""}, "sku", "SKU is empty"),
        ({"group_title": "x" * 501}, "group_title", "501 characters, at most 500"),
    ],
)
def test_bad_cells_are_named(
    kettles: Merchant, import_csv: ImportCsv, cells: dict[str, str], column: str, message: str
) -> None:
    import_csv([row(**cells), row(sku="D", child_sku1="C", child_sku2="")], CsvKind.VARIATIONS)

    found = failures()
    assert found[0][:2] == (2, column)
    assert message in found[0][3]
    assert [group.parent.sku for group in VariationGroup.objects.all()] == ["D"]


@pytest.mark.feature("CSV-34")
def test_a_sku_stands_in_one_group_only(kettles: Merchant, import_csv: ImportCsv) -> None:
    upload = import_csv([row(), row(sku="D", child_sku1="C", child_sku2="")], CsvKind.VARIATIONS)
    again = import_csv([row(sku="D", child_sku1="A", child_sku2="")], CsvKind.VARIATIONS)

    assert (upload.created_count, upload.failed_count, again.failed_count) == (1, 1, 1)
    assert [(line, column, message) for line, column, _value, message, _fix in failures()] == [
        (3, "child_sku1", "SKU C is in the group of A already; a SKU belongs to one group only."),
        (2, "child_sku1", "SKU A is in the group of A already; a SKU belongs to one group only."),
    ]


@pytest.mark.feature("CSV-34")
def test_fifty_children_have_their_columns() -> None:
    names = column_names(CsvKind.VARIATIONS)

    assert names == [
        "sku",
        "relationship",
        "group_title",
        *(f"variation_refinement{n}" for n in range(1, 6)),
        *(f"child_sku{n}" for n in range(1, MOST_CHILDREN + 1)),
    ]


@pytest.mark.feature("CSV-34")
def test_the_preview_shows_what_a_group_becomes(
    kettles: Merchant, import_csv: ImportCsv, upload_csv: ImportCsv, drain: Callable[..., int]
) -> None:
    import_csv([row()], CsvKind.VARIATIONS)

    upload = upload_csv([row(child_sku2="D"), row(sku="C", child_sku1="D")], CsvKind.VARIATIONS, preview=True)
    drain()

    upload.refresh_from_db()
    found = upload.preview
    assert (found["new"], found["changed"], found["wrong"]) == (0, 1, 1)
    assert found["changed_rows"] == [
        {"line": 2, "sku": "A", "cells": [{"column": "child_sku2", "old": "C", "new": "D"}]}
    ]
    assert children(group_of(kettles, "A")) == ["B", "C"]


def test_the_file_takes_a_product_group_over(shop: Merchant, import_csv: ImportCsv) -> None:
    product = make_family(shop, "S", "M", "L")
    for variant in product.variants.all():
        rows.mark_listed(variant)

    import_csv([row(sku="HF-M", child_sku1="HF-S", child_sku2="HF-L")], CsvKind.VARIATIONS)

    alive = VariationGroup.objects.exclude(members=None)
    assert [(group.parent.sku, group.origin) for group in alive.distinct()] == [("HF-M", "csv")]
    assert group_of(shop, "HF-S").members.count() == 0
    assert Product.objects.get(pk=product.pk).keeps_apart is False


def test_a_large_file_costs_the_same_queries_per_row(
    kettles: Merchant, upload_csv: ImportCsv, django_assert_max_num_queries: Any
) -> None:
    """Forty rows are judged with the queries of one."""
    from django.db import connection
    from django.test.utils import CaptureQueriesContext

    from catalog.actions.variation_rows import plan_groups
    from catalog.csv_reader import CsvRow
    from catalog.csv_rows.variation import VariationParser

    for number in range(6):
        listed(kettles, f"P{number}", str(number))
        listed(kettles, f"Q{number}", f"q{number}")
    parser = VariationParser(list(row()))

    def queries(count: int) -> int:
        given = [
            row(sku=f"P{number}", child_sku1=f"Q{number}", child_sku2="", group_title=f"T{number}")
            for number in range(count)
        ]
        parsed = [parser.parse(CsvRow(line, list(cells.values()))) for line, cells in enumerate(given, 2)]
        with CaptureQueriesContext(connection) as seen:
            plan = plan_groups(kettles, parsed, {}, is_on_jet=False)
        assert len(plan.new) == count
        return len(seen)

    assert queries(1) == queries(6)


def undone(upload: CsvUpload, drain: Callable[..., int]) -> Operation:
    assert upload.operation is not None
    undoing = undo_operation(upload.operation, actor=SYSTEM)
    drain()
    undoing.refresh_from_db()
    return undoing


@pytest.mark.feature("CSV-31", "CSV-34")
def test_undoing_a_file_dissolves_what_it_made_and_gives_back_what_it_changed(
    kettles: Merchant, import_csv: ImportCsv, drain: Callable[..., int]
) -> None:
    for name in ("E", "F"):
        listed(kettles, name, name)
    import_csv([row()], CsvKind.VARIATIONS)
    upload = import_csv(
        [
            row(child_sku1="D", child_sku2="B", group_title="Pots"),
            row(sku="E", child_sku1="F", child_sku2="", group_title="New"),
        ],
        CsvKind.VARIATIONS,
    )

    undoing = undone(upload, drain)

    group = group_of(kettles, "A")
    assert (children(group), group.group_title, group.origin) == (["B", "C"], "Kettles", "csv")
    assert not VariationGroup.objects.filter(parent__sku="E", members__isnull=False).exists()
    assert (undoing.done, undoing.skipped, undoing.state) == (2, 0, "done")


def test_undoing_a_file_gives_a_family_its_own_group_back(
    shop: Merchant, import_csv: ImportCsv, drain: Callable[..., int]
) -> None:
    make_family(shop, "S", "M", "L")
    for name in ("HF-S", "HF-M", "HF-L"):
        rows.mark_listed(sku(shop, name))
    assert children(group_of(shop, "HF-S")) == ["HF-M", "HF-L"]
    upload = import_csv([row(sku="HF-L", child_sku1="HF-M", child_sku2="")], CsvKind.VARIATIONS)
    assert children(group_of(shop, "HF-L")) == ["HF-M"]

    undone(upload, drain)

    group = group_of(shop, "HF-S")
    assert (children(group), group.origin) == (["HF-M", "HF-L"], "product")


def test_a_group_that_was_changed_since_is_left_and_named(
    kettles: Merchant, import_csv: ImportCsv, drain: Callable[..., int]
) -> None:
    upload = import_csv([row()], CsvKind.VARIATIONS)
    group = group_of(kettles, "A")
    change_group(group, GroupSpec(group.parent_id, (sku(kettles, "D").pk,), (SIZE,)), actor=SYSTEM)

    undoing = undone(upload, drain)

    assert children(group_of(kettles, "A")) == ["D"]
    [left] = OperationRow.objects.filter(operation=undoing)
    assert (left.label, left.message) == ("A", "The group was changed since. Left as it is.")
