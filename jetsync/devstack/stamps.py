"""What a start may leave out because nothing changed since the last one: migrations, static files."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from typing import TYPE_CHECKING

from jetsync.devstack.parts import PROJECT

if TYPE_CHECKING:
    from collections.abc import Iterable
    from pathlib import Path

    from jetsync.devstack.postgres import Postgres


@dataclass(frozen=True)
class Stamp:
    """A file in the state that remembers for which sources a step was done."""

    file: Path
    wanted: str

    def is_current(self) -> bool:
        try:
            return self.file.read_text(encoding="ascii") == self.wanted
        except FileNotFoundError:
            return False

    def mark(self) -> None:
        self.file.write_text(self.wanted, encoding="ascii")


def static_stamp(collected: Path) -> Stamp:
    sources = [PROJECT / "static", *(package / "static" for package in _packages())]
    return Stamp(collected / ".stamp", _digest(file for folder in sources for file in folder.rglob("*")))


def migration_stamp(state: Path, server: Postgres) -> Stamp:
    """For the embedded database alone: nobody else can change what it holds behind our back."""
    folders = [package / "migrations" for package in _packages()]
    sources = _digest(file for folder in folders for file in folder.glob("*.py"))
    created = server.completed.stat().st_mtime_ns
    return Stamp(migrated_file(state), f"{sources} {created}")


def demo_stamp(state: Path, server: Postgres) -> Stamp:
    """The demo was made by these sources, in this database and with this sandbox's data."""
    sources = _digest((PROJECT / "jetsync" / "demo").rglob("*.py"))
    made = f"{server.completed.stat().st_mtime_ns} {(state / 'sandbox' / 'sandbox.sqlite3').stat().st_ino}"
    return Stamp(state / "demo", f"{sources} {made}")


def migrated_file(state: Path) -> Path:
    return state / "migrated"


def _packages() -> list[Path]:
    """Our apps. A state may lie in the project folder too; its collected files are no sources."""
    return [file.parent for file in (*PROJECT.glob("*/__init__.py"), *PROJECT.glob("jetsync/*/__init__.py"))]


def _digest(files: Iterable[Path]) -> str:
    """Changes when a file, or a locked package (they bring migrations and static files too), changes."""
    digest = hashlib.sha256((PROJECT / "requirements.lock").read_bytes())
    for file in sorted(set(files)):
        if file.is_file():
            stat = file.stat()
            digest.update(f"{file.relative_to(PROJECT)}\0{stat.st_size}\0{stat.st_mtime_ns}\n".encode())
    return digest.hexdigest()
