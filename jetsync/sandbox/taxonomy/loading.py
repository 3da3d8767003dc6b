from __future__ import annotations

from pathlib import Path


def ensure_taxonomy(folder: Path | None) -> None:
    """placeholder"""
