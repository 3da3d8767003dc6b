"""Whatever the four files hold, reading them ends with rows or with words; never with a crash."""

from __future__ import annotations

import os
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from catalog.actions.taxonomy import import_taxonomy
from catalog.taxonomy_files import KINDS, LARGEST_ID, Source, kind_of, read_taxonomy
from jetsync.exceptions import InvalidInput
from tests.catalog.taxonomy.files import GOOD, NAMES

REAL = Path(
    os.environ.get("JETSYNC_TAXONOMY_DIR", Path(__file__).resolve().parents[4] / "shared/jet-api/taxonomy")
)
CELLS = st.one_of(
    st.text(max_size=8),
    st.integers(-5, 40).map(str),
    st.sampled_from(
        ["1.41513E+14", str(LARGEST_ID), str(LARGEST_ID + 1), "NULL", "TRUE", "=1+1", "٣", " 7 "]
    ),
)


def sources(**texts: str | bytes) -> dict[str, Source]:
    found = {}
    for kind in KINDS:
        text = texts.get(kind, GOOD[kind])
        data = text if isinstance(text, bytes) else text.encode("utf-8", "surrogatepass")
        found[kind] = Source(NAMES[kind], data)
    return found


@given(kind=st.sampled_from(KINDS), data=st.binary(max_size=300))
def test_any_bytes_are_read_or_refused_with_words(kind: str, data: bytes) -> None:
    message = NAMES[kind]
    try:
        read_taxonomy(sources(**{kind: data}))
    except InvalidInput as error:
        message = error.message
    assert NAMES[kind] in message


@given(kind=st.sampled_from(KINDS), rows=st.lists(st.lists(CELLS, max_size=8), max_size=12))
def test_any_rows_below_a_good_header_are_taken_or_listed(kind: str, rows: list[list[str]]) -> None:
    import csv
    import io

    text = io.StringIO()
    csv.writer(text).writerows(rows)
    header = GOOD[kind].split("\n")[0]
    try:
        found = read_taxonomy(sources(**{kind: f"{header}\n{text.getvalue()}"}))
    except InvalidInput:
        return
    for node in found.categories.values():
        assert node.path
        assert node.parent_id == 0 or node.parent_id in found.categories
    assert all(a in found.attributes and n in found.categories for n, a in found.links)
    assert all(row.line >= 2 for row in found.dropped_rows)


def test_columns_may_stand_in_any_order_and_rows_may_be_short() -> None:
    text = "Level,JetTaxCode,active,Parent_id,Name,id\n0,,1,0,Kitchen,5\n1\n"

    found = read_taxonomy(sources(categories=text))

    assert [(c.node_id, c.name) for c in found.categories.values()] == [(5, "Kitchen")]
    assert [(row.line, row.reason) for row in found.dropped_rows[:1]] == [(3, "categories with a damaged id")]


@pytest.mark.parametrize("kind", KINDS)
def test_each_file_is_known_by_its_columns(kind: str) -> None:
    assert kind_of(Source("x.csv", GOOD[kind].encode())) == kind


@pytest.mark.skipif(not (REAL / "Jet_Taxonomy.csv").exists(), reason="the real files are not here")
@pytest.mark.django_db
@pytest.mark.feature("CAT-18")
def test_the_two_real_versions_are_told_apart() -> None:
    import_taxonomy(REAL / "2015-12", "2015-12")

    version = import_taxonomy(REAL, "2017-02")

    assert version.diff["against_name"] == "2015-12"
    assert version.diff["nodes"] == {"gone": 921, "new": 3, "renamed": 242, "moved": 45}
    assert version.diff["attributes"] == {"gone": 133, "new": 1, "renamed": 5, "retyped": 1}
