"""Both ends of the order tests: the sandbox's market on one side, our rows and jobs on the other."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from django.utils import timezone

from catalog.models import Variant
from jetsync.models import JetAccount, Job, Merchant, Options
from jetsync.sync.queue import enqueue
from jetsync.sync.requests import gather_requests
from jetsync.sync.runner import run_job, run_next
from orders.actions.importing import store_order
from orders.models import Order
from orders.reading import read_order
from tests.catalog import rows
from tests.sandbox.market import Market

USER, SECRET = "demo-user", "demo-secret"


class Desk:
    """One merchant with a store and an account at the sandbox. Needs the merchant's scope open."""

    def __init__(self, merchant: Merchant, account: JetAccount, server: Any) -> None:
        self.merchant = merchant
        self.account = account
        self.market = Market(server, USER, SECRET)
        self.control = server.control
        self.listed: set[str] = set()

    # --- the shopper's side -----------------------------------------------------------------------------

    def sku(self, sku: str = "KETTLE-1", *, quantity: int = 10, active: bool = True) -> Variant:
        """A SKU that stands at Jet and in the store."""
        self.list_at_jet(sku)
        product = rows.make_product(self.merchant, is_active=active)
        return rows.make_variant(self.merchant, product, sku=sku, quantity=quantity)

    def list_at_jet(self, sku: str) -> None:
        if sku not in self.listed:
            self.market.add_sku(sku)
            self.listed.add(sku)

    def buy(self, *lines: tuple[str, int, int], count: int = 1) -> list[str]:
        """Jet order ids, born ready. A line is (sku, ordered, to cancel)."""
        return self.market.generate(*(lines or (("KETTLE-1", 1, 0),)), count=count)

    def at_jet(self, order: Order | str) -> dict[str, Any]:
        return self.market.order(order if isinstance(order, str) else order.merchant_order_id)

    def effects(self, kind: str) -> int:
        """How often an act of the merchant took effect at Jet."""
        return int(self.market.counts().get(kind, {"total": 0})["total"])

    def lose_answer(self, path: str, *, times: int = 1) -> None:
        """Jet does what it is told, and the connection breaks before its answer."""
        self.control.fault("lost_answer", path=path, method="PUT", remaining=times)

    # --- our side ---------------------------------------------------------------------------------------

    def options(self, **values: Any) -> None:
        Options.objects.filter(merchant=self.merchant).update(**values)

    def fetch(self) -> Job:
        return self.run(enqueue(self.merchant, "orders.fetch", "schedule"))

    def run(self, job: Job) -> Job:
        run_job(job.pk)
        return Job.objects.get(pk=job.pk)

    def drain(self, limit: int = 100) -> int:
        """Runs what is due until nothing is left; retries that wait are not due."""
        done = 0
        while gather_requests() or any(run_next(queue) for queue in ("urgent", "default", "bulk")):
            done += 1
            assert done < limit, "jobs keep coming"
        return done

    def order(self, merchant_order_id: str) -> Order:
        return Order.objects.get(merchant=self.merchant, merchant_order_id=merchant_order_id)

    def import_order(self, merchant_order_id: str, *, seen_at: datetime | None = None) -> Order:
        """What the fetch does for one order."""
        raw = self.market.order(merchant_order_id)
        facts = read_order(raw)
        return store_order(self.merchant, self.account, facts, seen_at=seen_at or timezone.now()).order

    def acknowledged(self, *lines: tuple[str, int, int]) -> Order:
        """An order that jetsync imported and accepted."""
        (order_id,) = self.buy(*lines)
        self.import_order(order_id)
        self.drain()
        return self.order(order_id)

    def reload(self, order: Order) -> Order:
        return Order.objects.get(pk=order.pk)


def make_due(job: Job) -> None:
    """A retry that waits becomes due, as time would make it."""
    Job.objects.filter(pk=job.pk).update(not_before=timezone.now())


def last_job(kind: str) -> Job:
    return Job.objects.filter(kind=kind).latest("pk")
