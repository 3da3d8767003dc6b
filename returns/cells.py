"""Cells that the lists of returns and refunds share."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from jetsync.panel import cells


def items_cell(lines: Sequence[Any]) -> cells.Cell:
    """The first item of a return or a refund, and how many more there are."""
    if not lines:
        return cells.text("")
    more = f" and {len(lines) - 1} more" if len(lines) > 1 else ""
    return cells.code(str(lines[0]), sub=f"{lines[0].title[:60]}{more}")
