"""The last step: Jet's own checklist says that it has seen every exercise (protocol: orders, 10.1)."""

from __future__ import annotations

from jetsync.activation.registry import Done, Step, StepFailed, StepRun, all_steps, register_step
from jetsync.jet import errors
from jetsync.tenancy.rights import Right

KEY = "jet_checklist"


def _ask(run: StepRun) -> Done:
    try:
        status = run.jet.nodes.setup_status()
    except (errors.JetNotFound, errors.JetMethodNotAllowed):
        return Done(
            "This address has no checklist of its own; each step above has Jet's answer as its proof."
        )
    flags = {name: bool(value) for name, value in status.raw.items() if name.startswith("Is")}
    missing = [
        step.label for step in all_steps() if step.flags and not all(flags.get(flag) for flag in step.flags)
    ]
    if missing:
        raise StepFailed(
            f"Jet has not seen: {', '.join(missing)}.", hint="Run these steps again, then this one."
        )
    return Done(f"Jet has seen all {len(flags)} of its points.", call="/portal/merchantsetupstatus")


register_step(
    Step(
        KEY,
        "check",
        900,
        "Ask Jet's checklist",
        Right.SETTINGS_EDIT,
        _ask,
        needs=(
            "product_sku",
            "product_price",
            "product_inventory",
            "order_ship",
            "cancel_order",
            "return_complete",
        ),
    )
)
