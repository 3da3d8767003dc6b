"""What is wrong with a value: one shape for forms, CSV rows, the API and the listing checklist."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class Problem:
    """`message` names the field and the rule, `fix` says what to do; the edge adds the SKU or the line."""

    field: str
    rule: str
    value: str
    message: str
    fix: str = ""
