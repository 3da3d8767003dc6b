"""The second person's word on a refund: sent as it stands, or given up with a reason."""

from __future__ import annotations

from django.db import transaction

from jetsync.actions.log import record
from jetsync.resting import check_not_resting
from jetsync.tenancy.actor import Actor
from refunds.actions.creating import send_stored
from refunds.models import Refund
from refunds.pages import refund_url
from refunds.queries import lock_refund, refund_lines
from refunds.validators import check_order
from returns.actions.sending import mark_confirmed
from returns.actions.waiting import forget_waiting, tell_sent_back
from returns.enums import SendState
from returns.ledgers import line_ledgers
from returns.money import total_of
from returns.second_person import check_covered, check_reason, check_second_person


@transaction.atomic
def confirm_refund(refund: Refund, *, actor: Actor) -> Refund:
    """Lets a waiting refund go to Jet, by the usual job. Of two people who press at once the second is refused.

    Raises NotAllowed for whoever created it, StateConflict when it does not wait any more, when a return stands in
    the way by now, or when its money has been paid back in another way since.
    """
    refund = _lock_waiting(refund, actor)
    check_not_resting(refund.merchant)
    lines = refund_lines(refund)
    if refund.order is not None:
        check_order(refund.order)
        line_ids = [line.order_line_id for line in lines]
        check_covered(f"Refund {refund}", line_ledgers(refund.order), line_ids)
    mark_confirmed(refund, actor)
    total = total_of(line.amounts for line in lines).total
    record(
        refund.merchant,
        "refunds.refund.confirmed",
        f"Refund {refund} of ${total:,.2f} was confirmed, created by {refund.created_by}.",
        actor=actor,
        about=refund,
        new={"amount": f"{total:.2f}"},
        job=send_stored(refund),
    )
    forget_waiting(refund.merchant, "refunds", refund.pk)
    return refund


@transaction.atomic
def decline_refund(refund: Refund, reason: str, *, actor: Actor) -> Refund:
    """Sends a waiting refund back: nothing is paid, its money is free again and a new one can be created.

    Raises NotAllowed for whoever created it, StateConflict when it does not wait any more, InvalidInput without
    reason.
    """
    refund = _lock_waiting(refund, actor)
    why = f"Sent back by {actor.label[:150]}: {check_reason(reason)}"
    total = total_of(line.amounts for line in refund_lines(refund)).total
    refund.send_state, refund.failure_message = SendState.REFUSED, why
    refund.save(update_fields=["send_state", "failure_message", "updated_at"])
    record(
        refund.merchant,
        "refunds.refund.declined",
        f"Refund {refund} of ${total:,.2f} was sent back: {reason.strip()}",
        actor=actor,
        about=refund,
    )
    tell_sent_back(
        "refunds", refund.pk, f"Refund {refund}", total, why, merchant=refund.merchant, url=refund_url(refund)
    )
    return refund


def _lock_waiting(refund: Refund, actor: Actor) -> Refund:
    refund = lock_refund(refund.merchant, refund.pk)
    check_second_person(f"Refund {refund}", refund, actor)
    return refund
