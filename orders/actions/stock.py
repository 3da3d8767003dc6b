"""Orders' side of reservations: what an order holds, uses up and gives back. The rows are the catalogue's."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from catalog.actions.stock import SHIPPED, Ended, Wanted, end_many, reserve_many, resize_many
from catalog.queries.stock import variants_by_sku
from jetsync.models import Merchant
from orders.enums import FailureReason
from orders.models import Order, OrderLine, ShipmentLine
from orders.queries.line import line_counts

Asked = tuple[Order, Sequence[OrderLine]]
"""An order with all its lines."""


@dataclass(frozen=True)
class _Pieces:
    order: Order
    line: OrderLine
    quantity: int
    together: str = ""
    is_question: bool = False


def reserve_lines(
    merchant: Merchant, asked: Sequence[Asked], *, in_part: bool = False
) -> dict[int, FailureReason]:
    """Promises each order its pieces, order by order; what stands against its lines comes back by line id.

    SKU unknown, product disabled, or not enough pieces left: the catalogue locks the SKUs while it promises, so of
    two orders for the last piece one is told. An order with a problem gets nothing, so that it keeps no piece from one
    that can be delivered; with `in_part` it gets what there is. Lines that hold their pieces already keep them. The
    number of queries depends on neither the orders nor their lines.
    """
    _find_variants(merchant, [line for _order, lines in asked for line in lines])
    problems: dict[int, FailureReason] = {}
    pieces: list[_Pieces] = []
    for order, lines in asked:
        found = {line.pk: reason for line in lines if (reason := _reason_against(line))}
        problems |= found
        together = "" if in_part else str(order.pk)
        pieces += [
            _Pieces(order, line, line.quantity, together, is_question=bool(found) and not in_part)
            for line in lines
            if line.pk not in found
        ]
    return problems | dict.fromkeys(_reserve(merchant, pieces), FailureReason.OUT_OF_STOCK)


def _reason_against(line: OrderLine) -> FailureReason | None:
    if line.variant is None:
        return FailureReason.SKU_UNKNOWN
    return None if line.variant.product.is_active else FailureReason.PRODUCT_DISABLED


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
    _reserve(order.merchant, [_Pieces(order, count.line, count.shippable) for count in line_counts(order)])


def _reserve(merchant: Merchant, pieces: Sequence[_Pieces]) -> list[int]:
    """The ids of lines whose pieces are not there. Nothing asked for is always there."""
    keys = {item.line.reservation_key: item.line.pk for item in pieces}
    wanted = [
        Wanted(
            item.line.reservation_key,
            item.line.variant,
            item.quantity,
            item.order.node,
            together=item.together,
            is_question=item.is_question,
        )
        for item in pieces
        if item.line.variant is not None and item.quantity
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
