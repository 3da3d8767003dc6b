"""Mails: telling that something happened, writing the letters, and noting how sending them ended."""

from __future__ import annotations

import secrets
from collections.abc import Collection, Sequence
from datetime import datetime, timedelta
from typing import Any
from urllib.parse import urlsplit

from django.conf import settings
from django.db import models, transaction
from django.db.models import F
from django.urls import reverse
from django.utils import timezone

from jetsync.actions.log import notify, record
from jetsync.enums import JobState, MailPace, MailState, NoticeLevel, Priority
from jetsync.exceptions import InvalidInput, StateConflict
from jetsync.mail.kinds import SHOWN, SUMMARY, Event, MailItem, MailKind, mail_kind
from jetsync.mail.writing import Letter, Section, write_letter
from jetsync.models import Job, LogEntry, Mail, MailEvent, Merchant, Options
from jetsync.queries.mail import GATHER, due_up_to, is_wanted, recipients_of, waiting_events, waiting_kinds
from jetsync.queries.settings import get_options
from jetsync.sync.queue import enqueue
from jetsync.sync.requests import request_job
from jetsync.tenancy.actor import SYSTEM, Actor
from jetsync.tenancy.managers import bulk_create

COMPOSE, SEND, SEND_NOW = "mail.compose", "mail.send", "mail.send_now"
# One run writes about at most so many events; facts are small, and a flood ends in few letters.
EVENTS_AT_ONCE = 10_000
# An event that no job came for within this time is taken by the schedule.
LEFT_BEHIND = timedelta(minutes=5)
# A transaction that tells something ends sooner than this.
COMMIT_TIME = timedelta(seconds=10)
# Mails to oneself from the settings page.
TESTS_PER_HOUR = 20


def post_mail(
    merchant: Merchant, kind: str, facts: dict[str, Any] | None = None, *, about: models.Model | None = None
) -> None:
    """Tells of something that happened; call it inside the transaction in which it does.

    `kind` is one that an app registered (jetsync/mail/kinds.py). What the mail says of `about` is read while it is
    written; `facts` holds what the object will not show then. Kinds that may wait are written a minute later with
    what came meanwhile, or with the next summary; alarms are written here and leave at once. Nothing is stored while
    the merchant has this kind switched off. Raises KeyError for a kind that nobody registered.
    """
    label = about._meta.label_lower if about is not None else ""
    post_mails(merchant, kind, [Event(about.pk if about is not None else None, facts or {})], about=label)


@transaction.atomic(savepoint=False)
def post_mails(merchant: Merchant, kind: str, events: Sequence[Event], *, about: str) -> None:
    """`post_mail` for many objects of one model, `about`: a constant number of queries."""
    known = mail_kind(kind)
    if known is None:
        raise KeyError(kind)
    options = get_options(merchant)
    if not events or not is_wanted(options, known):
        return
    if not known.may_wait:
        _write(merchant, options, {known: list(events)})
        return
    rows = [
        MailEvent(
            merchant=merchant, kind=kind, facts=event.facts, object_type=about, object_id=event.object_id
        )
        for event in events
    ]
    bulk_create(MailEvent, rows, batch_size=1000)
    if options.mail_pace == MailPace.AT_ONCE:
        _ask_to_write(merchant, kind)


def _ask_to_write(merchant: Merchant, kind: str) -> None:
    """The job that writes what gathered. One that has time left is not touched: every order of a fetch comes by here,
    and none shall wait for another's lock. Should it run before this transaction ends, the schedule finds the event.
    """
    now = timezone.now()
    waits = Job.objects.filter(
        merchant=merchant, kind=COMPOSE, key=kind, state=JobState.QUEUED, not_before__gt=now + COMMIT_TIME
    )
    if not waits.exists():
        request_job(merchant, COMPOSE, kind, not_before=now + GATHER)


def _as_event(row: MailEvent) -> Event:
    return Event(row.object_id, row.facts, row.created_at)


def write_due(
    merchant: Merchant, *, kinds: Collection[str] | None = None, now: datetime | None = None
) -> int:
    """Writes the letters that are due; returns how many. Twice, or two workers at once, writes each event once.

    At once: one letter per kind and address. Hourly and daily: one summary per address. Without `kinds`, of what
    should have been written at once only that is written which nobody came for.
    """
    now = now or timezone.now()
    options = get_options(merchant)
    up_to = due_up_to(merchant, options, now)
    if kinds is None and options.mail_pace == MailPace.AT_ONCE:
        up_to -= LEFT_BEHIND
    written, is_more = 0, True
    while is_more:
        count, is_more = _write_batch(merchant, options, kinds or waiting_kinds(), up_to)
        written += count
    return written


