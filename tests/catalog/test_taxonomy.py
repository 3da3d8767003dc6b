"""The importer against both layouts, their defects, and the real files where they are at hand."""

from __future__ import annotations

import os
from io import StringIO
from pathlib import Path

import pytest
from django.core.management import CommandError, call_command

from catalog.actions.taxonomy import import_taxonomy
from catalog.models import (
    JetAttribute,
    JetAttributeValue,
    JetCategory,
    JetCategoryAttribute,
    Listing,
    TaxonomyVersion,
)
from catalog.queries.taxonomy import children_of, load_taxonomy, search_categories, vanished_nodes
from catalog.taxonomy_files import TaxonomyFiles, find_sources, read_taxonomy, repair
from jetsync.exceptions import InvalidInput
from jetsync.models import Job, Merchant
from tests.catalog import rows
from tests.catalog.conftest import SMALL_TAXONOMY

REAL = Path(
    os.environ.get("JETSYNC_TAXONOMY_DIR", Path(__file__).resolve().parents[3] / "shared/jet-api/taxonomy")
)
needs_real = pytest.mark.skipif(
    not (REAL / "Jet_Taxonomy.csv").exists(), reason="the real files are not here"
)

LATE = {
    "Jet_Taxonomy.csv": (
        b"id,Name,Parent_id,active,Level,JetTaxCode\n"
        b"1,Home,0,1,0,Generators \n2,D\x92Art,1,1,1,\n3,Caf\xe9,2,1,2,\n4,Closed,2,0,2,\n"
        b"1.41513E+14,Lost,2,1,2,\n3,Twice,2,1,2,\n9,Orphan,8,1,2,\n"
    ),
    "Jet_Taxonomy_attribute.csv": (
        b"id,description,display_name,scope,status,precedence,free_text,display,facet_filter,variant,range,parent_id,"
        b"variant_pair,merchant_defined,retired\n"
        b"119,Color,Color,1,1,1,0,1,0,1,0,0,0,1,0\n23,Weight,Item Weight,1,1,1,2,1,0,0,0,0,0,1,0\n"
        b"1.41513E+14,Lost,Lost,1,1,1,0,1,0,0,0,0,0,1,0\n"
    ),
    "Jet_Taxonomy_attribute_value.csv": (
        b"ID,attribute_id,value,units,retired\n1,119,Copper,NULL,0\n2,119,Black,NULL,1\n3,23,_LB,LB,0\n4,77,x,NULL,0\n"
        b"5,1.41513E+14,y,NULL,0\n"
    ),
    "Jet_Taxonomy_mapping.csv": b"attribute_id,category_id,active\n119,3,1\n119,3,1\n119,99,1\n77,3,1\n23,1E+5,1\n",
}
EARLY = {
    "categories.csv": (
        b"id,name,parent_id,active,retired,path,level\r\n1,Home,0,TRUE,FALSE,Home,0\r\n"
        b"2,Tea,1,TRUE,FALSE,Home|Tea,1\r\n3,D\xc3\x83\xc2\xa9cor,2,FALSE,FALSE,Home|Tea|x,2\r\n"
    ),
    "attributes.csv": (
        b"id,description,display_name,free_text,display,facet_filter,variant,variant_pair\r\n"
        b"234862620841227,Color,Color,0,TRUE,FALSE,TRUE,FALSE\r\n"
    ),
    "attribute_values.csv": b"attribute_id,value,units,retired\r\n234862620841227,Copper,,FALSE\r\n",
    "category_attribute_mappings.csv": b"active,attribute_id,category_id\r\nTRUE,234862620841227,3\r\n",
}


def read(folder: Path) -> TaxonomyFiles:
    return read_taxonomy(find_sources(folder))


def write(folder: Path, files: dict[str, bytes]) -> Path:
    for name, content in files.items():
        (folder / name).write_bytes(content)
    return folder


def test_the_late_layout_with_its_defects(tmp_path: Path) -> None:
    found = read(write(tmp_path, LATE))

    assert {c.node_id: (c.path, c.level, c.is_active, c.tax_code) for c in found.categories.values()} == {
        1: ("Home", 0, True, "Generators"),
        2: ("Home > D\u2019Art", 1, True, ""),
        3: ("Home > D\u2019Art > Café", 2, True, ""),
        4: ("Home > D\u2019Art > Closed", 2, False, ""),
    }
    assert {a.attribute_id: (a.name, a.free_text, a.is_variant) for a in found.attributes.values()} == {
        119: ("Color", 0, True),
        23: ("Item Weight", 2, False),
    }
    assert found.values == [(119, "Copper", ""), (23, "_LB", "LB")]
    assert found.links == {(3, 119)}
    assert dict(found.dropped) == {
        "categories with a damaged id": 1,
        "categories given twice": 1,
        "categories without a way to a root": 1,
        "attributes with a damaged id": 1,
        "values with a damaged id": 1,
        "values of unknown attributes": 1,
        "retired values": 1,
        "links with a damaged id": 1,
        "links to unknown attributes": 1,
        "links to unknown categories": 1,
        "links given twice": 1,
    }


def test_the_early_layout(tmp_path: Path) -> None:
    found = read(write(tmp_path, EARLY))

    assert found.categories[3].path == "Home > Tea > Décor"
    assert found.categories[3].is_active is False
    assert found.attributes[234862620841227].is_variant is True
    assert found.links == {(3, 234862620841227)}
    assert dict(found.dropped) == {}


def test_repair_leaves_good_text_alone() -> None:
    assert repair("DÃ©cor") == "Décor"
    assert repair("Décor") == "Décor"
    assert repair("SÃO") == "SÃO"


