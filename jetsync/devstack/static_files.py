"""Decides whether the static files of a state have to be collected again."""

from __future__ import annotations

import hashlib
from typing import TYPE_CHECKING

from jetsync.devstack.parts import PROJECT

if TYPE_CHECKING:
    from pathlib import Path


def static_stamp() -> str:
    """Changes when a file under static/ or a locked package (they bring static files too) changes."""
    digest = hashlib.sha256((PROJECT / "requirements.lock").read_bytes())
    sources = [PROJECT / "static", *PROJECT.glob("*/static"), *PROJECT.glob("jetsync/*/static")]
    for file in sorted(file for source in sources for file in source.rglob("*") if file.is_file()):
        stat = file.stat()
        digest.update(f"{file.relative_to(PROJECT)}\0{stat.st_size}\0{stat.st_mtime_ns}\n".encode())
    return digest.hexdigest()


def is_collected(folder: Path) -> bool:
    """Whether `folder` holds the static files as they are now."""
    try:
        return (folder / ".stamp").read_text(encoding="ascii") == static_stamp()
    except FileNotFoundError:
        return False


def mark_collected(folder: Path) -> None:
    (folder / ".stamp").write_text(static_stamp(), encoding="ascii")