@transaction.atomic
def _write_batch(
    merchant: Merchant, options: Options, kinds: Collection[str], up_to: datetime
) -> tuple[int, bool]:
    """The events go in the transaction in which their letters come, so that neither can be without the other."""
    rows = list(
        waiting_events(merchant)
        .filter(kind__in=kinds, created_at__lte=up_to)
        .select_for_update(of=("self",), skip_locked=True)[:EVENTS_AT_ONCE]
    )
    MailEvent.objects.filter(merchant=merchant, pk__in=[row.pk for row in rows]).delete()
    told: dict[MailKind, list[Event]] = {}
    for row in rows:
        known = mail_kind(row.kind)
        if known is not None and is_wanted(options, known):
            told.setdefault(known, []).append(_as_event(row))
    if options.mail_pace == MailPace.AT_ONCE:
        written = sum(_write(merchant, options, {kind: events}) for kind, events in told.items())
    else:
        written = _write(merchant, options, told)
    return written, len(rows) == EVENTS_AT_ONCE


def section_of(merchant: Merchant, kind: MailKind, events: Sequence[Event]) -> Section | None:
    """Reads what is to be listed; an object that several events name stands once. None when nothing is left to tell."""
    rest = list({event.object_id or f"#{number}": event for number, event in enumerate(events)}.values())
    items: list[MailItem] = []
    while rest and len(items) < SHOWN:
        part, rest = rest[:SHOWN], rest[SHOWN:]
        items += kind.items(merchant, part)
    return Section(kind, items[:SHOWN], len(items) + len(rest)) if items else None


def _write(merchant: Merchant, options: Options, told: dict[MailKind, list[Event]]) -> int:
    """One letter per address about everything that this address is told."""
    by_address: dict[str, list[Section]] = {}
    for kind in sorted(told, key=lambda kind: (kind.position, kind.name)):
        section = section_of(merchant, kind, told[kind])
        for address in recipients_of(merchant, options, kind) if section else ():
            by_address.setdefault(address, []).append(section)  # type: ignore[arg-type]  # none without a section
    letters: dict[tuple[str, ...], Letter] = {}
    for address, sections in by_address.items():
        content = tuple(section.kind.name for section in sections)
        letter = letters.get(content) or letters.setdefault(content, write_letter(merchant, sections))
        store_mail(merchant, address, letter, sections)
    return len(by_address)


def store_mail(
    merchant: Merchant,
    address: str,
    letter: Letter,
    sections: Sequence[Section],
    *,
    is_test: bool = False,
    reply_to: str = "",
) -> Mail:
    """The row and the job that sends it, in one transaction with whatever the letter tells."""
    kinds = [section.kind for section in sections]
    limits = [kind.useful_for for kind in kinds]
    named = [[*item.about, item.label[:100]] for section in sections for item in section.items if item.about]
    mail = Mail.objects.create(
        merchant=merchant,
        kind=kinds[0].name if len(kinds) == 1 else SUMMARY,
        to=address,
        reply_to=reply_to,
        subject=letter.subject,
        text=letter.text,
        html=letter.html,
        is_test=is_test,
        rights=sorted({str(kind.right) for kind in kinds}),
        named=[] if is_test else named,
        message_id=new_message_id(),
        not_after=timezone.now() + max(filter(None, limits)) if all(limits) and not is_test else None,
    )
    _send(mail)
    return mail


def new_message_id() -> str:
    """Made once per row: whatever is tried again carries the same one, and mail programs show doubles once."""
    host = urlsplit(settings.BASE_URL).hostname or "localhost"
    return f"<{secrets.token_hex(16)}@{host}>"


def _send(mail: Mail) -> Job:
    known = mail_kind(mail.kind)
    is_urgent = known is not None and not known.may_wait and not mail.is_test
    return enqueue(
        mail.merchant,
        SEND_NOW if is_urgent else SEND,
        str(mail.pk),
        priority=Priority.NOW if is_urgent else Priority.NORMAL,
        about=mail,
    )


@transaction.atomic
def begin_sending(mail: Mail) -> bool:
    """Notes, before the server is told anything, that it may be told. False when the mail does not wait any more."""
    return bool(
        _rows(mail, MailState.QUEUED).update(
            state=MailState.SENDING, attempts=F("attempts") + 1, updated_at=timezone.now()
        )
    )


def _rows(mail: Mail, *states: MailState) -> models.QuerySet[Mail]:
    return Mail.objects.filter(merchant=mail.merchant_id, pk=mail.pk, state__in=states)


