"""Hands mails to the mail server.

SMTP offers no idempotency: between the end of the message and the server's "250" either side may vanish, and then
nobody knows whether the mail is on its way. A sender must choose between "at least once" (repeat, and some arrive
twice) and "at most once" (do not, and some never arrive). We choose at most once, for every kind:

1. While the connection is being opened nothing has been said: any trouble is tried again, for about a day.
2. Before the message is handed over the row is marked `sending`, in a transaction of its own. A worker that finds
   this mark knows that another died there, and does not send: the mail ends as "may have been sent", which the panel
   shows with a button to send it again.
3. An answer of the server is certain either way: "not now" (4xx) is tried again, "no" (5xx) ends the mail.

A mail too many about an order is an order shipped twice by somebody in a hurry; a missing one is seen in the bell
and on the home page, and of an alarm the next one follows three minutes later. The Message-ID belongs to the row, so
that even "send again" after an unsure end shows as one mail wherever doubles are recognised.
"""

from __future__ import annotations

import contextlib
import smtplib
from datetime import timedelta
from typing import Any

from django.core.mail import EmailMultiAlternatives, get_connection
from django.utils import timezone

from jetsync.actions.mail import SEND, SEND_NOW, begin_sending, mark_lost, mark_sent, put_back
from jetsync.enums import MailState, Queue
from jetsync.mail.writing import absolute, settings_path
from jetsync.models import Job, Mail
from jetsync.queries.mail import mails_of
from jetsync.sync.failures import PermanentFailure, RetryLater
from jetsync.sync.registry import handler
from jetsync.sync.runner import JobContext

# Waits grow to ten minutes, so this is about a day: long enough for an operator to mend his mail server.
TRIES = 150
OPERATOR_HINT = "The operator checks EMAIL_URL and the mail server; jetsync goes on trying for about a day."
ADDRESS_HINT = "Check the address under Settings > Mail, then send the mail again."
UNSURE_HINT = "Ask whether it arrived. If not, send it again from this page."


def sending_failed(job: Job) -> None:
    """The job came to a bad end without the mail knowing: a crash, or too many tries."""
    mail = mails_of(job.merchant).filter(pk=int(job.key)).first()
    if mail is None or not mail.is_open:
        return
    fresh = Job.objects.get(pk=job.pk, merchant=job.merchant_id)
    state = MailState.UNSURE if mail.state == MailState.SENDING else MailState.FAILED
    hint = UNSURE_HINT if state == MailState.UNSURE else fresh.hint
    mark_lost(mail, state, code=fresh.code, message=fresh.message, hint=hint)


@handler(
    SEND, label="Send a mail", right=None, max_attempts=TRIES, on_failure=sending_failed, while_resting=True
)
@handler(
    SEND_NOW,
    label="Send an alarm",
    right=None,
    queue=Queue.URGENT,
    max_attempts=TRIES,
    on_failure=sending_failed,
    while_resting=True,
)
def send_mail(ctx: JobContext) -> None:
    mail = mails_of(ctx.merchant).filter(pk=int(ctx.job.key)).select_related("merchant").first()
    if mail is None:
        ctx.note("The mail was trimmed by age before it could be sent.")
        return
    if mail.state == MailState.SENDING:
        _give_up_unsure(mail, "The worker stopped while it handed this mail to the server.")
    elif mail.state == MailState.QUEUED and mail.not_after and mail.not_after < timezone.now():
        mark_lost(
            mail,
            MailState.FAILED,
            code="too_late",
            message="The mail server was not reached in time; this mail would only mislead now.",
            hint=OPERATOR_HINT,
        )
    elif mail.state == MailState.QUEUED:
        _deliver(ctx, mail)
    mail.refresh_from_db(fields=["state"])
    ctx.note(f"Mail to {mail.to}: {mail.get_state_display().lower()}.")


def _deliver(ctx: JobContext, mail: Mail) -> None:
    connection = get_connection()
    try:
        connection.open()
    except (smtplib.SMTPException, OSError) as exc:
        raise _again(mail, "unreachable", f"The mail server cannot be reached: {_words(exc)}") from exc
    try:
        message = message_of(mail, connection)
        ctx.heartbeat()
        if begin_sending(mail):
            _hand_over(ctx, mail, message)
    finally:
        # The mail's end stands already; a server that hangs up rudely changes nothing about it.
        with contextlib.suppress(smtplib.SMTPException, OSError):
            connection.close()


