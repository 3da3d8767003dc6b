"""Writes Jet's values into the store's data, or the former ones back, a batch of an operation's rows at a time."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping
from decimal import Decimal, InvalidOperation
from typing import Any

from django.db import transaction
from django.db.models import F
from django.utils import timezone

from catalog.actions.deltas import push_deltas
from catalog.actions.drift import (
    BATCH,
    LOGGED,
    THEIRS,
    THEIRS_BACK,
    Values,
    plain,
)
from catalog.actions.publish import archive, unarchive
from catalog.actions.sheet import lock_variants
from catalog.actions.stock_drift import note_stock_drift
from catalog.actions.targets import refresh_targets
from catalog.bulk import insert_rows, update_rows
from catalog.checks import product_problems, variant_problems
from catalog.drift import drifted_members
from catalog.facts import Taxonomy
from catalog.listing import content_hash
from catalog.models import Listing, NodeStock, Product, Variant
from catalog.problems import Problem
from catalog.product_fields import DECIMALS
from catalog.queries.drift_places import resolve, stock_of
from catalog.queries.drift_prices import TakenPrice, taken_prices
from catalog.queries.listing import listings_of
from catalog.queries.product import variants_of_products
from jetsync.actions.operation import finish_rows, refresh_progress
from jetsync.enums import RowState
from jetsync.models import LogEntry, Merchant, Operation, OperationRow
from jetsync.tenancy.actor import Actor

SHARED, OWN = "product.", "variant."
STORE_PRICE = "variant.price"


@transaction.atomic
def write_batch(operation: Operation, size: int = BATCH) -> int:
    """Writes the values of the next waiting rows; returns how many rows were ended. Constant queries per batch."""
    merchant = operation.merchant
    waiting = OperationRow.objects.filter(merchant=merchant, operation=operation, state=RowState.WAITING)
    rows = {row.object_id or 0: row for row in waiting.order_by("pk")[:size]}
    if not rows:
        return 0
    found = Listing.objects.filter(merchant=merchant, pk__in=list(rows)).select_related("variant__product")
    # Locked before they are read: an order that ships meanwhile must not be overwritten by a count read before it.
    lock_variants(merchant, list(found.values_list("variant_id", flat=True)))
    listings = {row.pk: row for row in found.order_by("pk")}
    finish_rows(
        operation,
        [row.pk for pk, row in rows.items() if pk not in listings],
        RowState.SKIPPED,
        message="The product was deleted meanwhile.",
    )
    stock = stock_of(merchant, [listing.variant_id for listing in listings.values()])
    prices = _prices(operation, rows, listings)
    plans = {pk: _plan(operation, rows[pk], listings[pk], stock, prices) for pk in listings}
    _agree(listings, plans)
    _write(merchant, listings, {pk: plan.new for pk, plan in plans.items() if plan.new})
    variants = [listing.variant_id for listing in listings.values()]
    shared = _products_written(listings, plans)
    refresh_targets(merchant, {*variants, *variants_of_products(merchant, shared)}, push=False)
    _adopt(merchant, operation, listings, plans)
    _note_rules(merchant, plans)
    _log(operation, listings, plans)
    _end(operation, rows, plans)
    push_deltas(merchant)
    if operation.kind != THEIRS:
        _send_archived(operation, listings, plans)
    return len(rows)


def _send_archived(operation: Operation, listings: Mapping[int, Listing], plans: Mapping[int, _Plan]) -> None:
    """No delta archives anything, so that is started like a person's own click."""
    actor = Actor(label=operation.actor_label, user=operation.actor)
    for is_archived, act in ((True, archive), (False, unarchive)):
        ids = [
            listings[pk].variant_id
            for pk, plan in plans.items()
            if plan.new.get("listing.archived_target") is is_archived
        ]
        if ids:
            act(operation.merchant, ids, actor=actor, alone=True)


class _Plan:
    """What one row writes: `new` and `old` by place, and sentences about what is left as it is."""

    def __init__(self) -> None:
        self.new: Values = {}
        self.old: Values = {}
        self.left: list[str] = []


def _prices(
    operation: Operation, rows: Mapping[int, OperationRow], listings: Mapping[int, Listing]
) -> dict[int, TakenPrice]:
    """Variant pk -> what Jet's price makes of the store's. The way back writes what stood in the store, as it was."""
    if operation.kind == THEIRS_BACK:
        return {}
    theirs = {
        listing.variant_id: Decimal(price)
        for pk, listing in listings.items()
        if (price := rows[pk].data.get("values", {}).get(STORE_PRICE)) is not None
    }
    return taken_prices(operation.merchant, theirs)


def _solve(plan: _Plan, operation: Operation, wanted: Values, taken: TakenPrice) -> None:
    """Puts the store's price in the place of Jet's, or leaves it with the reason."""
    del wanted[STORE_PRICE]
    asks = not operation.data.get("confirms_prices")
    if taken.solved.price is None:
        plan.left.append(f"{taken.solved.reason} The price was left.")
    elif taken.slip and asks:
        plan.left.append(f"{taken.slip.reason} It was not confirmed and was left.")
    else:
        wanted[f"{OWN}{taken.solved.field}"] = str(taken.solved.price)


