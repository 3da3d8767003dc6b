"""Orders' side of reservations: what an order holds, uses up and gives back. The rows are the catalogue's."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from django.db.models import Sum

from catalog.actions.stock import consume, release, reserve
from catalog.models import Reservation, Variant
from catalog.queries.stock import open_reservations, store_quantity
from jetsync.queries.settings import default_node
from orders.enums import FailureReason
from orders.models import Order, OrderLine, ShipmentLine
from orders.queries.line import line_counts


def lock_variants(order: Order, skus: Iterable[str]) -> dict[str, Variant]:
    """The variants with these SKUs, locked in the order of their ids: two orders for the last piece take turns."""
    variants = (
        Variant.objects.select_for_update(of=("self",), no_key=True)
        .select_related("product")
        .filter(merchant=order.merchant_id, sku__in=set(skus))
        .order_by("pk")
    )
    return {variant.sku: variant for variant in variants}


def find_problems(order: Order, lines: Sequence[OrderLine]) -> dict[int, FailureReason]:
    """What stands against each line, by line id: SKU unknown, product disabled, or not enough pieces left.

    Locks the variants; call inside the transaction that then reserves. Lines of one SKU share its pieces. Pieces
    that this very order has reserved already count as there.
    """
    variants = lock_variants(order, [line.sku for line in lines])
    held = _held(order, lines)
    left: dict[str, int] = {}
    problems: dict[int, FailureReason] = {}
    for line in lines:
        variant = variants.get(line.sku)
        if variant is None:
            problems[line.pk] = FailureReason.SKU_UNKNOWN
            continue
        if line.sku not in left:
            left[line.sku] = _free(order, variant) + held.get(variant.pk, 0)
        if not variant.product.is_active:
            problems[line.pk] = FailureReason.PRODUCT_DISABLED
        elif line.quantity > left[line.sku]:
            problems[line.pk] = FailureReason.OUT_OF_STOCK
        else:
            left[line.sku] -= line.quantity
    return problems


def _free(order: Order, variant: Variant) -> int:
    """Store count minus what orders hold; below zero when more was promised than there is."""
    node = order.node or default_node(order.merchant)
    return (store_quantity(variant, node) or 0) - open_reservations(variant, node)


def _held(order: Order, lines: Iterable[OrderLine]) -> dict[int, int]:
    """Pieces that these lines hold already, by variant id."""
    rows = (
        Reservation.objects.filter(
            merchant=order.merchant_id, key__in=[line.reservation_key for line in lines], released_at=None
        )
        .values_list("variant_id")
        .annotate(Sum("quantity"))
    )
    return dict(rows)


def reserve_lines(order: Order, lines: Iterable[OrderLine]) -> None:
    """Promises the lines' pieces to them. A line whose SKU is unknown has nothing to promise."""
    for line in lines:
        _reserve(order, line, line.quantity)


def reserve_rest(order: Order) -> None:
    """For an order met half-way: promises what is still to be shipped."""
    for count in line_counts(order):
        _reserve(order, count.line, count.shippable)


def _reserve(order: Order, line: OrderLine, quantity: int) -> None:
    if line.variant is not None and quantity:
        reserve(order.merchant, line.variant, node=order.node, quantity=quantity, key=line.reservation_key)


def release_lines(order: Order, lines: Iterable[OrderLine], reason: str) -> None:
    for line in lines:
        release(order.merchant, line.reservation_key, reason)


def settle_units(order: Order, units: Iterable[ShipmentLine]) -> None:
    """Jet has these units: shipped pieces are gone from the store, cancelled ones are free again.

    Call once per shipment, in the transaction that marks it sent.
    """
    for unit in units:
        key = unit.line.reservation_key
        if unit.quantity:
            consume(order.merchant, key, quantity=unit.quantity)
        if unit.cancel_quantity:
            release(order.merchant, key, "cancelled", quantity=unit.cancel_quantity)
