"""Random days of one merchant: everything that can happen to his orders, returns and refunds, as rules."""

from __future__ import annotations

import sys
from datetime import timedelta
from decimal import ROUND_DOWN, Decimal
from typing import Any

from django.db import transaction
from django.utils import timezone
from hypothesis import event
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, rule

from jetsync.actions import job as job_actions
from jetsync.models import JetAccount, Merchant
from jetsync.tenancy.actor import SYSTEM
from orders.actions.answer import accept_order, reject_order
from orders.actions.shipment import cancel_rest, ship_order
from orders.enums import OrderState
from orders.models import Order
from orders.queries.line import line_counts
from orders.shipstation.noticing import receive_notice
from orders.shipstation.reading import ItemFacts, NoticeFacts
from orders.validators import LineInput, ShipmentInput
from refunds.actions.creating import create_refund
from refunds.actions.creating import withdraw as withdraw_refund
from refunds.models import Refund
from refunds.validators import LineInput as RefundLine
from returns.actions.settling import ledgers_for, settle_return
from returns.ledgers import line_ledgers
from returns.models import Return
from returns.queries import return_lines
from returns.validators import Decision, LineDecision, full_decision
from tests.bothsides.differences import differences, is_in_step
from tests.bothsides.shop import SCHEDULES, STOCK, Shop
from tests.orders.dying import reclaim_lost_jobs
from tests.sandbox_server import SandboxServer

# One of what there is; the smallest is the first.
PICK = st.integers(0, 30)
FEW = st.integers(0, 3)
BASKET = st.dictionaries(
    st.sampled_from(sorted(STOCK)), st.tuples(st.integers(1, 3), st.integers(0, 1)), min_size=1, max_size=2
)
FAULTS = (
    "lost_answer",
    "half_body",
    "reset",
    "400",
    "500",
    "503",
    "429",
    "html",
    "expired_token",
    "duplicate_listing",
)
PATHS = ("", "/acknowledge", "/shipped", "/complete", "/refunds/", "/orders/", "/returns/")
TROUBLES = ("dies before", "dies after", "slow before", "slow after")


