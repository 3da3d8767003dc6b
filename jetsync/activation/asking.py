"""Asking Jet's generators for a test order or a test return: once, and by hand where an address has none."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta

from django.utils import timezone

from jetsync.activation.registry import StepFailed, StepRun
from jetsync.jet import errors

# A person looks for a button in Jet's portal.
BY_HAND_WAIT = timedelta(seconds=15)
NO_GENERATOR = (errors.JetNotFound, errors.JetForbidden, errors.JetMethodNotAllowed)


def ask_generator(
    run: StepRun, thing: str, ask: Callable[[], str], *, by_hand: str, refused: str, back_to: str = ""
) -> str:
    """Jet's id of a new test `thing`. Waits for the merchant, told `by_hand`, where the address has no generator.

    Raises StepFailed with the hint `refused` when Jet makes none.
    """
    if not run.data.get("by_hand"):
        # Written before the call: when its answer is lost, what was made is looked for and not made twice.
        run.remember(asked_at=run.data.get("asked_at") or timezone.now().isoformat())
        try:
            return ask()
        except errors.JetBadRequest as exc:
            message = f"Jet made no test {thing}: {exc.jet_message or exc.status}"
            raise StepFailed(message, hint=refused, back_to=back_to) from exc
        except NO_GENERATOR:
            run.remember(by_hand=True)
    run.wait(
        f"This address has no {thing} generator: jetsync waits for the test {thing}.",
        after=BY_HAND_WAIT,
        hint=by_hand,
    )
    raise AssertionError
