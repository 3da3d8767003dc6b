"""Words that every app needs for its sentences. Pure."""

from __future__ import annotations

from datetime import date


def counted(count: int, noun: str, plural: str = "") -> str:
    """ "1 order", "1,200 orders"; `plural` for nouns that do not take an s."""
    return f"{count:,} {noun if count == 1 else plural or f'{noun}s'}"


def day_text(day: date, today: date) -> str:
    """ "Nov 28", with the year where it is another: "Nov 28, 2025"."""
    words = f"{day:%b} {day.day}"
    return words if day.year == today.year else f"{words}, {day.year}"
