"""The bulk file type `Shipments`: shipped messages for many orders at once."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from django.db import transaction

from jetsync.sandbox.marketplace.body import Refused
from jetsync.sandbox.models.account import MerchantAccount
from jetsync.sandbox.orders.lists import get_order
from jetsync.sandbox.orders.views import apply_shipped
from jetsync.sandbox.switches import Switches


def apply_shipments_file(merchant: MerchantAccount, mapping: Mapping[str, Any]) -> list[str]:
    """Book every message of a file and return one text per refused order; good orders go through.

    The form of this late file type is not known; like the others it is taken for an object keyed by the thing it
    is about, here `merchant_order_id`, with the body of the single call as value.
    """
    switches = Switches.of(merchant)
    failures = []
    for order_id, body in mapping.items():
        try:
            with transaction.atomic():
                apply_shipped(get_order(merchant, str(order_id)), body, switches)
        except Refused as refusal:
            failures.append(f"{order_id}: {'; '.join(refusal.errors)}")
    return failures
