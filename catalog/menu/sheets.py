"""The menu's entries for sheets."""
