"""Which rows of docs/features.md a test proves, read from the markers in tests/ without running them."""

from __future__ import annotations

import ast
import re
from typing import TYPE_CHECKING

from jetsync.devstack.errors import DevstackError
from jetsync.devstack.parts import PROJECT

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

ROW = re.compile(r"^\|\s*([A-Z]{2,4}-\d{2,3})\s*\|\s*(.*)$")


def listed_rows(document: Path) -> dict[str, str]:
    """ID -> first cell behind it, in the order of the document.

    :raises DevstackError: the document is missing or lists a row twice.
    """
    if not document.exists():
        raise DevstackError(f"{document} is missing: it lists what a merchant can do.")
    rows: dict[str, str] = {}
    for line in document.read_text(encoding="utf-8").splitlines():
        if found := ROW.match(line):
            name, rest = found.groups()
            if name in rows:
                raise DevstackError(f"{document} lists {name} twice.")
            rows[name] = rest.split("|")[0].strip()
    return rows


def marked_tests(folder: Path) -> dict[str, list[str]]:
    """ID -> tests that carry it, as `path::name` or `path` for a whole module."""
    found: dict[str, list[str]] = {}
    for file in sorted(folder.rglob("*.py")):
        tree = ast.parse(file.read_text(encoding="utf-8"), filename=str(file))
        for test, name in _markers(tree, str(file.relative_to(folder.parent))):
            tests = found.setdefault(name, [])
            if test not in tests:
                tests.append(test)
    return found


def _markers(tree: ast.Module, path: str) -> Iterator[tuple[str, str]]:
    for node in ast.walk(tree):
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef):
            for decorator in node.decorator_list:
                yield from ((f"{path}::{node.name}", name) for name in _names(decorator))
        elif isinstance(node, ast.Assign) and any(
            isinstance(target, ast.Name) and target.id == "pytestmark" for target in node.targets
        ):
            yield from ((path, name) for name in _names(node.value))


def _names(expression: ast.expr) -> Iterator[str]:
    """IDs in `pytest.mark.feature("A-01", ...)`, also inside a list or `pytest.param(marks=...)`."""
    for node in ast.walk(expression):
        is_marker = isinstance(node, ast.Call) and ast.unparse(node.func) == "pytest.mark.feature"
        if is_marker and isinstance(node, ast.Call):
            for argument in node.args:
                if isinstance(argument, ast.Constant) and isinstance(argument.value, str):
                    yield argument.value


def report() -> int:
    """Print every row with its tests; 1 when a test names a row that is not listed."""
    rows = listed_rows(PROJECT / "docs" / "features.md")
    tests = marked_tests(PROJECT / "tests")
    for name, title in rows.items():
        print(f"{'+' if name in tests else '-'} {name:8} {title}")
        for test in tests.get(name, []):
            print(f"             {test}")
    unknown = sorted(set(tests) - set(rows))
    for name in unknown:
        print(f"? {name:8} is not in docs/features.md, but marked at {', '.join(tests[name])}")
    proven = sum(1 for name in rows if name in tests)
    print(f"\n{len(rows)} rows, {proven} with a test, {len(rows) - proven} without.")
    return 1 if unknown else 0
