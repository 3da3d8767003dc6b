"""The one error of this package: something the person at the keyboard can act on."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from pathlib import Path


class DevstackError(Exception):
    """A plain sentence about what is wrong and what to do; printed without a traceback."""


def last_lines(log: Path, count: int = 15) -> str:
    """The end of a log file, indented for the terminal; says so when there is nothing."""
    try:
        with log.open("rb") as file:
            size = file.seek(0, 2)
            file.seek(max(0, size - 32_768))
            lines = file.read().decode("utf-8", "replace").splitlines()
    except OSError:
        lines = []
    if not lines:
        return f"    (nothing in {log})"
    return "\n".join(f"    {line}" for line in lines[-count:])
