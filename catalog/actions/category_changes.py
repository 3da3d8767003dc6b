"""Giving many store categories, products and profiles another Jet category: one operation, which can be undone."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from typing import Any

from django.db import transaction
from django.db.models import Q

from catalog.actions.category import check_node
from catalog.actions.refresh import ask_refresh
from catalog.actions.targets import BATCH as REFRESH_BATCH
from catalog.actions.targets import refresh_targets
from catalog.bulk import batches, insert_rows, update_rows
from catalog.listing.category import LEAF_LEVEL
from catalog.models import CategoryMapping, JetCategory, Product, Profile, StoreCategory, Variant
from catalog.queries.reach import reach_of_categories, reach_of_products
from catalog.queries.taxonomy import leaves_in_use, nodes_in_use
from catalog.taxonomy_files import PATH_SEPARATOR
from jetsync.actions.operation import (
    RowSpec,
    finish_rows,
    is_cancelled,
    lock_waiting,
    mark_running,
    refresh_progress,
    start_operation,
)
from jetsync.enums import RowState
from jetsync.exceptions import InvalidInput, NotFound
from jetsync.models import Merchant, Operation, OperationRow
from jetsync.sync.queue import enqueue
from jetsync.sync.registry import operation_kind
from jetsync.tenancy.actor import Actor
from jetsync.tenancy.rights import Right
from jetsync.wording import counted

CHANGE_JOB = "catalog.change_categories"
CHANGE_KIND = "catalog.category_change"
# Done while the merchant waits: this many take well under a second.
AT_ONCE = 300
BATCH = 500

CATEGORY, PRODUCT, PROFILE = "catalog.storecategory", "catalog.product", "catalog.profile"
Row = dict[str, Any]

operation_kind(CHANGE_KIND, right=Right.MAPPING_EDIT)


def accept_suggestions(merchant: Merchant, choice: Mapping[int, int], *, actor: Actor) -> Operation:
    """Maps store categories (by pk) that have no mapping yet to the node chosen for each.

    Raises InvalidInput when nothing is chosen or a node takes no products.
    """
    known = dict(StoreCategory.objects.filter(merchant=merchant, pk__in=choice).values_list("pk", "path"))
    if not known:
        raise InvalidInput("No suggestion is chosen.", hint="Tick one or more, or lower the mark.")
    paths = node_paths(merchant, set(choice.values()))
    rows = (
        RowSpec(CATEGORY, pk, path, before=_value(None), data=_value(choice[pk], paths[choice[pk]]))
        for pk, path in sorted(known.items(), key=lambda item: item[1])
    )
    count = counted(len(known), "store category", "store categories")
    return start_changes(merchant, f"Map {count} as suggested", rows, actor=actor)


def map_to_node(
    merchant: Merchant, category_ids: Sequence[int], jet_node_id: int, *, actor: Actor
) -> Operation:
    """Maps these store categories to one Jet category; earlier mappings are replaced, and come back by its undo.

    Raises InvalidInput for an empty choice and for a node that takes no products.
    """
    jet_path = check_node(merchant, jet_node_id)
    chosen = StoreCategory.objects.filter(merchant=merchant, pk__in=category_ids).order_by("path")
    rows = [
        RowSpec(CATEGORY, pk, label, before=_value(node, path or ""), data=_value(jet_node_id, jet_path))
        for pk, label, node, path in chosen.values_list(
            "pk", "path", "mapping__jet_node_id", "mapping__jet_path"
        )
    ]
    if not rows:
        raise InvalidInput("No store category is chosen.", hint="Tick one or more on the left.")
    count = counted(len(rows), "store category", "store categories")
    return start_changes(merchant, f"Map {count} to {jet_path}", rows, actor=actor)


def remove_mappings(merchant: Merchant, category_ids: Sequence[int], *, actor: Actor) -> Operation:
    """Takes the mapping from these store categories. Its undo maps each to what it was mapped to.

    Raises InvalidInput when none of them is mapped.
    """
    mapped = CategoryMapping.objects.filter(merchant=merchant, store_category__in=category_ids)
    columns = ("store_category_id", "store_category__path", "jet_node_id", "jet_path")
    rows = [
        RowSpec(CATEGORY, pk, label, before=_value(node, path), data=_value(None))
        for pk, label, node, path in mapped.order_by("store_category__path").values_list(*columns)
    ]
    if not rows:
        raise InvalidInput("None of these categories is mapped.", hint="Choose one that is.")
    count = counted(len(rows), "store category", "store categories")
    return start_changes(merchant, f"Remove the mapping of {count}", rows, actor=actor)


def remap_nodes(merchant: Merchant, choice: Mapping[int, int], *, actor: Actor) -> Operation:
    """Everything that leads to one of these nodes (the keys) leads to the node chosen for it: mappings, products
    and profiles. Raises InvalidInput when nothing is chosen or a node takes no products.
    """
    if not choice:
        raise InvalidInput("No replacement is chosen.", hint="Choose a category for one or more of them.")
    paths = node_paths(merchant, set(choice.values()))
    title = f"Replace {counted(len(choice), 'vanished Jet category', 'vanished Jet categories')}"
    return start_changes(merchant, title, _users_of(merchant, choice, paths), actor=actor)


def assign_category(
    merchant: Merchant, variant_ids: Sequence[int], *, jet_node_id: int | None, actor: Actor
) -> Operation:
    """Gives the products of these SKUs one Jet category of their own; None = back to that of their store category.

    A product has one category, so all its variants get it. Raises InvalidInput for a node that takes no products,
    NotFound when none of the products exists any more.
    """
    path = node_paths(merchant, {jet_node_id})[jet_node_id] if jet_node_id is not None else ""
    ids: set[int] = set()
    for batch in batches(sorted(set(variant_ids)), BATCH):
        found = Variant.objects.filter(merchant=merchant, pk__in=batch)
        ids.update(found.values_list("product_id", flat=True))
    if not ids:
        raise NotFound("None of these products exists any more.")
    rows = (
        RowSpec(PRODUCT, pk, label, before=_value(own), data=_value(jet_node_id, path))
        for batch in batches(sorted(ids), BATCH)
        for pk, label, own in _own_nodes(merchant, batch)
    )
    words = counted(len(ids), "product")
    where = f"the Jet category {path}" if path else "the Jet category of their store category"
    return start_changes(merchant, f"Give {words} {where}", rows, actor=actor)


def _own_nodes(merchant: Merchant, ids: Sequence[int]) -> Iterable[tuple[int, str, int | None]]:
    rows = Product.objects.filter(merchant=merchant, pk__in=ids).order_by("pk")
    return rows.values_list("pk", "title", "jet_node_id")


def node_paths(merchant: Merchant, node_ids: set[int]) -> dict[int, str]:
    """Raises InvalidInput unless each of these nodes takes products."""
    paths = dict(leaves_in_use(merchant).filter(node_id__in=node_ids).values_list("node_id", "path"))
    wrong = sorted(node_ids - paths.keys())
    if wrong:
        raise InvalidInput(
            f"Jet category {wrong[0]} takes no products in the taxonomy in use.",
            hint="Choose a sub-category that is open.",
        )
    return paths


def create_and_map(merchant: Merchant, node_ids: Sequence[int], *, actor: Actor) -> Operation:
    """Makes a store category for each of these nodes, with those above it, and maps each that takes products.

    A store category of that path that is mapped already keeps its mapping. Raises InvalidInput when none of the
    nodes is in the taxonomy in use, or a path is longer than a store category's can be.
    """
    nodes = list(_known_nodes(merchant, node_ids))
    if not nodes:
        raise InvalidInput("None of these Jet categories is in the taxonomy in use.")
    _check_lengths(nodes)
    with transaction.atomic():
        _make_paths(merchant, {path for node in nodes for path in _with_parents(node.path)})
        leaves = {node.path: node for node in nodes if node.level >= LEAF_LEVEL and node.is_active}
        found = StoreCategory.objects.filter(merchant=merchant, path__in=leaves, mapping=None)
        rows = [
            RowSpec(CATEGORY, pk, path, before=_value(None), data=_value(leaves[path].node_id, path))
            for pk, path in found.order_by("path").values_list("pk", "path")
        ]
        count = counted(len(nodes), "Jet category", "Jet categories")
        return start_changes(merchant, f"Create and map {count}", rows, actor=actor)


def _known_nodes(merchant: Merchant, node_ids: Sequence[int]) -> Iterable[JetCategory]:
    return nodes_in_use(merchant).filter(node_id__in=set(node_ids)).order_by("path")


def _check_lengths(nodes: Sequence[JetCategory]) -> None:
    most = StoreCategory._meta.get_field("path").max_length or 0
    long = next((node for node in nodes if len(node.path) > most), None)
    if long is not None:
        raise InvalidInput(
            f"“{long.path[:60]}…” has {len(long.path)} characters; a store category takes {most}.",
            hint="Map an existing store category to it instead.",
        )


def _with_parents(path: str) -> Iterator[str]:
    parts = path.split(PATH_SEPARATOR)
    for count in range(1, len(parts) + 1):
        yield PATH_SEPARATOR.join(parts[:count])


def _make_paths(merchant: Merchant, paths: set[str]) -> None:
    rows = [{"path": path} for path in sorted(paths)]
    insert_rows(StoreCategory, merchant, ("path",), rows, skip_known=True)


def _users_of(merchant: Merchant, choice: Mapping[int, int], paths: Mapping[int, str]) -> Iterator[RowSpec]:
    def spec(kind: str, pk: int, label: str, node: int, path: str = "") -> RowSpec:
        new = choice[node]
        return RowSpec(kind, pk, label, before=_value(node, path), data=_value(new, paths[new]))

    mapped = CategoryMapping.objects.filter(merchant=merchant, jet_node_id__in=choice)
    columns = ("store_category_id", "store_category__path", "jet_node_id", "jet_path")
    for pk, label, node, path in mapped.values_list(*columns).iterator():
        yield spec(CATEGORY, pk, label, node, path)
    products = Product.objects.filter(merchant=merchant, jet_node_id__in=choice).order_by("pk")
    for pk, label, own in products.values_list("pk", "title", "jet_node_id").iterator():
        yield spec(PRODUCT, pk, label, own or 0)
    profiles = Profile.objects.filter(merchant=merchant, jet_node_id__in=choice).order_by("pk")
    for pk, label, own in profiles.values_list("pk", "name", "jet_node_id"):
        yield spec(PROFILE, pk, label, own or 0)


def _value(node_id: int | None, path: str = "") -> Row:
    return {"jet_node_id": node_id, "jet_path": path}


@transaction.atomic
def start_changes(merchant: Merchant, title: str, rows: Iterable[RowSpec], *, actor: Actor) -> Operation:
    """Freezes the rows; few are done at once, many by a job. Returns the operation as it stands then."""
    operation = start_operation(merchant, CHANGE_KIND, title, actor=actor, rows=rows)
    if operation.total <= AT_ONCE:
        return run_changes(operation)
    enqueue(merchant, CHANGE_JOB, f"operation:{operation.pk}", operation=operation)
    return operation


def undo_changes(operation: Operation, actor: Actor) -> Operation:
    """The operation that writes back what this one changed; what was changed again since is left and named."""
    done = OperationRow.objects.filter(
        merchant=operation.merchant_id, operation=operation, state=RowState.DONE
    )
    rows = (
        RowSpec(row.object_type, row.object_id, row.label, before=row.data, data=row.before)
        for row in done.order_by("pk").iterator()
    )
    return start_changes(operation.merchant, f"Undo: {operation.title}"[:200], rows, actor=actor)


def foretell_changes(operation: Operation) -> list[str]:
    """What its undo reaches. Products and profiles with a category of their own count with all their SKUs."""
    merchant = operation.merchant
    done = OperationRow.objects.filter(merchant=merchant, operation=operation, state=RowState.DONE)
    kinds = set(done.order_by().values_list("object_type", flat=True).distinct())
    if kinds <= {CATEGORY}:
        unmaps = done.filter(before__jet_node_id=None).exists()
        reach = reach_of_categories(merchant, done.values("object_id"))
        return reach.words(merchant, takes_category=unmaps)
    products = Product.objects.filter(_reached(done), merchant=merchant)
    return reach_of_products(merchant, products).words(merchant)


def run_changes(operation: Operation, heartbeat: Callable[[], None] = lambda: None) -> Operation:
    """Does what is still to be done, batch by batch, and ends the operation. Safe to run again after a kill."""
    mark_running(operation)
    while True:
        heartbeat()
        if is_cancelled(operation) or not _run_batch(operation):
            break
        refresh_progress(operation, finish=False)
    fresh = refresh_progress(operation, finish=True)
    count = affected(fresh)
    words = f"The mapping applies to {counted(count, 'product')}."
    return refresh_progress(fresh, message=words)


def affected(operation: Operation) -> int:
    """The number of products that the done rows of the operation reach."""
    done = OperationRow.objects.filter(
        merchant=operation.merchant_id, operation=operation, state=RowState.DONE
    )
    return Product.objects.filter(_reached(done), merchant=operation.merchant_id).count()


def _reached(rows: Any) -> Q:
    def ids(kind: str) -> Any:
        return rows.filter(object_type=kind).values("object_id")

    return Q(store_category__in=ids(CATEGORY)) | Q(pk__in=ids(PRODUCT)) | Q(profile__in=ids(PROFILE))


@transaction.atomic
def _run_batch(operation: Operation) -> bool:
    """False when nothing was left to do."""
    merchant = operation.merchant
    rows = lock_waiting(operation, BATCH)
    if not rows:
        return False
    told: dict[str, list[int]] = defaultdict(list)
    for kind, change in ((CATEGORY, _change_mappings), (PRODUCT, _change_own), (PROFILE, _change_own)):
        chosen = [row for row in rows if row.object_type == kind]
        if chosen:
            for row in chosen:
                told[""].append(row.pk)
            for row, reason in change(merchant, kind, chosen):
                told[""].remove(row.pk)
                told[reason].append(row.pk)
    done = OperationRow.objects.filter(merchant=merchant, pk__in=told[""])
    _refresh(merchant, done)
    for reason, ids in told.items():
        state = RowState.SKIPPED if reason else RowState.DONE
        finish_rows(operation, ids, state, message=reason)
    return True


def _refresh(merchant: Merchant, rows: Any) -> None:
    products = Product.objects.filter(_reached(rows), merchant=merchant)
    touched = Variant.objects.filter(merchant=merchant, product__in=products.values("pk"))
    ids = list(touched.values_list("pk", flat=True)[: REFRESH_BATCH + 1])
    if len(ids) <= REFRESH_BATCH:
        refresh_targets(merchant, ids)
    else:
        ask_refresh(merchant)


Skipped = list[tuple[OperationRow, str]]


def _change_mappings(merchant: Merchant, _kind: str, rows: Sequence[OperationRow]) -> Skipped:
    """Writes the mappings of store categories; returns the rows left out, each with the reason."""
    wanted = [row.object_id or 0 for row in rows]
    kept = StoreCategory.objects.filter(merchant=merchant, pk__in=wanted).order_by("pk")
    existing = set(kept.select_for_update(no_key=True).values_list("pk", flat=True))
    now = {
        row.store_category_id: row
        for row in CategoryMapping.objects.filter(merchant=merchant, store_category__in=existing)
    }
    skipped: Skipped = []
    inserts: list[Row] = []
    updates: list[Row] = []
    removed: list[int] = []
    for row in rows:
        pk, mapping = row.object_id or 0, now.get(row.object_id or 0)
        current = mapping.jet_node_id if mapping else None
        if pk not in existing:
            skipped.append((row, "The store category does not exist any more."))
        elif current != row.before.get("jet_node_id"):
            where = f"mapped to {mapping.jet_path}" if mapping else "unmapped"
            skipped.append((row, f"It has been {where} since, so it was left as it is."))
        elif row.data["jet_node_id"] is None:
            removed.append(pk)
        elif mapping is None:
            inserts.append({"store_category": pk, **row.data})
        else:
            updates.append({"id": mapping.pk, **row.data})
    columns = ("jet_node_id", "jet_path")
    insert_rows(CategoryMapping, merchant, ("store_category", *columns), inserts)
    update_rows(CategoryMapping, merchant, columns, updates, touch="mapped_at")
    CategoryMapping.objects.filter(merchant=merchant, store_category__in=removed).delete()
    return skipped


def _change_own(merchant: Merchant, kind: str, rows: Sequence[OperationRow]) -> Skipped:
    """The same for the category that a product or a profile has itself."""
    model: type[Product | Profile] = Product if kind == PRODUCT else Profile
    wanted = [row.object_id or 0 for row in rows]
    locked = model._default_manager.filter(merchant=merchant, pk__in=wanted).order_by("pk")
    now = dict(locked.select_for_update(no_key=True).values_list("pk", "jet_node_id"))
    skipped: Skipped = []
    updates: list[Row] = []
    for row in rows:
        pk = row.object_id or 0
        if pk not in now:
            skipped.append((row, "It does not exist any more."))
        elif now[pk] != row.before.get("jet_node_id"):
            skipped.append((row, f"It has got Jet category {now[pk]} since, so it was left as it is."))
        else:
            updates.append({"id": pk, "jet_node_id": row.data["jet_node_id"]})
    update_rows(model, merchant, ("jet_node_id",), updates, touch="updated_at")
    return skipped
