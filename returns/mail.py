"""Mails about returns. The shopper is not named."""

from __future__ import annotations

from collections.abc import Sequence
from decimal import Decimal

from jetsync.mail.kinds import Event, MailItem, MailKind, register_mail
from jetsync.mail.writing import absolute, dollars
from jetsync.models import Merchant
from jetsync.tenancy.rights import Right
from jetsync.wording import counted
from orders.amounts import ZERO
from returns.models import Return
from returns.pages import return_list_url, return_url
from returns.queries import all_returns

# A preview shows so many of the latest.
PREVIEWED = 3


def new_returns(merchant: Merchant, events: Sequence[Event]) -> list[MailItem]:
    """In the order of their events; three queries."""
    rows = Return.objects.filter(merchant=merchant, pk__in=[event.object_id for event in events])
    found = {row.pk: row for row in rows.select_related("merchant").prefetch_related("lines")}
    return [_item(found[event.object_id]) for event in events if event.object_id in found]


def _item(returned: Return) -> MailItem:
    lines = list(returned.lines.all())
    asked = sum((line.requested.total for line in lines), ZERO)
    return MailItem(
        label=f"Return {returned}",
        url=absolute(return_url(returned)),
        side=dollars(asked) if asked else "",
        lines=tuple(
            f"{line.return_quantity} x {line.sku}: {line.title}".rstrip(": ")
            + (f" ({line.reason})" if line.reason else "")
            for line in lines
        ),
        notes=(f"Of order {returned.order_label}. {returned.get_status_display()}.",),
        about=("returns.return", returned.pk),
    )


register_mail(
    MailKind(
        name="returns.new",
        label="New returns",
        explanation="Returns that shoppers opened, with SKUs, reasons and what they would get back.",
        position=50,
        right=Right.RETURNS_VIEW,
        template="mail/returns/new",
        headline=lambda items, total: (
            f"New return: {items[0].label.removeprefix('Return ')}"
            if total == 1
            else f"{counted(total, 'new return')} to answer"
        ),
        items=new_returns,
        recent=lambda merchant: [
            Event(pk)
            for pk in all_returns(merchant)
            .order_by("-return_date", "-pk")
            .values_list("pk", flat=True)[:PREVIEWED]
        ],
        sample=lambda _merchant: [
            MailItem(
                "Return 7730417",
                side=dollars(Decimal("28.49")),
                lines=("1 x HF-MUG-12: Stoneware mug, 12 oz (Item arrived damaged)",),
                notes=("Of order 201811280417. Created.",),
            )
        ],
        list_url=lambda merchant: return_list_url(merchant, "status=created"),
        list_label="Answer the returns",
        switch="mail_new_returns",
    )
)
