"""What is sent of a listing, read in batches: the body of each call and what to note once Jet has taken it."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from decimal import Decimal
from functools import lru_cache
from json.encoder import encode_basestring_ascii
from typing import Any

from django.db.models import QuerySet
from django.db.models.expressions import RawSQL

from catalog.enums import ListingStatus, Readiness
from catalog.listing import content_hash
from catalog.models import Listing
from catalog.queries.listing import listings_of
from jetsync.models import Merchant, Operation
from jetsync.queries.settings import current_nodes


@dataclass(frozen=True)
class ContentMessage:
    listing_id: int
    sku: str
    payload: dict[str, Any]
    content_hash: str


@dataclass
class PriceMessage:
    """`node_prices` by Jet node id; `node_rows` by NodeStock pk."""

    listing_id: int
    sku: str
    price: Decimal | None
    node_prices: dict[str, Decimal] = field(default_factory=dict)
    node_rows: dict[int, Decimal | None] = field(default_factory=dict)


@dataclass
class StockMessage:
    listing_id: int
    sku: str
    quantities: dict[str, int] = field(default_factory=dict)
    rows: dict[int, int] = field(default_factory=dict)


def price_json(message: PriceMessage) -> bytes:
    """`price_body` of the message as JSON. Written by hand: a file has a hundred thousand of them, and two decimals
    of a numeric column are a JSON number as they stand.
    """
    if not message.node_prices:
        return f'{{"price":{message.price}}}'.encode("ascii")
    nodes = ",".join(
        f'{{"fulfillment_node_id":{_quoted(node)},"fulfillment_node_price":{price}}}'
        for node, price in message.node_prices.items()
    )
    return f'{{"price":{message.price},"fulfillment_nodes":[{nodes}]}}'.encode("ascii")


def stock_json(message: StockMessage) -> bytes:
    """`inventory_body` of the message as JSON."""
    nodes = ",".join(
        f'{{"fulfillment_node_id":{_quoted(node)},"quantity":{quantity}}}'
        for node, quantity in message.quantities.items()
    )
    return f'{{"fulfillment_nodes":[{nodes}]}}'.encode("ascii")


# A merchant has a handful of nodes; every SKU names them.
_quoted = lru_cache(maxsize=1024)(encode_basestring_ascii)


def content_messages(
    merchant: Merchant, listing_ids: Sequence[int], *, may_end_sale: bool = False
) -> list[ContentMessage]:
    """Of those that may be sent as they are at this moment: a gap may have been opened since the sending was asked for.

    What Jet would refuse is left out, and what would take a SKU off sale unless it `may_end_sale`.
    """
    rows = list(
        Listing.objects.filter(merchant=merchant, pk__in=listing_ids)
        .order_by("pk")
        .values_list("pk", "variant_id", "variant__sku", "status", "content_sent")
    )
    built = listings_of(merchant, [variant_id for _pk, variant_id, _sku, *_at_jet in rows])
    messages = []
    for pk, variant_id, sku, status, sent in rows:
        result = built.get(variant_id)
        if result is None or result.readiness == Readiness.NOT_READY:
            continue
        digest = content_hash(result.payload)
        ends_sale = status == ListingStatus.AVAILABLE and result.readiness == Readiness.NEVER_LIVE
        if may_end_sale or not ends_sale or digest == sent:
            messages.append(ContentMessage(pk, sku, result.payload, digest))
    return messages


def ends_sale_knowingly(operation: Operation | None) -> bool:
    """Whoever started it was told that Jet may hold back what it sells, and said that it be sent."""
    return operation is not None and bool(operation.data.get("may_end_sale"))


def price_messages(merchant: Merchant, listing_ids: Sequence[int]) -> Iterator[PriceMessage]:
    """One per listing that has a price, by pk, node prices included: Jet replaces the whole price record.

    Two queries, whatever the number of ids; the messages are made while the rows are read.
    """
    current = set(current_nodes(merchant).values_list("pk", flat=True))
    rows = (
        _of(merchant, listing_ids)
        .filter(price_target__isnull=False)
        .values_list(
            "pk", "variant__sku", "price_target", *_NODE_COLUMNS, "variant__node_stock__price_target"
        )
    )
    message: PriceMessage | None = None
    for pk, sku, price, row_pk, node_pk, node_id, node_price in rows:
        if message is None or message.listing_id != pk:
            if message is not None:
                yield message
            message = PriceMessage(pk, sku, price)
        if row_pk is None or node_pk not in current:
            continue
        message.node_rows[row_pk] = node_price
        if node_price is not None:
            message.node_prices[node_id] = node_price
    if message is not None:
        yield message


def stock_messages(merchant: Merchant, listing_ids: Sequence[int]) -> Iterator[StockMessage]:
    """One per listing that has stock at a node, by pk, with the quantity of each node. One query."""
    at_current = current_nodes(merchant).values("pk")
    rows = (
        _of(merchant, listing_ids)
        .filter(variant__node_stock__node__in=at_current)
        .values_list("pk", "variant__sku", *_NODE_COLUMNS, "variant__node_stock__quantity_target")
    )
    message: StockMessage | None = None
    for pk, sku, row_pk, _node_pk, node_id, quantity in rows:
        if message is None or message.listing_id != pk:
            if message is not None:
                yield message
            message = StockMessage(pk, sku)
        message.quantities[node_id] = quantity
        message.rows[row_pk] = quantity
    if message is not None:
        yield message


_NODE_COLUMNS = (
    "variant__node_stock__pk",
    "variant__node_stock__node",
    "variant__node_stock__node__node_id",
)


def _of(merchant: Merchant, listing_ids: Sequence[int]) -> QuerySet[Listing]:
    """These listings joined with their nodes' rows. The ids travel as one array: thousands of them as single
    parameters cost more than the query itself.
    """
    ids = RawSQL("SELECT unnest(%s::bigint[])", [list(listing_ids)])
    return Listing.objects.filter(merchant=merchant, pk__in=ids).order_by("pk", "variant__node_stock__pk")
