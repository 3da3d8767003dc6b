"""Reads one order from Jet and stores what it shows."""

from __future__ import annotations

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
from orders.actions.importing import Imported, apply_facts, mark_gone, store_order, store_unreadable
from orders.models import Order
from orders.reading import read_order

log = structlog.get_logger(__name__)

# While one of many answers is stored: what is wrong with the moment ends the run, what is wrong with this one row
# must not keep the others.
NOT_THIS_ROW = (OperationalError, InterfaceError, LeaseLost, RetryLater)
THIS_ROW = (DatabaseError, DomainError, ValueError, TypeError, LookupError)


def jet_of(ctx: JobContext, order: Order) -> JetClient:
    """The client of the account the order came from: it may be a test order of a merchant who has gone live."""
    if order.account.mode == ctx.merchant.mode:
        return ctx.jet
    return client_for(order.account, job=ctx.job, on_call=ctx.heartbeat)


def refresh_order(ctx: JobContext, order: Order) -> Order:
    """Asks Jet for the order and stores the answer; one that Jet no longer knows is marked so."""
    seen_at = timezone.now()
    try:
        answer = jet_of(ctx, order).orders.get(order.merchant_order_id)
    except errors.JetNotFound:
        return mark_gone(ctx.merchant, order.pk, job=ctx.job)
    return apply_facts(ctx.merchant, order.pk, read_order(answer.raw), seen_at=seen_at, job=ctx.job)


def import_order(ctx: JobContext, account: JetAccount, merchant_order_id: str) -> Imported | None:
    """Reads and stores one order by Jet's id. None when it could not be: the others must go on.

    Passing trouble of Jet (no connection, a pause) is raised; whatever is wrong with this one order is stored.
    """
    seen_at = timezone.now()
    try:
        answer = ctx.jet.orders.get(merchant_order_id)
    except errors.JetNotFound:
        return None  # withdrawn between list and read
    except errors.JetBadAnswer as exc:
        store_unreadable(ctx.merchant, account, merchant_order_id, str(exc), job=ctx.job)
        return None
    facts = read_order({**answer.raw, "merchant_order_id": merchant_order_id})
    try:
        return store_order(ctx.merchant, account, facts, seen_at=seen_at, job=ctx.job)
    except NOT_THIS_ROW:
        raise
    except THIS_ROW as exc:
        # Ours to mend, but the next order's 15 minutes are running: keep this one visible and go on.
        log.exception("order_not_stored", merchant_order_id=merchant_order_id)
        store_unreadable(
            ctx.merchant, account, merchant_order_id, f"{type(exc).__name__} while storing it.", job=ctx.job
        )
        return None
