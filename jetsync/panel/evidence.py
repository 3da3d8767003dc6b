"""Steps of activation as one person may read them: the test order's buyer is hidden like any other."""

from __future__ import annotations

from collections.abc import Iterable
from copy import copy
from dataclasses import replace

from jetsync.activation.queries import ShownStep
from jetsync.masking import PersonMask
from jetsync.models import ActivationStep
from jetsync.tenancy.actor import Actor
from jetsync.tenancy.rights import Right


def readable_steps(steps: Iterable[ShownStep], actor: Actor) -> list[ShownStep]:
    """The same for an actor who may see buyers; else bodies and words without them."""
    if actor.may(Right.BUYERS_VIEW):
        return list(steps)
    return [replace(step, row=_masked(step.row)) if step.row else step for step in steps]


def _masked(row: ActivationStep) -> ActivationStep:
    """A copy to be shown, not to be saved."""
    shown, evidence = copy(row), row.evidence
    bodies = {name: str(evidence[name] or "") for name in ("request", "answer") if name in evidence}
    mask = PersonMask.of_bodies(bodies.values())
    shown.message, shown.hint = mask.text(row.message), mask.text(row.hint)
    shown.evidence = evidence | {name: mask.body(body) for name, body in bodies.items()}
    if evidence.get("error"):
        shown.evidence["error"] = mask.text(evidence["error"])
    return shown
