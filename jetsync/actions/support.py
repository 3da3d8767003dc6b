"""Messages to support: stored, mailed, and marked as answered by staff."""

from __future__ import annotations

import secrets
from dataclasses import dataclass
from datetime import timedelta

from django.conf import settings
from django.db import transaction
from django.urls import reverse
from django.utils import timezone

from jetsync.actions.log import notify, record
from jetsync.actions.mail import store_mail
from jetsync.enums import NoticeLevel
from jetsync.exceptions import InvalidInput, NotAllowed, StateConflict
from jetsync.mail.kinds import SUPPORT, MailItem, MailKind
from jetsync.mail.writing import Section, absolute, write_letter
from jetsync.models import Merchant, SupportRequest
from jetsync.tenancy.actor import Actor
from jetsync.tenancy.rights import Right

# Enough for somebody in trouble, too few to flood whoever answers.
PER_PERSON_AND_HOUR = 5
PER_STORE_AND_DAY = 30
LONGEST_MESSAGE = 5000
# Case files of orders have about 100 kB; a job's calls are cut.
LONGEST_ATTACHMENT = 500_000
# Read aloud on the telephone: without 0, O, 1, I and L.
_LETTERS = "23456789ABCDEFGHJKMNPQRSTUVWXYZ"


@dataclass(frozen=True)
class Attachment:
    """The case file of the object that the message is about."""

    object_type: str
    object_id: int
    label: str
    text: str


def _kind() -> MailKind:
    return MailKind(
        name=SUPPORT,
        label="Message to support",
        explanation="What somebody of the store asked support.",
        position=0,
        right=Right.MEMBERS_MANAGE,
        template="mail/support/message",
        headline=lambda items, _total: str(items[0].label),
        items=lambda _merchant, _events: (),
        sample=lambda _merchant: (),
    )


def support_page(request: SupportRequest) -> str:
    return reverse("panel:support-detail", kwargs={"merchant_slug": request.merchant.slug, "pk": request.pk})


@transaction.atomic
def ask_support(
    merchant: Merchant, *, subject: str, message: str, attachment: Attachment | None = None, actor: Actor
) -> SupportRequest:
    """Stores the message and mails it to the installation's support, with a copy to the person who asks.

    Raises InvalidInput, NotAllowed for staff and tokens, StateConflict beyond the limits.
    """
    if actor.user is None or actor.token is not None:
        raise NotAllowed("Only a person of this store can write to support.")
    if not subject.strip() or not message.strip():
        raise InvalidInput(
            "Subject and message are both needed.",
            fields={"message": ["Say what you did, what you expected and what came."]},
        )
    _check_limits(merchant, actor)
    request = SupportRequest.objects.create(
        merchant=merchant,
        reference="JS-" + "".join(secrets.choice(_LETTERS) for _ in range(8)),
        user=actor.user,
        sender=actor.label[:150],
        email=actor.user.email,
        subject=" ".join(subject.split())[:150],
        message=message.strip()[:LONGEST_MESSAGE],
        object_type=attachment.object_type if attachment else "",
        object_id=attachment.object_id if attachment else None,
        object_label=attachment.label[:200] if attachment else "",
        attachment=attachment.text[:LONGEST_ATTACHMENT] if attachment else "",
    )
    record(
        merchant,
        "jetsync.support.asked",
        f"Wrote to support: {request}.",
        actor=actor,
        about=request,
        new={"attached": request.object_label} if attachment else None,
    )
    _mail(request)
    return request


def _check_limits(merchant: Merchant, actor: Actor) -> None:
    now = timezone.now()
    of_store = SupportRequest.objects.filter(merchant=merchant)
    lately = of_store.filter(user=actor.user, created_at__gte=now - timedelta(hours=1)).count()
    today = of_store.filter(created_at__gte=now - timedelta(days=1)).count()
    if lately >= PER_PERSON_AND_HOUR or today >= PER_STORE_AND_DAY:
        told, wait = (
            (f"You wrote {lately} messages within the last hour", "an hour")
            if lately >= PER_PERSON_AND_HOUR
            else (f"{merchant} wrote {today} messages within a day", "a day")
        )
        raise StateConflict(
            f"{told}; this one was not sent.",
            hint="Nothing you typed is lost on this page. Add it to a message you sent, by answering the copy in your mail, "
            f"or wait {wait}.",
            code="too_many_messages",
        )


def _mail(request: SupportRequest) -> None:
    support = settings.SUPPORT_EMAIL
    if support:
        admin_page = absolute(reverse("admin:jetsync_supportrequest_change", args=[request.pk]))
        _letter_to(request, support, url=admin_page, reply_to=request.email)
    note = (
        f"A copy of what you wrote to support. Name {request.reference} when you come back to it."
        if support
        else f"A copy of what you wrote. Staff of this installation find it as {request.reference}."
    )
    _letter_to(
        request,
        request.email,
        url=absolute(support_page(request)),
        note=note,
        reply_to=support,
    )


def _letter_to(request: SupportRequest, address: str, *, url: str, reply_to: str, note: str = "") -> None:
    lines = [f"From {request.sender} ({request.email}) of {request.merchant}."]
    if request.object_label:
        lines.append(f"With the case file of {request.object_label}, kept in jetsync.")
    item = MailItem(
        label=str(request),
        url=url,
        lines=tuple(request.message.splitlines()),
        notes=tuple(lines),
        about=("jetsync.supportrequest", request.pk),
    )
    section = Section(_kind(), [item], 1)
    letter = write_letter(request.merchant, [section], note=note)
    store_mail(request.merchant, address, letter, [section], reply_to=reply_to)


@transaction.atomic
def mark_answered(request: SupportRequest, *, actor: Actor) -> None:
    """By staff. The store sees it in the bell and in its log. Raises StateConflict when it was answered already."""
    changed = SupportRequest.objects.filter(
        merchant=request.merchant_id, pk=request.pk, answered_at=None
    ).update(answered_at=timezone.now())
    if not changed:
        raise StateConflict(f"{request} was answered before.")
    record(
        request.merchant,
        "jetsync.support.answered",
        f"Support answered {request}.",
        actor=actor,
        about=request,
    )
    notify(
        request.merchant,
        f"support.answered.{request.pk}",
        f"Support answered {request.reference}",
        level=NoticeLevel.SUCCESS,
        body=f"“{request.subject}”. The answer is in the mail of {request.sender}.",
        url=support_page(request),
    )
