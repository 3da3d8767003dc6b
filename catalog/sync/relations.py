"""Keeps groups and exceptions at Jet right, after the SKUs themselves."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any

from catalog.actions.deltas import KEY, PUSH_RELATIONS
from catalog.actions.relations import mark_groups_sent, mark_returns_sent, mark_shipping_sent
from catalog.models import Listing
from catalog.queries.relations import (
    completed_groups,
    return_messages,
    shipping_messages,
    variation_messages,
)
from jetsync.enums import Priority
from jetsync.models import Merchant
from jetsync.sync.requests import request_job
from jetsync.sync.runner import JobContext


def send_variation(context: JobContext, listing: Listing) -> bool:
    sent = False
    for message in variation_messages(context.merchant, [listing.pk]):
        context.jet.products.set_variation(message.sku, message.body)  # type: ignore[arg-type]  # built as a VariationBody
        mark_groups_sent(context.merchant, {message.row_id: message.digest})
        sent = True
    if completed_groups(context.merchant, [listing.pk]).exists():
        # The last child of a family that Jet has just taken: now the group can follow.
        request_job(context.merchant, PUSH_RELATIONS, KEY, priority=Priority.NORMAL)
    return sent


def send_shipping(context: JobContext, listing: Listing) -> bool:
    sent = False
    for message in shipping_messages(context.merchant, [listing.pk]):
        context.jet.products.set_shipping_exceptions(message.sku, message.body)  # type: ignore[arg-type]  # as above
        mark_shipping_sent(context.merchant, {message.row_id: message.digest})
        sent = True
    return sent


def send_returns(context: JobContext, listing: Listing) -> bool:
    sent = False
    for message in return_messages(context.merchant, [listing.pk]):
        context.jet.products.set_returns_exception(message.sku, message.body)  # type: ignore[arg-type]  # as above
        mark_returns_sent(context.merchant, {message.row_id: message.digest})
        sent = True
    return sent


Entry = tuple[str, bytes | dict[str, Any], list[Any]]


def variation_entries(merchant: Merchant, ids: Sequence[int]) -> Iterator[Entry]:
    for row in variation_messages(merchant, ids):
        entry = [row.listing_id, row.sku, row.row_id, row.digest, row.body["children_skus"]]
        yield row.sku, row.body, entry


def shipping_entries(merchant: Merchant, ids: Sequence[int]) -> Iterator[Entry]:
    for row in shipping_messages(merchant, ids):
        yield row.sku, row.body, [row.listing_id, row.sku, row.digest]


def return_entries(merchant: Merchant, ids: Sequence[int]) -> Iterator[Entry]:
    for row in return_messages(merchant, ids):
        yield row.sku, row.body, [row.listing_id, row.sku, row.digest]