@pytest.mark.parametrize(
    ("files", "message"),
    [
        ({}, "holds no Jet_Taxonomy.csv or categories.csv"),
        (
            {**LATE, "Jet_Taxonomy.csv": b"id,Name\n1,x\n"},
            "“Jet_Taxonomy.csv” lacks the columns active, level, parent_id",
        ),
    ],
)
def test_what_cannot_be_read_is_named(tmp_path: Path, files: dict[str, bytes], message: str) -> None:
    with pytest.raises(InvalidInput, match=message):
        read(write(tmp_path, files))


@pytest.mark.django_db
def test_import_stores_a_version_and_puts_it_to_use(merchant: Merchant, tmp_path: Path) -> None:
    rows.make_taxonomy("2015-12")

    version = import_taxonomy(write(tmp_path, LATE), " 2017-02  ")
    assert version.name == "2017-02"

    assert (version.categories, version.attributes, version.attribute_values, version.links) == (4, 2, 2, 1)
    assert list(TaxonomyVersion.objects.order_by("name").values_list("name", "is_current")) == [
        ("2015-12", False),
        ("2017-02", True),
    ]
    assert JetCategory.objects.filter(version=version).count() == 4
    assert JetAttribute.objects.get(version=version, attribute_id=23).name == "Item Weight"
    assert JetAttributeValue.objects.get(version=version, attribute_id=23).unit == "LB"
    assert JetCategoryAttribute.objects.get(version=version).node_id == 3
    loaded = load_taxonomy(merchant, [3], [23])
    assert loaded.categories[3].attribute_ids == {119}
    assert loaded.attributes[119].values == {"copper": "Copper"}
    assert loaded.attributes[23].units == {"lb": "LB"}


@pytest.mark.django_db
def test_a_name_is_taken_once(tmp_path: Path) -> None:
    folder = write(tmp_path, EARLY)
    import_taxonomy(folder, "2015-12")

    with pytest.raises(InvalidInput, match="“2015-12” exists already"):
        import_taxonomy(folder, "2015-12")

    assert TaxonomyVersion.objects.count() == 1


@pytest.mark.django_db
def test_the_command_reports_counts_and_asks_for_a_recomputation(tmp_path: Path, merchant: Merchant) -> None:
    from jetsync.tenancy.context import merchant_scope

    out = StringIO()

    call_command("import_taxonomy", str(write(tmp_path, LATE)), "--name", "late", stdout=out)

    lines = out.getvalue().splitlines()
    assert lines[0] == "Taxonomy late: 4 categories, 2 attributes, 2 values, 1 links."
    assert "  dropped: 1 categories with a damaged id" in lines
    with merchant_scope(merchant):
        assert Job.objects.get().kind == "catalog.refresh"

    again = StringIO()
    call_command("import_taxonomy", str(tmp_path), "--name", "late", "--if-missing", stdout=again)
    assert again.getvalue() == "Taxonomy late is there already.\n"
    with pytest.raises(CommandError, match="exists already"):
        call_command("import_taxonomy", str(tmp_path), "--name", "late", stdout=again)


@pytest.mark.django_db
@pytest.mark.feature("CAT-18")
def test_a_new_version_makes_vanished_categories_a_gap(shop: Merchant, tmp_path: Path, drain: object) -> None:
    kettle = rows.make_variant(shop)
    assert vanished_nodes(shop, [rows.LEAF]) == set()

    call_command("import_taxonomy", str(write(tmp_path, LATE)), stdout=StringIO())
    drain()  # type: ignore[operator]  # the fixture's callable

    assert vanished_nodes(shop, [rows.LEAF, 3]) == {rows.LEAF}
    gaps = Listing.objects.get(variant=kettle).gaps
    assert ("category", "unknown") in {(gap["field"], gap["rule"]) for gap in gaps}
    assert TaxonomyVersion.objects.count() == 2


@pytest.mark.django_db
@pytest.mark.feature("CAT-17")
def test_pickers_offer_sub_level_nodes_only(shop: Merchant) -> None:
    assert [node.name for node in children_of(shop, 0)] == ["Kitchen"]
    assert [node.name for node in children_of(shop, rows.MIDDLE)] == ["Kettles", "Teapots"]
    assert [node.node_id for node in search_categories(shop, "kit kett")] == [rows.LEAF]
    assert [node.node_id for node in search_categories(shop, str(rows.LEAF))] == [rows.LEAF]
    assert search_categories(shop, str(rows.ROOT)) == []


@pytest.mark.django_db
def test_the_sandboxs_small_taxonomy_loads() -> None:
    version = import_taxonomy(SMALL_TAXONOMY, "small")

    assert version.dropped == {}
    assert version.categories > 60
    assert version.links > 100


@needs_real
@pytest.mark.django_db
def test_the_real_file_of_2017_loads() -> None:
    version = import_taxonomy(REAL, "2017-02")

    assert (version.categories, version.attributes, version.links) == (3575, 177, 10912)
    assert version.dropped["attributes with a damaged id"] == 39
    assert JetCategory.objects.get(version=version, node_id=1000001).path == (
        "Books & Other Media > Books - Arts & Entertainment"
    )


@needs_real
@pytest.mark.django_db
def test_the_real_files_of_2015_load() -> None:
    version = import_taxonomy(REAL / "2015-12", "2015-12")

    assert (version.categories, version.attributes) == (5340, 309)
    assert JetAttribute.objects.order_by("-attribute_id")[0].attribute_id == 234862620841227
    assert JetCategory.objects.filter(version=version, is_active=False).count() == 847
