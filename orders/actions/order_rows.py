"""What Jet shows of orders, as rows: several orders in one statement."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from catalog.bulk import reserve_ids
from catalog.models import Variant
from catalog.queries.stock import variants_by_sku
from jetsync.models import FulfillmentNode, JetAccount, Merchant
from jetsync.tenancy.managers import bulk_create
from orders.actions.states import completed_columns
from orders.enums import OrderState
from orders.models import ACKNOWLEDGE_WINDOW, Order, OrderLine
from orders.reading import LineFacts, OrderFacts


@dataclass(frozen=True)
class Seen:
    """What Jet showed of an order; `at` is the time just before it was asked."""

    facts: OrderFacts
    at: datetime


def insert_orders(
    merchant: Merchant, account: JetAccount, seen: Sequence[Seen]
) -> list[tuple[Order, OrderFacts]]:
    """Makes the rows of those that nobody has stored, a rival neither, and returns them."""
    nodes = nodes_of(merchant, account, [one.facts for one in seen])
    rows = []
    for pk, one in zip(reserve_ids(Order, len(seen)), seen, strict=True):
        state = one.facts.state() or OrderState.FAILED
        columns = {**jet_columns(one.facts, nodes), **completed_columns(state)}
        rows.append(
            Order(
                pk=pk,
                merchant=merchant,
                account=account,
                merchant_order_id=one.facts.merchant_order_id,
                state=state,
                seen_at=one.at,
                **columns,
            )
        )
    # In one order for all, so that of two workers with the same orders one waits for the other, not each for each.
    bulk_create(Order, sorted(rows, key=lambda row: row.merchant_order_id), ignore_conflicts=True)
    ours = Order.objects.filter(merchant=merchant, pk__in=[row.pk for row in rows])
    stored = set(ours.values_list("pk", flat=True))
    return [(row, one.facts) for row, one in zip(rows, seen, strict=True) if row.pk in stored]


Nodes = Mapping[str, FulfillmentNode]
"""An account's nodes by Jet's id."""


def nodes_of(merchant: Merchant, account: JetAccount, seen: Sequence[OrderFacts]) -> Nodes:
    """Those that the orders name."""
    named = {facts.fields["node_ref"] for facts in seen}
    rows = FulfillmentNode.objects.filter(merchant=merchant, account=account, node_id__in=named)
    return {node.node_id: node for node in rows}


def jet_columns(facts: OrderFacts, nodes: Nodes) -> dict[str, Any]:
    ready_at = facts.fields["ready_at"]
    return {
        **facts.fields,
        "node": nodes.get(facts.fields["node_ref"]),
        "ack_due_at": ready_at + ACKNOWLEDGE_WINDOW if ready_at else None,
        "raw": dict(facts.raw),
    }


def insert_lines(merchant: Merchant, shown: Sequence[tuple[Order, OrderFacts]]) -> dict[int, list[OrderLine]]:
    """Stores lines that are new and returns them by order id. Two queries."""
    variants = variants_by_sku(merchant, [line.sku for _order, facts in shown for line in facts.lines])
    written = {order.pk: _line_rows(order, facts.lines, variants) for order, facts in shown}
    bulk_create(OrderLine, [row for rows in written.values() for row in rows])
    return written


def _line_rows(order: Order, facts: Sequence[LineFacts], variants: Mapping[str, Variant]) -> list[OrderLine]:
    return [
        OrderLine(
            merchant_id=order.merchant_id,
            order=order,
            order_item_id=line.order_item_id,
            alt_order_item_id=line.alt_order_item_id,
            sku=line.sku,
            variant=variants.get(line.sku),
            title=line.title,
            quantity=line.quantity,
            cancel_requested=line.cancel_requested,
            base_price=line.base_price,
            item_tax=line.item_tax,
            shipping_cost=line.shipping_cost,
            shipping_tax=line.shipping_tax,
            fees=line.fees,
            ack_status=line.ack_status,
            raw=dict(line.raw),
        )
        for line in facts
    ]
