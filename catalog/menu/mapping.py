"""The menu's entries for mapping."""
