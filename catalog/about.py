"""Pages of the catalogue's things that the log and operations name."""

from __future__ import annotations

from collections.abc import Collection

from catalog.models import Variant
from catalog.pages import variant_url
from jetsync.models import Merchant
from jetsync.panel.about import page_by_id, register_about
from jetsync.tenancy.rights import Right


def _variants(merchant: Merchant, ids: Collection[int]) -> dict[int, str]:
    rows = Variant.objects.filter(merchant=merchant, pk__in=ids).only("pk", "product_id")
    return {row.pk: variant_url(merchant, row) for row in rows}


def _listings(merchant: Merchant, ids: Collection[int]) -> dict[int, str]:
    rows = Variant.objects.filter(merchant=merchant, listing__in=ids)
    pairs = rows.values_list("listing__pk", "pk", "product_id")
    return {
        listing: variant_url(merchant, Variant(pk=pk, product_id=product)) for listing, pk, product in pairs
    }


register_about("catalog.product", Right.PRODUCTS_VIEW, page_by_id("catalog:product-detail"))
register_about("catalog.variant", Right.PRODUCTS_VIEW, _variants)
register_about("catalog.listing", Right.PRODUCTS_VIEW, _listings)
register_about("catalog.csvupload", Right.PRODUCTS_VIEW, page_by_id("catalog:csv-detail"))
register_about("catalog.bulkfile", Right.PRODUCTS_VIEW, page_by_id("catalog:file-detail"))
