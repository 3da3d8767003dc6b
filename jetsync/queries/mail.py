"""Reads about mails: who is told, what waits, and what was sent."""

from __future__ import annotations

from collections.abc import Collection
from datetime import datetime, time, timedelta

from django.conf import settings
from django.db.models import QuerySet
from django.http import Http404
from django.utils import timezone

from jetsync.enums import MailPace, MailState
from jetsync.mail.kinds import MailKind, all_mail_kinds
from jetsync.models import Mail, MailEvent, Merchant, Options
from jetsync.queries.settings import owner_emails
from jetsync.tenancy.actor import Actor
from jetsync.tenancy.rights import parse_rights

# Time for what belongs together to gather in one mail.
GATHER = timedelta(seconds=60)
_SILENT_BACKENDS = ("console.EmailBackend", "filebased.EmailBackend", "dummy.EmailBackend")
# The content is left out of lists: a letter may have 100 kB.
CONTENT = ("text", "html")


def reaches_nobody() -> bool:
    """Whether this installation writes its mails to a folder or the console instead of sending them."""
    return settings.EMAIL_BACKEND.endswith(_SILENT_BACKENDS)


def is_wanted(options: Options, kind: MailKind) -> bool:
    return not kind.switch or bool(getattr(options, kind.switch))


def recipients_of(merchant: Merchant, options: Options, kind: MailKind) -> list[str]:
    """Addresses named for this kind, else the owners'. Never anybody else."""
    named: str = getattr(options, kind.recipients) if kind.recipients else ""
    return [line.strip() for line in named.splitlines() if line.strip()] or owner_emails(merchant)


def due_up_to(merchant: Merchant, options: Options, now: datetime) -> datetime:
    """What happened before this moment is to be told now: the last full hour or the last daily hour of the store."""
    if options.mail_pace == MailPace.AT_ONCE:
        return now
    local = now.astimezone(merchant.zone)
    if options.mail_pace == MailPace.HOURLY:
        return local.replace(minute=0, second=0, microsecond=0)
    today = datetime.combine(local.date(), time(options.mail_daily_hour), tzinfo=merchant.zone)
    if today <= local:
        return today
    return datetime.combine(
        local.date() - timedelta(days=1), time(options.mail_daily_hour), tzinfo=merchant.zone
    )


def next_summary_at(merchant: Merchant, options: Options, now: datetime) -> datetime | None:
    """When mails that wait will be written; None when they are written at once."""
    if options.mail_pace == MailPace.AT_ONCE:
        return None
    last = due_up_to(merchant, options, now)
    if options.mail_pace == MailPace.HOURLY:
        return last + timedelta(hours=1)
    # By the clock on the wall: a day is not always 24 hours.
    return datetime.combine(
        last.date() + timedelta(days=1), time(options.mail_daily_hour), tzinfo=merchant.zone
    )


def waiting_events(merchant: Merchant) -> QuerySet[MailEvent]:
    return MailEvent.objects.filter(merchant=merchant).order_by("id")


def waiting_kinds() -> Collection[str]:
    return [kind.name for kind in all_mail_kinds() if kind.may_wait]


def mails_of(merchant: Merchant) -> QuerySet[Mail]:
    return Mail.objects.filter(merchant=merchant)


def get_mail(merchant: Merchant, pk: int) -> Mail:
    """Raises Http404."""
    mail = mails_of(merchant).filter(pk=pk).select_related("merchant").first()
    if mail is None:
        raise Http404("There is no such mail; it may have been trimmed by age.")
    return mail


def lost_mails_today(merchant: Merchant) -> int:
    """Mails that ended within 24 hours without having arrived for sure: what the menu counts."""
    since = timezone.now() - timedelta(days=1)
    lost = (MailState.FAILED, MailState.UNSURE)
    return mails_of(merchant).filter(state__in=lost, updated_at__gte=since).count()


def may_read(mail: Mail, actor: Actor) -> bool:
    """Whether the actor may see the pages of everything the mail names."""
    return all(actor.may(right) for right in parse_rights(mail.rights))
