"""The rule of two people: from the store's limit on, money goes back only when somebody else has confirmed it.

Returns and refunds share it. The rule looks at the person behind the actor, so an API token is its owner.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from datetime import datetime, timedelta
from decimal import Decimal

from django.db.models import QuerySet
from django.utils import timezone

from jetsync.exceptions import InvalidInput, NotAllowed, StateConflict
from jetsync.models import LogEntry, Membership, Merchant
from jetsync.queries.settings import get_options
from jetsync.tenancy.actor import Actor
from jetsync.tenancy.rights import Right
from orders.amounts import ZERO
from orders.models import Order
from returns.ledgers import LineLedger
from returns.models import Decided

# Several small amounts in a row are one large one.
LOOK_BACK = timedelta(days=1)
MAX_REASON = 300
WAITS = "Stored; it waits for a second person and is not sent yet."
WHO_WAITS = (
    "From the amount on that is set under Settings, Shipping and returns, somebody else confirms it here."
)
WAITS_HINT = "Somebody else with the same right confirms it on its page."


# `(order, id of a user, aware time)` -> USD that this person gave back on the order since then by their word alone.
AloneSource = Callable[[Order, int, datetime], Decimal]

_sources: list[AloneSource] = []


def register_alone(source: AloneSource) -> AloneSource:
    """Adds an app's payments to what a person gave back alone. Registering twice changes nothing."""
    if source not in _sources:
        _sources.append(source)
    return source


def refund_limit(merchant: Merchant) -> Decimal | None:
    """The amount in USD from which a second person is asked; None when the store asks nobody."""
    return get_options(merchant).refund_limit


def limit_for(merchant: Merchant, actor: Actor) -> Decimal | None:
    """The limit that counts for this person. Whoever raised it or switched it off keeps the lower one for a day, so
    that nobody lifts it for a refund of their own."""
    limits = [refund_limit(merchant)]
    if actor.user is not None:
        changes = LogEntry.objects.filter(
            merchant=merchant,
            action="jetsync.options.saved",
            actor=actor.user,
            created_at__gte=timezone.now() - LOOK_BACK,
            old__has_key="refund_limit",
        )
        limits += [
            Decimal(old) if old else None for old in changes.values_list("old__refund_limit", flat=True)
        ]
    return min((limit for limit in limits if limit is not None), default=None)


def given_alone(order: Order | None, actor: Actor) -> Decimal:
    """USD that this person gave back on the order in the last day and nobody else confirmed."""
    if order is None or actor.user is None:
        return ZERO
    since = timezone.now() - LOOK_BACK
    return sum((source(order, actor.user.pk, since) for source in _sources), start=ZERO)


def needs_second_person(merchant: Merchant, total: Decimal, *, order: Order | None, actor: Actor) -> bool:
    """Whether this much more, with what the same person gave back on the order in the last day, reaches the limit.

    Call it under the order's lock.
    """
    limit = limit_for(merchant, actor)
    return limit is not None and total > 0 and total + given_alone(order, actor) >= limit


def members_with(merchant: Merchant, right: Right) -> QuerySet[Membership]:
    """The seats of people who may log in and hold the right."""
    seats = Membership.objects.filter(merchant=merchant, user__is_active=True)
    return seats.filter(pk__in=[seat.pk for seat in seats if right in seat.rights])


def has_second_person(merchant: Merchant, right: Right, first_id: int | None) -> bool:
    """Whether anybody but `first_id` could confirm."""
    return members_with(merchant, right).exclude(user=first_id).exists()


def is_second_person(proposer_id: int | None, actor: Actor) -> bool:
    return actor.user is not None and actor.user.pk != proposer_id


def check_second_person(name: str, decided: Decided, actor: Actor) -> None:
    """Raises StateConflict when nothing waits any more, NotAllowed for whoever decided, by whatever way, and for a
    program that stands for nobody. The row is locked."""
    if not decided.is_waiting:
        raise StateConflict(
            f"{name} does not wait for a second person any more.", hint="Look at the time line."
        )
    if not is_second_person(decided.proposer_id, actor):
        raise NotAllowed(
            f"{name} waits for somebody else: whoever decided it cannot confirm it or send it back.",
            hint="Ask another person with the same right, or take it back.",
            code="same_person",
        )


def check_proposer(name: str, proposer_id: int | None, actor: Actor) -> None:
    """Raises NotAllowed for anybody but the one who decided."""
    if actor.user is None or actor.user.pk != proposer_id:
        raise NotAllowed(
            f"The decision on {name} is not yours to take back.",
            hint="Send it back with a reason instead.",
            code="not_the_proposer",
        )


def check_reason(reason: str) -> str:
    """The reason as it is kept. Raises InvalidInput for an empty or overlong one."""
    words = reason.strip()
    if not words:
        raise InvalidInput(
            "Nothing was sent back: the reason is missing.",
            fields={"reason": ["Say why, so that it can be corrected."]},
        )
    if len(words) > MAX_REASON:
        raise InvalidInput(
            f"The reason has {len(words)} characters, at most {MAX_REASON} are kept.",
            fields={"reason": [f"At most {MAX_REASON} characters."]},
        )
    return words


def check_covered(name: str, ledgers: Mapping[int, LineLedger], line_ids: Iterable[int | None]) -> None:
    """Raises StateConflict when an order line of this waiting decision is paid back more than it was charged.

    Its own money is in the ledger since it was stored; what Jet has shown of other payments since may have joined it.
    """
    for line_id in line_ids:
        row = ledgers.get(line_id or 0)
        if row is None:
            continue
        ledger = row.ledger
        if ledger.charged.is_less_than(ledger.refunded) or ledger.refunded_quantity > ledger.shipped:
            raise StateConflict(
                f"{name} cannot be confirmed: with what else was paid back for {row.line.sku}, "
                f"${ledger.refunded.total:,.2f} would go back of ${ledger.charged.total:,.2f} charged.",
                hint="Send it back. The money table shows what was paid back meanwhile.",
                code="paid_meanwhile",
            )
