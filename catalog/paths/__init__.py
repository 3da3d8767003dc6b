"""Addresses by subject; `catalog.urls` joins them."""
