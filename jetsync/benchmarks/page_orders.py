"""Orders of a merchant with lines, parcels, returns and refunds, spread over the months before today."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import datetime, timedelta
from decimal import Decimal
from typing import Any

from django.utils import timezone

from catalog.bulk import batches, insert_rows, reserve_ids
from catalog.models import Variant
from jetsync.models import JetAccount, Merchant
from jetsync.queries.settings import current_nodes, get_account
from orders.enums import FailureReason, OrderState, ShipmentState
from orders.models import (
    Order,
    OrderLine,
    Shipment,
    ShipmentLine,
    ShipStationCall,
    ShipStationConnection,
    ShipStationNotice,
)
from orders.shipstation.words import CallAction, NoticeState
from refunds.enums import RefundStatus
from refunds.models import Refund, RefundLine
from returns.enums import ReturnStatus, SendState
from returns.models import Return, ReturnLine

# Children first, as in page_catalogue.
TABLES = (
    *(RefundLine, Refund, ReturnLine, Return),
    *(ShipStationCall, ShipStationNotice, ShipStationConnection),
    *(ShipmentLine, Shipment, OrderLine, Order),
)
BATCH = 2000
# A small shop has the same history in fewer orders.
HISTORY = timedelta(days=365)
# Of 20 orders: each state that the tabs count holds one, the rest is done.
STATES = (
    OrderState.READY,
    OrderState.ACKNOWLEDGED,
    OrderState.IN_PROGRESS,
    OrderState.REJECTED,
    OrderState.EXPIRED,
    OrderState.FAILED,
    OrderState.CREATED,
    *([OrderState.COMPLETE] * 13),
)
REASONS = {
    OrderState.REJECTED: FailureReason.OUT_OF_STOCK,
    OrderState.EXPIRED: FailureReason.WINDOW_MISSED,
    OrderState.FAILED: FailureReason.UNREADABLE,
}
SHIPPED = (OrderState.IN_PROGRESS, OrderState.COMPLETE)
# Of 20 orders, those whose goods came back with a return at Jet, and those that were refunded without one.
RETURNED, REFUNDED = (8, 13, 18), (9, 14, 19)
RETURN_STATUSES = (
    ReturnStatus.CREATED,
    ReturnStatus.IN_PROGRESS,
    ReturnStatus.NOT_ACCEPTED,
    ReturnStatus.COMPLETED,
)
PRICE = Decimal("24.99")
Row = dict[str, Any]


def make_orders(merchant: Merchant, count: int) -> None:
    """The merchant's scope is open, his catalogue and account are there."""
    account = get_account(merchant)
    if account is None:
        raise LookupError("make_catalogue gives every merchant an account")
    skus = list(Variant.objects.filter(merchant=merchant).order_by("pk").values_list("pk", "sku", "title"))
    ShipStationConnection.objects.create(merchant=merchant, user_name="shipstation", is_active=True)
    maker = _Maker(merchant, account, skus, count)
    for numbers in batches(range(count), BATCH):
        maker.write(numbers)


