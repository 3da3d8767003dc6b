"""The demo's last four weeks: orders that were shipped, rejected or missed, and what came back.

Rows of our own: the sandbox began today and knows none of them.
"""

from __future__ import annotations

import random
from datetime import datetime, timedelta
from decimal import Decimal
from typing import Any, TypeVar

from django.db.models import F
from django.utils import timezone

from catalog.actions.product import update_variant
from catalog.enums import ListingStatus
from catalog.models import Variant
from catalog.queries.product import title_of
from jetsync.jet.words.orders import AcknowledgementStatus
from jetsync.models import JetAccount, Merchant
from jetsync.queries.settings import get_account
from jetsync.tenancy.actor import SYSTEM
from jetsync.tenancy.managers import TenantModel, bulk_create
from orders.amounts import CENT, ZERO, cents, line_charged, order_charged
from orders.enums import AnsweredBy, FailureReason, OrderState, ShipmentSource, ShipmentState
from orders.models import ACKNOWLEDGE_WINDOW, Order, OrderLine, Shipment, ShipmentLine
from refunds.enums import RefundStatus
from refunds.models import Refund, RefundLine
from returns.enums import ReturnStatus, SendState
from returns.models import Return, ReturnLine

M = TypeVar("M", bound=TenantModel)
MODELS = (Order, OrderLine, Shipment, ShipmentLine, Return, ReturnLine, Refund, RefundLine)
DAYS = 28
A_DAY = (3, 7)
SHIPPING, TAX = Decimal("4.95"), Decimal("0.06625")
# One in so many orders.
REJECTED, MISSED, RETURNED, REFUNDED = 27, 41, 13, 19
# The share that a person answered.
SLOW = 0.12
FIRST_ID, FIRST_REFERENCE = 0xDE << 80, 301_000_000_000
SHOPPERS = ("Ida Marsh", "Noel Webster", "Ana Lindqvist", "Theo Brandt", "Mae Okafor", "Jonas Ridley")


def add_past_orders(merchant: Merchant) -> int:
    """Once; returns how many orders. What there is least of sold most, and the first of it is sold out now."""
    account, now = get_account(merchant), timezone.now()
    for_sale = Variant.objects.filter(merchant=merchant, listing__status=ListingStatus.AVAILABLE)
    goods = list(for_sale.select_related("product").order_by("quantity", "sku"))
    known = Order.objects.filter(merchant=merchant, placed_at__lt=now - timedelta(days=2))
    if account is None or not goods or known.exists():
        return 0
    past = _Past(account, goods)
    for day in range(DAYS, 0, -1):
        dice = random.Random(f"past:{day}")
        for _order in range(dice.randint(*A_DAY)):
            # An hour at least, so that what Jet released on the last day is a day old, too: the menu counts that as news.
            past.buy(now - timedelta(days=day, minutes=dice.randint(60, 600)), dice)
    past.store()
    update_variant(goods[0], {"quantity": 0}, actor=SYSTEM)
    return past.number


def _given_back(line: OrderLine) -> dict[str, Any]:
    """What lines of returns and refunds both say of an item that came back whole."""
    return {
        "order_line": line,
        "order_item_id": line.order_item_id,
        "sku": line.sku,
        "title": line.title,
        "quantity_returned": line.quantity,
        "quantity_refunded": line.quantity,
    }


