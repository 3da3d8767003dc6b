"""Orders (orders.md section 3).

Acknowledge and ship are not repeated after they may have arrived: read the order first. JetAnswerLost, JetTimeout and
JetServerError then have `may_have_arrived`.
"""

from __future__ import annotations

from collections.abc import Sequence

from jetsync.jet.paths import segment
from jetsync.jet.requestor import Requestor
from jetsync.jet.types.orders import AcknowledgeBody, GeneratedItem, Order, ShippedBody
from jetsync.jet.words import OrderStatus


class OrderService:
    def __init__(self, requestor: Requestor) -> None:
        self._requestor = requestor

    def urls(
        self,
        status: OrderStatus | str,
        is_cancelled: bool | None = None,  # noqa: FBT001 -- a filter of Jet's, None is "both"
        fulfillment_node: str | None = None,
    ) -> list[str]:
        """GET /orders/{status}: order ids, at most the first 1,000, of the last 90 days.

        Raises JetNotFound for a word that is no status. The filters `isCancelled` and `fulfillment_node` are known from
        a client of 2019. Documented: orders.md section 3.2, fixture order_urls.json.
        """
        query = {"isCancelled": is_cancelled, "fulfillment_node": fulfillment_node}
        return self._requestor.get(f"/orders/{segment(str(status))}", query).ids("order_urls")

    def tagged(self, status: OrderStatus | str, tag: str, include: bool) -> list[str]:  # noqa: FBT001 -- the call's own word
        """GET /orders/{status}/{tag}/{true|false}: order ids with the tag, or without it (the way past 1,000).

        Documented: orders.md section 3.2.
        """
        path = f"/orders/{segment(str(status))}/{segment(tag)}/{'true' if include else 'false'}"
        return self._requestor.get(path).ids("order_urls")

    def get(self, order_id: str) -> Order:
        """GET /orders/withoutShipmentDetail/{id}: the order, with its shipments once there are any.

        `order_id` is `merchant_order_id`. Money in US dollars. Raises JetNotFound.
        Seen on the wire: orders.md section 3.3, fixture order.json.
        """
        return self._requestor.get(f"/orders/withoutShipmentDetail/{segment(order_id)}").parse(Order)

    def get_with_shipments(self, order_id: str) -> Order:
        """GET /orders/withShipmentDetail/{id}. The path is inferred from its sibling, orders.md section 3.4."""
        return self._requestor.get(f"/orders/withShipmentDetail/{segment(order_id)}").parse(Order)

    def acknowledge(self, order_id: str, body: AcknowledgeBody) -> None:
        """PUT /orders/{id}/acknowledge, within 15 minutes of `ready`; 204. Not repeatable.

        Raises JetBadRequest, also when the order is not `ready` any more (the status is not known for sure).
        Documented: orders.md section 3.5.
        """
        self._requestor.put(f"/orders/{segment(order_id)}/acknowledge", body, repeatable=False)

    def ship(self, order_id: str, body: ShippedBody) -> None:
        """PUT /orders/{id}/shipped: ships and cancels units; 204. Not repeatable, and never to be withdrawn.

        Jet takes more units than were ordered and flags the order afterwards (`exception_state`). Raises JetBadRequest.
        Seen on the wire: orders.md section 3.6.
        """
        self._requestor.put(f"/orders/{segment(order_id)}/shipped", body, repeatable=False)

    def tag(self, order_id: str, tag: str | None) -> None:
        """PUT /orders/{id}/tag: the order's only tag; None clears it. Repeatable. Documented: orders.md section 3.7."""
        body = {} if tag is None else {"tag": tag}
        self._requestor.put(f"/orders/{segment(order_id)}/tag", body, repeatable=True)

    def generate(self, count: int, fulfillment_node: str, items: Sequence[GeneratedItem]) -> list[str]:
        """POST /orders/generate/{count}: test orders, born `ready`; their ids. Test keys only. Not repeatable.

        Raises JetForbidden or JetNotFound with live keys. Seen on the wire: orders.md section 10.2.
        """
        body = {"fulfillment_node": fulfillment_node, "items": list(items)}
        return self._requestor.post(f"/orders/generate/{int(count)}", body, repeatable=False).ids(
            "order_urls"
        )
