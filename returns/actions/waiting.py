"""Telling people of decisions that wait for a second person; returns and refunds alike."""

from __future__ import annotations

from decimal import Decimal

from jetsync.actions.log import end_notice, notify
from jetsync.enums import NoticeLevel
from jetsync.models import Merchant
from jetsync.tenancy.actor import Actor
from jetsync.tenancy.rights import Right


def _key(app: str, pk: int) -> str:
    return f"{app}.waiting.{pk}"


def tell_waiting(
    app: str,
    pk: int,
    name: str,
    total: Decimal,
    proposer: Actor,
    *,
    merchant: Merchant,
    url: str,
    right: Right,
) -> None:
    """The bell's notice for those with the right to confirm, with the way there."""
    notify(
        merchant,
        _key(app, pk),
        f"{name} waits for a second person",
        level=NoticeLevel.WARNING,
        body=f"{proposer.label} wants to give back ${total:,.2f}. Nothing is sent until somebody else confirms it.",
        url=url,
        right=right,
    )


def tell_sent_back(
    app: str, pk: int, name: str, total: Decimal, why: str, *, merchant: Merchant, url: str
) -> None:
    """The bell's notice for whoever decided; the question to the others is answered."""
    forget_waiting(merchant, app, pk)
    notify(
        merchant,
        f"{app}.sent_back.{pk}",
        f"{name} was sent back",
        level=NoticeLevel.WARNING,
        body=f"${total:,.2f} was not paid. {why}",
        url=url,
    )


def forget_waiting(merchant: Merchant, app: str, pk: int) -> None:
    """Somebody has decided: the bell asks nobody any more."""
    end_notice(merchant, _key(app, pk))