class Days(RuleBasedStateMachine):
    """One merchant, from the first order to the last refund. `shop_of` is set by the test."""

    merchant: Merchant
    account: JetAccount
    server: SandboxServer

    def __init__(self) -> None:
        super().__init__()
        self.block = transaction.atomic()
        self.block._from_testcase = True  # calls of Jet are made outside of every transaction of ours
        self.block.__enter__()
        self.server.control.reset(dice=1)
        self.shop = Shop(self.merchant, self.account, self.server)
        self.shop.open()
        self.elsewhere: set[int] = set()
        self.refunded_elsewhere: dict[int, list[str]] = {}

    def teardown(self) -> None:
        """The comparison, unless a rule has failed already; then nothing of it is left."""
        is_failing = sys.exc_info()[0] is not None
        try:
            if not is_failing:
                self.shop.come_to_rest()
                for kind in self.shop.market.counts():
                    event(
                        f"{kind} took effect"
                    )  # `--hypothesis-show-statistics` tells how many days got so far
                found = differences(self.shop)
                assert not found, "\n".join(found)
        finally:
            self.forget()

    def forget(self) -> None:
        self.shop.close()
        transaction.set_rollback(True)
        self.block.__exit__(None, None, None)

    @initialize(
        automatic=st.booleans(),
        missing=st.sampled_from(("reject", "cancel")),
        problem=st.sampled_from(("wait", "reject")),
    )
    def choose_options(self, *, automatic: bool, missing: str, problem: str) -> None:
        self.shop.options(auto_acknowledge=automatic, missing_items=missing, problem_orders=problem)

    # --- shoppers and Jet -------------------------------------------------------------------------------

    @rule(basket=BASKET, minutes=st.sampled_from((0, 0, 30)))
    def buy(self, basket: dict[str, tuple[int, int]], minutes: int) -> None:
        items = [
            {"sku": sku, "quantity": quantity, "cancel_quantity": cancel}
            for sku, (quantity, cancel) in basket.items()
        ]
        made = self.shop.try_there("orders/generate", items=items, created_minutes=minutes)
        self.shop.bought += [row["merchant_order_id"] for row in made["orders"]]

    @rule(basket=BASKET)
    def sells(self, basket: dict[str, tuple[int, int]]) -> None:
        """From the purchase to the last parcel, if nothing comes between."""
        self.buy(basket, 0)
        self.schedule_comes("orders.fetch", 30)
        for order in self._open_orders():
            counts = line_counts(order)
            units = [(count.shippable, count.remaining - count.shippable) for count in counts]
            self.shop.try_here(
                lambda order=order, units=units: ship_order(order, parcel(order, units), actor=SYSTEM)
            )
        self.shop.work(30)

    @rule(pick=PICK)
    def shopper_cancels(self, pick: int) -> None:
        if self.shop.bought:
            self.shop.try_there("orders/cancel", order_id=self.shop.bought[pick % len(self.shop.bought)])

    @rule(pick=PICK, units=st.integers(1, 3))
    def shopper_returns(self, pick: int, units: int) -> None:
        orders = self.shop.orders(OrderState.COMPLETE)
        if not orders:
            return
        order = orders[pick % len(orders)]
        lines = order.lines.order_by("pk")
        line = lines[pick % len(lines)]
        made = self.shop.try_there(
            "returns/generate", order_id=order.merchant_order_id, quantities={line.order_item_id: units}
        )
        self.shop.returns += [made["return_id"]] if made else []

    @rule(pick=PICK, as_jet=st.booleans())
    def jet_finishes_return(self, pick: int, *, as_jet: bool) -> None:
        if self.shop.returns:
            return_id = self.shop.returns[pick % len(self.shop.returns)]
            self.shop.try_there("returns/finish", return_id=return_id, as_jet=as_jet)

    @rule(pick=PICK, status=st.sampled_from(("processing", "accepted", "Rejected - refund policy violation")))
    def jet_decides_refund(self, pick: int, status: str) -> None:
        refunds = list(Refund.objects.filter(send_state="sent").order_by("pk"))
        if refunds:
            name = refunds[pick % len(refunds)].alt_refund_id
            self.shop.try_there("refunds/decide", refund_id=name, status=status)

    @rule(pick=PICK, units=st.integers(1, 2))
    def ships_elsewhere(self, pick: int, units: int) -> None:
        """Through another program, which knows what was shipped before; the panel hears of it when it looks."""
        orders = self.shop.orders(OrderState.ACKNOWLEDGED, OrderState.IN_PROGRESS)
        if not orders:
            return
        order = orders[pick % len(orders)]
        count = line_counts(order)[0]
        if count.shippable < units or not is_in_step(order, self.shop.at_jet(order)):
            return
        name = f"elsewhere-{order.pk}-{timezone.now().timestamp()}"
        body = self.shop.market.shipment(count.line.sku, units, alt_shipment_id=name)
        with self.shop.untroubled():
            self.shop.market.call("PUT", f"orders/{order.merchant_order_id}/shipped", {"shipments": [body]})
        self.elsewhere.add(order.pk)

    @rule(pick=PICK, share=st.sampled_from((100, 50)), agrees=st.booleans())
    def answers_return_elsewhere(self, pick: int, share: int, *, agrees: bool) -> None:
        """In Jet's portal, or through another program; the panel hears of it when it looks."""
        if not self.shop.returns:
            return
        return_id = self.shop.returns[pick % len(self.shop.returns)]
        with self.shop.untroubled():
            shown = self.shop.market.get(f"returns/state/{return_id}")
        body = {
            "merchant_order_id": shown["merchant_order_id"],
            "agree_to_return_charge": agrees,
            "items": [answer_elsewhere(item, share) for item in shown["return_merchant_SKUs"]],
        }
        body |= {} if agrees else {"return_charge_feedback": "notMerchantError"}
        with self.shop.untroubled():
            self.shop.market.call("PUT", f"returns/{return_id}/complete", body)

    @rule(pick=PICK, units=st.integers(1, 2))
    def refunds_elsewhere(self, pick: int, units: int) -> None:
        """One item in as many entries as units, by somebody who sees in Jet's portal what was paid back before."""
        orders = self.shop.orders(OrderState.COMPLETE)
        if not orders:
            return
        order = orders[pick % len(orders)]
        row = next(iter(line_ledgers(order).values()))
        if row.ledger.refundable < units or order.returns.exists() or not self._knows_refunds(order):
            return
        entry = {
            "order_item_id": row.line.order_item_id,
            "total_quantity_returned": 1,
            "order_return_refund_qty": 1,
            "refund_reason": "Unwanted gift",
            "refund_feedback": "Restocking fee",
            "refund_amount": {
                part: float(value) for part, value in row.ledger.ceiling(units).share(1, 2).parts().items()
            },
        }
        name = f"elsewhere-{order.pk}-{timezone.now().timestamp()}"
        with self.shop.untroubled():
            answered = self.shop.market.call(
                "POST", f"refunds/{order.merchant_order_id}/{name}", {"items": [entry] * units}
            )
        if answered.ok:
            self.refunded_elsewhere.setdefault(order.pk, []).append(name)

    def _knows_refunds(self, order: Order) -> bool:
        """Whether the panel has heard of what was paid back elsewhere; a careful merchant looks before he pays."""
        names = self.refunded_elsewhere.get(order.pk, [])
        return Refund.objects.filter(alt_refund_id__in=names).count() == len(names)

    @rule(pick=PICK, word=st.sampled_from(("accepted", "accepted", "rejected - other")))
    def answers_elsewhere(self, pick: int, word: str) -> None:
        """At Jet itself; what the panel decided meanwhile comes too late."""
        orders = self.shop.orders(OrderState.READY)
        if not orders:
            return
        order_id = orders[pick % len(orders)].merchant_order_id
        if self.shop.at_jet(order_id)["status"] == "ready":
            with self.shop.untroubled():
                body = self.shop.market.acknowledgement(order_id, acknowledgement_status=word)
                self.shop.market.put(f"orders/{order_id}/acknowledge", body)

    @rule(pick=PICK, units=st.integers(0, 2), times=st.integers(1, 2))
    def shipstation_reports(self, pick: int, units: int, times: int) -> None:
        """Units of the first item, or everything that is open; ShipStation says many things twice."""
        orders = self._open_orders()
        if not orders:
            return
        order = orders[pick % len(orders)]
        line = order.lines.order_by("pk")[0]
        facts = NoticeFacts(
            order_id=str(order.pk),
            order_number=str(order),
            carrier="UPS",
            service="UPS Ground",
            tracking_number=f"1Z999AA1{order.pk}{units}",
            ship_date=timezone.now().date(),
            label_at=timezone.now(),
            items=(ItemFacts(str(line.pk), line.sku, units),) if units else (),
        )
        for _time in range(times):
            self.shop.try_here(lambda: receive_notice(self.merchant, facts))

    def _open_orders(self) -> list[Order]:
        """Those that a careful merchant ships: he has looked whether his other program was quicker."""
        rows = self.shop.orders(OrderState.ACKNOWLEDGED, OrderState.IN_PROGRESS)
        return [row for row in rows if row.pk not in self.elsewhere or is_in_step(row, self.shop.at_jet(row))]

    # --- the merchant -----------------------------------------------------------------------------------

    @rule(automatic=st.booleans())
    def switches_automatic(self, *, automatic: bool) -> None:
        self.shop.options(auto_acknowledge=automatic)

    @rule(pick=PICK, despite=st.booleans())
    def accepts(self, pick: int, *, despite: bool) -> None:
        orders = self.shop.orders(OrderState.READY)
        if orders:
            order = orders[pick % len(orders)]
            self.shop.try_here(lambda: accept_order(order, actor=SYSTEM, despite_problems=despite))

    @rule(pick=PICK)
    def rejects(self, pick: int) -> None:
        orders = self.shop.orders(OrderState.READY)
        if orders:
            order = orders[pick % len(orders)]
            self.shop.try_here(lambda: reject_order(order, answer="rejected - other", items={}, actor=SYSTEM))

    @rule(pick=PICK, units=st.lists(st.tuples(FEW, FEW), min_size=2, max_size=2))
    def ships(self, pick: int, units: list[tuple[int, int]]) -> None:
        orders = self._open_orders()
        if orders:
            order = orders[pick % len(orders)]
            self.shop.try_here(lambda: ship_order(order, parcel(order, units), actor=SYSTEM))

    @rule(pick=PICK)
    def cancels_rest(self, pick: int) -> None:
        orders = self._open_orders()
        if orders:
            self.shop.try_here(lambda: cancel_rest(orders[pick % len(orders)], actor=SYSTEM))

    @rule(pick=PICK, share=st.sampled_from((100, 100, 50)), agrees=st.booleans())
    def answers_return(self, pick: int, share: int, *, agrees: bool) -> None:
        rows = list(Return.objects.filter(status="created").order_by("pk"))
        if rows:
            row = rows[pick % len(rows)]
            if row.order is not None and not self._knows_refunds(row.order):
                return
            self.shop.try_here(lambda: settle_return(row, answer(row, share, agrees=agrees), actor=SYSTEM))

    @rule(pick=PICK, units=st.integers(1, 3), share=st.sampled_from((100, 50)))
    def refunds(self, pick: int, units: int, share: int) -> None:
        orders = self.shop.orders(OrderState.COMPLETE)
        if orders:
            order = orders[pick % len(orders)]
            if not self._knows_refunds(order):
                return
            self.shop.try_here(lambda: create_refund(order, [refund(order, units, share)], actor=SYSTEM))

    @rule(pick=PICK)
    def withdraws_refund(self, pick: int) -> None:
        rows = list(Refund.objects.filter(send_state="queued").order_by("pk"))
        if rows:
            self.shop.try_here(lambda: withdraw_refund(rows[pick % len(rows)], actor=SYSTEM))

    @rule(pick=PICK)
    def cancels_job(self, pick: int) -> None:
        jobs = self.shop.waiting_jobs()
        if jobs:
            self.shop.try_here(lambda: job_actions.cancel(jobs[pick % len(jobs)], actor=SYSTEM))

    # --- workers, the line, the time --------------------------------------------------------------------

    @rule(schedule=st.sampled_from(SCHEDULES), jobs=st.sampled_from((30, 1)))
    def schedule_comes(self, schedule: str, jobs: int) -> None:
        self.shop.start(schedule)
        self.shop.work(jobs)

    @rule(jobs=st.sampled_from((30, 3, 1)))
    def worker_works(self, jobs: int) -> None:
        self.shop.work(jobs)

    @rule()
    def lost_jobs_are_freed(self) -> None:
        reclaim_lost_jobs()

    @rule(kind=st.sampled_from(FAULTS), path=st.sampled_from(PATHS), times=st.integers(1, 3))
    def jet_fails(self, kind: str, path: str, times: int) -> None:
        status = {"status": int(kind)} if kind.isdigit() else {}
        self.shop.control.fault(
            "status" if status else kind, path=f"^/api.*{path}", remaining=times, **status
        )

    @rule(trouble=st.sampled_from(TROUBLES))
    def line_breaks(self, trouble: str) -> None:
        self.shop.line.trouble = trouble

    @rule(minutes=st.sampled_from((1, 14, 60, 60 * 11)))
    def time_passes(self, minutes: int) -> None:
        self.shop.pass_time(minutes * 60)


