"""Mails about the deletion of a store, to all its owners whatever the settings say."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import timedelta

from django.utils import timezone

from jetsync.mail.kinds import Event, MailItem, MailKind, register_mail
from jetsync.mail.writing import absolute, moment, page_of
from jetsync.models import Merchant
from jetsync.tenancy.rights import Right

_page = page_of("panel:data")


def waiting_deletion(merchant: Merchant, events: Sequence[Event]) -> list[MailItem]:
    """Nothing when the store was kept meanwhile."""
    if merchant.deletion_due_at is None:
        return []
    by = next((str(event.facts["by"]) for event in events if event.facts.get("by")), "")
    lines = (f"Deleted on {moment(merchant, merchant.deletion_due_at)} unless an owner keeps it.",)
    notes = (f"Asked for by {by}.",) if by else ()
    return [MailItem(label=merchant.name, url=absolute(_page(merchant)), lines=lines, notes=notes)]


def _sample(merchant: Merchant) -> list[MailItem]:
    due = moment(merchant, timezone.now() + timedelta(days=14))
    return [MailItem(label=merchant.name, lines=(f"Deleted on {due} unless an owner keeps it.",))]


def _kind(name: str, label: str, explanation: str, position: int, headline: str) -> MailKind:
    return MailKind(
        name=name,
        label=label,
        explanation=explanation,
        position=position,
        right=Right.DATA_EXPORT,
        template="mail/data/deletion",
        headline=lambda _items, _total: headline,
        items=waiting_deletion,
        sample=_sample,
        list_url=_page,
        list_label="Open “Your data”",
        recipients="",
        may_wait=False,
    )


register_mail(
    _kind(
        "store.deletion",
        "Deletion of the store",
        "An owner asked for the deletion of the store. To all owners, always.",
        91,
        "This store is going to be deleted",
    ),
    _kind(
        "store.deletion_soon",
        "Deletion within a day",
        "A day before the store is deleted. To all owners, always.",
        92,
        "This store is deleted tomorrow",
    ),
)
