"""The taxonomy calls over the small tree, and the importer over both layouts of the real files."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

from jetsync.sandbox.taxonomy.reading import TaxonomyUnreadable, read_folders
from tests.sandbox.goods import TEA_KETTLES
from tests.sandbox.market import Market
from tests.sandbox_server import ROOT

# The real snapshots are not part of the project; name their folder to prove the importer on them.
REAL = Path(os.environ.get("JET_TAXONOMY_DIR", "/nonexistent"))
needs_real_files = pytest.mark.skipif(not REAL.is_dir(), reason="the real taxonomy files are not at hand")


def write(folder: Path, name: str, content: str, encoding: str = "utf-8") -> None:
    folder.mkdir(exist_ok=True)
    (folder / name).write_bytes(content.encode(encoding))


def test_links_page_through_every_node(market: Market) -> None:
    whole = market.get("taxonomy/links/v1")["node_urls"]
    parts = [
        url
        for offset in range(0, 80, 40)
        for url in market.get(f"taxonomy/links/1.03?offset={offset}&limit=40")["node_urls"]
    ]

    assert (len(whole), whole[0]) == (72, "/taxonomy/nodes/41000000")
    assert parts == whole


def test_a_node_and_its_attributes(market: Market) -> None:
    assert market.get(f"taxonomy/nodes/{TEA_KETTLES}") == {
        "jet_node_id": TEA_KETTLES,
        "jet_node_name": "Tea Kettles",
        "jet_node_path": "Kitchen & Dining/Cookware/Tea Kettles",
        "amazon_node_ids": [],
        "parent_id": 41001000,
        "jet_level": 2,
        "suggested_tax_code": "Generic Taxable Product",
        "active": True,
    }
    attributes = {
        row["attribute_id"]: row
        for row in market.get(f"taxonomy/nodes/{TEA_KETTLES}/attributes")["attributes"]
    }
    assert sorted(attributes) == [101, 102, 103, 104, 106]
    assert attributes[101] == {
        "attribute_id": 101,
        "attribute_description": "Color",
        "free_text": True,
        "variant": True,
    }
    assert attributes[106]["values"] == ["No", "Yes"]
    assert attributes[104]["units"] == ["Cup", "Fluid Ounce", "Gallon", "Liter", "Milliliter", "Quart"]
    helmets = market.get("taxonomy/nodes/46003001/attributes")["attributes"]
    assert 410000000000125 in [row["attribute_id"] for row in helmets]


@pytest.mark.parametrize("path", ["41000000/attributes", "5", "5/attributes", "x", "9" * 30])
def test_unknown_nodes_and_nodes_without_attributes_answer_404(market: Market, path: str) -> None:
    assert list(market.call("GET", f"taxonomy/nodes/{path}").json()) == ["errors"]
    assert market.call("GET", f"taxonomy/nodes/{path}").status_code == 404


def test_the_layout_of_2017_with_its_damages_is_read(tmp_path: Path) -> None:
    write(
        tmp_path,
        "tree.csv",
        "id,Name,Parent_id,active,Level,JetTaxCode\n1,Home,0,1,0,Generators \n2,Café Décor,1,1,1,X\n",
        "cp1252",
    )
    write(
        tmp_path,
        "attributes.csv",
        "id,description,display_name,scope,status,precedence,free_text,display,facet_filter,variant,range,"
        "parent_id,variant_pair,merchant_defined,retired\n"
        "7,Size,Size,1,1,0,2,1,0,1,0,0,0,1,0\n1.41513E+14,Lost,Lost,1,1,0,0,1,0,0,0,0,0,1,0\n",
    )
    write(
        tmp_path,
        "values.csv",
        "ID,attribute_id,value,units,retired\n1,7,_MB,MB,0\n2,7,_GB,NULL,0\n3,9,x,NULL,0\n",
    )
    write(tmp_path, "map.csv", "attribute_id,category_id,active\n7,2,1\n7,2,1\n7,99,1\n8,2,1\n")

    taxonomy = read_folders([tmp_path])

    assert [(row.name, row.path, row.tax_code) for row in taxonomy.categories.values()] == [
        ("Home", "Home", "Generators"),
        ("Café Décor", "Home/Café Décor", "X"),
    ]
    assert [(row.free_text, row.is_variant) for row in taxonomy.attributes.values()] == [(2, True)]
    assert list(taxonomy.values) == [(7, "_MB", "MB"), (7, "_GB", "")]
    assert list(taxonomy.links) == [(2, 7)]
    assert (taxonomy.damaged_ids, taxonomy.dangling_links) == (1, 2)


def test_the_layout_of_2015_completes_it(tmp_path: Path) -> None:
    first, second = tmp_path / "a", tmp_path / "b"
    write(first, "tree.csv", "id,Name,Parent_id,active,Level,JetTaxCode\n1,Home,0,1,0,T\n")
    write(
        second,
        "categories.csv",
        "id,name,parent_id,active,retired,path,level\r\n1,House,0,TRUE,FALSE,House,0\r\n"
        "2,DÃ©cor,1,FALSE,FALSE,House|DÃ©cor,1\r\n",
    )
    write(
        second,
        "attributes.csv",
        "id,description,display_name,free_text,display,facet_filter,variant,variant_pair\r\n"
        "234862620841227,Width,Width,0,TRUE,TRUE,TRUE,FALSE\r\n",
    )
    write(second, "values.csv", "attribute_id,value,units,retired\r\n234862620841227,Wide,,FALSE\r\n")
    write(second, "map.csv", "active,attribute_id,category_id\r\nTRUE,234862620841227,2\r\n")

    taxonomy = read_folders([first, second])

    home, decor = taxonomy.categories[1], taxonomy.categories[2]
    assert (home.name, home.tax_code, decor.name, decor.path, decor.is_active) == (
        "Home",
        "T",
        "Décor",
        "House/Décor",
        False,
    )
    assert list(taxonomy.attributes) == [234862620841227]
    assert list(taxonomy.links) == [(2, 234862620841227)]


def test_a_folder_without_categories_is_no_taxonomy(tmp_path: Path) -> None:
    with pytest.raises(TaxonomyUnreadable):
        read_folders([tmp_path])


def test_the_small_taxonomy_is_sound() -> None:
    taxonomy = read_folders([ROOT / "jetsync" / "sandbox" / "taxonomy_small"])

    levels = [row.level for row in taxonomy.categories.values()]
    assert [levels.count(level) for level in range(3)] == [6, 17, 49]
    assert (len(taxonomy.attributes), taxonomy.damaged_ids, taxonomy.dangling_links) == (25, 0, 0)
    for row in taxonomy.categories.values():
        assert row.level == 0 or taxonomy.categories[row.parent_id].level == row.level - 1


@needs_real_files
@pytest.mark.parametrize(
    ("folders", "summary"),
    [
        (["."], "3575 categories, 177 attributes, 5698 values, 10912 links\n"),
        (["2015-12"], "5340 categories, 309 attributes, 6432 values, 18023 links\n"),
        ([".", "2015-12"], "5343 categories, 310 attributes, 7059 values, 18054 links\n"),
    ],
)
def test_the_real_files_load_from_the_command_line(tmp_path: Path, folders: list[str], summary: str) -> None:
    command = [sys.executable, "-m", "jetsync.sandbox.load_taxonomy", *[str(REAL / name) for name in folders]]
    done = subprocess.run(  # noqa: S603 -- our own module
        [*command, "--state", str(tmp_path)], cwd=ROOT, capture_output=True, text=True, check=False
    )

    assert (done.returncode, done.stdout, done.stderr) == (0, summary, "")
