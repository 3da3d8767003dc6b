"""Returns (orders.md section 5)."""

from __future__ import annotations

from jetsync.jet.paths import last_segment, segment
from jetsync.jet.requestor import Requestor
from jetsync.jet.types.returns import CompleteBody, Return
from jetsync.jet.words import ReturnStatus


class ReturnService:
    def __init__(self, requestor: Requestor) -> None:
        self._requestor = requestor

    def ids(self, status: ReturnStatus | str) -> list[str]:
        """GET /returns/{status}: return ids. Raises JetNotFound for a word that is no status.

        Documented: orders.md section 5.2.
        """
        return self._requestor.get(f"/returns/{segment(str(status))}").ids("return_urls")

    def get(self, return_id: str) -> Return:
        """GET /returns/state/{id}: what the shopper sends back, and what the merchant reported. US dollars.

        Raises JetNotFound. Seen on the wire: orders.md section 5.3, fixture return.json.
        """
        return self._requestor.get(f"/returns/state/{segment(return_id)}").parse(Return)

    def complete(self, return_id: str, body: CompleteBody) -> None:
        """PUT /returns/{id}/complete: settles the return; 204. Amounts are totals of the line. Not repeatable.

        Raises JetBadRequest. Seen on the wire: orders.md section 5.4.
        """
        self._requestor.put(f"/returns/{segment(return_id)}/complete", body, repeatable=False)

    def generate(self, order_id: str) -> str:
        """GET /returns/generate/{order_id}: makes a test return for a shipped order; its id. Test keys only.

        A GET with an effect: not repeatable. Seen on the wire: orders.md section 10.3.
        """
        reply = self._requestor.get(f"/returns/generate/{segment(order_id)}", repeatable=False)
        url = reply.value.get("url") if isinstance(reply.value, dict) else None
        if not isinstance(url, str) or not last_segment(url):
            raise reply.bad("no url")
        return last_segment(url)
