"""Reads of store categories and what they are mapped to."""

from __future__ import annotations

from dataclasses import dataclass

from django.db.models import Count, QuerySet

from catalog.models import CategoryMapping, Product, StoreCategory
from catalog.queries.taxonomy import vanished_nodes
from jetsync.exceptions import NotFound
from jetsync.models import Merchant


def store_categories(merchant: Merchant) -> QuerySet[StoreCategory]:
    """All of the merchant with their number of products and their mapping, by path."""
    rows = StoreCategory.objects.filter(merchant=merchant).select_related("mapping")
    return rows.annotate(product_count=Count("products")).order_by("path")


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


def products_in(merchant: Merchant, category_ids: list[int]) -> int:
    return Product.objects.filter(merchant=merchant, store_category__in=category_ids).count()
