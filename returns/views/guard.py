"""What the pages of returns and refunds show of the second person: the limit, who is missing, and the buttons."""

from __future__ import annotations

from dataclasses import dataclass
from decimal import Decimal

from jetsync.tenancy.actor import Actor
from jetsync.tenancy.rights import Right, lack_of
from jetsync.tenancy.views import MerchantRequest
from orders.amounts import ZERO
from orders.models import Order
from returns.enums import SendState
from returns.models import Decided
from returns.second_person import given_alone, has_second_person, is_second_person, limit_for

CENT = Decimal("0.01")


@dataclass(frozen=True)
class Guard:
    """`limit` is null when the store asks nobody; `reason` says why this person cannot confirm, "" when they can.

    `given` is what this person gave back on the order in the last day already, by their word alone; it counts.
    """

    limit: Decimal | None
    given: Decimal
    is_alone: bool
    reason: str

    @property
    def asked_from(self) -> Decimal | None:
        """The amount of the form's decision from which a second person is asked."""
        return None if self.limit is None else max(CENT, self.limit - self.given)


def guard_of(
    request: MerchantRequest, right: Right, proposer_id: int | None, *, order: Order | None = None
) -> Guard:
    """For a form give no proposer: the person who looks would be the one who decides."""
    actor = request.actor
    limit = limit_for(request.merchant, actor)
    first_id = proposer_id or (actor.user.pk if actor.user is not None and actor.may(right) else None)
    is_asked = proposer_id is not None or limit is not None
    return Guard(
        limit=limit,
        given=given_alone(order, actor) if limit is not None else ZERO,
        is_alone=is_asked and not has_second_person(request.merchant, right, first_id),
        reason=_reason(right, proposer_id, actor),
    )


def _reason(right: Right, proposer_id: int | None, actor: Actor) -> str:
    if not actor.may(right):
        return lack_of(right)
    if not is_second_person(proposer_id, actor):
        return "You decided it, so somebody else confirms it."
    return ""


def can_take_back(decided: Decided, actor: Actor) -> bool:
    """Not sent yet; while it waits for a second person, whoever decided takes it back and others send it back."""
    if decided.is_waiting:
        return not is_second_person(decided.proposer_id, actor)
    return decided.send_state == SendState.QUEUED
