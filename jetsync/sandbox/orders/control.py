"""Control calls after the sale: what shoppers, Jet and the bank do, on demand of a test or the portal."""

from __future__ import annotations

from collections.abc import Callable
from functools import wraps
from typing import Any

from django.db import transaction
from django.http import HttpRequest

from jetsync.sandbox.clock import now
from jetsync.sandbox.control import BadControl, account_required, control
from jetsync.sandbox.marketplace import refunds, returns, settlement
from jetsync.sandbox.marketplace.body import Refused
from jetsync.sandbox.marketplace.views import get_return
from jetsync.sandbox.marketplace.words import EXCEPTION_RESOLVED, RefundStatus, SettlementState
from jetsync.sandbox.models.account import MerchantAccount
from jetsync.sandbox.models.order import Order, OrderSource
from jetsync.sandbox.orders import actions, shopping
from jetsync.sandbox.orders.lists import get_order
from jetsync.sandbox.switches import Switches

Act = Callable[[MerchantAccount, dict[str, Any]], Any]


def act(view: Act) -> Callable[..., Any]:
    """A POST in one transaction, for the account named by `user`; a refusal becomes the call's 400."""

    @control("POST")
    @wraps(view)
    def answer(_request: HttpRequest, data: dict[str, Any]) -> Any:
        try:
            with transaction.atomic():
                return view(account_required(data), data)
        except Refused as refusal:
            raise BadControl("; ".join(refusal.errors)) from None

    return answer


@act
def generate_orders(merchant: MerchantAccount, data: dict[str, Any]) -> Any:
    """Let shoppers buy. All keys are optional:

    `count` (1); `items` [{"sku", "quantity", "cancel_quantity"}] or `sku` with `quantity` (1) and `cancel_quantity`
    (0), else random live SKUs in stock, `lines` per order; `node`; `created_minutes` (0 = born ready, the string
    "switch" = as the switch says). Answers `{"orders": [{"merchant_order_id", "url", "status"}]}`.
    """
    minutes = data.get("created_minutes", 0)
    if minutes == "switch":
        minutes = Switches.of(merchant)["created_minutes"]
    count = int(data.get("count", 1))
    items = _wanted(data)
    if items:
        orders = shopping.generate(
            merchant,
            items,
            data.get("node") or _first_node(merchant),
            count=count,
            source=OrderSource.PORTAL,
            at=now(),
            created_minutes=minutes,
        )
    else:
        orders = _shop(merchant, count, minutes, int(data.get("lines", 0)))
    return {"orders": [_order(order) for order in orders]}


@act
def cancel_order(merchant: MerchantAccount, data: dict[str, Any]) -> Any:
    """Direct a cancel: `order_id`, and `quantities` {order_item_id: units} or nothing for all open units."""
    order = get_order(merchant, str(data.get("order_id")))
    actions.direct_cancel(order, data.get("quantities") or actions.all_open_units(order), now())
    return _order(order)


@act
def generate_return(merchant: MerchantAccount, data: dict[str, Any]) -> Any:
    """Open a return: `order_id`, `quantities`? {order_item_id: units}, `reason`?, `refund_without_return`?."""
    opened = returns.open_return(
        get_order(merchant, str(data.get("order_id"))),
        now(),
        quantities=data.get("quantities"),
        reason=data.get("reason"),
        refund_without_return=bool(data.get("refund_without_return")),
    )
    return {"return_id": opened.return_id, "url": opened.url}


@act
def finish_return(merchant: MerchantAccount, data: dict[str, Any]) -> Any:
    """`return_id`: an answered return becomes `completed by merchant`; with `as_jet` Jet answers and completes."""
    opened = get_return(merchant, str(data.get("return_id")))
    finish = returns.complete_as_jet if data.get("as_jet") else returns.finish_return
    finish(opened, now())
    return {"return_id": opened.return_id, "status": opened.status}


@act
def decide_refund(merchant: MerchantAccount, data: dict[str, Any]) -> Any:
    """`refund_id` (Jet's or the merchant's own) and `status`: processing, accepted or one of the rejections."""
    name = str(data.get("refund_id"))
    rows = merchant.refunds.select_related("order")
    refund = rows.filter(refund_id=name).first() or rows.filter(alt_refund_id=name).first()
    if refund is None:
        raise BadControl(f"There is no refund {name!r}.")
    if data.get("status") not in RefundStatus.values:
        raise BadControl(f"status is one of {', '.join(RefundStatus.values)}.")
    refunds.decide(refund, RefundStatus(data["status"]), now())
    return {"refund_id": refund.refund_id, "status": refund.status}


@act
def close_settlement(merchant: MerchantAccount, _data: dict[str, Any]) -> Any:
    """Close the running week now. Answers the report's url, or null when there is nothing to settle."""
    report = settlement.close_now(merchant, now())
    return {"url": report.url if report else None}


@act
def resolve_exception(merchant: MerchantAccount, data: dict[str, Any]) -> Any:
    """`order_id`: Jet's people settled the exception of the order by hand; its `exception_state` is `resolved`."""
    order = get_order(merchant, str(data.get("order_id")))
    if not order.exception_state:
        raise BadControl("The order has no exception.")
    order.exception_state = EXCEPTION_RESOLVED
    order.save(update_fields=["exception_state"])
    return _order(order)


@act
def decide_settlement(merchant: MerchantAccount, data: dict[str, Any]) -> Any:
    """`report_id` and `state`: what the bank did with the money."""
    report = merchant.settlements.filter(report_id=str(data.get("report_id"))).first()
    if report is None:
        raise BadControl(f"There is no report {data.get('report_id')!r}.")
    if data.get("state") not in SettlementState.values:
        raise BadControl(f"state is one of {', '.join(SettlementState.values)}.")
    report.state = data["state"]
    report.save(update_fields=["state"])
    return {"report_id": report.report_id, "state": report.state}


def _wanted(data: dict[str, Any]) -> list[tuple[str, int, int]]:
    rows = data.get("items") or ([data] if data.get("sku") else [])
    return [
        (str(row.get("sku", "")), int(row.get("quantity", 1)), int(row.get("cancel_quantity", 0)))
        for row in rows
    ]


def _first_node(merchant: MerchantAccount) -> str:
    node = merchant.nodes.first()
    if node is None:
        raise BadControl("The account has no fulfilment node.")
    return node.node_id


def _shop(merchant: MerchantAccount, count: int, minutes: float, lines: int) -> list[Order]:
    orders = []
    for _ in range(count):
        order = shopping.shop(merchant, at=now(), created_minutes=minutes, lines=lines)
        if order is None:
            raise BadControl("No SKU is live and in stock.")
        orders.append(order)
    return orders


def _order(order: Order) -> dict[str, str]:
    return {"merchant_order_id": order.merchant_order_id, "url": order.url, "status": order.status}
