"""Codes of the catalogue: one table, no loose strings beside it, and each explained to who programs against them."""

from __future__ import annotations

import ast
from pathlib import Path

import pytest
from django.conf import settings

from catalog.codes import Code

ROOT = Path(settings.BASE_DIR)


def test_every_code_is_explained_in_the_description_of_the_api() -> None:
    told = (ROOT / "docs" / "api.md").read_text(encoding="utf-8")

    assert [code for code in Code if f"| `{code}` |" not in told] == []


def test_no_module_raises_or_stores_a_code_beside_the_table() -> None:
    loose = []
    for path in sorted((ROOT / "catalog").rglob("*.py")):
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            if not isinstance(node, ast.Call):
                continue
            loose += [
                f"{path.name}:{node.lineno} {given.value}"
                for given in codes_given(node)
                if isinstance(given, ast.Constant) and given.value
            ]

    assert loose == []


# Where our own helpers take a code by position.
PLACES = {"_skip": 1, "_left": 3}


def codes_given(call: ast.Call) -> list[ast.expr]:
    """What stands at the place of a code: by name, by position, and in a `Problem` whose rule is a code of the table."""
    named = [word.value for word in call.keywords if word.arg == "code"]
    name, args = getattr(call.func, "id", ""), call.args
    if name in PLACES:
        named += args[PLACES[name] : PLACES[name] + 1]
    if name == "Problem" and isinstance(args[0], ast.Constant) and not args[0].value:
        named += [rule for rule in args[1:2] if isinstance(rule, ast.Constant) and rule.value in set(Code)]
    return named


@pytest.mark.parametrize(
    ("line", "found"),
    [
        ('_skip(row, "gone")', ["gone"]),
        ('_left(operation, 7, "HF-1", "gone", "Words.")', ["gone"]),
        ('Problem("", "gone", "", "Words.")', ["gone"]),
        ('Problem("sku", "gone", "", "Words.")', []),
        ('Problem("", "quote", "", "Words.")', []),
        ('refuse(code="gone")', ["gone"]),
    ],
)
def test_a_code_is_seen_by_name_and_by_position(line: str, found: list[str]) -> None:
    call = ast.parse(line, mode="eval").body
    assert isinstance(call, ast.Call)
    assert [ast.literal_eval(given) for given in codes_given(call)] == found