def _plan(
    operation: Operation,
    row: OperationRow,
    listing: Listing,
    stock: Mapping[int, NodeStock],
    prices: Mapping[int, TakenPrice],
) -> _Plan:
    plan = _Plan()
    wanted = dict(row.data.get("values", {}))
    if STORE_PRICE in wanted and (taken := prices.get(listing.variant_id)):
        _solve(plan, operation, wanted, taken)
    plan.left += [f"{name} has no place here and was left." for name in row.data.get("left", [])]
    expected = row.data.get("expected", {})
    for place, value in wanted.items():
        owner, name, new = resolve(place, value, listing, stock)
        if owner is None:
            plan.left.append("A node is gone.")
            continue
        old = plain(getattr(owner, name))
        if place in expected and not _same(old, expected[place]):
            plan.left.append(
                f"{name.replace('_', ' ').capitalize()} was changed since, to {old}; it was left."
            )
        elif not _same(old, new):
            key = place if operation.kind == THEIRS_BACK else _key(owner, name)
            plan.new[key], plan.old[key] = new, old
    _check(plan, listing)
    return plan


def _key(owner: Any, name: str) -> str:
    if isinstance(owner, NodeStock):
        return f"stock.{owner.pk}"
    return f"{type(owner).__name__.lower()}.{name}"


def _same(one: Any, other: Any) -> bool:
    """As columns keep them: "4.5" and "4.50" are one number."""
    if isinstance(one, str) and isinstance(other, str):
        try:
            return Decimal(one) == Decimal(other)
        except InvalidOperation:
            return one == other
    return bool(one == other)


# Judged as one: a value that is right by itself can be wrong beside the other.
_TOGETHER = (
    ("map_price", "map_implementation"),
    ("main_image_url", "alternate_image_urls"),
    ("number_units_for_price_per_unit", "type_of_unit_for_price_per_unit"),
)
_GROUP_OF = {f"variant.{name}": group for group in _TOGETHER for name in group}


def _check(plan: _Plan, listing: Listing) -> None:
    """Values that break a rule of ours are left with the reason: Jet may keep what we would not send."""
    groups: dict[Any, list[str]] = defaultdict(list)
    for key in plan.new:
        groups[_GROUP_OF.get(key, key)].append(key)
    for keys in groups.values():
        problems = _problems({key: plan.new[key] for key in keys}, listing.variant)
        if problems:
            plan.left += [problem.message for problem in problems]
            for key in keys:
                del plan.new[key], plan.old[key]


def _problems(values: Values, variant: Variant) -> list[Problem]:
    product = {key.removeprefix(SHARED): value for key, value in values.items() if key.startswith(SHARED)}
    own = {key.removeprefix(OWN): value for key, value in values.items() if key.startswith(OWN)}
    typed = {
        name: Decimal(value) if name in {"price", "special_price", *DECIMALS} and value is not None else value
        for name, value in own.items()
    }
    stored = {name: getattr(variant, name) for group in _TOGETHER for name in group}
    return [*product_problems(product), *variant_problems(typed, stored, Taxonomy())]


def _agree(listings: Mapping[int, Listing], plans: Mapping[int, _Plan]) -> None:
    """A product has one value for all its SKUs: where Jet shows several, the first is written and the others told."""
    first: dict[tuple[int, str], tuple[str, Any]] = {}
    for pk, plan in plans.items():
        variant = listings[pk].variant
        for key in [key for key in plan.new if key.startswith(SHARED)]:
            sku, value = first.setdefault((variant.product_id, key), (variant.sku, plan.new[key]))
            if not _same(value, plan.new[key]):
                del plan.new[key], plan.old[key]
                name = key.removeprefix(SHARED).replace("_", " ").capitalize()
                plan.left.append(
                    f"{name} is one for all SKUs of the product, and SKU {sku} took another; it was left."
                )


def _products_written(listings: Mapping[int, Listing], plans: Mapping[int, _Plan]) -> set[int]:
    return {
        listings[pk].variant.product_id
        for pk, plan in plans.items()
        if any(key.startswith(SHARED) for key in plan.new)
    }


_MODELS: dict[str, type[Variant | Product | Listing]] = {
    "variant": Variant,
    "product": Product,
    "listing": Listing,
}


