"""The kernel's own kind of mail: regular work that did not run in time."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from django.utils import timezone

from jetsync.mail.kinds import Event, MailItem, MailKind, register_mail
from jetsync.mail.writing import absolute, moment, page_of
from jetsync.models import Merchant, Schedule
from jetsync.sync.registry import schedule_of
from jetsync.tenancy.rights import Right

_list_url = page_of("panel:schedule-list")


def late_schedules(merchant: Merchant, events: Sequence[Event]) -> list[MailItem]:
    """One query."""
    rows = Schedule.objects.filter(merchant=merchant, pk__in=[event.object_id for event in events])
    found = {row.pk: row for row in rows}
    return [_item(merchant, found[event.object_id], event) for event in events if event.object_id in found]


def _item(merchant: Merchant, row: Schedule, event: Event) -> MailItem:
    kind = schedule_of(row.kind)
    since = event.facts.get("since", "")
    last = row.last_finished_at
    return MailItem(
        label=kind.label if kind else row.kind,
        url=absolute(_list_url(merchant)),
        lines=(f"Should have run by {moment(merchant, datetime.fromisoformat(since))}.",) if since else (),
        notes=(_state(merchant, last, event),),
        about=("jetsync.schedule", row.pk),
    )


def _state(merchant: Merchant, last: datetime | None, event: Event) -> str:
    if last is None:
        return "It has never finished."
    runs_again = event.at is not None and last > event.at
    return f"{'It runs again: last' if runs_again else 'Last'} finished {moment(merchant, last)}."


def _sample(merchant: Merchant) -> list[MailItem]:
    now = timezone.now()
    return [
        MailItem(
            "Fetch orders",
            lines=(f"Should have run by {moment(merchant, now)}.",),
            notes=(f"Last finished {moment(merchant, now)}.",),
        )
    ]


register_mail(
    MailKind(
        name="schedules.late",
        label="Late schedules",
        explanation="Regular work that did not start or end in time, once per delay.",
        position=80,
        right=Right.ACTIVITY_VIEW,
        template="mail/schedules/late",
        headline=lambda items, total: f"Late: {items[0].label}" if total == 1 else f"Late: {total} schedules",
        items=late_schedules,
        sample=_sample,
        list_url=_list_url,
        list_label="Open the schedules",
        switch="mail_late_schedules",
    )
)