class _Past:
    def __init__(self, account: JetAccount, goods: list[Variant]) -> None:
        self.account, self.goods = account, goods
        self.merchant = account.merchant
        self.number = 0
        # Parents first, as they are stored.
        self.rows: dict[type[Any], list[Any]] = {model: [] for model in MODELS}

    def store(self) -> None:
        for model, rows in self.rows.items():
            bulk_create(model, rows)
        # Django writes the present into these, and nothing of this is new.
        orders, refunds = ([row.pk for row in self.rows[model]] for model in (Order, Refund))
        Order.objects.filter(merchant=self.merchant, pk__in=orders).update(
            created_at=F("ready_at"), updated_at=F("ready_at")
        )
        Refund.objects.filter(merchant=self.merchant, pk__in=refunds).update(created_at=F("closed_at"))

    def buy(self, placed: datetime, dice: random.Random) -> None:
        self.number += 1
        order = self._order(placed, dice)
        lines = self._lines(order, dice)
        order.total = order_charged(lines).total
        if order.state != OrderState.COMPLETE:
            return
        self._ship(order, lines)
        if self.number % RETURNED == 0:
            self._send_back(order, lines[0])
        elif self.number % REFUNDED == 0:
            self._refund(order, lines[0])

    def _add(self, model: type[M], **values: Any) -> M:
        row = model(merchant=self.merchant, **values)
        self.rows[model].append(row)
        return row

    def _order(self, placed: datetime, dice: random.Random) -> Order:
        ready = placed + timedelta(minutes=31)
        slow = dice.random() < SLOW
        took = timedelta(seconds=dice.randint(150, 840) if slow else dice.randint(9, 70))
        accepted = {
            "acknowledged_at": ready + took,
            "acknowledgement_status": AcknowledgementStatus.ACCEPTED,
            "answered_by": AnsweredBy.PERSON if slow else AnsweredBy.AUTOMATIC,
        }
        ended: dict[str, Any] = {"state": OrderState.COMPLETE, "jet_status": "complete", **accepted}
        if self.number % REJECTED == 0:
            ended |= {
                "state": OrderState.REJECTED,
                "acknowledgement_status": AcknowledgementStatus.REJECTED_ITEM_LEVEL_ERROR,
                "failure_reason": FailureReason.OUT_OF_STOCK,
            }
        elif self.number % MISSED == 0:
            ended = {"state": OrderState.EXPIRED, "failure_reason": FailureReason.WINDOW_MISSED}
        shopper = dice.choice(SHOPPERS)
        return self._add(
            Order,
            account=self.account,
            merchant_order_id=f"{FIRST_ID + self.number:032x}",
            reference_order_id=str(FIRST_REFERENCE + self.number),
            placed_at=placed,
            transmission_at=placed,
            ready_at=ready,
            ack_due_at=ready + ACKNOWLEDGE_WINDOW,
            ship_by=ready + timedelta(days=1),
            deliver_by=ready + timedelta(days=6),
            buyer_name=shopper,
            ship_to_name=shopper,
            ship_to_city="Montclair",
            ship_to_state="NJ",
            ship_to_zip="07042",
            request_service_level="Standard",
            **ended,
        )

    def _lines(self, order: Order, dice: random.Random) -> list[OrderLine]:
        weights = [1 / place for place in range(1, len(self.goods) + 1)]
        chosen = dict.fromkeys(dice.choices(self.goods, weights, k=dice.choice((1, 1, 2))))
        return [self._line(order, variant, dice.choice((1, 1, 1, 2))) for variant in chosen]

    def _line(self, order: Order, variant: Variant, quantity: int) -> OrderLine:
        price = variant.price or CENT
        return self._add(
            OrderLine,
            order=order,
            order_item_id=f"{order.merchant_order_id[8:]}{variant.pk % 2**32:08x}",
            sku=variant.sku,
            variant=variant,
            title=title_of(variant),
            quantity=quantity,
            base_price=price,
            item_tax=cents(price * quantity * TAX),
            shipping_cost=SHIPPING,
            shipping_tax=ZERO,
        )

    def _ship(self, order: Order, lines: list[OrderLine]) -> None:
        shipment = self._add(
            Shipment,
            order=order,
            alt_shipment_id=f"past-{self.number}",
            source=ShipmentSource.HERE,
            state=ShipmentState.SENT,
            carrier="UPS",
            method="UPS Ground",
            tracking_number=f"1Z999AA1{FIRST_REFERENCE + self.number:010d}",
            shipped_at=order.ship_by,
            sent_at=order.ship_by,
        )
        for line in lines:
            self._add(ShipmentLine, shipment=shipment, line=line, quantity=line.quantity)

    def _send_back(self, order: Order, line: OrderLine) -> None:
        back = order.deliver_by
        if back is None or back > timezone.now():
            return
        returned = self._add(
            Return,
            account=self.account,
            order=order,
            merchant_return_authorization_id=order.merchant_order_id,
            reference_return_authorization_id=f"{order.reference_order_id}-01",
            merchant_order_id=order.merchant_order_id,
            reference_order_id=order.reference_order_id,
            status=ReturnStatus.COMPLETED,
            jet_status="completed by merchant",
            send_state=SendState.SENT,
            return_date=back,
            completed_date=min(back + timedelta(days=2), timezone.now()),
        )
        paid = line_charged(line).parts()
        self._add(
            ReturnLine,
            parent=returned,
            **_given_back(line),
            return_quantity=line.quantity,
            reason="Item is different from website image/description",
            **{f"requested_{name}": value for name, value in paid.items()},
            **paid,
        )

    def _refund(self, order: Order, line: OrderLine) -> None:
        made = order.deliver_by
        if made is None or made > timezone.now():
            return
        refund = self._add(
            Refund,
            account=self.account,
            order=order,
            merchant_order_id=order.merchant_order_id,
            reference_order_id=order.reference_order_id,
            alt_refund_id=f"past-{self.number}",
            refund_authorization_id=order.merchant_order_id,
            status=RefundStatus.ACCEPTED,
            jet_status="accepted",
            send_state=SendState.SENT,
            created_at=made,
            closed_at=made,
        )
        self._add(
            RefundLine,
            parent=refund,
            **_given_back(line),
            reason="Item damaged",
            **line_charged(line).parts(),
        )
