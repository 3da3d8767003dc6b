"""Orders' side of reservations: what an order holds, uses up and gives back. The rows are the catalogue's."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from catalog.actions.stock import SHIPPED, Ended, Wanted, end_many, reserve_many, resize_many
from catalog.queries.stock import variants_by_sku
from jetsync.models import Merchant
from orders.enums import FailureReason
from orders.models import Order, OrderLine, ShipmentLine
from orders.queries.line import line_counts

Asked = tuple[Order, Sequence[OrderLine]]
"""An order with all its lines."""
_Pieces = tuple[Order, OrderLine, int]


def reserve_lines(merchant: Merchant, asked: Sequence[Asked]) -> dict[int, FailureReason]:
    """Promises each line its pieces, order by order; what stands against the others comes back by line id.

    SKU unknown, product disabled, or not enough pieces left: the catalogue locks the SKUs while it promises, so of
    two orders for the last piece one is told. Lines that hold their pieces already keep them. The number of queries
    depends on neither the orders nor their lines.
    """
    _find_variants(merchant, [line for _order, lines in asked for line in lines])
    problems: dict[int, FailureReason] = {}
    pieces: list[_Pieces] = []
    for order, lines in asked:
        for line in lines:
            if line.variant is None:
                problems[line.pk] = FailureReason.SKU_UNKNOWN
            elif not line.variant.product.is_active:
                problems[line.pk] = FailureReason.PRODUCT_DISABLED
            else:
                pieces.append((order, line, line.quantity))
    return problems | dict.fromkeys(_reserve(merchant, pieces), FailureReason.OUT_OF_STOCK)


def _find_variants(merchant: Merchant, lines: Sequence[OrderLine]) -> None:
    """The store may have got the SKU since the order was imported."""
    lost = [line for line in lines if line.variant is None]
    found = variants_by_sku(merchant, [line.sku for line in lost]) if lost else {}
    for line in lost:
        if line.sku in found:
            line.variant = found[line.sku]
            line.save(update_fields=["variant"])


def reserve_rest(order: Order) -> None:
    """For an order met half-way: promises what is still to be shipped."""
    _reserve(order.merchant, [(order, count.line, count.shippable) for count in line_counts(order)])


def _reserve(merchant: Merchant, pieces: Sequence[_Pieces]) -> list[int]:
    """The ids of lines whose pieces are not there. Nothing asked for is always there."""
    keys = {line.reservation_key: line.pk for _order, line, _quantity in pieces}
    wanted = [
        Wanted(line.reservation_key, line.variant, quantity, order.node)
        for order, line, quantity in pieces
        if line.variant is not None and quantity
    ]
    return [keys[key] for key in reserve_many(merchant, wanted)] if wanted else []


def release_lines(order: Order, lines: Iterable[OrderLine], reason: str) -> None:
    end_many(order.merchant, [Ended(line.reservation_key, reason=reason) for line in lines])


def follow_units(order: Order, lines: Sequence[OrderLine]) -> None:
    """Jet changed how many units of these lines are ordered: what they hold follows, as far as the store has it.

    A line for which fewer are left keeps what it holds and says so.
    """
    lacking = resize_many(order.merchant, {line.reservation_key: line.quantity for line in lines})
    for line in lines:
        if line.reservation_key in lacking:
            line.problem = FailureReason.OUT_OF_STOCK
            line.save(update_fields=["problem"])


def settle_units(order: Order, units: Iterable[ShipmentLine]) -> None:
    """Jet has these units: shipped pieces are gone from the store, cancelled ones are free again.

    Call once per shipment, in the transaction that marks it sent.
    """
    ended = []
    for unit in units:
        key = unit.line.reservation_key
        if unit.quantity:
            ended.append(Ended(key, unit.quantity, is_shipped=True, reason=SHIPPED))
        if unit.cancel_quantity:
            ended.append(Ended(key, unit.cancel_quantity, reason="cancelled"))
    end_many(order.merchant, ended)
