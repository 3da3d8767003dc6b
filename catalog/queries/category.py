"""Reads of store categories, what they are mapped to, and which of Jet's nodes in use have vanished."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from django.db.models import Count, Q, QuerySet

from catalog.models import CategoryMapping, JetCategory, Product, Profile, StoreCategory, TaxonomyVersion
from catalog.queries.taxonomy import vanished_nodes, versions_for
from catalog.taxonomy_files import PATH_SEPARATOR
from jetsync.exceptions import NotFound
from jetsync.models import Merchant


def store_categories(merchant: Merchant) -> QuerySet[StoreCategory]:
    """All of the merchant with their number of products and their mapping, by path."""
    rows = StoreCategory.objects.filter(merchant=merchant).select_related("mapping")
    return rows.annotate(product_count=Count("products")).order_by("path")


def unmapped_categories(merchant: Merchant) -> QuerySet[StoreCategory]:
    """Those that still need a Jet category, with their number of products, by path.

    A bare parent, without products of its own and with a mapped category below it, is done: "Clothing" over
    "Clothing > Shirts". One query before the rows are read.
    """
    paths = CategoryMapping.objects.filter(merchant=merchant).values_list("store_category__path", flat=True)
    above = {parent for path in paths for parent in _parents(path)}
    rows = store_categories(merchant).filter(mapping=None)
    return rows.exclude(path__in=above, products=None) if above else rows


def _parents(path: str) -> Iterator[str]:
    parts = path.split(PATH_SEPARATOR)
    return (PATH_SEPARATOR.join(parts[:count]) for count in range(1, len(parts)))


def get_store_category(merchant: Merchant, pk: int) -> StoreCategory:
    row = store_categories(merchant).filter(pk=pk).first()
    if row is None:
        raise NotFound("There is no such store category.")
    return row


def mappings(merchant: Merchant) -> QuerySet[CategoryMapping]:
    rows = CategoryMapping.objects.filter(merchant=merchant).select_related("store_category")
    return rows.annotate(product_count=Count("store_category__products")).order_by("store_category__path")


@dataclass(frozen=True)
class MappedNode:
    node_id: int
    path: str


def mapped_nodes(merchant: Merchant) -> list[MappedNode]:
    """Jet categories that some store category is mapped to, and that still exist: what products are offered."""
    rows = CategoryMapping.objects.filter(merchant=merchant).values_list("jet_node_id", "jet_path")
    found = dict(rows.order_by("jet_path"))
    gone = vanished_nodes(merchant, found)
    return [MappedNode(node_id, path) for node_id, path in found.items() if node_id not in gone]


def mapped_counts(merchant: Merchant, node_ids: list[int]) -> dict[int, int]:
    """Node id -> number of store categories mapped to it; one query."""
    rows = CategoryMapping.objects.filter(merchant=merchant, jet_node_id__in=node_ids)
    return dict(rows.values_list("jet_node_id").annotate(Count("pk")))


def products_in(merchant: Merchant, category_ids: list[int]) -> int:
    return Product.objects.filter(merchant=merchant, store_category__in=category_ids).count()


@dataclass(frozen=True)
class VanishedNode:
    """A node that something of the merchant leads to and that the taxonomy in use does not offer any more.

    `products` have it as their own or by the mapping of their store category; those of `profiles` come on top.
    """

    node_id: int
    path: str
    mappings: int = 0
    products: int = 0
    profiles: int = 0


def vanished_in_use(merchant: Merchant, version: TaxonomyVersion | None = None) -> list[VanishedNode]:
    """By path; six queries, whatever their number. Empty without a taxonomy. `version`: another than that in use."""
    uses: dict[int, dict[str, int]] = defaultdict(dict)
    for name, model in (("mappings", CategoryMapping), ("products", Product), ("profiles", Profile)):
        rows = model._default_manager.filter(merchant=merchant, jet_node_id__isnull=False)
        for node_id, count in rows.order_by().values_list("jet_node_id").annotate(Count("pk")):
            uses[node_id][name] = count
    for node_id, count in _led_by_mapping(merchant):
        uses[node_id]["products"] = uses[node_id].get("products", 0) + count
    gone = vanished_nodes(merchant, uses, version)
    if not gone:
        return []
    paths = _last_paths(merchant, gone)
    found = [VanishedNode(pk, paths.get(pk, f"Jet category {pk}"), **uses[pk]) for pk in gone]
    return sorted(found, key=lambda row: row.path)


def _led_by_mapping(merchant: Merchant) -> Iterable[tuple[int, int]]:
    """(node id, products that have it by the mapping of their store category)."""
    without_own = Product.objects.filter(
        Q(profile=None) | Q(profile__jet_node_id=None), merchant=merchant, jet_node_id=None
    )
    led = without_own.filter(store_category__mapping__merchant=merchant)
    return led.order_by().values_list("store_category__mapping__jet_node_id").annotate(Count("pk"))


def users_of(merchant: Merchant, node_ids: Iterable[int], *, most: int = 200) -> dict[int, list[str]]:
    """Node id -> names of the store categories and products that lead there, at most `most` of each; two queries."""
    found: dict[int, list[str]] = defaultdict(list)
    wanted = set(node_ids)
    mapped = CategoryMapping.objects.filter(merchant=merchant, jet_node_id__in=wanted)
    rows = mapped.order_by("store_category__path").values_list("jet_node_id", "store_category__path")
    products = Product.objects.filter(merchant=merchant, jet_node_id__in=wanted).order_by("title")
    own = products.values_list("jet_node_id", "title")
    for node_id, name in [*rows[:most], *own[:most]]:
        found[node_id or 0].append(name)
    return found


def _last_paths(merchant: Merchant, node_ids: set[int]) -> dict[int, str]:
    """As the node was called last: in any version the merchant may use, else when it was mapped."""
    mapped = CategoryMapping.objects.filter(merchant=merchant, jet_node_id__in=node_ids)
    found = dict(mapped.values_list("jet_node_id", "jet_path"))
    known = JetCategory.objects.filter(version__in=versions_for(merchant).order_by(), node_id__in=node_ids)
    found.update(known.order_by("version_id").values_list("node_id", "path"))
    return found
