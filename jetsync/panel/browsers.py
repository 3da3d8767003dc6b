"""A browser's own description in plain words. Good enough to know one's own again; anybody can send anything."""

from __future__ import annotations

# The first mark that stands in the text wins: most browsers claim to be others, too.
_BROWSERS = (
    ("Edg", "Edge"),
    ("OPR/", "Opera"),
    ("SamsungBrowser/", "Samsung Internet"),
    ("Firefox/", "Firefox"),
    ("FxiOS/", "Firefox"),
    ("CriOS/", "Chrome"),
    ("Chrome/", "Chrome"),
    ("Safari/", "Safari"),
)
_SYSTEMS = (
    ("iPhone", "iPhone"),
    ("iPad", "iPad"),
    ("Android", "Android"),
    ("Windows", "Windows"),
    ("CrOS", "ChromeOS"),
    ("Macintosh", "Mac"),
    ("Linux", "Linux"),
)


def _first(marks: tuple[tuple[str, str], ...], text: str) -> str:
    return next((word for mark, word in marks if mark in text), "")


def browser_words(user_agent: str) -> str:
    """ "Firefox on Windows"; "Unknown browser" for what no person uses or what was never told."""
    browser = _first(_BROWSERS, user_agent) or "Unknown browser"
    system = _first(_SYSTEMS, user_agent)
    return f"{browser} on {system}" if system else browser
