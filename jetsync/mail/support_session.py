"""The mail that staff of the installation look into the store, to all its owners whatever the settings say."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import timedelta

from django.utils import timezone

from jetsync.mail.kinds import Event, MailItem, MailKind, register_mail
from jetsync.mail.writing import absolute, moment, page_of
from jetsync.models import Merchant, SupportSession
from jetsync.tenancy.rights import Right

KIND = "support.session"


_page = page_of("panel:members")


def opened_sessions(merchant: Merchant, events: Sequence[Event]) -> list[MailItem]:
    rows = SupportSession.objects.filter(merchant=merchant, pk__in=[event.object_id for event in events])
    return [
        MailItem(
            label=str(row.user),
            url=absolute(_page(merchant)),
            lines=(f"“{row.reason}”",),
            notes=(f"Until {moment(merchant, row.expires_at)} at the latest.",),
        )
        for row in rows.select_related("user")
    ]


def _sample(merchant: Merchant) -> list[MailItem]:
    ends = moment(merchant, timezone.now() + timedelta(hours=2))
    lines = ("“Stock of SKU HF-KET-25, as asked in JS-7K2M9QXA”",)
    return [MailItem(label="support@example.com", lines=lines, notes=(f"Until {ends} at the latest.",))]


register_mail(
    MailKind(
        name=KIND,
        label="Support looks in",
        explanation="Staff of this installation opened a support session. To all owners, always.",
        position=93,
        right=Right.MEMBERS_MANAGE,
        template="mail/support/session",
        headline=lambda _items, _total: "Support looks into your store",
        items=opened_sessions,
        sample=_sample,
        list_url=_page,
        list_label="See and end support sessions",
        recipients="",
        may_wait=False,
    )
)
