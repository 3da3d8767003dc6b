"""The menu's entries for profiles."""
