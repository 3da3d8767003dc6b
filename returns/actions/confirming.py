"""The second person's word on an answer to a return: sent as it stands, or back to whoever decided."""

from __future__ import annotations

from django.db import transaction

from jetsync.actions.log import record
from jetsync.exceptions import StateConflict
from jetsync.resting import check_not_resting
from jetsync.tenancy.actor import Actor
from returns.actions.sending import mark_confirmed
from returns.actions.settling import ledgers_for, send_answer
from returns.actions.waiting import forget_waiting, tell_sent_back
from returns.enums import SendState
from returns.models import Return
from returns.money import total_of
from returns.pages import return_url
from returns.queries import lock_return, return_lines
from returns.second_person import check_covered, check_reason, check_second_person
from returns.validators import send_blocker


@transaction.atomic
def confirm_return(returned: Return, *, actor: Actor) -> Return:
    """Lets a waiting answer go to Jet, by the usual job. Of two people who press at once the second is refused.

    Raises NotAllowed for whoever decided, StateConflict when it does not wait any more, when Jet would not take it,
    or when its money has been paid back in another way since.
    """
    returned = _lock_waiting(returned, actor)
    check_not_resting(returned.merchant)
    blocker = send_blocker(returned)
    if blocker is not None:
        raise StateConflict(f"Return {returned}: {blocker[0]}", hint=blocker[1])
    lines = [line for line in return_lines(returned) if line.is_included]
    check_covered(f"Return {returned}", ledgers_for(returned), [line.order_line_id for line in lines])
    mark_confirmed(returned, actor)
    total = total_of(line.settled for line in lines).total
    record(
        returned.merchant,
        "returns.return.confirmed",
        f"The answer to return {returned} was confirmed: ${total:,.2f} to refund, decided by {returned.decided_by}.",
        actor=actor,
        about=returned,
        new={"refund": f"{total:.2f}"},
        job=send_answer(returned),
    )
    forget_waiting(returned.merchant, "returns", returned.pk)
    return returned


@transaction.atomic
def decline_return(returned: Return, reason: str, *, actor: Actor) -> Return:
    """Sends a waiting answer back: its money is free again and the return can be answered anew.

    Raises NotAllowed for whoever decided, StateConflict when it does not wait any more, InvalidInput without reason.
    """
    returned = _lock_waiting(returned, actor)
    why = f"Sent back by {actor.label[:150]}: {check_reason(reason)}"
    total = total_of(line.settled for line in return_lines(returned) if line.is_included).total
    returned.send_state = SendState.NONE
    returned.failure_message, returned.failure_hint = why, "Answer the return again."
    returned.save(update_fields=["send_state", "failure_message", "failure_hint", "updated_at"])
    record(
        returned.merchant,
        "returns.return.declined",
        f"The answer to return {returned} over ${total:,.2f} was sent back: {reason.strip()}",
        actor=actor,
        about=returned,
    )
    tell_sent_back(
        "returns",
        returned.pk,
        f"Return {returned}",
        total,
        why,
        merchant=returned.merchant,
        url=return_url(returned),
    )
    return returned


def _lock_waiting(returned: Return, actor: Actor) -> Return:
    returned = lock_return(returned.merchant, returned.pk)
    check_second_person(f"Return {returned}", returned, actor)
    return returned
