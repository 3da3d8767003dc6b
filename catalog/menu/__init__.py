"""Menu entries, palette hits and set-up steps by subject. Importing this package registers them."""

from catalog.menu import (
    exceptions,
    images,
    mapping,
    pricing,
    profiles,
    publishing,
    sheets,
    vacation,
    variations,
)

__all__ = [
    "exceptions",
    "images",
    "mapping",
    "pricing",
    "profiles",
    "publishing",
    "sheets",
    "vacation",
    "variations",
]
