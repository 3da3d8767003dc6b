"""What a call sent and got, as it is shown: shoppers hidden until one who may see them asks, long bodies named as cut."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from jetsync.actions.log import record
from jetsync.jet.redact import EVENT_CUT
from jetsync.masking import PersonMask
from jetsync.models import Attempt, Job, Merchant
from jetsync.panel.shoppers import call_masks, masks_by_call
from jetsync.panel.trail import call_state
from jetsync.tenancy.actor import Actor

LOOKED = "jetsync.call.shoppers_shown"


@dataclass(frozen=True)
class ShownCall:
    """A call as it is shown to this person. `hides`: something of a body is hidden; `cut`: names of the bodies cut."""

    row: Attempt
    state: str
    error: str
    sent: str
    answer: str
    hides: bool
    cut: tuple[str, ...]


def shown_calls(
    merchant: Merchant, actor: Actor, calls: Sequence[Attempt], *, with_shoppers: bool
) -> list[ShownCall]:
    """Words of an error go by the actor's right; bodies hide shoppers from everybody unless `with_shoppers`, which the
    caller has asked the right for. A constant number of queries."""
    errors = masks_by_call(merchant, actor, calls)
    bodies = {} if with_shoppers else call_masks(merchant, calls)
    return [_shown(call, errors.get(call.pk), bodies.get(call.pk)) for call in calls]


def _shown(call: Attempt, words: PersonMask | None, bodies: PersonMask | None) -> ShownCall:
    kept = {"Sent": call.request_cut, "Answer": call.answer_cut}
    sent, answer = (bodies.body(body) if bodies else body for body in kept.values())
    return ShownCall(
        row=call,
        state=call_state(call),
        error=words.text(call.error) if words else call.error,
        sent=sent,
        answer=answer,
        hides=bodies is not None and any(bodies.hides_of(body) for body in kept.values()),
        cut=tuple(name for name, body in kept.items() if len(body) >= EVENT_CUT),
    )


def note_look(merchant: Merchant, actor: Actor, about: Attempt | Job, words: str) -> None:
    """One line each time somebody has a call's shoppers shown."""
    record(merchant, LOOKED, f"Had the shoppers' data shown of {words}", actor=actor, about=about)
