"""Tenants, members, invitations and tokens."""

from __future__ import annotations

import hashlib
import secrets
from collections.abc import Iterable
from datetime import datetime, timedelta
from typing import Any

from django.conf import settings
from django.core.mail import send_mail
from django.db import IntegrityError, transaction
from django.db.models import Exists, OuterRef, Q
from django.template.loader import render_to_string
from django.urls import reverse
from django.utils import timezone
from django.utils.text import slugify

from jetsync.actions.log import notify, record
from jetsync.actions.mail import post_mail
from jetsync.enums import Role
from jetsync.exceptions import InvalidInput, NotAllowed, StateConflict
from jetsync.models import (
    ApiToken,
    Invitation,
    LogEntry,
    Membership,
    Merchant,
    Options,
    Schedule,
    SupportSession,
    User,
)
from jetsync.sync.schedules import ensure_schedules
from jetsync.tenancy.actor import Actor, member_actor
from jetsync.tenancy.context import merchant_scope
from jetsync.tenancy.rights import Right, parse_rights, rights_of
from jetsync.tenancy.tokens import hash_secret, new_secret

INVITATION_DAYS = 7
SUPPORT_HOURS = 2
SLUG_TRIES = 5
# Path words of the panel that a merchant's address may not take.
RESERVED_SLUGS = frozenset({"new", "api", "admin", "accounts", "static", "ui", "help"})


def _free_slug(name: str) -> str:
    base = slugify(name)[:50] or "merchant"
    if base in RESERVED_SLUGS:
        base = f"{base}-shop"
    slug, number = base, 1
    while Merchant.objects.filter(slug=slug).exists():
        number += 1
        slug = f"{base}-{number}"
    return slug


def _new_merchant(name: str, time_zone: str) -> Merchant:
    """With a slug of its own: when a rival takes the free one first, the next free one."""
    for _ in range(SLUG_TRIES):
        try:
            with transaction.atomic():
                return Merchant.objects.create(name=name, slug=_free_slug(name), time_zone=time_zone)
        except IntegrityError:
            continue
    raise StateConflict(f"Many stores named {name} are being made right now.", hint="Try again.")


@transaction.atomic
def create_merchant(name: str, *, owner: User, time_zone: str = "America/New_York") -> Merchant:
    """A new tenant with its owner, default options and schedules."""
    merchant = _new_merchant(name.strip(), time_zone)
    Membership.objects.create(merchant=merchant, user=owner, role=Role.OWNER)
    with merchant_scope(merchant):
        Options.objects.create(merchant=merchant)
        ensure_schedules(merchant)
        actor = member_actor(owner, rights_of(Role.OWNER))
        record(
            merchant, "jetsync.merchant.created", f"{merchant.name} was created.", actor=actor, about=merchant
        )
    return merchant


def invite(merchant: Merchant, email: str, role: str, *, actor: Actor) -> tuple[Invitation, str]:
    """Mails a link that gives its opener a seat. A second invitation of the same address replaces the first.

    Returns the invitation and its link, which is kept nowhere.
    """
    email = email.strip().lower()
    if Membership.objects.filter(merchant=merchant, user__email__iexact=email).exists():
        raise StateConflict(f"{email} is already a member of {merchant.name}.")
    token = secrets.token_urlsafe(32)
    with transaction.atomic():
        Invitation.objects.filter(merchant=merchant, email=email, accepted_at=None, revoked_at=None).update(
            revoked_at=timezone.now()
        )
        invitation = Invitation.objects.create(
            merchant=merchant,
            email=email,
            role=role,
            token_hash=_hash(token),
            invited_by=actor.user,
            expires_at=timezone.now() + timedelta(days=INVITATION_DAYS),
        )
        record(
            merchant,
            "jetsync.member.invited",
            f"{email} was invited as {invitation.get_role_display()}.",
            actor=actor,
            new={"email": email, "role": role},
        )
    link = settings.BASE_URL + reverse("invitation", kwargs={"token": token})
    context = {"invitation": invitation, "link": link, "merchant": merchant, "inviter": actor.label}
    send_mail(
        f"[jetsync] {actor.label} invites you to {merchant.name}"[:150].replace("\n", " "),
        render_to_string("account/email/invitation.txt", context),
        None,
        [email],
    )
    return invitation, link


