"""The menu's entries for exceptions."""
