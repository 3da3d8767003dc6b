"""The mail of the daily report."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import timedelta
from decimal import Decimal

from jetsync.mail.kinds import Event, MailItem, MailKind, register_mail
from jetsync.mail.writing import absolute, dollars, page_of
from jetsync.models import Merchant
from jetsync.tenancy.rights import Right
from jetsync.wording import counted
from refunds.daily.queries import all_daily_reports, today_of
from refunds.models import DailyReport

_list_url = page_of("refunds:daily-list")


def daily_reports(merchant: Merchant, events: Sequence[Event]) -> list[MailItem]:
    """One query."""
    rows = DailyReport.objects.filter(merchant=merchant, pk__in=[event.object_id for event in events])
    return [_item(merchant, row) for row in rows.order_by("day")]


def _item(merchant: Merchant, row: DailyReport) -> MailItem:
    return MailItem(
        label=f"{row.day:%A}, {row.day:%b} {row.day.day}",
        url=absolute(f"{_list_url(merchant)}?day_after={row.day}&day_before={row.day}"),
        side=dollars(row.sales),
        lines=(
            f"{counted(row.orders, 'order')}, {dollars(row.sales)} of sales",
            f"{counted(row.returns, 'return')} opened, {row.completed_returns:,} completed: {dollars(row.returned)} back",
            f"{counted(row.refunds, 'refund')} of {dollars(row.refunded)}",
        ),
    )


def _sample(merchant: Merchant) -> list[MailItem]:
    yesterday = today_of(merchant) - timedelta(days=1)
    return [
        _item(
            merchant,
            DailyReport(
                day=yesterday,
                orders=12,
                sales=Decimal("748.20"),
                returns=1,
                refunds=1,
                refunded=Decimal("24.99"),
            ),
        )
    ]


register_mail(
    MailKind(
        name="refunds.daily",
        label="Daily report",
        explanation="Each morning what the day before brought: orders, sales, returns and refunds.",
        position=85,
        right=Right.REFUNDS_VIEW,
        template="mail/refunds/daily",
        headline=lambda items, total: (
            f"{items[0].label}: {items[0].side} of sales" if total == 1 else f"{total} daily reports"
        ),
        items=daily_reports,
        recent=lambda merchant: [
            Event(pk) for pk in all_daily_reports(merchant).order_by("-day").values_list("pk", flat=True)[:1]
        ],
        sample=_sample,
        list_url=_list_url,
        list_label="Open the daily reports",
        switch="mail_daily_report",
    )
)
