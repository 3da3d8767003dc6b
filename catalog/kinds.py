"""The kinds of products that there are, and what is said of any other (features GEN-02)."""

from __future__ import annotations

from catalog.enums import ProductKind

SUPPORTED = [(ProductKind.SIMPLE, "Simple"), (ProductKind.VARIABLE, "Variable")]
ONLY = "Not supported: only simple and variable products can be listed on Jet."
FIX = (
    "Enter a bundle as a simple product with a SKU, a product code and a stock of its own, and the parts of a group as "
    "products of their own; leave out what is not shipped."
)
# As the API says it; the framework fills in what was sent.
OTHER_KIND = (
    "“{input}” is not supported. There are “simple” (one SKU) and “variable” (SKUs that differ in size, colour or the like)"
    ": Jet sells single SKUs, and knows no bundles, groups, goods of other shops, downloads or services. "
    + FIX
)
