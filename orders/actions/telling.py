"""What the merchant is told about an order: a notice under the bell and a mail, in the transaction of the event."""

from __future__ import annotations

from jetsync.actions.log import notify
from jetsync.actions.mail import post_mail
from jetsync.enums import NoticeLevel
from jetsync.jet.words.orders import AcknowledgementStatus
from orders.models import Order
from orders.pages import order_list_url, order_url


def tell_new(order: Order, answer: str) -> None:
    """A ready order is seen for the first time. One that is being rejected is told when Jet has the answer."""
    post_mail(order.merchant, "orders.new", about=order)
    if answer == AcknowledgementStatus.ACCEPTED:
        notify(
            order.merchant,
            "orders.accepted",
            "New orders, accepted automatically",
            level=NoticeLevel.SUCCESS,
            body=f"The latest is order {order}.",
            url=order_list_url(order.merchant),
        )
    elif not answer:
        notify(
            order.merchant,
            "orders.waiting",
            "New orders wait for your answer",
            level=NoticeLevel.WARNING,
            body=f"The latest is order {order}. Jet gives 15 minutes.",
            url=order_list_url(order.merchant, "view=ready"),
        )


def tell_failed(
    order: Order, key: str, title: str, *, body: str, level: NoticeLevel = NoticeLevel.DANGER, url: str = ""
) -> None:
    """An order that was, or may be, lost; `url` is the order's page unless the notice stands for several."""
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
