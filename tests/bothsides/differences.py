"""Compares what Jet has with what the panel has. Every sentence it returns is a broken promise."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping
from decimal import ROUND_HALF_UP, Decimal
from typing import Any

from catalog.actions.quantity import refresh_quantities
from catalog.models import Reservation, Variant
from jetsync.enums import FailureEnd, JobState
from jetsync.models import Job
from orders.amounts import order_charged
from orders.enums import STORE_ORDER_STATES, OrderState, ShipmentState
from orders.models import Document, Order, OrderLine, Shipment, ShipmentLine, StoreOrder
from orders.queries.line import line_counts
from refunds.models import Refund
from returns.enums import FINISHED_STATUSES
from returns.models import Return
from tests.bothsides.shop import PLENTY, STOCK, Shop

PARTS = ("principal", "tax", "shipping_cost", "shipping_tax")
CENT = Decimal("0.01")
Jet = Mapping[str, Any]
Money = dict[str, Decimal]


def differences(shop: Shop) -> list[str]:
    """Of two sides that have come to rest."""
    at_jet = {order_id: shop.at_jet(order_id) for order_id in shop.bought}
    here = {order.merchant_order_id: order for order in shop.orders()}
    found = [*_jobs(), *_lost(at_jet, here), *_acts(shop), *_stock(shop, at_jet, here)]
    for order_id, order in here.items():
        found += _states(order, at_jet[order_id])
        found += _units(order, at_jet[order_id])
        found += _held(order, at_jet[order_id])
        found += _documents(order)
    found += _credited()
    found += _returns(shop, here)
    found += _refunds(shop)
    found += _paid_back(shop, at_jet)
    return found


def _jobs() -> Iterator[str]:
    """A job of ours never crashes, and none is left in a worker that is gone."""
    for job in Job.objects.filter(failure_end=FailureEnd.OURS).exclude(code="workers_lost"):
        yield f"{job.kind} {job.key} crashed: {job.message}"
    for job in Job.objects.filter(state=JobState.RUNNING):
        yield f"{job.kind} {job.key} is still running"


def _documents(order: Order) -> Iterator[str]:
    """An order that Jet has a yes to is one of the store, with a document pair for each parcel and no cent too much."""
    if order.state not in STORE_ORDER_STATES:
        return
    if not StoreOrder.objects.filter(order=order).exists():
        yield f"order {order} is {order.state} and not in the store"
    parcels = Shipment.objects.filter(order=order, state=ShipmentState.SENT, lines__quantity__gt=0).distinct()
    wanted = sorted(f"shipment-{pk}" for pk in parcels.values_list("pk", flat=True))
    found = sorted(order.documents.filter(kind="shipment").values_list("source", flat=True))
    if found != wanted:
        yield f"order {order} has documents for {found}, Jet has {wanted}"
    billed = sum((row.total for row in order.documents.filter(kind="invoice")), start=Decimal(0))
    if billed > order_charged(order.lines.all()).total:
        yield f"order {order} is billed with {billed}"


def _credited() -> Iterator[str]:
    """What a return or a refund gave back stands in the books once: one credit memo over the whole of it."""
    given = {
        f"return-{row.pk}": sum(
            (line.settled.total for line in row.lines.filter(is_included=True)), Decimal(0)
        )
        for row in Return.objects.filter(status__in=FINISHED_STATUSES, order__isnull=False)
    }
    given |= {
        f"refund-{row.pk}": sum((line.amounts.total for line in row.lines.all()), Decimal(0))
        for row in Refund.objects.filter(status="accepted", order__isnull=False)
    }
    for source, total in given.items():
        memos = [row.total for row in Document.objects.filter(kind="credit_memo", source=source)]
        if sum(memos, Decimal(0)) != total or len(memos) > 1:
            yield f"{source} gave back {total} and has credit memos over {memos}"


def _lost(at_jet: Mapping[str, Jet], here: Mapping[str, Order]) -> Iterator[str]:
    for order_id, shown in at_jet.items():
        if order_id not in here and shown["status"] in {"ready", "acknowledged", "inprogress"}:
            yield f"order {order_id} is {shown['status']} at Jet and unknown here"


def _acts(shop: Shop) -> Iterator[str]:
    """What Jet counted must have happened once for each thing it is about."""
    counts = shop.market.counts()
    for kind in ("acknowledge", "reject", "return_complete", "refund"):
        count = counts.get(kind, {"total": 0, "distinct": 0})
        if count["total"] != count["distinct"]:
            yield f"{kind} took effect {count['total']} times for {count['distinct']} objects"


# --- orders ---------------------------------------------------------------------------------------------


def state_of(shown: Jet) -> str:
    """Our word for what Jet shows."""
    if shown["status"] != "complete" or shown.get("has_shipments"):
        return str(shown["status"])
    answer = shown.get("acknowledgement_status") or ""
    return "rejected" if answer.startswith("rejected") else "complete" if answer else "expired"


def _states(order: Order, shown: Jet) -> Iterator[str]:
    if order.state != state_of(shown):
        yield f"order {order} is {order.state} here and {state_of(shown)} at Jet"
    if order.failure_reason in {"unreadable", "unknown_status"}:
        yield f"order {order}: {order.failure_message}"


def units_at_jet(shown: Jet) -> dict[str, tuple[int, int]]:
    """SKU -> (shipped, cancelled), from the shipments that Jet stored."""
    shipped: Counter[str] = Counter()
    cancelled: Counter[str] = Counter()
    for shipment in shown.get("shipments", []):
        for item in shipment["shipment_items"]:
            shipped[item["merchant_sku"]] += item["response_shipment_sku_quantity"] or 0
            cancelled[item["merchant_sku"]] += item["response_shipment_cancel_qty"] or 0
    return {
        item["merchant_sku"]: (shipped[item["merchant_sku"]], cancelled[item["merchant_sku"]])
        for item in shown["order_items"]
    }


def is_in_step(order: Order, shown: Jet) -> bool:
    """Whether Jet has every unit that is shipped, cancelled or on its way here, and no other."""
    at_jet = units_at_jet(shown)
    return shown["status"] in {"acknowledged", "inprogress"} and all(
        at_jet[count.line.sku] == (count.shipped, count.cancelled)
        and not (count.leaving_shipped or count.leaving_cancelled)
        for count in line_counts(order)
    )


def _units(order: Order, shown: Jet) -> Iterator[str]:
    names = [shipment["alt_shipment_id"] for shipment in shown.get("shipments", [])]
    if len(set(names)) != len(names):
        yield f"order {order}: a shipment stands twice at Jet: {names}"
    if "too many" in shown.get("exception_state", ""):
        yield f"order {order}: {shown['exception_state']}"
    sums: dict[str, list[int]] = {line.sku: [0, 0] for line in order.lines.all()}
    rows = ShipmentLine.objects.filter(shipment__order=order, shipment__state="sent")
    for row in rows.select_related("line"):
        sums[row.line.sku][0] += row.quantity
        sums[row.line.sku][1] += row.cancel_quantity
    for sku, units in units_at_jet(shown).items():
        if tuple(sums[sku]) != units:
            yield f"order {order}, {sku}: (shipped, cancelled) {sums[sku]} here and {units} at Jet"


def _held(order: Order, shown: Jet) -> Iterator[str]:
    """An accepted order holds what is still to be shipped, one that waits for an answer at most that, a closed one
    nothing."""
    units = units_at_jet(shown)
    for line in OrderLine.objects.filter(order=order):
        rows = Reservation.objects.filter(key=line.reservation_key, released_at=None)
        held = sum(row.quantity for row in rows)
        is_open = order.is_shippable or order.state == OrderState.READY
        left = max(0, line.quantity - sum(units[line.sku])) if is_open else 0
        if held > left or (line.sku in PLENTY and order.is_shippable and held != left):
            yield f"order {order} ({order.state}), {line.sku}: {held} held, {left} still to be shipped"


def _stock(shop: Shop, at_jet: Mapping[str, Jet], here: Mapping[str, Order]) -> Iterator[str]:
    gone: Counter[str] = Counter()
    for order_id in here:
        for sku, (shipped, _cancelled) in units_at_jet(at_jet[order_id]).items():
            gone[sku] += shipped
    for sku in PLENTY:
        counted = shop.variant(sku).quantity
        if counted != STOCK[sku] - gone[sku]:
            yield f"{sku}: {counted} counted, {STOCK[sku]} - {gone[sku]} shipped expected"
    ids = list(Variant.objects.filter(merchant=shop.merchant).values_list("pk", flat=True))
    if refresh_quantities(shop.merchant, ids):
        yield "Jet was offered another quantity than the store has free"


# --- money ----------------------------------------------------------------------------------------------


def money_of(amounts: Jet) -> Money:
    return {part: Decimal(str(amounts.get(part) or 0)).quantize(CENT) for part in PARTS}


def _returns(shop: Shop, here: Mapping[str, Order]) -> Iterator[str]:
    known = {row.merchant_return_authorization_id: row for row in Return.objects.all()}
    for return_id in shop.returns:
        shown = shop.market.get(f"returns/state/{return_id}")
        row = known.get(return_id)
        if row is None:
            yield f"return {return_id} is {shown['return_status']} at Jet and unknown here"
        elif (row.order_id is None) == (shown["merchant_order_id"] in here):
            yield f"return {row} is not linked to its order"
        else:
            yield from _one_return(row, shown)


def _one_return(row: Return, shown: Jet) -> Iterator[str]:
    is_disputed = shown.get("agree_to_return_charge") is False
    words = {"created": "created", "inprogress": "inprogress"}
    expected = words.get(shown["return_status"], "not_accepted" if is_disputed else "completed")
    if row.status != expected or row.send_state in {"queued", "checking"}:
        yield f"return {row} is {row.status} ({row.send_state}) here and {shown['return_status']} at Jet"
    is_paid = expected not in words and row.order_id is not None and any(map(_pays, shown["items"]))
    yield from _memos(f"return-{row.pk}", str(row), is_paid=is_paid)
    answers = {item["order_item_id"]: item for item in shown["items"]}
    for line in row.lines.all():
        answer = answers.get(line.order_item_id)
        if answer is None:
            continue
        there = (answer["order_return_refund_qty"], money_of(answer["refund_amount"]))
        if (line.quantity_refunded, line.settled.parts()) != there:
            yield f"return {row}, {line}: {line.quantity_refunded} {line.settled} here and {there} at Jet"


def _pays(item: Jet) -> bool:
    return bool(item["order_return_refund_qty"] or any(money_of(item["refund_amount"]).values()))


def _memos(source: str, name: str, *, is_paid: bool) -> Iterator[str]:
    """One credit memo for what the shopper got, and none for what he did not get (yet)."""
    memos = Document.objects.filter(kind="credit_memo", source=source).count()
    if memos != is_paid:
        yield f"{name} has {memos} credit memos, {int(is_paid)} expected"


def _refunds(shop: Shop) -> Iterator[str]:
    sent = list(Refund.objects.filter(send_state="sent"))
    at_jet = shop.market.counts().get("refund", {"total": 0})["total"]
    if len(sent) != at_jet:
        yield f"{len(sent)} refunds here and {at_jet} at Jet"
    for row in Refund.objects.filter(send_state__in=("queued", "checking")):
        yield f"refund {row} never came to an end ({row.send_state})"
    for row in sent:
        shown = shop.market.get(f"refunds/state/{row.alt_refund_id}")
        word = shown["refund_status"].casefold()
        if row.status != ("rejected" if word.startswith("rejected") else word):
            yield f"refund {row} is {row.status} here and {shown['refund_status']} at Jet"
        yield from _memos(f"refund-{row.pk}", str(row), is_paid=word == "accepted")
        for line in row.lines.all():
            items = [each for each in shown["items"] if each["order_item_id"] == line.order_item_id]
            parts = [money_of(item["refund_amount"]) for item in items]
            money = {part: sum((each[part] for each in parts), start=Decimal(0)) for part in PARTS}
            there = (sum(item["order_return_refund_qty"] for item in items), money)
            if (line.quantity_refunded, line.amounts.parts()) != there:
                yield f"refund {row}, {line}: {line.quantity_refunded} {line.amounts} here and {there} at Jet"


def _paid_back(shop: Shop, at_jet: Mapping[str, Jet]) -> Iterator[str]:
    """By Jet's own books alone: nobody got back more than he was charged for what was shipped."""
    back: dict[str, Money] = {}
    for return_id in shop.returns:
        for item in shop.market.get(f"returns/state/{return_id}")["items"]:
            _add(back, item)
    for row in Refund.objects.filter(send_state="sent"):
        shown = shop.market.get(f"refunds/state/{row.alt_refund_id}")
        if not shown["refund_status"].casefold().startswith("rejected"):
            for item in shown["items"]:
                _add(back, item)
    for order_id, shown in at_jet.items():
        units = units_at_jet(shown)
        for item in shown["order_items"]:
            charged = _charged(item, units[item["merchant_sku"]][0])
            given = back.get(item["order_item_id"], {})
            over = {part: value for part, value in given.items() if value > charged[part]}
            if over:
                yield f"order {order_id}, {item['merchant_sku']}: paid back {over} of {charged}"


def _add(back: dict[str, Money], item: Jet) -> None:
    sums = back.setdefault(item["order_item_id"], dict.fromkeys(PARTS, Decimal(0)))
    for part, value in money_of(item["refund_amount"]).items():
        sums[part] += value


def _charged(item: Jet, shipped: int) -> Money:
    """Goods and delivery are priced per unit, taxes per line."""
    prices = {name: Decimal(str(value or 0)) for name, value in item["item_price"].items()}
    shipped = min(shipped, item["request_order_quantity"])
    part = Decimal(shipped) / max(1, item["request_order_quantity"])
    sums = {
        "principal": prices["base_price"] * shipped,
        "tax": prices["item_tax"] * part,
        "shipping_cost": prices["item_shipping_cost"] * shipped,
        "shipping_tax": prices["item_shipping_tax"] * part,
    }
    return {name: value.quantize(CENT, ROUND_HALF_UP) for name, value in sums.items()}
