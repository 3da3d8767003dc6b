"""What the check of a file found, kept as JSON on the upload: counts, examples, differences. Pure.

The numbers are exact; examples are cut to what a page can show, so a file of 500,000 rows keeps a preview of some 100 KB.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from typing import Any

from catalog.price_guard import Slip
from catalog.problems import Problem

# Rows shown one by one.
MOST_CHANGED, MOST_WRONG, MOST_NEW, MOST_SHARED, MOST_HELD, MOST_RESPELLED = 200, 200, 20, 50, 200, 50
# Kinds of errors that are counted by themselves: columns times rules of a careless file.
MOST_CAUSES = 200
# Names of new store categories that are kept, so that a check that goes on counts none twice.
MOST_CATEGORIES = 1000
# Characters of a cell that a difference shows.
MOST_SHOWN = 200


@dataclass
class Preview:
    """`rows_done`: how far an interrupted check has come. `columns`: how many rows change each of them."""

    rows_done: int = 0
    new: int = 0
    changed: int = 0
    unchanged: int = 0
    wrong: int = 0
    columns: dict[str, int] = field(default_factory=dict)
    new_rows: list[dict[str, Any]] = field(default_factory=list)
    changed_rows: list[dict[str, Any]] = field(default_factory=list)
    wrong_rows: list[dict[str, Any]] = field(default_factory=list)
    causes: dict[str, dict[str, Any]] = field(default_factory=dict)
    shared: int = 0
    shared_rows: list[dict[str, Any]] = field(default_factory=list)
    respelled: int = 0
    respelled_rows: list[dict[str, Any]] = field(default_factory=list)
    categories: int = 0
    category_names: list[str] = field(default_factory=list)
    held: int = 0
    held_counts: int = 0
    below_map: int = 0
    held_rows: list[dict[str, Any]] = field(default_factory=list)
    largest: str = ""
    largest_percent: float = 0
    note: str = ""
    checked_at: str = ""

    @classmethod
    def from_json(cls, stored: dict[str, Any]) -> Preview:
        known = cls.__dataclass_fields__
        return cls(**{name: value for name, value in stored.items() if name in known})

    def as_json(self) -> dict[str, Any]:
        return {name: getattr(self, name) for name in self.__dataclass_fields__}

    @property
    def writes(self) -> int:
        """Rows that an import would write."""
        return self.new + self.changed

    @property
    def by_column(self) -> list[tuple[str, int]]:
        return sorted(self.columns.items(), key=lambda pair: (-pair[1], pair[0]))

    @property
    def by_cause(self) -> list[dict[str, Any]]:
        """What is wrong, each with its rows, the most frequent first."""
        return sorted(self.causes.values(), key=lambda cause: -cause["rows"])

    def add_new(self, line: int, sku: str, title: str) -> None:
        self.new += 1
        if len(self.new_rows) < MOST_NEW:
            self.new_rows.append({"line": line, "sku": sku, "title": cut(title)})

    def add_changed(
        self, line: int, sku: str, columns: Sequence[str], old: Sequence[str], new: Sequence[str]
    ) -> None:
        self.changed += 1
        cells = [
            {"column": column, "old": cut(before), "new": cut(after)}
            for column, before, after in zip(columns, old, new, strict=True)
            if before != after
        ]
        for cell in cells:
            self.columns[cell["column"]] = self.columns.get(cell["column"], 0) + 1
        if len(self.changed_rows) < MOST_CHANGED:
            self.changed_rows.append({"line": line, "sku": sku, "cells": cells})

    def add_held(self, line: int, slip: Slip) -> None:
        """A row that is written only when its price or quantity is confirmed."""
        self.held += 1
        self.held_counts += slip.is_count
        self.below_map += slip.is_below_map
        size = float(abs(slip.new - slip.old) / slip.old) * 100 if slip.old else 0.0
        if size > self.largest_percent:
            self.largest_percent = size
            self.largest = f"{slip.sku}: {slip.written(slip.old)} → {slip.written(slip.new)}, {slip.percent}"
        if len(self.held_rows) < MOST_HELD:
            self.held_rows.append(
                {
                    "line": line,
                    "sku": slip.sku,
                    "old": slip.written(slip.old),
                    "new": slip.written(slip.new),
                    "percent": slip.percent,
                    "reason": slip.reason,
                }
            )

    def add_respelled(self, line: int, given: str, sku: str) -> None:
        """A row that was taken for a stored SKU with other capitals."""
        self.respelled += 1
        if len(self.respelled_rows) < MOST_RESPELLED:
            self.respelled_rows.append({"line": line, "given": given, "sku": sku})

    def add_categories(self, paths: Iterable[str]) -> None:
        """Store categories that the import would make; each is told once."""
        fresh = sorted(set(paths) - set(self.category_names))
        self.categories += len(fresh)
        self.category_names += fresh[: max(0, MOST_CATEGORIES - len(self.category_names))]

    def add_shared(self, line: int, sku: str, owner: str) -> None:
        """A row whose product code another SKU has: stored as it is, but told."""
        self.shared += 1
        if len(self.shared_rows) < MOST_SHARED:
            self.shared_rows.append({"line": line, "sku": sku, "owner": owner})

    def add_wrong(self, line: int, sku: str, problems: Sequence[Problem]) -> None:
        self.wrong += 1
        self._count_causes(problems)
        if len(self.wrong_rows) < MOST_WRONG:
            told = [
                {"column": p.field, "value": cut(p.value), "message": p.message, "fix": p.fix, "rule": p.rule}
                for p in problems
            ]
            self.wrong_rows.append({"line": line, "sku": sku or f"Line {line}", "problems": told})

    def _count_causes(self, problems: Sequence[Problem]) -> None:
        """One rule of one column is one cause; its first message stands for the others."""
        for key, problem in {f"{problem.field} {problem.rule}": problem for problem in problems}.items():
            if key in self.causes:
                self.causes[key]["rows"] += 1
            elif len(self.causes) < MOST_CAUSES:
                self.causes[key] = {
                    "column": problem.field,
                    "message": cut(problem.message),
                    "fix": cut(problem.fix),
                    "rows": 1,
                }


def cut(text: str) -> str:
    return text if len(text) <= MOST_SHOWN else f"{text[: MOST_SHOWN - 1]}…"
