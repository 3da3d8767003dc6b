"""Orders that a shopper really got from the sandbox, with their returns; shared by the return and refund tests."""

from __future__ import annotations

from typing import Any

from django.utils import timezone

from jetsync.models import JetAccount, Merchant
from jetsync.sync.queue import enqueue
from jetsync.sync.runner import run_job
from orders.actions.importing import store_order
from orders.models import Order
from orders.reading import read_order
from returns.models import Return
from tests.sandbox.market import Market


class Shop:
    """One merchant, both ends: the sandbox's market and our rows. Needs the merchant's scope open."""

    def __init__(self, merchant: Merchant, account: JetAccount, server: Any) -> None:
        self.merchant = merchant
        self.account = account
        self.market = Market(server, "demo-user", "demo-secret")
        self.control = server.control
        # Nothing moves by itself: Jet's next step comes when a test asks for it.
        self.control.switch(user="demo-user", return_processing_seconds=-1, refund_step_seconds=-1)
        self.skus: set[str] = set()

    def order(self, quantity: int = 2, *, sku: str = "KETTLE-1", ships: int | None = None) -> Order:
        """An acknowledged and shipped order, imported here. `ships` fewer units cancels the rest."""
        self._ensure(sku)
        (order_id,) = self.market.generate((sku, quantity, 0))
        self.market.acknowledge(order_id)
        shipped = quantity if ships is None else ships
        self.market.ship(order_id, sku, shipped, quantity - shipped)
        return self.import_order(order_id)

    def order_of(self, *lines: tuple[str, int]) -> Order:
        """One order of several SKUs, shipped in full."""
        for sku, _quantity in lines:
            self._ensure(sku)
        (order_id,) = self.market.generate(*[(sku, quantity, 0) for sku, quantity in lines])
        self.market.acknowledge(order_id)
        for sku, quantity in lines:
            self.market.ship(order_id, sku, quantity, alt_shipment_id=f"S-{sku}")
        return self.import_order(order_id)

    def open_order(self, quantity: int = 1, *, sku: str = "KETTLE-1") -> Order:
        """Acknowledged, nothing shipped."""
        self._ensure(sku)
        (order_id,) = self.market.generate((sku, quantity, 0))
        self.market.acknowledge(order_id)
        return self.import_order(order_id)

    def import_order(self, order_id: str) -> Order:
        raw = self.market.order(order_id)
        return store_order(self.merchant, self.account, read_order(raw), seen_at=timezone.now()).order

    def open_return(self, order: Order | str, **values: Any) -> str:
        """The shopper opens a return at Jet; its id there."""
        order_id = order if isinstance(order, str) else order.merchant_order_id
        answer = self.control.call("POST", "returns/generate", user="demo-user", order_id=order_id, **values)
        return str(answer["return_id"])

    def returned(self, order: Order | None = None, **values: Any) -> Return:
        """A return of an order, opened at Jet and fetched."""
        return_id = self.open_return(order or self.order(), **values)
        self.fetch()
        return Return.objects.get(merchant=self.merchant, merchant_return_authorization_id=return_id)

    def fetch(self) -> None:
        self.run(enqueue(self.merchant, "returns.fetch", "schedule").pk)

    def run(self, job_id: int) -> None:
        assert run_job(job_id)

    def finish(self, returned: Return, **values: Any) -> None:
        return_id = returned.merchant_return_authorization_id
        self.control.call("POST", "returns/finish", user="demo-user", return_id=return_id, **values)

    def at_jet(self, returned: Return) -> dict[str, Any]:
        return self.market.get(f"returns/state/{returned.merchant_return_authorization_id}")

    def effects(self, kind: str) -> int:
        """How often an act of the merchant took effect at Jet."""
        return int(self.market.counts().get(kind, {"total": 0})["total"])

    def writes(self) -> list[tuple[str, str]]:
        """Requests that could change something at Jet, since the log was cleared."""
        rows = self.control.requests(user="demo-user")
        return [
            (row["method"], row["path"])
            for row in rows
            if row["method"] != "GET" and "token" not in row["path"]
        ]

    def _ensure(self, sku: str) -> None:
        if sku not in self.skus:
            self.market.add_sku(sku)
            self.skus.add(sku)
