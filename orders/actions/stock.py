"""Orders' side of reservations: what an order holds, uses up and gives back. The rows are the catalogue's."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from catalog.actions.stock import consume, release, reserve
from catalog.queries.stock import variants_by_sku
from orders.enums import FailureReason
from orders.models import Order, OrderLine, ShipmentLine
from orders.queries.line import line_counts


def reserve_lines(order: Order, lines: Sequence[OrderLine]) -> dict[int, FailureReason]:
    """Promises each line its pieces; what stands against the others comes back by line id.

    SKU unknown, product disabled, or not enough pieces left. The catalogue locks each SKU while it promises, so of
    two orders for the last piece one is told; SKUs are taken in the order of their ids, so two orders cannot wait for
    each other. Lines that hold their pieces already keep them.
    """
    _find_variants(order, lines)
    problems: dict[int, FailureReason] = {}
    for line in sorted(lines, key=lambda line: line.variant_id or 0):
        if line.variant is None:
            problems[line.pk] = FailureReason.SKU_UNKNOWN
        elif not line.variant.product.is_active:
            problems[line.pk] = FailureReason.PRODUCT_DISABLED
        elif not _reserve(order, line, line.quantity):
            problems[line.pk] = FailureReason.OUT_OF_STOCK
    return problems


def _find_variants(order: Order, lines: Sequence[OrderLine]) -> None:
    """The store may have got the SKU since the order was imported."""
    lost = [line for line in lines if line.variant is None]
    found = variants_by_sku(order.merchant, [line.sku for line in lost]) if lost else {}
    for line in lost:
        if line.sku in found:
            line.variant = found[line.sku]
            line.save(update_fields=["variant"])


def reserve_rest(order: Order) -> None:
    """For an order met half-way: promises what is still to be shipped."""
    for count in line_counts(order):
        _reserve(order, count.line, count.shippable)


def _reserve(order: Order, line: OrderLine, quantity: int) -> bool:
    """False when the pieces are not there. Nothing asked for is always there."""
    if line.variant is None or not quantity:
        return True
    return reserve(order.merchant, line.variant, node=order.node, quantity=quantity, key=line.reservation_key)


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
