"""What is wrong with a value: one shape for forms, CSV rows, the API and the listing checklist, and its raising."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from jetsync.exceptions import ChangedMeanwhile, InvalidInput


@dataclass(frozen=True)
class Problem:
    """`message` names the field and the rule, `fix` says what to do; the edge adds the SKU or the line."""

    field: str
    rule: str
    value: str
    message: str
    fix: str = ""


def raise_problems(problems: Sequence[Problem], sku: str = "") -> None:
    """InvalidInput with each problem at its field; the message names the SKU and the first rule. `data["rules"]` names
    the rule of each message.
    """
    if not problems:
        return
    fields: dict[str, list[str]] = {}
    rules: dict[str, list[str]] = {}
    for problem in problems:
        fields.setdefault(problem.field, []).append(f"{problem.message} {problem.fix}".strip())
        rules.setdefault(problem.field, []).append(problem.rule)
    who = f"SKU {sku}: " if sku else ""
    said = f"{who}{problems[0].message}"
    raise InvalidInput(said, hint=problems[0].fix, fields=fields, data={"rules": rules})


def moved_problems(
    now: Mapping[str, Any], changes: Mapping[str, Any], seen: Mapping[str, Any]
) -> list[Problem]:
    """Changes of values that are others than those seen when they were made. `now` is read under the lock."""
    found = []
    for name, value in seen.items():
        if name not in changes or now[name] in (value, changes[name]):
            continue
        word = name.replace("_", " ").capitalize()
        plain = isinstance(now[name], str | int | Decimal)
        message = f"{word} was just changed by somebody else{f', to “{now[name]}”' if plain else ''}."
        found.append(Problem(name, "moved", str(now[name]), message, ChangedMeanwhile.hint))
    return found


def raise_moved(problems: Sequence[Problem], what: str) -> None:
    """ChangedMeanwhile with each problem at its field."""
    if problems:
        fields = {problem.field: [f"{problem.message} {problem.fix}"] for problem in problems}
        raise ChangedMeanwhile(f"{what}: {problems[0].message}", fields=fields)
