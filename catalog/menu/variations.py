"""The menu's entries for variations."""
