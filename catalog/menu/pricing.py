"""The menu's entries for pricing."""
