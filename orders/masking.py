"""Takes the shopper of one order out of texts and JSON."""

from __future__ import annotations

from jetsync.masking import HIDDEN, PersonMask, personal_leaves
from orders.models import Order

__all__ = ["HIDDEN", "BuyerMask", "for_all"]


class BuyerMask(PersonMask):
    @classmethod
    def of(cls, order: Order) -> BuyerMask:
        """From the order's columns and everything under the personal members of its JSON."""
        columns = (order.buyer_phone, order.ship_to_phone, order.hash_email)
        address = (order.ship_to_address1, order.ship_to_address2, order.ship_to_city, order.ship_to_zip)
        raw = [str(leaf) for leaf in personal_leaves(order.raw)]
        return cls((order.buyer_name, order.ship_to_name), (*columns, *address, *raw))


def for_all(order: Order | None, text: str) -> str:
    """The text for notices and mails, which more people read than may see buyers; without an order, without e-mails."""
    return (BuyerMask.of(order) if order is not None else BuyerMask()).text(text)
