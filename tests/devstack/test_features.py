"""`run.py features`: rows from the document, markers from the sources of the tests."""

from __future__ import annotations

from pathlib import Path

import pytest

from jetsync.devstack import features
from jetsync.devstack.errors import DevstackError

DOCUMENT = """
| ID | Feature | Marks |
| --- | --- | --- |
| GEN-01 | One menu reaches every panel | W |
| ORD-07 | Acknowledge by hand | W O |
| CSV-36 | Price file | M |

ORD-99 is only mentioned | here |
"""

TESTS = '''
import pytest
from pytest import mark

pytestmark = [pytest.mark.django_db, pytest.mark.feature("GEN-01")]

@pytest.mark.feature("ORD-07", "ORD-77")
def test_acknowledge(): ...

class TestPrices:
    @pytest.mark.parametrize("n", [1])
    @pytest.mark.feature("ORD-07")
    def test_price(self, n): ...

def test_mention():
    """pytest.mark.feature("CSV-36") in words proves nothing."""
    assert 'pytest.mark.feature("CSV-36")'
'''


@pytest.fixture
def project(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    (tmp_path / "docs").mkdir()
    (tmp_path / "docs" / "features.md").write_text(DOCUMENT)
    (tmp_path / "tests" / "orders").mkdir(parents=True)
    (tmp_path / "tests" / "orders" / "test_it.py").write_text(TESTS)
    monkeypatch.setattr(features, "PROJECT", tmp_path)
    return tmp_path


def test_rows_are_read_from_the_tables(project: Path) -> None:
    assert features.listed_rows(project / "docs" / "features.md") == {
        "GEN-01": "One menu reaches every panel",
        "ORD-07": "Acknowledge by hand",
        "CSV-36": "Price file",
    }


def test_row_listed_twice_is_refused(project: Path) -> None:
    document = project / "docs" / "features.md"
    document.write_text(DOCUMENT + "| ORD-07 | again | |\n")

    with pytest.raises(DevstackError, match=r"lists ORD-07 twice"):
        features.listed_rows(document)


def test_missing_document_is_named(tmp_path: Path) -> None:
    with pytest.raises(DevstackError, match=r"features\.md is missing"):
        features.listed_rows(tmp_path / "features.md")


def test_markers_count_but_mentions_do_not(project: Path) -> None:
    assert features.marked_tests(project / "tests") == {
        "GEN-01": ["tests/orders/test_it.py"],
        "ORD-07": ["tests/orders/test_it.py::test_acknowledge", "tests/orders/test_it.py::test_price"],
        "ORD-77": ["tests/orders/test_it.py::test_acknowledge"],
    }


def test_report_counts_and_fails_on_unknown_rows(project: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert features.report() == 1
    told = capsys.readouterr().out.splitlines()

    assert told[0] == "+ GEN-01   One menu reaches every panel"
    assert "- CSV-36   Price file" in told
    assert (
        "? ORD-77   is not in docs/features.md, but marked at tests/orders/test_it.py::test_acknowledge"
        in told
    )
    assert told[-1] == "3 rows, 2 with a test, 1 without."

    file = project / "tests" / "orders" / "test_it.py"
    file.write_text(file.read_text().replace(', "ORD-77"', ""))
    assert features.report() == 0
