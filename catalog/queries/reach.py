"""Whom a mapping reaches: how many products, and how many SKUs at Jet that would be sent again because of it."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any

from django.db import connection
from django.db.models import Count, Q, QuerySet

from catalog.enums import Readiness
from catalog.models import CategoryMapping, Listing, Product, StoreCategory
from catalog.queries.attribute_mapping import NODE_OF_FOUND, nodes_asking, values_of_source
from catalog.queries.kept import WAITS
from catalog.status_map import KEEPS
from jetsync.models import Merchant
from jetsync.queries.settings import get_options
from jetsync.wording import counted

_LISTED = (
    "l.merchant_id = %s AND l.content_sent_at IS NOT NULL AND NOT l.archived_sent AND l.is_wanted "
    "AND l.variant_id = found.variant_id"
)
# As `catalog.queries.kept.WAITS`.
_WAITS = "l.readiness = %s OR (l.readiness = %s AND l.status = ANY(%s))"
_WAITING: list[Any] = [
    Readiness.NOT_READY,
    Readiness.NEVER_LIVE,
    [str(word.value) for word in KEEPS],
]


@dataclass(frozen=True)
class Reach:
    """`listed`: SKUs that Jet has, that are not archived there, and whose data the change touches. `waiting`: those of them
    that have gaps now, which keep their data from being sent.
    """

    products: int
    listed: int
    waiting: int = 0

    def words(self, merchant: Merchant, *, takes_category: bool = False) -> list[str]:
        """What to say before it is done. `takes_category`: the SKUs have none afterwards, so they cannot be sent."""
        told = [f"It applies to {counted(self.products, 'product') if self.products else 'no product'}."]
        if not self.listed:
            return [*told, "It changes no SKU that Jet has, so nothing is sent again."]
        count, is_one = counted(self.listed, "listed SKU"), self.listed == 1
        if takes_category:
            stay = "stays at Jet as it is" if is_one else "stay at Jet as they are"
            return [*told, f"{count} {stay}; changes wait until there is a category."]
        if get_options(merchant).sends_content_edits:
            return [*told, *self._sent_words()]
        waits = "it waits" if is_one else "they wait"
        return [*told, f"{count} will differ from Jet; by your settings {waits} for the next upload."]

    def _sent_words(self) -> list[str]:
        """The change may be what fills the gaps, so nobody knows yet whether those SKUs go with it."""
        going = self.listed - self.waiting
        has = "has gaps now: it is" if self.waiting == 1 else "have gaps now: they are"
        return [
            *([f"{counted(going, 'listed SKU')} will be sent again."] if going else []),
            *(
                [f"{counted(self.waiting, 'listed SKU')} {has} sent once nothing is missing."]
                if self.waiting
                else []
            ),
        ]


def reach_of_sources(
    merchant: Merchant, pairs: Iterable[tuple[str, int]], *, values: Sequence[str] | None = None
) -> Reach:
    """For (source, attribute id) pairs: products with something there, and SKUs whose category asks for the attribute.

    `values`, in lower case, narrows it to SKUs with one of them. Two queries, whatever the number of pairs.
    """
    chosen = list(pairs)
    nodes = nodes_asking(merchant, {attribute_id for _source, attribute_id in chosen})
    parts: list[str] = []
    params: list[Any] = []
    for source, attribute_id in chosen:
        select, given = values_of_source(source)
        parts.append(f"SELECT part.*, %s::bigint[] AS nodes FROM ({select}) part")  # noqa: S608 -- fixed parts only
        params += [nodes.get(attribute_id, []), *given, merchant.pk]
    if not parts:
        return Reach(0, 0)
    only = "" if values is None else " AND lower(found.value) = ANY(%s)"
    sql = (
        "SELECT count(DISTINCT found.product_id), count(DISTINCT l.variant_id), "  # noqa: S608 -- as above
        f"count(DISTINCT l.variant_id) FILTER (WHERE {_WAITS}) "
        f"FROM ({' UNION ALL '.join(parts)}) found "
        f"LEFT JOIN catalog_listing l ON {_LISTED} AND {NODE_OF_FOUND} = ANY(found.nodes) "
        f"WHERE found.value <> ''{only}"
    )
    own: list[Any] = [merchant.pk, merchant.pk, *([] if values is None else [list(values)])]
    with connection.cursor() as cursor:
        cursor.execute(sql, [*_WAITING, *params, *own])
        return Reach(*cursor.fetchone())


def reach_of_categories(merchant: Merchant, category_ids: Any) -> Reach:
    """For store categories, by pk, that get another Jet category or lose it. SKUs with one of their own keep it."""
    products = Product.objects.filter(merchant=merchant, store_category__in=category_ids)
    led = products.filter(Q(profile=None) | Q(profile__jet_node_id=None), jet_node_id=None)
    return Reach(products.count(), *_listed(merchant, led))


def reach_of_products(merchant: Merchant, products: QuerySet[Product]) -> Reach:
    """For products all of whose SKUs are concerned; two queries."""
    return Reach(products.count(), *_listed(merchant, products))


def _listed(merchant: Merchant, products: QuerySet[Product]) -> tuple[int, int]:
    """All of them, and those that wait."""
    rows = Listing.objects.filter(merchant=merchant, variant__product__in=products.values("pk"))
    found = rows.filter(content_sent_at__isnull=False, archived_sent=False, is_wanted=True)
    counts = found.aggregate(all=Count("pk"), waiting=Count("pk", filter=WAITS))
    return counts["all"], counts["waiting"]


@dataclass(frozen=True)
class Unmapped:
    """Store categories without a mapping that hold SKUs back, and how many SKUs."""

    categories: int
    skus: int


def unmapped_in_use(merchant: Merchant) -> Unmapped:
    """One query. Only categories of products without a category of their own count."""
    led = Q(products__jet_node_id=None) & (Q(products__profile=None) | Q(products__profile__jet_node_id=None))
    rows = StoreCategory.objects.filter(led, merchant=merchant, mapping=None, products__isnull=False)
    found = rows.aggregate(
        categories=Count("pk", distinct=True), skus=Count("products__variants", distinct=True)
    )
    return Unmapped(**found)


def still_mapped(merchant: Merchant, category_ids: Iterable[int]) -> list[int]:
    """Those of the store categories that have a mapping."""
    rows = CategoryMapping.objects.filter(merchant=merchant, store_category__in=list(category_ids))
    return list(rows.values_list("store_category_id", flat=True))
