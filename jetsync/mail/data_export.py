"""The mail that says that the export of a store's data is ready. It carries no data."""

from __future__ import annotations

from collections.abc import Sequence

from django.template.defaultfilters import filesizeformat
from django.utils import timezone

from jetsync.mail.kinds import Event, MailItem, MailKind, register_mail
from jetsync.mail.writing import absolute, moment, page_of
from jetsync.models import DataExport, Merchant
from jetsync.tenancy.rights import Right

_page = page_of("panel:data")


def ready_exports(merchant: Merchant, events: Sequence[Event]) -> list[MailItem]:
    """One query."""
    ids = [event.object_id for event in events if event.object_id is not None]
    return [_item(merchant, row) for row in DataExport.objects.filter(merchant=merchant, pk__in=ids)]


def _item(merchant: Merchant, row: DataExport) -> MailItem:
    until = f"Kept until {moment(merchant, row.expires_at)}." if row.expires_at else ""
    return MailItem(
        label="Export of all data",
        url=absolute(_page(merchant)),
        lines=(f"{row.row_count:,} rows, {filesizeformat(row.byte_count)}, asked for by {row.actor_label}.",),
        notes=(until,) if until else (),
        about=("jetsync.dataexport", row.pk),
    )


def _sample(merchant: Merchant) -> list[MailItem]:
    return [
        MailItem(
            "Export of all data",
            lines=("412,000 rows, 38 MB, asked for by Jo Finch.",),
            notes=(f"Kept until {moment(merchant, timezone.now())}.",),
        )
    ]


register_mail(
    MailKind(
        name="data.export",
        label="Data export",
        explanation="The export of all data of the store is ready. To the owners, always.",
        position=90,
        right=Right.DATA_EXPORT,
        template="mail/data/export",
        headline=lambda _items, _total: "Your data is ready to download",
        items=ready_exports,
        sample=_sample,
        list_url=_page,
        list_label="Open “Your data”",
        recipients="",
        may_wait=False,
    )
)