@transaction.atomic
def mark_sent(mail: Mail, *, job: Job | None = None) -> None:
    """The server took it. Every object the mail names gets a line in its time line."""
    now = timezone.now()
    if not _rows(mail, MailState.SENDING).update(
        state=MailState.SENT, sent_at=now, code="", message="", hint="", updated_at=now
    ):
        return
    sentence = f"{'Test mail' if mail.is_test else 'Mail'} to {mail.to} sent: {mail.subject}"[:500]
    lines = [
        LogEntry(
            merchant_id=mail.merchant_id,
            action="jetsync.mail.sent",
            message=sentence,
            actor_label=SYSTEM.label,
            object_type=object_type,
            object_id=object_id,
            object_label=label,
            new={"mail": mail.pk},
            job=job,
        )
        for object_type, object_id, label in mail.named
    ]
    bulk_create(LogEntry, lines)


@transaction.atomic
def put_back(mail: Mail, *, code: str, message: str, hint: str) -> None:
    """The server surely did not take it, and may later: it waits again, with the reason shown."""
    _rows(mail, MailState.QUEUED, MailState.SENDING).update(
        state=MailState.QUEUED,
        code=code,
        message=message[:1000],
        hint=hint[:500],
        updated_at=timezone.now(),
    )


@transaction.atomic
def mark_lost(mail: Mail, state: MailState, *, code: str, message: str, hint: str) -> None:
    """The end of a mail that did not arrive (FAILED) or may not have (UNSURE); one notice per address."""
    changed = _rows(mail, MailState.QUEUED, MailState.SENDING).update(
        state=state, code=code, message=message[:1000], hint=hint[:500], updated_at=timezone.now()
    )
    if not changed:
        return
    verb = "could not be sent" if state == MailState.FAILED else "may not have arrived"
    record(
        mail.merchant,
        f"jetsync.mail.{state}",
        f"Mail to {mail.to} {verb}: {mail.subject}",
        actor=SYSTEM,
        about=mail,
        new={"reason": message[:300]},
    )
    notify(
        mail.merchant,
        f"mail.lost.{mail.to}"[:120],
        f"Mail to {mail.to} {verb}",
        level=NoticeLevel.WARNING,
        body=f"{message} {hint}".strip(),
        url=reverse("panel:mail-detail", kwargs={"merchant_slug": mail.merchant.slug, "pk": mail.pk}),
    )


@transaction.atomic
def send_again(mail: Mail, *, actor: Actor) -> None:
    """Sends a mail that did not arrive once more, with the same Message-ID. Raises StateConflict for any other."""
    changed = _rows(mail, MailState.FAILED, MailState.UNSURE).update(
        state=MailState.QUEUED, not_after=None, updated_at=timezone.now()
    )
    if not changed:
        raise StateConflict(
            f"The mail “{mail.subject}” to {mail.to} is {mail.get_state_display().lower()}; "
            "only one that did not arrive can be sent again.",
            hint="Reload the page to see what has happened since.",
        )
    _send(mail)
    record(
        mail.merchant,
        "jetsync.mail.sent_again",
        f"The mail to {mail.to} is sent again: {mail.subject}",
        actor=actor,
        about=mail,
    )


def preview_section(merchant: Merchant, kind: MailKind, *, real: bool = True) -> tuple[Section, bool]:
    """`(section, is_real)`: what a mail of this kind would say about the latest real events, else about invented ones."""
    section = section_of(merchant, kind, kind.recent(merchant)) if real else None
    if section is not None:
        return section, True
    items = kind.sample(merchant)
    return Section(kind, items, len(items)), False


def preview_letter(merchant: Merchant, sections: Sequence[tuple[Section, bool]], *, note: str = "") -> Letter:
    """The letter of one kind, or of a summary of several; invented content says so on top."""
    invented = any(not is_real for _section, is_real in sections)
    sample = "The content of this mail is invented, because nothing of the kind has happened yet."
    notes = [note, sample if invented else ""]
    return write_letter(
        merchant, [section for section, _real in sections], note=" ".join(filter(None, notes))
    )


@transaction.atomic
def send_test_mail(merchant: Merchant, kind: MailKind, *, address: str, actor: Actor) -> Mail:
    """Sends the preview of a kind to the person who asks. Raises StateConflict beyond the hourly limit."""
    if not address:
        raise InvalidInput("You have no e-mail address.")
    since = timezone.now() - timedelta(hours=1)
    if Mail.objects.filter(merchant=merchant, is_test=True, created_at__gte=since).count() >= TESTS_PER_HOUR:
        raise StateConflict(
            f"{TESTS_PER_HOUR} test mails were sent within the last hour.", hint="Wait a while and try again."
        )
    section, is_real = preview_section(merchant, kind)
    letter = preview_letter(
        merchant, [(section, is_real)], note=f"This is a test mail, sent to you by {actor.label}."
    )
    mail = store_mail(merchant, address, letter, [section], is_test=True)
    record(
        merchant,
        "jetsync.mail.tested",
        f"A test mail ({kind.label.lower()}) was sent to {address}.",
        actor=actor,
        about=mail,
    )
    return mail
