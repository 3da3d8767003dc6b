"""What each file type does: an object keyed by merchant SKU, each value the body of the single call.

A handler takes the merchant and that object, applies what is good and returns one text per entry that is not.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from jetsync.sandbox.listings import groups, operations
from jetsync.sandbox.listings.desk import Desk, UnknownSku
from jetsync.sandbox.marketplace.body import Refused
from jetsync.sandbox.models.account import MerchantAccount

Entries = Mapping[str, Any]
Handler = Callable[[MerchantAccount, Entries], list[str]]
Operation = Callable[[Desk, str, Any], object]

handlers: dict[str, Handler] = {}


def register(file_type: str, handler: Handler) -> None:
    handlers[file_type] = handler


def by_sku(operation: Operation) -> Handler:
    """A handler that runs a single call's operation for every SKU and saves all of them at once."""

    def handle(merchant: MerchantAccount, entries: Entries) -> list[str]:
        desk = Desk(merchant)
        desk.load(entries)
        errors: list[str] = []
        for name, body in entries.items():
            try:
                operation(desk, name, body)
            except UnknownSku:
                errors.append(f"{name}: merchant sku unavailable")
            except Refused as refusal:
                errors += [f"{name}: {text}" for text in refusal.errors]
        desk.flush()
        return errors

    return handle


register("MerchantSKUs", by_sku(operations.put_content))
register("Price", by_sku(operations.put_price))
register("Inventory", by_sku(operations.set_inventory))
register("Variation", by_sku(groups.put_variation))
register("Archive", by_sku(operations.put_archived))
register("ShippingException", by_sku(groups.put_shipping_exceptions))
register("ReturnsException", by_sku(groups.put_returns_exception))
