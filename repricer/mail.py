"""The alarm of the repricer's breaker."""

from __future__ import annotations

from collections.abc import Sequence

from jetsync.mail.kinds import Event, MailItem, MailKind, register_mail
from jetsync.mail.writing import absolute
from jetsync.models import Merchant
from jetsync.tenancy.rights import Right
from repricer.actions.run import FROZEN_MAIL
from repricer.enums import RunState
from repricer.models import RepriceRun
from repricer.pages import page_url


def frozen_runs(merchant: Merchant, events: Sequence[Event]) -> list[MailItem]:
    """One query."""
    rows = RepriceRun.objects.filter(merchant=merchant, pk__in=[event.object_id for event in events])
    return [
        MailItem(
            label=f"Run {row.pk}",
            url=absolute(page_url(merchant, "run", pk=row.pk)),
            side=f"more than {row.allowed:,} of {row.total:,} SKUs",
            lines=(row.message,),
            about=("repricer.repricerun", row.pk),
        )
        for row in rows.order_by("pk")
    ]


def _recent(merchant: Merchant) -> list[Event]:
    rows = RepriceRun.objects.filter(merchant=merchant, state=RunState.FROZEN).order_by("-pk")
    return [Event(pk) for pk in rows.values_list("pk", flat=True)[:3]]


register_mail(
    MailKind(
        name=FROZEN_MAIL,
        label="Repricer stopped",
        explanation="When the repricer wanted to change more prices at once than you allow. Sent at once, always.",
        position=65,
        right=Right.PRODUCTS_VIEW,
        template="mail/repricer/frozen",
        headline=lambda _items, _total: "The repricer has stopped itself",
        items=frozen_runs,
        recent=_recent,
        sample=lambda _merchant: [
            MailItem(
                "Run 12",
                side="more than 30 of 60 SKUs",
                lines=("Run 12 wanted to change more than 30 of 60 SKUs. 18 prices were taken back.",),
            )
        ],
        list_url=lambda merchant: page_url(merchant, "repricer"),
        list_label="Open the repricer",
        may_wait=False,
    )
)