def _hash(token: str) -> str:
    return hashlib.sha256(token.encode()).hexdigest()


def find_invitation(token: str) -> Invitation | None:
    """The open invitation behind a mailed link, or None. Who was removed or demoted invites nobody any more."""
    inviter = Membership.objects.filter(
        merchant=OuterRef("merchant"), user=OuterRef("invited_by"), role=Role.OWNER
    )
    return (
        Invitation.objects.select_related("merchant")
        .filter(token_hash=_hash(token), accepted_at=None, revoked_at=None, expires_at__gt=timezone.now())
        .filter(Exists(inviter))
        .first()
    )


def accept_invitation(invitation: Invitation, *, user: User, name: str = "") -> Membership:
    """Gives the user the seat, and the name if one is given. The link only works for the address it was sent to."""
    if user.email.lower() != invitation.email.lower():
        raise NotAllowed(
            f"This invitation was sent to {invitation.email}; you are logged in as {user.email}.",
            hint="Log out and log in (or sign up) with the invited address.",
        )
    with transaction.atomic(), merchant_scope(invitation.merchant):
        won = Invitation.objects.filter(pk=invitation.pk, accepted_at=None, revoked_at=None).update(
            accepted_at=timezone.now()
        )
        if not won:
            raise StateConflict("This invitation has been used already.")
        if name:
            _call(user, name)
        membership, _made = Membership.objects.get_or_create(
            merchant=invitation.merchant, user=user, defaults={"role": invitation.role}
        )
        actor = member_actor(user, membership.rights)
        record(invitation.merchant, "jetsync.member.joined", f"{user} joined.", actor=actor)
    return membership


def _call(user: User, name: str) -> None:
    """Sentences, logs and mails say this instead of the address."""
    first, _, last = " ".join(name.split()).rpartition(" ")
    user.first_name, user.last_name = (first or last)[:150], (last if first else "")[:150]
    user.save(update_fields=["first_name", "last_name"])


@transaction.atomic
def revoke_invitation(invitation: Invitation, *, actor: Actor) -> None:
    """Closes the mailed link. Raises StateConflict when it was used or withdrawn before."""
    won = Invitation.objects.filter(
        pk=invitation.pk, merchant=invitation.merchant_id, accepted_at=None, revoked_at=None
    ).update(revoked_at=timezone.now())
    if not won:
        raise StateConflict(f"The invitation of {invitation.email} is no longer open.")
    record(
        invitation.merchant,
        "jetsync.member.uninvited",
        f"The invitation of {invitation.email} was withdrawn.",
        actor=actor,
    )


def own_rights(membership: Membership) -> dict[str, Any]:
    """For the log: the role, and by what the person differs from it."""
    own = {"granted": membership.granted, "withheld": membership.withheld}
    return {"role": membership.role, **{name: rights for name, rights in own.items() if rights}}


def _lock_seat(membership: Membership) -> tuple[Membership, list[Membership]]:
    """The seat as it stands now, and those of all owners, locked. Raises StateConflict when it has been taken away."""
    seats = Membership.objects.select_for_update(of=("self",)).select_related("user", "merchant")
    wanted = seats.filter(Q(role=Role.OWNER) | Q(pk=membership.pk), merchant=membership.merchant_id)
    rows = {seat.pk: seat for seat in wanted.order_by("pk")}
    if membership.pk not in rows:
        raise StateConflict(f"{membership.user} is no member any more.")
    return rows[membership.pk], [seat for seat in rows.values() if seat.role == Role.OWNER]


