"""What a store asks of its people, and logging one of them out."""

from __future__ import annotations

from allauth.mfa.utils import is_mfa_enabled
from allauth.usersessions.adapter import get_adapter
from allauth.usersessions.models import UserSession
from django.db import transaction

from jetsync.actions.log import record
from jetsync.exceptions import NotAllowed, StateConflict
from jetsync.models import Membership, Merchant
from jetsync.tenancy.actor import Actor

OWN_FACTOR_FIRST = "You have no second factor yourself. Turn yours on first, under your account."


@transaction.atomic
def require_second_factor(merchant: Merchant, *, required: bool, actor: Actor) -> None:
    """From now on members without a second factor are led to set one up, or no longer. Their API tokens go on.

    Raises NotAllowed for a person who would lock himself out, StateConflict when it stands that way already.
    """
    if required and (actor.user is None or not is_mfa_enabled(actor.user)):
        raise NotAllowed(OWN_FACTOR_FIRST, code="own_second_factor_missing")
    changed = Merchant.objects.filter(pk=merchant.pk, requires_second_factor=not required).update(
        requires_second_factor=required
    )
    if not changed:
        state = "already asks" if required else "does not ask"
        raise StateConflict(f"{merchant.name} {state} everyone for a second factor.")
    merchant.requires_second_factor = required
    record(
        merchant,
        "jetsync.merchant.second_factor_required" if required else "jetsync.merchant.second_factor_optional",
        f"Everyone in {merchant.name} needs a second factor."
        if required
        else f"A second factor is up to each person in {merchant.name}.",
        actor=actor,
        about=merchant,
        old={"requires_second_factor": not required},
        new={"requires_second_factor": required},
    )


@transaction.atomic
def end_sessions(membership: Membership, *, actor: Actor) -> int:
    """Logs the member out of every browser. Returns how many sessions that were. Tokens go on."""
    if actor.user is not None and actor.user.pk == membership.user_id:
        raise NotAllowed("Your own sessions are ended under your account.", code="own_sessions")
    sessions = UserSession.objects.purge_and_list(membership.user)
    get_adapter().end_sessions(sessions)
    record(
        membership.merchant,
        "jetsync.member.logged_out",
        f"{membership.user} was logged out everywhere.",
        actor=actor,
        old={"sessions": len(sessions)},
        new={"sessions": 0},
    )
    return len(sessions)
