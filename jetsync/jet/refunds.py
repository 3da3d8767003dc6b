"""Refunds that the merchant starts (orders.md section 6)."""

from __future__ import annotations

from jetsync.jet.paths import segment
from jetsync.jet.requestor import Requestor
from jetsync.jet.types.returns import Refund, RefundBody, RefundCreated
from jetsync.jet.words import RefundStatus


class RefundService:
    def __init__(self, requestor: Requestor) -> None:
        self._requestor = requestor

    def create(self, order_id: str, alt_refund_id: str, body: RefundBody) -> RefundCreated:
        """POST /refunds/{order_id}/{alt_refund_id}; 201. Amounts are totals of the line, US dollars.

        Not repeatable: after a lost answer ask `get(alt_refund_id)`. What a second one with the same id does is not
        known. Raises JetBadRequest. Documented: orders.md section 6.1.
        """
        path = f"/refunds/{segment(order_id)}/{segment(alt_refund_id)}"
        return self._requestor.post(path, body, repeatable=False).parse(RefundCreated)

    def get(self, refund_id: str) -> Refund:
        """GET /refunds/state/{id}; the id is Jet's `refund_authorization_id` or our `alt_refund_id`.

        Raises JetNotFound. Documented: orders.md section 6.2, fixture refund.json.
        """
        return self._requestor.get(f"/refunds/state/{segment(refund_id)}").parse(Refund)

    def ids(self, status: RefundStatus | str) -> list[str]:
        """GET /refunds/{status}: refund ids. Reads `refund_urls`, or `sku_urls` as in a documentation sample.

        Seen on the wire: orders.md section 6.3.
        """
        return self._requestor.get(f"/refunds/{segment(str(status))}").ids("refund_urls", "sku_urls")
