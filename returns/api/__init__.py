"""The API of returns."""
