"""Deleting a store: asked for by an owner, waited for while everything rests, kept or carried out."""

from __future__ import annotations

from datetime import datetime, timedelta

import structlog
from django.conf import settings
from django.db import IntegrityError, transaction
from django.utils import timezone

from jetsync.actions.log import end_notice, notify, record
from jetsync.actions.mail import post_mail
from jetsync.enums import NoticeLevel, Role
from jetsync.exceptions import InvalidInput, NotAllowed, StateConflict
from jetsync.models import Membership, Merchant, StoreDeletion
from jetsync.queries.deletion import NOTICE, store_is_suspended, waiting_deletions
from jetsync.sync.schedules import wake_schedules
from jetsync.tenancy.actor import Actor
from jetsync.tenancy.context import merchant_scope
from jetsync.tenancy.rights import Right

log = structlog.get_logger(__name__)

# An hour more than the day that is promised, so that a late look moves no date.
WARN_BEFORE = NOTICE + timedelta(hours=1)
_NOTICE = "store.deletion"


def _check_owner(merchant: Merchant, actor: Actor) -> None:
    """A person who is an owner: no token of his, no other role with whatever rights, no staff."""
    is_owner = (
        actor.user is not None
        and actor.token is None
        and Membership.objects.filter(merchant=merchant, user=actor.user, role=Role.OWNER).exists()
    )
    if not is_owner:
        raise NotAllowed(f"Only an owner can delete or keep {merchant}.", hint="Ask an owner, in the panel.")


@transaction.atomic
def ask_deletion(merchant: Merchant, *, name: str, actor: Actor) -> StoreDeletion:
    """Freezes the store from now on and has it deleted after the waiting time. `name` is what the owner typed.

    Raises NotAllowed for anybody but an owner, InvalidInput for another name, StateConflict when it waits already.
    """
    _check_owner(merchant, actor)
    if name.strip() != merchant.name:
        said = f"“{name.strip()[:120]}” is not the name of this store, which is “{merchant.name}”."
        raise InvalidInput(said, fields={"name": [said]})
    due_at = timezone.now() + timedelta(days=settings.DELETION_DAYS)
    try:
        with transaction.atomic():
            deletion = StoreDeletion.objects.create(
                store_number=merchant.pk, asked_by_role=Role.OWNER, due_at=due_at
            )
    except IntegrityError as exc:
        raise StateConflict(f"The deletion of {merchant} has been asked for already.") from exc
    merchant.deletion_due_at = due_at
    merchant.save(update_fields=["deletion_due_at"])
    record(
        merchant,
        "jetsync.store.deletion_asked",
        f"{merchant} is deleted on {due_at:%b} {due_at.day}, {due_at:%Y, %H:%M} UTC unless an owner keeps it.",
        actor=actor,
        about=merchant,
        new={"due_at": due_at.isoformat()},
    )
    notify(
        merchant,
        _NOTICE,
        f"{merchant} is going to be deleted",
        level=NoticeLevel.WARNING,
        body=f"Asked for by {actor.label}. Until then an owner can keep the store.",
        right=Right.HOME_VIEW,
    )
    post_mail(merchant, "store.deletion", {"by": actor.label})
    return deletion


@transaction.atomic
def keep_store(merchant: Merchant, *, actor: Actor) -> None:
    """Takes the request back: everything that rested goes on. Raises NotAllowed, or StateConflict when nothing waits."""
    _check_owner(merchant, actor)
    won = waiting_deletions().filter(store_number=merchant.pk).update(kept_at=timezone.now())
    if not won:
        raise StateConflict(f"No deletion of {merchant} is waiting.", hint="Reload the page.")
    merchant.deletion_due_at = None
    merchant.save(update_fields=["deletion_due_at"])
    wake_schedules(merchant, timezone.now())
    end_notice(merchant, _NOTICE)
    record(
        merchant,
        "jetsync.store.kept",
        f"{merchant} is kept; its deletion was taken back.",
        actor=actor,
        about=merchant,
    )


def warn_ahead(now: datetime) -> int:
    """A mail to the owners of each store that goes within a day; returns how many stores. Twice mails once.

    Where the day has been missed the deletion moves, so that all owners have it. One store that cannot be warned is
    reported and keeps no other from it. Of a suspended store nobody can act: its day begins when it is open again.
    """
    waiting = waiting_deletions()
    waiting.filter(store_is_suspended()).exclude(warned_at=None).update(warned_at=None)
    warned = 0
    for deletion in waiting.filter(~store_is_suspended(), due_at__lte=now + WARN_BEFORE, warned_at=None):
        try:
            warned += _warn(deletion, now)
        except Exception:  # the next look tries again, and nothing is deleted before
            log.exception("store_not_warned", store=deletion.store_number)
    return warned


def _warn(deletion: StoreDeletion, now: datetime) -> bool:
    merchant = Merchant.objects.filter(pk=deletion.store_number).first()
    if merchant is None:
        return False
    due_at = max(deletion.due_at, now + NOTICE)
    with merchant_scope(merchant), transaction.atomic():
        won = waiting_deletions().filter(pk=deletion.pk, warned_at=None).update(warned_at=now, due_at=due_at)
        if won:
            merchant.deletion_due_at = due_at
            merchant.save(update_fields=["deletion_due_at"])
            post_mail(merchant, "store.deletion_soon")
    return bool(won)
