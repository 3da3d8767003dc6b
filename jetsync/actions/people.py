"""What a store asks of its people, what one of them may do beyond or below the role, and logging one out."""

from __future__ import annotations

from collections.abc import Iterable

from allauth.mfa.utils import is_mfa_enabled
from allauth.usersessions.adapter import get_adapter
from allauth.usersessions.models import UserSession
from django.db import transaction

from jetsync.actions.log import record
from jetsync.actions.merchant import own_rights
from jetsync.enums import Role
from jetsync.exceptions import InvalidInput, NotAllowed, StateConflict
from jetsync.models import Membership, Merchant
from jetsync.tenancy.actor import Actor
from jetsync.tenancy.rights import ADJUSTABLE, RIGHT_LABELS, Right, needed_for, rights_of, words_of

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


def _check_grants(
    membership: Membership, granted: frozenset[Right], held: frozenset[Right], actor: Actor
) -> None:
    """`held`: what the person would hold. Raises for rights that cannot be granted or would be good for nothing."""
    if beyond := granted - actor.rights:
        raise NotAllowed(f"You cannot grant what you may not do yourself: {words_of(beyond)}.")
    useless = {right: needed for right in granted if (needed := needed_for(right)) and needed not in held}
    if useless:
        raise InvalidInput(
            f"No right of {membership.user} was changed: {words_of(useless)} cannot be granted alone.",
            hint=f"It takes the right to see what it acts on: {words_of(useless.values())}.",
            fields={right: [f"Grant “{RIGHT_LABELS[needed]}”, too."] for right, needed in useless.items()},
        )


@transaction.atomic
def change_rights(
    membership: Membership, *, granted: Iterable[Right], withheld: Iterable[Right], actor: Actor
) -> bool:
    """Sets by what the person differs from the role. False when nothing changed. The person's tokens follow at once.

    Raises NotAllowed for an owner's seat, for rights that only owners have and for more than the actor's own;
    InvalidInput for a grant that would be good for nothing.
    """
    seat = (
        Membership.objects.select_for_update(of=("self",))
        .select_related("user", "merchant")
        .get(pk=membership.pk)
    )
    if seat.role == Role.OWNER:
        raise NotAllowed(f"{seat.user} is an owner and holds every right.", hint="Give another role first.")
    given, taken = frozenset(granted) - rights_of(seat.role), frozenset(withheld) & rights_of(seat.role)
    if fixed := (given | taken) - ADJUSTABLE:
        raise NotAllowed(f"This comes with the role alone: {words_of(fixed)}.")
    before = seat.rights
    old, known = own_rights(seat), (seat.granted, seat.withheld)
    seat.granted, seat.withheld = sorted(given), sorted(taken)
    _check_grants(seat, given, seat.rights, actor)
    if known == (seat.granted, seat.withheld):
        return False
    seat.save(update_fields=["granted", "withheld"])
    more, less = words_of(seat.rights - before), words_of(before - seat.rights)
    said = "; ".join(
        text for text in (more and f"may now: {more}", less and f"may no longer: {less}") if text
    )
    record(
        seat.merchant,
        "jetsync.member.rights_changed",
        f"{seat.user} {said}." if said else f"The rights of {seat.user} were changed.",
        actor=actor,
        old=old,
        new=own_rights(seat),
    )
    return True