class _Maker:
    def __init__(
        self, merchant: Merchant, account: JetAccount, skus: Sequence[tuple[int, str, str]], count: int
    ) -> None:
        self.merchant, self.account, self.skus = merchant, account, skus
        self.node = current_nodes(merchant).first()
        self.step = HISTORY / count
        self.now = timezone.now()

    def write(self, numbers: Sequence[int]) -> None:
        ids = reserve_ids(Order, len(numbers))
        orders = [self._order(pk, number) for pk, number in zip(ids, numbers, strict=True)]
        lines = [
            line for row, number in zip(orders, numbers, strict=True) for line in self._lines(row, number)
        ]
        for line, pk in zip(lines, reserve_ids(OrderLine, len(lines)), strict=True):
            line["id"] = pk
        self._insert(Order, orders)
        self._insert(OrderLine, lines)
        by_order: dict[int, list[Row]] = {}
        for line in lines:
            by_order.setdefault(line["order"], []).append(line)
        self._parcels(orders, by_order)
        self._returns([row for row, n in zip(orders, numbers, strict=True) if n % 20 in RETURNED], by_order)
        self._refunds([row for row, n in zip(orders, numbers, strict=True) if n % 20 in REFUNDED], by_order)

    def _insert(self, model: Any, rows: Sequence[Row]) -> None:
        if rows:
            insert_rows(model, self.merchant, tuple(rows[0]), rows)

    def _order(self, pk: int, number: int) -> Row:
        state = STATES[number % len(STATES)]
        placed = self.now - self.step * number
        reason = REASONS.get(state, "")
        return {
            "id": pk,
            "account": self.account.pk,
            "node": self.node.pk if self.node else None,
            "merchant_order_id": f"{number:032x}",
            "reference_order_id": str(301_755_224_861 + number),
            "alt_order_id": f"S{number}",
            "state": state.value,
            "jet_status": state.value,
            "placed_at": placed,
            "ready_at": placed + timedelta(minutes=30),
            "ack_due_at": placed + timedelta(minutes=45),
            "deliver_by": placed + timedelta(days=6),
            "buyer_name": f"Ida Marsh {number % 5000}",
            "ship_to_city": "Montclair",
            "total": PRICE * (1 + number % 2),
            "failure_reason": str(reason),
            "failure_message": "The order could not be delivered." if reason else "",
            "failure_hint": "Raise the quantity." if reason else "",
            "raw": {"merchant_order_id": f"{number:032x}", "order_detail": {"request_ship_by": "x" * 600}},
            "created_at": placed + timedelta(minutes=31),
            "updated_at": placed + timedelta(hours=1),
        }

    def _lines(self, order: Row, number: int) -> Iterator[Row]:
        """One or two."""
        for place in range(1 + number % 2):
            pk, sku, title = self.skus[(number * 7 + place) % len(self.skus)]
            yield {
                "id": 0,
                "order": order["id"],
                "order_item_id": f"{order['id']:028x}{place:04x}",
                "sku": sku,
                "variant": pk,
                "title": title,
                "quantity": 1 + place,
                "base_price": PRICE,
                "raw": {"merchant_sku": sku, "product_title": "x" * 200},
            }

    def _parcels(self, orders: Sequence[Row], lines: dict[int, list[Row]]) -> None:
        shipped = [row for row in orders if row["state"] in SHIPPED]
        parcels = [
            {
                "id": pk,
                "order": row["id"],
                "alt_shipment_id": f"js-{row['id']}",
                "state": ShipmentState.SENT.value,
                "carrier": "FedEx",
                "method": "FedExGround",
                "tracking_number": f"612999{row['id']}",
                "shipped_at": row["ready_at"],
                "sent_at": row["ready_at"],
            }
            for pk, row in zip(reserve_ids(Shipment, len(shipped)), shipped, strict=True)
        ]
        self._insert(Shipment, parcels)
        parts = [
            {"shipment": parcel["id"], "line": line["id"], "quantity": line["quantity"]}
            for parcel in parcels
            for line in lines[parcel["order"]]
        ]
        self._insert(ShipmentLine, parts)
        self._reports(parcels[::3])

    def _reports(self, parcels: Sequence[Row]) -> None:
        """A third of the parcels came from ShipStation, each with the call that brought it."""
        states = list(NoticeState)
        notices = [
            {
                "order": parcel["order"],
                "key": f"parcel-{parcel['id']}",
                "state": states[parcel["id"] % len(states)].value,
                "carrier": "FedEx",
                "tracking_number": parcel["tracking_number"],
                "created_at": parcel["shipped_at"],
            }
            for parcel in parcels
        ]
        self._insert(ShipStationNotice, notices)
        calls = [
            {"action": CallAction.NOTICE.value, "status": 200, "orders": 1, "created_at": row["created_at"]}
            for row in notices
        ]
        self._insert(ShipStationCall, calls)

    def _returns(self, orders: Sequence[Row], lines: dict[int, list[Row]]) -> None:
        rows = [
            {
                "id": pk,
                "account": self.account.pk,
                "order": row["id"],
                "merchant_return_authorization_id": f"{pk:032x}",
                "reference_return_authorization_id": f"R{pk}",
                "merchant_order_id": row["merchant_order_id"],
                "reference_order_id": row["reference_order_id"],
                "status": RETURN_STATUSES[pk % len(RETURN_STATUSES)].value,
                "return_date": _later(row["placed_at"]),
                "merchant_return_charge": PRICE,
                "created_at": _later(row["placed_at"]),
            }
            for pk, row in zip(reserve_ids(Return, len(orders)), orders, strict=True)
        ]
        self._insert(Return, rows)
        parts = [
            {**_returned_line(line), "parent": row["id"], "requested_principal": PRICE}
            for row in rows
            for line in lines[row["order"]]
        ]
        self._insert(ReturnLine, [{**part, "return_quantity": 1} for part in parts])

    def _refunds(self, orders: Sequence[Row], lines: dict[int, list[Row]]) -> None:
        statuses = list(RefundStatus)
        rows = [
            {
                "id": pk,
                "account": self.account.pk,
                "order": row["id"],
                "merchant_order_id": row["merchant_order_id"],
                "reference_order_id": row["reference_order_id"],
                "alt_refund_id": f"js-{pk}",
                "refund_authorization_id": f"{pk:032x}",
                "status": statuses[pk % len(statuses)].value,
                "send_state": SendState.SENT.value,
                "created_at": _later(row["placed_at"]),
            }
            for pk, row in zip(reserve_ids(Refund, len(orders)), orders, strict=True)
        ]
        self._insert(Refund, rows)
        parts = [
            {**_returned_line(line), "parent": row["id"], "quantity_refunded": 1, "principal": PRICE}
            for row in rows
            for line in lines[row["order"]]
        ]
        self._insert(RefundLine, parts)


def _later(placed: datetime) -> datetime:
    return placed + timedelta(hours=2)


def _returned_line(line: Row) -> Row:
    named = {name: line[name] for name in ("order_item_id", "sku", "title")}
    return {**named, "order_line": line["id"], "reason": "Item is damaged"}