def parcel(order: Order, units: list[tuple[int, int]]) -> ShipmentInput:
    now = timezone.now()
    lines = [LineInput(line.pk, *unit) for line, unit in zip(order.lines.order_by("pk"), units, strict=False)]
    return ShipmentInput(
        carrier="FedEx",
        method="FedExGround",
        tracking_number="612999aa10ba",
        shipped_at=now,
        pick_up_at=now + timedelta(hours=3),
        expected_delivery_at=now + timedelta(days=3),
        ship_from_zip="07030",
        lines=lines,
        confirms_cancel=True,
        confirms_late=True,
    )


def answer(row: Return, share: int, *, agrees: bool) -> Decision:
    """All that may still be given, or a part of it, with a word for giving less."""
    full = full_decision(return_lines(row), ledgers_for(row), agrees=agrees)
    lines = [
        LineDecision(
            line.line_id,
            quantity_returned=line.quantity_returned,
            quantity_refunded=line.quantity_refunded,
            amounts=line.amounts.share(share, 100),
            feedback="Item damaged",
        )
        for line in full.lines
    ]
    return Decision(agrees=agrees, charge_feedback="" if agrees else "notMerchantError", lines=lines)


def answer_elsewhere(item: dict[str, Any], share: int) -> dict[str, Any]:
    """What the shopper asks for of one item, or a part of it."""
    asked = {part: Decimal(str(value or 0)) for part, value in item["requested_refund_amount"].items()}
    return {
        "order_item_id": item["order_item_id"],
        "total_quantity_returned": item["return_quantity"],
        "order_return_refund_qty": item["return_quantity"],
        "return_refund_feedback": "Item damaged",
        "refund_amount": {
            part: float((value * share / 100).quantize(Decimal("0.01"), ROUND_DOWN))
            for part, value in asked.items()
        },
    }


def refund(order: Order, units: int, share: int) -> RefundLine:
    row = next(iter(line_ledgers(order).values()))
    return RefundLine(
        row.line.pk,
        quantity_returned=units,
        quantity_refunded=units,
        reason="Unwanted gift",
        feedback="Restocking fee",
        amounts=row.ledger.ceiling(units).share(share, 100),
    )
