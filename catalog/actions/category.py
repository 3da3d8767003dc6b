"""Mapping store categories to Jet's, and giving products a category."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from django.db import transaction

from catalog.actions.refresh import ask_refresh
from catalog.actions.targets import BATCH, refresh_targets
from catalog.bulk import insert_rows, update_rows
from catalog.listing import category_problem
from catalog.models import CategoryMapping, StoreCategory, Variant
from catalog.queries.category import products_in
from catalog.queries.taxonomy import get_category, load_taxonomy
from catalog.validators import text_problem
from jetsync.actions.log import record
from jetsync.exceptions import InvalidInput
from jetsync.models import Merchant
from jetsync.tenancy.actor import Actor
from jetsync.wording import counted

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
def map_paths(merchant: Merchant, paths: Sequence[str], jet_node_id: int, *, actor: Actor) -> tuple[int, int]:
    """Maps store categories to one Jet category by path, making those that are missing. Returns (categories, products).

    Earlier mappings are replaced. All or nothing: raises InvalidInput for a wrong path or category before anything is made.
    """
    jet_path = check_node(merchant, jet_node_id)
    wanted = list(dict.fromkeys(_clean_path(path, column="store_categories") for path in paths))
    rows = StoreCategory.objects.filter(merchant=merchant, path__in=wanted).order_by("path")
    known = set(rows.values_list("path", flat=True))
    fresh = [{"path": path} for path in wanted if path not in known]
    if insert_rows(StoreCategory, merchant, ("path",), fresh, skip_known=True):
        names = [row["path"] for row in fresh]
        message = f"{_count_words(len(fresh))} {'was' if len(fresh) == 1 else 'were'} made: {_names(names)}"
        record(merchant, "catalog.category.created", message, actor=actor, new={"paths": names})
    found = list(rows.all())
    if not found:
        raise InvalidInput("No store category is chosen.", hint="Give one or more paths.")
    return len(found), _map(merchant, found, jet_node_id, jet_path, actor)


def _count_words(count: int) -> str:
    return counted(count, "store category", "store categories")


def _map(
    merchant: Merchant, rows: Sequence[StoreCategory], jet_node_id: int, jet_path: str, actor: Actor
) -> int:
    """Returns the number of products in these categories."""
    ids = [row.pk for row in rows]
    _write_mappings(merchant, ids, jet_node_id, jet_path)
    record(
        merchant,
        "catalog.category.mapped",
        f"{_count_words(len(rows))} mapped to {jet_path}: {_names(row.path for row in rows)}",
        actor=actor,
        about=rows[0],
        new={"jet_node_id": jet_node_id, "jet_path": jet_path},
    )
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
    clean = _clean_path(path, column="path")
    row, is_new = StoreCategory.objects.get_or_create(merchant=merchant, path=clean)
    if is_new:
        record(
            merchant, "catalog.category.created", f"Store category {clean} was made", actor=actor, about=row
        )
    return row


def _clean_path(path: str, *, column: str) -> str:
    clean = " > ".join(part.strip() for part in path.split(">") if part.strip())
    problem = text_problem("store_category", clean, column=column)
    if problem:
        raise InvalidInput(problem.message, hint=problem.fix, fields={column: [problem.message]})
    return clean


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
