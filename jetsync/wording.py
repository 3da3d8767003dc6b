"""Words that every app needs for its sentences. Pure."""

from __future__ import annotations


def counted(count: int, noun: str, plural: str = "") -> str:
    """ "1 order", "1,200 orders"; `plural` for nouns that do not take an s."""
    return f"{count:,} {noun if count == 1 else plural or f'{noun}s'}"
