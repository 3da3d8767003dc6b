"""Mapping store categories to Jet's, and giving products a category."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from django.db import transaction

from catalog.actions.refresh import ask_refresh
from catalog.actions.targets import BATCH, refresh_targets
from catalog.bulk import batches, insert_rows, update_rows
from catalog.listing import category_problem
from catalog.models import CategoryMapping, Product, StoreCategory, Variant
from catalog.queries.category import products_in
from catalog.queries.taxonomy import get_category, load_taxonomy
from catalog.validators import text_problem
from jetsync.actions.log import record
from jetsync.exceptions import InvalidInput, NotFound
from jetsync.models import Merchant
from jetsync.tenancy.actor import Actor

# Names that one line of the log quotes.
SHOWN_NAMES = 3
# Above, one job over all products is cheaper than one for each category.
MOST_JOBS = 20


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
    rows = list(StoreCategory.objects.filter(merchant=merchant, pk__in=category_ids).order_by("path"))
    if not rows:
        raise InvalidInput("No store category is chosen.", hint="Tick one or more on the left.")
    _write_mappings(merchant, [row.pk for row in rows], jet_node_id, path)
    record(
        merchant,
        "catalog.category.mapped",
        f"{_count_words(len(rows))} mapped to {path}: {_names(row.path for row in rows)}",
        actor=actor,
        about=rows[0],
        new={"jet_node_id": jet_node_id, "jet_path": path},
    )
    ids = [row.pk for row in rows]
    _refresh_categories(merchant, ids)
    return products_in(merchant, ids)


def _write_mappings(merchant: Merchant, ids: Sequence[int], jet_node_id: int, path: str) -> None:
    """Three statements, whatever the number. The upsert of a rival's mapping is left as he wrote it."""
    value = {"jet_node_id": jet_node_id, "jet_path": path}
    known = CategoryMapping.objects.filter(merchant=merchant, store_category__in=ids)
    mapped = dict(known.order_by("pk").values_list("store_category_id", "pk"))
    update_rows(
        CategoryMapping,
        merchant,
        ("jet_node_id", "jet_path"),
        [{"id": pk, **value} for pk in mapped.values()],
        touch="mapped_at",
    )
    fresh = [{"store_category": pk, **value} for pk in ids if pk not in mapped]
    columns = ("store_category", "jet_node_id", "jet_path")
    insert_rows(CategoryMapping, merchant, columns, fresh, skip_known=True)


def _count_words(count: int) -> str:
    return f"{count:,} store categor{'y' if count == 1 else 'ies'}"


def _names(paths: Iterable[str]) -> str:
    found = list(paths)
    return ", ".join(found[:SHOWN_NAMES]) + ("…" if len(found) > SHOWN_NAMES else "")


@transaction.atomic
def unmap_categories(merchant: Merchant, category_ids: Sequence[int], *, actor: Actor) -> int:
    """Removes the mappings of these store categories; their products lose the Jet category. Returns how many."""
    mapped = CategoryMapping.objects.filter(merchant=merchant, store_category__in=category_ids)
    rows = list(mapped.select_related("store_category").order_by("store_category__path"))
    if not rows:
        return 0
    CategoryMapping.objects.filter(merchant=merchant, pk__in=[row.pk for row in rows]).delete()
    record(
        merchant,
        "catalog.category.unmapped",
        f"{_count_words(len(rows))} no longer mapped: {_names(row.store_category.path for row in rows)}",
        actor=actor,
        about=rows[0].store_category,
        old={row.store_category.path: row.jet_path for row in rows[:SHOWN_NAMES]},
    )
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
    """At once while it is quick, else by a job per category, or one for all when there are many."""
    rows = Variant.objects.filter(merchant=merchant, product__store_category__in=category_ids)
    ids = list(rows.values_list("pk", flat=True)[: BATCH + 1])
    if len(ids) <= BATCH:
        refresh_targets(merchant, ids)
        return
    if len(category_ids) > MOST_JOBS:
        ask_refresh(merchant)
        return
    for pk in category_ids:
        ask_refresh(merchant, store_category=pk)