def _hand_over(ctx: JobContext, mail: Mail, message: EmailMultiAlternatives) -> None:
    try:
        sent = message.send()
    except smtplib.SMTPServerDisconnected as exc:
        _give_up_unsure(mail, f"The mail server hung up in the middle: {_words(exc)}")
    except smtplib.SMTPException as exc:
        _judge(mail, exc)
    except OSError as exc:
        _give_up_unsure(mail, f"The connection to the mail server broke: {_words(exc)}")
    else:
        if sent:
            mark_sent(mail, job=ctx.job)
        else:
            _refuse(mail, "The mail server took nothing, without a reason.", OPERATOR_HINT)


def message_of(mail: Mail, connection: Any = None) -> EmailMultiAlternatives:
    """The message as it goes out: text, the same as HTML, and headers that keep holiday answers away."""
    address = absolute(settings_path(mail.merchant))
    message = EmailMultiAlternatives(
        subject=mail.subject,
        body=mail.text,
        to=[mail.to],
        reply_to=[mail.reply_to] if mail.reply_to else None,
        connection=connection,
        headers={
            "Message-ID": mail.message_id,
            "Date": _rfc_date(mail),
            "Auto-Submitted": "auto-generated",
            "X-Auto-Response-Suppress": "All",
            "List-Unsubscribe": f"<{address}>",
        },
    )
    message.attach_alternative(mail.html, "text/html")
    return message


def _rfc_date(mail: Mail) -> str:
    return mail.created_at.strftime("%a, %d %b %Y %H:%M:%S +0000")


def _judge(mail: Mail, exc: smtplib.SMTPException) -> None:
    """The server answered, so it is certain that the mail was not taken."""
    code, words = _answer(exc)
    if code and code < 500:  # noqa: PLR2004 -- SMTP: 4xx not now, 5xx no
        raise _again(mail, f"smtp_{code}", f"The mail server put this mail off ({code} {words}).") from exc
    is_address = isinstance(exc, smtplib.SMTPRecipientsRefused)
    sentence = f"The mail server refuses {mail.to}" if is_address else "The mail server refuses this mail"
    _refuse(mail, f"{sentence} ({code or 'no code'} {words}).", ADDRESS_HINT if is_address else OPERATOR_HINT)


def _answer(exc: smtplib.SMTPException) -> tuple[int, str]:
    """The server's code and words, whichever of smtplib's errors carries them."""
    code: int
    words: bytes | str
    if isinstance(exc, smtplib.SMTPRecipientsRefused):
        code, words = next(iter(exc.recipients.values()), (0, b""))
    elif isinstance(exc, smtplib.SMTPResponseException):
        code, words = exc.smtp_code, exc.smtp_error
    else:
        code, words = 0, str(exc)
    text = words.decode("utf-8", "replace") if isinstance(words, bytes) else str(words)
    return code, " ".join(text.split())[:300]


def _words(exc: Exception) -> str:
    if isinstance(exc, smtplib.SMTPResponseException):
        code, words = _answer(exc)
        return f"{code} {words}"
    return (" ".join(str(exc).split()) or type(exc).__name__)[:300]


def _again(mail: Mail, code: str, message: str) -> RetryLater:
    put_back(mail, code=code, message=message, hint=OPERATOR_HINT)
    return RetryLater(message, hint=OPERATOR_HINT, code=code, after=_wait(mail))


def _wait(mail: Mail) -> timedelta | None:
    """A mail that is soon worthless is tried every few seconds."""
    return timedelta(seconds=10) if mail.not_after else None


def _refuse(mail: Mail, message: str, hint: str) -> None:
    mark_lost(mail, MailState.FAILED, code="refused", message=message, hint=hint)
    raise PermanentFailure(message, hint=hint)


def _give_up_unsure(mail: Mail, message: str) -> None:
    mark_lost(mail, MailState.UNSURE, code="unsure", message=message, hint=UNSURE_HINT)
    raise PermanentFailure(message, hint=UNSURE_HINT, code="unsure")
