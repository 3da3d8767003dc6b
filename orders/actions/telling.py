"""What the merchant is told about an order: a notice under the bell and a mail, in the transaction of the event."""

from __future__ import annotations

from collections.abc import Sequence

from jetsync.actions.log import notify
from jetsync.actions.mail import post_mail, post_mails
from jetsync.enums import NoticeLevel
from jetsync.jet.words.orders import AcknowledgementStatus
from jetsync.mail.kinds import Event
from jetsync.models import Merchant
from orders.masking import for_all
from orders.models import Order
from orders.pages import failed_orders_url, order_list_url, order_url


def tell_new(merchant: Merchant, answered: Sequence[tuple[Order, str]]) -> None:
    """Ready orders are seen for the first time, each with its answer, "" when none is planned.

    One that is being rejected is told when Jet has the answer.
    """
    if not answered:
        return
    events = [Event(order.pk) for order, _answer in answered]
    post_mails(merchant, "orders.new", events, about=Order._meta.label_lower)
    accepted = [order for order, answer in answered if answer == AcknowledgementStatus.ACCEPTED]
    if accepted:
        notify(
            merchant,
            "orders.accepted",
            "New orders, accepted automatically",
            level=NoticeLevel.SUCCESS,
            body=f"The latest is order {accepted[-1]}.",
            url=order_list_url(merchant),
            count=len(accepted),
        )
    _tell_waiting(merchant, [order for order, answer in answered if not answer])


def _tell_waiting(merchant: Merchant, waiting: Sequence[Order]) -> None:
    """Those that can be accepted as they stand, and those that somebody has to mend first."""
    clean = [order for order in waiting if not order.failure_reason]
    if clean:
        notify(
            merchant,
            "orders.waiting",
            "New orders wait for your answer",
            level=NoticeLevel.WARNING,
            body=f"The latest is order {clean[-1]}. Jet gives 15 minutes.",
            url=order_list_url(merchant, "view=ready"),
            count=len(clean),
        )
    troubled = [order for order in waiting if order.failure_reason]
    if troubled:
        latest = troubled[-1]
        notify(
            merchant,
            "orders.waiting_problem",
            "New orders cannot be accepted as they stand",
            level=NoticeLevel.DANGER,
            body=f"Order {latest}: {latest.failure_message} Mend it, accept it all the same or reject it. "
            "Jet gives 15 minutes.",
            url=failed_orders_url(merchant, "state=ready"),
            count=len(troubled),
        )


def tell_changed(
    order: Order, event: str, title: str, *, body: str, level: NoticeLevel = NoticeLevel.WARNING
) -> None:
    """A notice of this one order, with the way to its page; more of the same event make it grow."""
    body = for_all(order, body)
    notify(order.merchant, f"orders.{event}.{order.pk}", title, level=level, body=body, url=order_url(order))


def tell_failed(
    order: Order, key: str, title: str, *, body: str, level: NoticeLevel = NoticeLevel.DANGER, url: str = ""
) -> None:
    """An order that was, or may be, lost; `url` is the order's page unless the notice stands for several."""
    body = for_all(order, body)
    notify(order.merchant, key, title, level=level, body=body, url=url or order_url(order))
    post_mail(order.merchant, "orders.failed", about=order)


def tell_lost(order: Order) -> None:
    """Jet withdrew it before it was answered."""
    tell_failed(
        order,
        "orders.lost",
        "Orders were lost: nobody answered in time",
        body=f"Order {order}: {order.failure_message}",
        url=order_list_url(order.merchant, "view=failed"),
    )
