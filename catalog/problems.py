"""What is wrong with a value: one shape for forms, CSV rows, the API and the listing checklist, and its raising."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from jetsync.exceptions import InvalidInput


@dataclass(frozen=True)
class Problem:
    """`message` names the field and the rule, `fix` says what to do; the edge adds the SKU or the line."""

    field: str
    rule: str
    value: str
    message: str
    fix: str = ""


def raise_problems(problems: Sequence[Problem], sku: str = "") -> None:
    """InvalidInput with each problem at its field; the message names the SKU and the first rule."""
    if not problems:
        return
    fields: dict[str, list[str]] = {}
    for problem in problems:
        fields.setdefault(problem.field, []).append(f"{problem.message} {problem.fix}".strip())
    who = f"SKU {sku}: " if sku else ""
    raise InvalidInput(f"{who}{problems[0].message}", hint=problems[0].fix, fields=fields)
