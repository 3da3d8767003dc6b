"""What an action would send, to the byte, without sending it: the action is run, read and taken back."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from functools import partial
from typing import Any
from urllib.parse import quote

from django.contrib.postgres.aggregates import ArrayAgg
from django.db import transaction
from django.db.models import QuerySet

from catalog.actions.publish import ACTIONS
from catalog.actions.sending import Way, prepare_all, way_for
from catalog.enums import FILE_OF_STEP, Step
from catalog.models import Listing, NodeStock, VariationGroup
from catalog.queries.dry_run import MOST_EXACT, NAMED, Expected, digests_of
from catalog.queries.relations import return_messages, shipping_messages, variation_messages
from catalog.sync.bodies import (
    content_messages,
    ends_sale_knowingly,
    price_json,
    price_messages,
    stock_json,
    stock_messages,
)
from jetsync.enums import RowState
from jetsync.jet import archive_body
from jetsync.models import Merchant, Operation, OperationRow
from jetsync.tenancy.actor import SYSTEM

# SKUs whose calls are shown in full.
SHOWN = 50
_PARTS = {
    Step.CONTENT: ("PUT", ""),
    Step.PRICE: ("PUT", "/price"),
    Step.INVENTORY: ("PATCH", "/inventory"),
    Step.VARIATION: ("PUT", "/variation"),
    Step.SHIPPING: ("PUT", "/shippingexception"),
    Step.RETURNS: ("PUT", "/returnsexception"),
    Step.ARCHIVE: ("PUT", "/status/archive"),
}
Bodies = dict[int, dict[str, Any]]


@dataclass(frozen=True)
class Change:
    """One value of a body: `old` as Jet accepted it last, None where it had none or where that is not known."""

    member: str
    old: Any
    new: Any
    is_old_known: bool = True

    @property
    def old_text(self) -> str:
        return _said(self.old)

    @property
    def new_text(self) -> str:
        return _said(self.new)


def _said(value: Any) -> str:
    if value is None:
        return "nothing"
    return "none" if value in ([], {}) else str(value)


@dataclass(frozen=True)
class ShownCall:
    """`state`: "new", "changed" or "same" against what Jet accepted last.

    Where only a hash of that is kept, a changed call names all values of its body, none with its old one.
    """

    step: Step
    method: str
    path: str
    file_type: str
    body: Any
    changes: Sequence[Change]
    state: str


@dataclass
class ShownSku:
    listing_id: int
    sku: str
    calls: list[ShownCall] = field(default_factory=list)

    @property
    def is_same(self) -> bool:
        return all(call.state == "same" for call in self.calls)


@dataclass(frozen=True)
class LeftOut:
    """Products left out for one reason; `skus` are the first of them."""

    reason: str
    count: int
    skus: Sequence[str]

    @property
    def more(self) -> int:
        return self.count - len(self.skus)


@dataclass(frozen=True)
class Rehearsal:
    """`expected` is None when the set is too large to be held to. `left_out`: the most frequent reasons first."""

    title: str
    steps: Sequence[Step]
    way: Way
    total: int
    sent: int
    skus: Sequence[ShownSku]
    left_out: Sequence[LeftOut]
    left_out_count: int
    expected: Expected | None


def rehearse(
    merchant: Merchant, kind: str, variant_ids: Sequence[int], *, way: Way = Way.AUTO, **extra: bool
) -> Rehearsal:
    """Runs the action inside a transaction that is rolled back, so nothing is stored, enqueued or sent.

    `extra` goes to the action. Raises what the action raises: keys, no node, an empty selection. Beyond `MOST_EXACT` SKUs
    only the first ones are run, and the result cannot be held to.
    """
    is_exact = len(variant_ids) <= MOST_EXACT
    ids = list(variant_ids) if is_exact else list(variant_ids)[:SHOWN]
    with transaction.atomic():
        operation = ACTIONS[kind](merchant, ids, actor=SYSTEM, way=way, **extra)
        prepare_all(operation)
        total = operation.total if is_exact else len(variant_ids)  # children may follow their parents
        found = _read(operation, total, way, is_exact=is_exact)
        transaction.set_rollback(True)
    return found


def _read(operation: Operation, total: int, way: Way, *, is_exact: bool) -> Rehearsal:
    merchant, steps = operation.merchant, [Step(step) for step in operation.data["steps"]]
    rows = OperationRow.objects.filter(merchant=merchant, operation=operation)
    open_ids = [
        pk
        for pk in rows.filter(state=RowState.WAITING).order_by("pk").values_list("object_id", flat=True)
        if pk
    ]
    out = rows.exclude(state=RowState.WAITING)
    return Rehearsal(
        title=operation.title,
        steps=steps,
        way=way_for(merchant, total, way),
        total=total,
        sent=len(open_ids) if is_exact else total,
        skus=_shown(operation, open_ids[:SHOWN], steps),
        left_out=_left_out(out),
        left_out_count=out.count(),
        expected=Expected(digests_of(merchant, open_ids, steps)) if is_exact and open_ids else None,
    )


def _left_out(rows: QuerySet[OperationRow]) -> list[LeftOut]:
    """At most `SHOWN` reasons. Their SKUs are no more than can be held to, so they are read with them."""
    found = rows.order_by().values_list("message").annotate(skus=ArrayAgg("label", order_by="pk"))
    reasons = [LeftOut(reason, len(skus), skus[:NAMED]) for reason, skus in found]
    return sorted(reasons, key=lambda row: (-row.count, row.reason))[:SHOWN]


def _shown(operation: Operation, ids: Sequence[int], steps: Sequence[Step]) -> list[ShownSku]:
    merchant = operation.merchant
    names = dict(
        Listing.objects.filter(merchant=merchant, pk__in=ids).order_by("pk").values_list("pk", "variant__sku")
    )
    skus = {pk: ShownSku(pk, sku) for pk, sku in names.items()}
    for step in steps:
        make = _BODIES[step]
        if step == Step.CONTENT and ends_sale_knowingly(operation):
            make = partial(_content, may_end_sale=True)
        accepted, bodies = _accepted(merchant, ids, step), make(merchant, ids)
        for pk, body in bodies.items():
            skus[pk].calls.append(_call(step, skus[pk].sku, body, accepted.get(pk)))
    return list(skus.values())


def _call(step: Step, sku: str, body: Any, accepted: Any) -> ShownCall:
    method, part = _PARTS[step]
    changes = changes_between(accepted if isinstance(accepted, dict) else {}, body)
    if accepted is None:
        state = "new"
    elif isinstance(accepted, str):  # from a hash: whether it is the same can be said, but not what it was
        state, changes = accepted, [] if accepted == "same" else _whole(body)
    else:
        state = "changed" if changes else "same"
    path = f"/merchant-skus/{quote(sku, safe='')}{part}"
    return ShownCall(step, method, path, str(FILE_OF_STEP[step]), body, changes, state)


def _whole(body: Any) -> list[Change]:
    return [Change(place, None, value, is_old_known=False) for place, value in _flat(body)]


def changes_between(old: Mapping[str, Any], new: Mapping[str, Any]) -> list[Change]:
    """Values that differ, by their place: `fulfillment_nodes[0].quantity`. Numbers are compared as numbers."""
    before, after = dict(_flat(old)), dict(_flat(new))
    return [
        Change(place, before.get(place), after.get(place))
        for place in dict.fromkeys([*after, *before])
        if before.get(place) != after.get(place)
    ]


def _flat(value: Any, place: str = "") -> Iterable[tuple[str, Any]]:
    if isinstance(value, Mapping):
        for name, item in value.items():
            yield from _flat(item, f"{place}.{name}" if place else str(name))
    elif isinstance(value, list | tuple) and value:
        for index, item in enumerate(value):
            yield from _flat(item, f"{place}[{index}]")
    else:
        yield place, value


# --- bodies, as the jobs make them ------------------------------------------------------------------------------


def _content(merchant: Merchant, ids: Sequence[int], *, may_end_sale: bool = False) -> Bodies:
    found = content_messages(merchant, ids, may_end_sale=may_end_sale)
    return {row.listing_id: row.payload for row in found}


def _price(merchant: Merchant, ids: Sequence[int]) -> Bodies:
    return {row.listing_id: json.loads(price_json(row)) for row in price_messages(merchant, ids)}


def _stock(merchant: Merchant, ids: Sequence[int]) -> Bodies:
    return {row.listing_id: json.loads(stock_json(row)) for row in stock_messages(merchant, ids)}


def _archive(merchant: Merchant, ids: Sequence[int]) -> Bodies:
    rows = Listing.objects.filter(merchant=merchant, pk__in=ids).order_by("pk")
    return {
        pk: dict(archive_body(is_archived=target)) for pk, target in rows.values_list("pk", "archived_target")
    }


def _groups(merchant: Merchant, ids: Sequence[int]) -> Bodies:
    return {row.listing_id: row.body for row in variation_messages(merchant, ids)}


def _shipping(merchant: Merchant, ids: Sequence[int]) -> Bodies:
    return {row.listing_id: row.body for row in shipping_messages(merchant, ids)}


def _returns(merchant: Merchant, ids: Sequence[int]) -> Bodies:
    return {row.listing_id: row.body for row in return_messages(merchant, ids)}


_BODIES: dict[Step, Callable[[Merchant, Sequence[int]], Bodies]] = {
    Step.CONTENT: _content,
    Step.PRICE: _price,
    Step.INVENTORY: _stock,
    Step.ARCHIVE: _archive,
    Step.VARIATION: _groups,
    Step.SHIPPING: _shipping,
    Step.RETURNS: _returns,
}


# --- what Jet accepted last, in the shape of the body --------------------------------------------------------------


def _accepted(merchant: Merchant, ids: Sequence[int], step: Step) -> dict[int, Any]:
    """Listing -> the body, or "same"/"changed" where only a hash is kept; a listing that Jet never had is absent."""
    rows = Listing.objects.filter(merchant=merchant, pk__in=ids)
    if step == Step.CONTENT:
        bodies = rows.filter(content_sent_at__isnull=False).values_list(
            "pk", "content_sent_body", "content_dirty"
        )
        return {pk: body if body is not None else _same(is_dirty) for pk, body, is_dirty in bodies}
    if step == Step.ARCHIVE:
        flags = rows.filter(content_sent_at__isnull=False).values_list("pk", "archived_sent")
        return {pk: {"is_archived": archived} for pk, archived in flags}
    if step == Step.VARIATION:
        groups = VariationGroup.objects.filter(merchant=merchant, parent__listing__in=ids).exclude(sent="")
        return {
            pk: body or _same(is_dirty)
            for pk, body, is_dirty in groups.values_list("parent__listing", "sent_body", "dirty")
        }
    if step in {Step.SHIPPING, Step.RETURNS}:
        facet = str(step)
        hashed = rows.exclude(**{f"{facet}_sent": ""}).values_list("pk", f"{facet}_dirty")
        return {pk: _same(is_dirty) for pk, is_dirty in hashed}
    return _accepted_prices(merchant, ids) if step == Step.PRICE else _accepted_stock(merchant, ids)


def _same(is_dirty: bool) -> str:  # noqa: FBT001 -- the column itself
    return "changed" if is_dirty else "same"


def _accepted_prices(merchant: Merchant, ids: Sequence[int]) -> dict[int, Any]:
    rows = Listing.objects.filter(merchant=merchant, pk__in=ids, price_sent__isnull=False)
    prices = rows.values_list("pk", "price_sent")
    found: dict[int, Any] = {pk: {"price": float(price)} for pk, price in prices if price is not None}
    for listing, node, price in _nodes(merchant, found, "price_sent"):
        entry = {"fulfillment_node_id": node, "fulfillment_node_price": float(price)}
        found[listing].setdefault("fulfillment_nodes", []).append(entry)
    return found


def _accepted_stock(merchant: Merchant, ids: Sequence[int]) -> dict[int, Any]:
    found: dict[int, Any] = {}
    for listing, node, quantity in _nodes(merchant, ids, "quantity_sent"):
        entry = {"fulfillment_node_id": node, "quantity": quantity}
        found.setdefault(listing, {"fulfillment_nodes": []})["fulfillment_nodes"].append(entry)
    return found


def _nodes(merchant: Merchant, ids: Iterable[int], column: str) -> Iterable[tuple[int, str, Any]]:
    """(listing, Jet's node id, value), in the order of the bodies."""
    rows = NodeStock.objects.filter(
        merchant=merchant,
        variant__listing__in=list(ids),
        node__account__mode=merchant.mode,
        **{f"{column}__isnull": False},
    )
    return rows.order_by("pk").values_list("variant__listing", "node__node_id", column)
