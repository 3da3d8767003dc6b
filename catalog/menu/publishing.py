"""The tab of the product page that shows a SKU as Jet has it."""

from __future__ import annotations

from catalog.slots import ProductTab, register_tab

register_tab(ProductTab("at-jet", "Data on Jet", 90, "variant-at-jet"))
