"""Reads orders from Jet and stores what it shows."""

from __future__ import annotations

import time
from collections.abc import Callable, Sequence
from typing import Self

import structlog
from django.db import Error as DatabaseError
from django.db import InterfaceError, OperationalError
from django.utils import timezone

from jetsync.exceptions import DomainError
from jetsync.jet import JetClient, errors
from jetsync.models import JetAccount
from jetsync.sync.client import client_for
from jetsync.sync.failures import RetryLater
from jetsync.sync.runner import JobContext, LeaseLost
from orders.actions.importing import (
    Imported,
    apply_facts,
    mark_gone,
    store_new_orders,
    store_order,
    store_unreadable,
)
from orders.actions.order_rows import Seen
from orders.enums import OrderState
from orders.models import Order
from orders.reading import read_order

log = structlog.get_logger(__name__)

# While one of many answers is stored: what is wrong with the moment ends the run, what is wrong with this one row
# must not keep the others.
NOT_THIS_ROW = (OperationalError, InterfaceError, LeaseLost, RetryLater)
THIS_ROW = (DatabaseError, DomainError, ValueError, TypeError, LookupError)
# So many new orders are stored in one transaction: its queries are a few for each of them, and its locks are held for
# about 0.1 s. When Jet is slow to answer, what was read before waits this long: little of its 15 minutes.
TOGETHER = 25
WAIT_SECONDS = 5.0


def jet_of(ctx: JobContext, order: Order) -> JetClient:
    """The client of the account the order came from: it may be a test order of a merchant who has gone live."""
    if order.account.mode == ctx.merchant.mode:
        return ctx.jet
    return client_for(order.account, job=ctx.job, on_call=ctx.keep_alive)


def refresh_order(ctx: JobContext, order: Order) -> Order:
    """Asks Jet for the order and stores the answer; one that Jet no longer knows is marked so."""
    seen_at = timezone.now()
    try:
        answer = jet_of(ctx, order).orders.get(order.merchant_order_id)
    except errors.JetNotFound:
        return mark_gone(ctx.merchant, order.pk, job=ctx.job)
    return apply_facts(ctx.merchant, order.pk, read_order(answer.raw), seen_at=seen_at, job=ctx.job)


class Inbox:
    """Orders that Jet lists, read one by one and stored several in one transaction.

    New ready orders wait in here for those read after them, some seconds at most; so long they are not stored. A worker
    that dies loses nothing by that: Jet still lists them, and the next try reads them again. `stored` is told of every
    order, with None for one that could not be read or stored.
    """

    def __init__(
        self, ctx: JobContext, account: JetAccount, stored: Callable[[Imported | None], None]
    ) -> None:
        self._ctx, self._account, self._stored = ctx, account, stored
        self._waiting: list[Seen] = []
        self._since = 0.0

    def __enter__(self) -> Self:
        return self

    def __exit__(self, kind: type[BaseException] | None, *_more: object) -> None:
        """A Jet that fails on one order keeps what it showed of others. Without lease or database nothing is written."""
        if kind is None or issubclass(kind, errors.JetError):
            self._store_waiting()

    def read(self, merchant_order_id: str) -> None:
        """Passing trouble of Jet (no connection, a pause) is raised; whatever is wrong with this one order is stored."""
        seen = self._ask(merchant_order_id)
        if seen is None:
            self._stored(None)
        elif seen.facts.state() != OrderState.READY or seen.facts.shipments:
            self._stored(self._store(seen))
        else:
            self._since = self._since if self._waiting else time.monotonic()
            self._waiting.append(seen)
        if len(self._waiting) >= TOGETHER or time.monotonic() - self._since >= WAIT_SECONDS:
            self._store_waiting()

    def _ask(self, merchant_order_id: str) -> Seen | None:
        seen_at = timezone.now()
        try:
            answer = self._ctx.jet.orders.get(merchant_order_id)
        except errors.JetNotFound:
            return None  # withdrawn between list and read
        except errors.JetBadAnswer as exc:
            self._keep_unreadable(merchant_order_id, str(exc))
            return None
        return Seen(read_order({**answer.raw, "merchant_order_id": merchant_order_id}), seen_at)

    def _store_waiting(self) -> None:
        waiting, self._waiting = self._waiting, []
        together = self._store_together(waiting) if len(waiting) > 1 else {}
        for seen in waiting:
            self._stored(together.get(seen.facts.merchant_order_id) or self._store(seen))

    def _store_together(self, waiting: Sequence[Seen]) -> dict[str, Imported]:
        """The new ones by Jet's id; none of them when one cannot be stored: then each has to stand for itself."""
        try:
            found = store_new_orders(self._ctx.merchant, self._account, waiting, job=self._ctx.job)
        except THIS_ROW:
            log.warning("orders_not_stored_together", orders=len(waiting), exc_info=True)
            return {}
        return {imported.order.merchant_order_id: imported for imported in found}

    def _store(self, seen: Seen) -> Imported | None:
        try:
            return store_order(
                self._ctx.merchant, self._account, seen.facts, seen_at=seen.at, job=self._ctx.job
            )
        except NOT_THIS_ROW:
            raise
        except THIS_ROW as exc:
            # Ours to mend, but the next order's 15 minutes are running: keep this one visible and go on.
            log.exception("order_not_stored", merchant_order_id=seen.facts.merchant_order_id)
            message = f"{type(exc).__name__} while storing it."
            self._keep_unreadable(seen.facts.merchant_order_id, message)
            return None

    def _keep_unreadable(self, merchant_order_id: str, message: str) -> None:
        store_unreadable(self._ctx.merchant, self._account, merchant_order_id, message, job=self._ctx.job)


def import_order(ctx: JobContext, account: JetAccount, merchant_order_id: str) -> Imported | None:
    """Reads and stores one order by Jet's id, as `Inbox` does. None when it could not be."""
    stored: list[Imported | None] = []
    with Inbox(ctx, account, stored.append) as inbox:
        inbox.read(merchant_order_id)
    return stored[0]
