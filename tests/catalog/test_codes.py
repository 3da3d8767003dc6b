"""Codes of the catalogue: one table, no loose strings beside it, and each explained to who programs against them."""

from __future__ import annotations

import ast
from pathlib import Path

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
                f"{path.name}:{node.lineno} {word.value.value}"
                for word in node.keywords
                if word.arg == "code" and isinstance(word.value, ast.Constant) and word.value.value
            ]

    assert loose == []