@transaction.atomic
def change_role(membership: Membership, role: str, *, actor: Actor) -> frozenset[Right] | None:
    """What was granted to the person besides the old role ends; what was taken away stays, but for an owner.

    Returns which granted rights the person no longer holds; None where the role stood already and nothing changed.
    Raises StateConflict when the last owner would lose the role.
    """
    seat, owners = _lock_seat(membership)
    if seat.role == role:
        return None
    if [owner.pk for owner in owners] == [seat.pk]:
        raise StateConflict(f"{seat.user} is the only owner.", hint="Make another member owner first.")
    old, granted = own_rights(seat), parse_rights(seat.granted) & seat.rights
    seat.role, seat.granted, changed = role, [], ["role", "granted"]
    if role == Role.OWNER:
        seat.withheld = []
        changed.append("withheld")
    seat.save(update_fields=changed)
    membership.role, membership.granted, membership.withheld = seat.role, seat.granted, seat.withheld
    record(
        seat.merchant,
        "jetsync.member.role_changed",
        f"{seat.user} is now {seat.get_role_display()}.",
        actor=actor,
        old=old,
        new=own_rights(seat),
    )
    return granted - seat.rights


@transaction.atomic
def remove_member(membership: Membership, *, actor: Actor) -> None:
    """Takes the seat away, and revokes the member's tokens and open invitations."""
    _seat, owners = _lock_seat(membership)
    if [owner.pk for owner in owners] == [membership.pk]:
        raise StateConflict(f"{membership.user} is the only owner.", hint="Make another member owner first.")
    ApiToken.objects.filter(merchant=membership.merchant, user=membership.user, revoked_at=None).update(
        revoked_at=timezone.now()
    )
    Invitation.objects.filter(
        merchant=membership.merchant, invited_by=membership.user, accepted_at=None, revoked_at=None
    ).update(revoked_at=timezone.now())
    record(membership.merchant, "jetsync.member.removed", f"{membership.user} was removed.", actor=actor)
    membership.delete()


@transaction.atomic
def create_token(
    merchant: Merchant,
    name: str,
    rights: Iterable[Right],
    *,
    actor: Actor,
    expires_at: datetime | None = None,
) -> tuple[ApiToken, str]:
    """(token row, the secret). The secret is shown once and never stored."""
    if actor.user is None:
        raise NotAllowed("Only a person can make a token.")
    wanted = frozenset(rights)
    if missing := wanted - actor.rights:
        raise NotAllowed(f"A token cannot hold rights that you lack: {', '.join(sorted(missing))}.")
    if expires_at is not None and expires_at <= timezone.now():
        raise InvalidInput(
            "A token that has expired already opens nothing.",
            hint="Choose today or a later day, or leave the field empty.",
            fields={"expires_on": ["Choose today or a later day, or leave it empty."]},
        )
    if not wanted:
        raise InvalidInput("Choose at least one right.", fields={"rights": ["Choose at least one right."]})
    secret = new_secret()
    token = ApiToken.objects.create(
        merchant=merchant,
        user=actor.user,
        name=name.strip(),
        prefix=secret[:9],
        token_hash=hash_secret(secret),
        rights=sorted(str(right) for right in wanted),
        expires_at=expires_at,
    )
    record(
        merchant,
        "jetsync.token.created",
        f"API token “{token.name}” was created.",
        actor=actor,
        new={"rights": token.rights},
    )
    return token, secret


@transaction.atomic
def revoke_token(token: ApiToken, *, actor: Actor) -> None:
    """The token is refused from now on. Raises StateConflict when it was revoked before."""
    won = ApiToken.objects.filter(pk=token.pk, merchant=token.merchant_id, revoked_at=None).update(
        revoked_at=timezone.now()
    )
    if not won:
        raise StateConflict(f"The token “{token.name}” has been revoked already.")
    record(token.merchant, "jetsync.token.revoked", f"API token “{token.name}” was revoked.", actor=actor)


