# ruff: noqa: INP001 -- a program, not a package
"""Refreshes static/vendor/ from the npm packages named here. Needs `npm`; nobody else does.

    .venv/bin/python scripts/vendor.py

Each package is fetched with `npm pack` at the exact version, the few files we serve are copied, comments that point to
source maps are taken out (a hashed static storage would look for the missing maps), and vendor.json records version,
licence and SHA-256 of every file. The icon sprite holds only the icons listed in scripts/icons.txt.
"""

from __future__ import annotations

import hashlib
import json
import re
import subprocess
import tarfile
import tempfile
from dataclasses import dataclass
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
TARGET = ROOT / "static" / "vendor"
ICON_LIST = ROOT / "scripts" / "icons.txt"
SOURCE_MAP = re.compile(rb"\s*(/\*# sourceMappingURL=.*?\*/|//# sourceMappingURL=\S+)\s*")
SHAPES = re.compile(r"<(?:path|circle|rect|line|polyline|polygon|ellipse)\b[^>]*/>")


@dataclass(frozen=True)
class Package:
    name: str
    version: str
    licence: str
    files: dict[str, str]  # path inside the package -> file in static/vendor


PACKAGES = [
    Package("@tabler/core", "1.6.1", "MIT", {"dist/css/tabler.min.css": "tabler.min.css"}),
    Package("htmx.org", "2.0.11", "0BSD", {"dist/htmx.min.js": "htmx.min.js"}),
    Package(
        "@fontsource-variable/inter",
        "5.3.0",
        "OFL-1.1",
        {"files/inter-latin-wght-normal.woff2": "inter-latin.woff2", "LICENSE": "inter-LICENSE.txt"},
    ),
    Package("idiomorph", "0.8.0", "0BSD", {"dist/idiomorph-ext.min.js": "idiomorph-ext.min.js"}),
]
ICONS = Package("@tabler/icons", "3.51.0", "MIT", {})


def fetch(package: Package, folder: Path) -> tarfile.TarFile:
    spec = f"{package.name}@{package.version}"
    result = subprocess.run(  # noqa: S603 -- fixed arguments
        ["npm", "pack", "--silent", "--pack-destination", str(folder), spec],  # noqa: S607 -- npm from PATH
        check=True,
        capture_output=True,
        text=True,
        cwd=folder,
    )
    return tarfile.open(folder / result.stdout.strip().splitlines()[-1])


def read(archive: tarfile.TarFile, path: str) -> bytes:
    member = archive.extractfile(f"package/{path}")
    if member is None:
        raise SystemExit(f"{path} is not a file of this package")
    return member.read()


def entry(package: Package, name: str, content: bytes) -> dict[str, str]:
    (TARGET / name).write_bytes(content)
    return {
        "file": name,
        "package": package.name,
        "version": package.version,
        "licence": package.licence,
        "sha256": hashlib.sha256(content).hexdigest(),
    }


def served(name: str, content: bytes) -> bytes:
    """Text loses its pointer to a source map; anything else stays byte for byte."""
    if not name.endswith((".css", ".js")):
        return content
    return SOURCE_MAP.sub(b"\n", content).rstrip() + b"\n"


def copy_files(package: Package, folder: Path) -> list[dict[str, str]]:
    with fetch(package, folder) as archive:
        return [
            entry(package, name, served(name, read(archive, path))) for path, name in package.files.items()
        ]


def icon_sprite(folder: Path) -> dict[str, str]:
    """One <symbol> per line of icons.txt; `name-filled` takes the filled drawing."""
    names = sorted(set(ICON_LIST.read_text().split()))
    symbols = []
    with fetch(ICONS, folder) as archive:
        for name in names:
            style, file = (
                ("filled", name.removesuffix("-filled")) if name.endswith("-filled") else ("outline", name)
            )
            svg = read(archive, f"icons/{style}/{file}.svg").decode()
            shapes = "".join(shape for shape in SHAPES.findall(svg) if "M0 0h24v24H0z" not in shape)
            paint = 'fill="currentColor" stroke="none"' if style == "filled" else 'fill="none"'
            symbols.append(f'<symbol id="{name}" viewBox="0 0 24 24" {paint}>{shapes}</symbol>')
    sprite = '<svg xmlns="http://www.w3.org/2000/svg">\n' + "\n".join(symbols) + "\n</svg>\n"
    return entry(ICONS, "icons.svg", sprite.encode())


def main() -> None:
    TARGET.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        rows = [row for package in PACKAGES for row in copy_files(package, folder)]
        rows.append(icon_sprite(folder))
    (TARGET / "vendor.json").write_text(json.dumps(rows, indent=2) + "\n")


if __name__ == "__main__":
    main()
