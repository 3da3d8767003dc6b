"""Mapping store categories to Jet's, and giving products a category."""

from __future__ import annotations

from collections.abc import Sequence

from django.db import transaction

from catalog.actions.refresh import ask_refresh
from catalog.actions.targets import BATCH, refresh_targets
from catalog.bulk import batches
from catalog.listing import category_problem
from catalog.models import CategoryMapping, Product, StoreCategory, Variant
from catalog.queries.category import products_in
from catalog.queries.taxonomy import get_category, load_taxonomy
from catalog.validators import text_problem
from jetsync.actions.log import record
from jetsync.exceptions import InvalidInput, NotFound
from jetsync.models import Merchant
from jetsync.tenancy.actor import Actor


def check_node(merchant: Merchant, node_id: int) -> str:
    """The path of a Jet category that takes products. Raises InvalidInput for any other."""
    taxonomy = load_taxonomy(merchant, [node_id])
    problem = category_problem(taxonomy.categories.get(node_id), node_id, column="jet_node_id")
    if problem is not None:
        raise InvalidInput(problem.message, hint=problem.fix, fields={"jet_node_id": [problem.message]})
    category = get_category(merchant, node_id)
    return category.path if category else str(node_id)


@transaction.atomic
def map_categories(merchant: Merchant, category_ids: Sequence[int], jet_node_id: int, *, actor: Actor) -> int:
    """Maps these store categories to one Jet category, replacing earlier mappings. Returns their number of products.

    Raises InvalidInput for a top-level, closed or unknown Jet category and for an empty choice.
    """
    path = check_node(merchant, jet_node_id)
    rows = list(StoreCategory.objects.filter(merchant=merchant, pk__in=category_ids).order_by("pk"))
    if not rows:
        raise InvalidInput("No store category is chosen.", hint="Tick one or more on the left.")
    for row in rows:
        CategoryMapping.objects.update_or_create(
            merchant=merchant, store_category=row, defaults={"jet_node_id": jet_node_id, "jet_path": path}
        )
    names = ", ".join(row.path for row in rows[:3]) + ("…" if len(rows) > 3 else "")  # noqa: PLR2004 -- a sentence
    record(
        merchant,
        "catalog.category.mapped",
        f"{len(rows)} store categor{'y' if len(rows) == 1 else 'ies'} mapped to {path}: {names}",
        actor=actor,
        about=rows[0],
        new={"jet_node_id": jet_node_id, "jet_path": path},
    )
    ids = [row.pk for row in rows]
    _refresh_categories(merchant, ids)
    return products_in(merchant, ids)


@transaction.atomic
def unmap_categories(merchant: Merchant, category_ids: Sequence[int], *, actor: Actor) -> int:
    """Removes the mappings of these store categories; their products lose the Jet category. Returns how many."""
    rows = list(
        CategoryMapping.objects.select_related("store_category").filter(
            merchant=merchant, store_category__in=category_ids
        )
    )
    for row in rows:
        record(
            merchant,
            "catalog.category.unmapped",
            f"{row.store_category.path} is no longer mapped to {row.jet_path}",
            actor=actor,
            about=row.store_category,
            old={"jet_node_id": row.jet_node_id, "jet_path": row.jet_path},
        )
    CategoryMapping.objects.filter(merchant=merchant, pk__in=[row.pk for row in rows]).delete()
    _refresh_categories(merchant, [row.store_category_id for row in rows])
    return len(rows)


@transaction.atomic
def create_store_category(merchant: Merchant, path: str, *, actor: Actor) -> StoreCategory:
    """Makes a store category; the one of that path when it exists already."""
    clean = " > ".join(part.strip() for part in path.split(">") if part.strip())
    problem = text_problem("store_category", clean, column="path")
    if problem:
        raise InvalidInput(problem.message, hint=problem.fix, fields={"path": [problem.message]})
    row, is_new = StoreCategory.objects.get_or_create(merchant=merchant, path=clean)
    if is_new:
        record(
            merchant, "catalog.category.created", f"Store category {clean} was made", actor=actor, about=row
        )
    return row


@transaction.atomic
def assign_category(
    merchant: Merchant, variant_ids: Sequence[int], *, jet_node_id: int | None, actor: Actor
) -> int:
    """Gives the products of these SKUs one Jet category of their own (None = back to the mapping of their store
    category). A product has one category, so all its variants get it. Returns the number of products.
    """
    path = (
        check_node(merchant, jet_node_id)
        if jet_node_id is not None
        else "the one their store category is mapped to"
    )
    done: set[int] = set()
    for batch in batches(sorted(set(variant_ids)), BATCH):
        found = Variant.objects.filter(merchant=merchant, pk__in=batch).values_list("product_id", flat=True)
        ids = sorted(set(found) - done)  # variants of one product may stand in several batches
        done.update(ids)
        Product.objects.filter(merchant=merchant, pk__in=ids).update(jet_node_id=jet_node_id)
        touched = Variant.objects.filter(merchant=merchant, product__in=ids).values_list("pk", flat=True)
        refresh_targets(merchant, list(touched))
    changed = len(done)
    if not changed:
        raise NotFound("None of these products exists any more.")
    record(
        merchant,
        "catalog.category.assigned",
        f"{changed:,} product{'' if changed == 1 else 's'} got the Jet category {path}",
        actor=actor,
        new={"jet_node_id": jet_node_id},
    )
    return changed


def _refresh_categories(merchant: Merchant, category_ids: Sequence[int]) -> None:
    """At once while it is quick, else by a job per category."""
    rows = Variant.objects.filter(merchant=merchant, product__store_category__in=category_ids)
    ids = list(rows.values_list("pk", flat=True)[: BATCH + 1])
    if len(ids) <= BATCH:
        refresh_targets(merchant, ids)
        return
    for pk in category_ids:
        ask_refresh(merchant, store_category=pk)
