"""What a SKU names: the variant, its product and listing, and the bulk files that carried it."""

from __future__ import annotations

from catalog.models import Variant
from catalog.queries.files import files_carrying
from jetsync.models import Merchant
from jetsync.queries.named import MOST_OBJECTS, register_named

# With more SKUs than these the words are no name of one, and the files of all of them say nothing.
MOST_IN_FILES = 5


@register_named
def named_by_sku(merchant: Merchant, words: str) -> list[tuple[str, int]]:
    """Three objects a SKU, and the files among the newest that carried it. Two queries."""
    rows = Variant.objects.filter(merchant=merchant, sku__istartswith=words).order_by("pk")
    found = list(rows.values_list("pk", "product_id", "listing__pk")[:MOST_OBJECTS])
    named = [("catalog.variant", variant) for variant, _product, _listing in found]
    named += [("catalog.product", product) for _variant, product, _listing in found]
    listings = [listing for _variant, _product, listing in found if listing is not None]
    named += [("catalog.listing", listing) for listing in listings]
    if len(listings) <= MOST_IN_FILES:
        named += [("catalog.bulkfile", pk) for pk in files_carrying(merchant, listings)]
    return named
