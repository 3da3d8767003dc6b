"""What somebody needs who starts, retries, cancels or undoes work: the right of the act itself, besides `activity.control`.

Without it a retried job would ship, refund or send prices for a person who may not do so on the page of the order or SKU.
"""

from __future__ import annotations

from jetsync.exceptions import NotAllowed
from jetsync.models import Job, Operation, Schedule
from jetsync.sync.registry import rights_of_job_kind, rights_of_operation, schedule_of
from jetsync.tenancy.actor import Actor
from jetsync.tenancy.rights import RIGHT_LABELS, Right

Work = Job | Operation | Schedule


def rights_for(work: Work) -> frozenset[Right]:
    """A job of an operation needs what both need. A kind that nobody declares any more needs every right."""
    if isinstance(work, Operation):
        return rights_of_operation(work)
    if isinstance(work, Schedule):
        kind = schedule_of(work.kind)
        return rights_of_job_kind(kind.job_kind if kind else work.kind)
    rights = rights_of_job_kind(work.kind)
    return rights | rights_of_operation(work.operation) if work.operation is not None else rights


def missing_rights(actor: Actor, work: Work) -> list[Right]:
    """In the order of the table of rights."""
    needed = rights_for(work)
    return [right for right in Right if right in needed and not actor.may(right)]


def may_control(actor: Actor, work: Work) -> bool:
    """Whether its buttons are there for this person."""
    return actor.may(Right.ACTIVITY_CONTROL) and not missing_rights(actor, work)


def check_control(actor: Actor, work: Work) -> None:
    """Raises NotAllowed, naming what is missing."""
    if missing := missing_rights(actor, work):
        labels = ", ".join(f"“{RIGHT_LABELS[right]}” ({right})" for right in missing)
        raise NotAllowed(
            f"This work needs the right {labels}, as the act itself does.",
            hint="Ask an owner for it, or somebody who holds it to do this. Nothing was changed.",
        )