@transaction.atomic
def start_support(merchant: Merchant, *, staff: User, reason: str) -> SupportSession:
    """Lets a staff member look into the tenant for two hours; its log, its bell and a mail to its owners say so."""
    if not staff.is_staff:
        raise NotAllowed("Only staff can open a support session.")
    if not reason.strip():
        raise InvalidInput("Give the reason for the support session.", fields={"reason": ["Required."]})
    session = SupportSession.objects.create(
        merchant=merchant,
        user=staff,
        reason=reason.strip()[:200],
        expires_at=timezone.now() + timedelta(hours=SUPPORT_HOURS),
    )
    with merchant_scope(merchant):
        actor = Actor(label=f"{staff} (support)", user=staff)
        record(merchant, "jetsync.support.started", f"Support looked in: {session.reason}", actor=actor)
        notify(
            merchant,
            f"support.session.{session.pk}",
            "Support looks into your store",
            body=f"{staff}: “{session.reason}”. Any owner can end it under Members.",
            url=reverse("panel:members", kwargs={"merchant_slug": merchant.slug}),
        )
        post_mail(merchant, "support.session", about=session)
    return session


def note_support_page(session: SupportSession, path: str, *, actor: Actor) -> None:
    """Writes to the merchant's log which page support opened; one that refreshes itself stands there once. Call it inside
    the merchant's scope.
    """
    action, words = "jetsync.support.opened", f"Support opened {path}"[:300]
    before = LogEntry.objects.filter(merchant=session.merchant, action=action, actor=session.user)
    if before.order_by("-pk").values_list("message", flat=True).first() != words:
        record(session.merchant, action, words, actor=actor)


@transaction.atomic
def end_support(session: SupportSession, *, actor: Actor | None = None) -> None:
    """Ends it before its time; the merchant's log says so. Ended already: nothing happens.

    `actor`: who of the merchant's people ends it; None = support itself leaves.
    """
    ended = SupportSession.objects.filter(pk=session.pk, ended_at=None).update(ended_at=timezone.now())
    if not ended:
        return
    words = f"Support left: {session.reason}"
    if actor is not None:
        words = f"The support session of {session.user} was ended: {session.reason}"
    with merchant_scope(session.merchant):
        by = actor or Actor(label=f"{session.user} (support)", user=session.user)
        record(session.merchant, "jetsync.support.ended", words, actor=by)


@transaction.atomic
def rename_merchant(merchant: Merchant, *, name: str, time_zone: str, actor: Actor) -> None:
    """Changes name and time zone; the address (slug) stays, links keep working."""
    old = {"name": merchant.name, "time_zone": merchant.time_zone}
    merchant.name, merchant.time_zone = name.strip(), time_zone
    merchant.save(update_fields=["name", "time_zone"])
    new = {"name": merchant.name, "time_zone": merchant.time_zone}
    record(
        merchant,
        "jetsync.merchant.renamed",
        f"{merchant.name} was saved.",
        actor=actor,
        about=merchant,
        old=old,
        new=new,
    )


@transaction.atomic
def set_suspended(merchant: Merchant, *, suspended: bool, actor: Actor) -> None:
    """Locks a tenant's members out and stops its schedules, or opens it again; its data stays as it is."""
    merchant.suspended_at = timezone.now() if suspended else None
    merchant.save(update_fields=["suspended_at"])
    verb = "suspended" if suspended else "resumed"
    with merchant_scope(merchant):
        if not suspended:  # due now, not late since it was suspended
            now = timezone.now()
            Schedule.objects.filter(merchant=merchant, next_due_at__lt=now).update(next_due_at=now)
        record(
            merchant,
            f"jetsync.merchant.{verb}",
            f"{merchant.name} was {verb} by staff.",
            actor=actor,
            about=merchant,
        )