def _write(merchant: Merchant, listings: Mapping[int, Listing], values: Mapping[int, Values]) -> None:
    """One statement per column."""
    columns: dict[tuple[str, str], dict[int, Any]] = defaultdict(dict)
    for pk, row in values.items():
        listing = listings[pk]
        ids = {"variant": listing.variant_id, "product": listing.variant.product_id, "listing": pk}
        for key, value in row.items():
            kind, _, name = key.partition(".")
            if kind == "stock":
                columns[kind, "quantity"][int(name)] = value
            else:
                columns[kind, name][ids[kind]] = value
    for (kind, name), by_id in columns.items():
        rows = [{"id": pk, name: value} for pk, value in by_id.items()]
        if kind == "stock":
            update_rows(NodeStock, merchant, (name,), rows)
        else:
            touch = "" if kind == "listing" else "updated_at"
            update_rows(_MODELS[kind], merchant, (name,), rows, touch=touch)


def _adopt(
    merchant: Merchant, operation: Operation, listings: Mapping[int, Listing], plans: Mapping[int, _Plan]
) -> None:
    """Jet shows the value that we now want, so it counts as sent. The way back leaves that to the deltas."""
    if operation.kind != THEIRS:
        return
    now, ids = timezone.now(), [pk for pk, plan in plans.items() if plan.new]
    rows = Listing.objects.filter(merchant=merchant, pk__in=ids)
    rows.filter(price_target=F("price_live"), price_drift=True).update(
        price_sent=F("price_live"), price_sent_at=now
    )
    rows.filter(archived_target=F("archived_live"), archived_drift=True).update(
        archived_sent=F("archived_live"), archived_sent_at=now
    )
    stock = NodeStock.objects.filter(merchant=merchant, variant__listing__in=ids, quantity_drift=True)
    stock.filter(quantity_target=F("quantity_live")).update(
        quantity_sent=F("quantity_live"), quantity_sent_at=now
    )
    note_stock_drift(merchant, [listings[pk].variant_id for pk in ids])
    _adopt_content(merchant, {pk: listings[pk] for pk in ids if listings[pk].content_drift})


def _adopt_content(merchant: Merchant, listings: Mapping[int, Listing]) -> None:
    built = listings_of(merchant, [row.variant_id for row in listings.values()]) if listings else {}
    rows = []
    for pk, listing in listings.items():
        payload, sent = built[listing.variant_id].payload, listing.content_sent_body or {}
        same = [name for name in listing.content_drift if name in payload]
        body = {
            **sent,
            **{
                name: payload[name]
                for name in same
                if not drifted_members({name: payload[name]}, listing.live_body)
            },
        }
        rows.append(
            {
                "id": pk,
                "content_sent_body": body,
                "content_sent": content_hash(body),
                "content_drift": drifted_members(body, listing.live_body),
            }
        )
    update_rows(Listing, merchant, ("content_sent_body", "content_sent", "content_drift"), rows)


def _note_rules(merchant: Merchant, plans: Mapping[int, _Plan]) -> None:
    """Where a price rule makes something else of the store's price, the row says so."""
    ids = [pk for pk, plan in plans.items() if {STORE_PRICE, "variant.special_price"} & plan.new.keys()]
    rows = Listing.objects.filter(merchant=merchant, pk__in=ids, price_dirty=True)
    for pk, price in rows.values_list("pk", "price_target"):
        plans[pk].left.append(f"A price rule makes {price} USD of it, which is sent to Jet.")


_LOGGED = {
    THEIRS: "took what Jet shows",
    THEIRS_BACK: "our values are back",
}


def _log(operation: Operation, listings: Mapping[int, Listing], plans: Mapping[int, _Plan]) -> None:
    actor = {"actor": operation.actor_id, "actor_label": operation.actor_label}
    said = _LOGGED[operation.kind]
    rows = [
        {
            **actor,
            "action": f"{operation.kind}.written",
            "message": f"SKU {listings[pk].variant.sku}: {said}",
            "object_type": "catalog.variant",
            "object_id": listings[pk].variant_id,
            "object_label": listings[pk].variant.sku[:200],
            "old": plan.old,
            "new": plan.new,
            "operation": operation.pk,
        }
        for pk, plan in plans.items()
        if plan.new
    ]
    insert_rows(LogEntry, operation.merchant, LOGGED, rows)


def _end(operation: Operation, rows: Mapping[int, OperationRow], plans: Mapping[int, _Plan]) -> None:
    ended = [
        {
            "id": rows[pk].pk,
            "state": str(RowState.DONE if plan.new or not plan.left else RowState.FAILED),
            "code": "left" if plan.left else "",
            "message": " ".join([_said(plan), *plan.left]).strip()[:1000],
            "before": plan.old,
            "data": {**rows[pk].data, "written": plan.new},
        }
        for pk, plan in plans.items()
    ]
    names = ("state", "code", "message", "before", "data")
    update_rows(OperationRow, operation.merchant, names, ended, touch="updated_at")
    refresh_progress(operation)


def _said(plan: _Plan) -> str:
    names = [key.partition(".")[2].replace("_", " ") for key in plan.new]
    words = ["quantity" if name.isdigit() else name for name in names]
    if words:
        return f"Written: {', '.join(words)}."
    return "" if plan.left else "The store has these values already."
