"""Deleting SKUs that Jet never accepted or that are archived there; a product goes with its last SKU.

What happened stays: order lines keep their SKU and text, the log and the operations their entries. There is no undo.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence

from django.db import transaction

from catalog.actions.sheet import lock_variants
from catalog.actions.targets import refresh_targets
from catalog.codes import Code
from catalog.models import Listing, Product, Variant, VariationGroup
from catalog.queries.deleting import Reason, standing_in_way
from jetsync.actions.log import record
from jetsync.actions.operation import (
    RowSpec,
    finish_rows,
    is_cancelled,
    lock_waiting,
    mark_running,
    refresh_progress,
    start_operation,
)
from jetsync.enums import Priority, RowState
from jetsync.exceptions import InvalidInput, StateConflict
from jetsync.models import Merchant, Operation
from jetsync.sync.queue import enqueue
from jetsync.sync.registry import no_undo_of, operation_kind
from jetsync.tenancy.actor import Actor
from jetsync.tenancy.rights import Right
from jetsync.wording import counted

DELETE = DELETE_JOB = "catalog.delete"
# SKUs deleted within the request, well under a second.
AT_ONCE = 50
# SKUs per transaction: a dozen tables lose rows with each of them.
BATCH = 200
no_undo_of(DELETE, "What was deleted is made anew, by a form or a product file.")

operation_kind(DELETE, right=Right.PRODUCTS_EDIT)


@transaction.atomic
def delete_many(merchant: Merchant, variant_ids: Iterable[int], *, actor: Actor) -> Operation:
    """Deletes what can be deleted of these SKUs and names why the others stay. Few are done when this returns.

    Raises InvalidInput when none of them exists.
    """
    rows = Variant.objects.filter(merchant=merchant, pk__in=set(variant_ids)).order_by("pk")
    count = rows.count()
    if not count:
        raise InvalidInput("No product is chosen.", hint="Tick some products first.")
    specs = (
        RowSpec("catalog.variant", pk, sku)
        for pk, sku in rows.values_list("pk", "sku").iterator(chunk_size=2000)
    )
    title = f"Delete {counted(count, 'SKU')}"
    operation = start_operation(merchant, DELETE, title, actor=actor, rows=specs)
    if count <= AT_ONCE:
        return run_delete(operation)
    enqueue(merchant, DELETE_JOB, f"operation:{operation.pk}", priority=Priority.NOW, operation=operation)
    return operation


def run_delete(operation: Operation, heartbeat: Callable[[], None] = lambda: None) -> Operation:
    """Works off the rows that wait, batch by batch; goes on where an earlier run was stopped."""
    mark_running(operation)
    while not is_cancelled(operation):
        heartbeat()
        if not _delete_batch(operation):
            break
        refresh_progress(operation)
    return refresh_progress(operation, finish=True)


@transaction.atomic
def _delete_batch(operation: Operation) -> bool:
    """False when nothing is left."""
    merchant = operation.merchant
    rows = lock_waiting(operation, BATCH)
    if not rows:
        return False
    row_of = {row.object_id: row.pk for row in rows if row.object_id is not None}
    skus, reasons = _judge(merchant, list(row_of))
    going = {pk: sku for pk, sku in skus.items() if pk not in reasons}
    actor = Actor(label=operation.actor_label, user=operation.actor)
    _delete(merchant, going, actor=actor, operation=operation)
    for reason in Reason:
        ids = [row_of[pk] for pk, found in reasons.items() if found == reason]
        words = f"It stays: {reason.words}."
        finish_rows(operation, ids, RowState.SKIPPED, code=str(reason), message=words, hint=reason.hint)
    finish_rows(operation, [row_of[pk] for pk in going], RowState.DONE, message="Deleted.")
    gone = [row.pk for row in rows if row.object_id not in skus]
    finish_rows(operation, gone, RowState.SKIPPED, code=Code.GONE, message="It was deleted already.")
    return True


@transaction.atomic
def delete_all(merchant: Merchant, variant_ids: Sequence[int], *, actor: Actor) -> None:
    """Deletes all of these few SKUs, or none: raises StateConflict with the first that must stay and why."""
    skus, reasons = _judge(merchant, variant_ids)
    if reasons:
        first = min(reasons)
        reason = reasons[first]
        message = f"SKU {skus[first]} stays: {reason.words}."
        raise StateConflict(message, hint=reason.hint, code=f"stays_{reason}")
    _delete(merchant, skus, actor=actor)


def _judge(merchant: Merchant, variant_ids: Sequence[int]) -> tuple[dict[int, str], dict[int, Reason]]:
    """SKUs by pk and why some must stay; locked, listings too, so that no upload takes one up meanwhile."""
    lock_variants(merchant, variant_ids)
    skus = dict(Variant.objects.filter(merchant=merchant, pk__in=variant_ids).values_list("pk", "sku"))
    listings = Listing.objects.filter(merchant=merchant, variant__in=list(skus)).order_by("pk")
    list(listings.select_for_update(of=("self",)).values_list("pk", flat=True))
    return skus, standing_in_way(merchant, list(skus))


def _delete(
    merchant: Merchant, skus: Mapping[int, str], *, actor: Actor, operation: Operation | None = None
) -> None:
    """The SKUs are locked and free to go; their siblings and groups follow."""
    if not skus:
        return
    rows = Variant.objects.filter(merchant=merchant, pk__in=list(skus))
    products = dict(rows.values_list("product_id", "product__title"))
    # A group made by hand may hold them among SKUs of other products, or be led by one of them.
    groups = VariationGroup.objects.filter(merchant=merchant)
    concerned = set(groups.filter(members__variant__in=list(skus)).values_list("parent_id", flat=True))
    led = groups.filter(parent__in=list(skus)).exclude(members__variant=None)
    concerned |= set(led.values_list("members__variant", flat=True))
    rows.delete()
    concerned |= set(
        Variant.objects.filter(merchant=merchant, product__in=list(products)).values_list("pk", flat=True)
    )
    bare = Product.objects.filter(merchant=merchant, pk__in=list(products), variants=None)
    titles = dict(bare.values_list("pk", "title"))
    Product.objects.filter(merchant=merchant, pk__in=list(titles)).delete()
    _record(merchant, list(skus.values()), list(titles.values()), actor, operation)
    refresh_targets(merchant, sorted(concerned - skus.keys()))


def _record(
    merchant: Merchant,
    skus: Sequence[str],
    titles: Sequence[str],
    actor: Actor,
    operation: Operation | None,
) -> None:
    """One entry for what one transaction took away; it names every SKU."""
    what = f"SKU {skus[0]} was" if len(skus) == 1 else f"{len(skus):,} SKUs were"
    with_product = (
        f" with the product “{titles[0]}”" if len(titles) == 1 else f" with {len(titles):,} products"
    )
    record(
        merchant,
        "catalog.variant.deleted",
        f"{what} deleted{with_product if titles else ''}",
        actor=actor,
        operation=operation,
        old={"skus": list(skus), "products": list(titles)},
    )
