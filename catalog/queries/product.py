"""Reads of products and their SKUs for the grid, the product page and the API."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from typing import Any

from django.db.models import Q, QuerySet, Sum

from catalog.enums import ProductKind, Step
from catalog.models import Listing, NodeStock, Product, Reservation, Variant
from jetsync.exceptions import NotFound
from jetsync.models import Merchant
from jetsync.queries.settings import current_nodes

# Kilobytes per row that no list shows.
_UNSHOWN = (
    "listing__live_body",
    "listing__content_sent_body",
    "product__description",
    "product__bullets",
    "product__data",
    "safety_warning",
    "legal_disclaimer_description",
    "alternate_image_urls",
    "attributes",
)
# Shorter numbers are part of titles, not product codes.
_CODE_DIGITS = 8
_ASIN_LENGTH = 10


def all_variants(merchant: Merchant) -> QuerySet[Variant]:
    """All SKUs with product, category, mapping and listing; one query."""
    rows = Variant.objects.filter(merchant=merchant)
    return rows.select_related("product__store_category__mapping", "listing").defer(*_UNSHOWN)


def variants_of_products(merchant: Merchant, product_ids: Collection[int]) -> list[int]:
    """All SKUs of the products: what a change of a shared value concerns."""
    if not product_ids:
        return []
    rows = Variant.objects.filter(merchant=merchant, product__in=product_ids)
    return list(rows.order_by("pk").values_list("pk", flat=True))


def search_variants(rows: QuerySet[Variant], merchant: Merchant, words: str) -> QuerySet[Variant]:
    """By a part of the SKU or title, or by a whole product code or ASIN."""
    text = words.strip()
    if not text:
        return rows
    titled = Product.objects.filter(merchant=merchant, title__icontains=text)
    found = Q(sku__icontains=text) | Q(title__icontains=text) | Q(product__in=titled.values("pk"))
    if text.isdigit() and len(text) >= _CODE_DIGITS:
        found |= Q(codes__contains=[{"code": text}])
    if len(text) == _ASIN_LENGTH:
        found |= Q(asin=text.upper())
    return rows.filter(found)


def get_product(merchant: Merchant, pk: int) -> Product:
    """Raises NotFound for another merchant's product as for one that does not exist."""
    rows = Product.objects.filter(merchant=merchant, pk=pk)
    row = rows.select_related("merchant", "store_category__mapping").first()
    if row is None:
        raise NotFound(f"There is no product {pk}.", hint="It may belong to another merchant.")
    return row


def variants_of(product: Product) -> list[Variant]:
    """The SKUs of a product in their order, each with its listing."""
    rows = Variant.objects.filter(merchant=product.merchant_id, product=product)
    found = list(rows.select_related("listing").order_by("position", "pk"))
    for row in found:
        row.product = product
    return found


def listing_of(variant: Variant) -> Listing | None:
    """None for a SKU whose targets were never computed."""
    return getattr(variant, "listing", None)


def title_of(variant: Variant) -> str:
    """The title Jet gets: a variant's own where it has one."""
    own = variant.title if variant.product.kind == ProductKind.VARIABLE else ""
    return own or variant.product.title


def options_text(variant: Variant) -> str:
    """ "Size: Large, Color: Copper"."""
    pairs = [(str(option.get("name", "")), str(option.get("value", ""))) for option in variant.options]
    return ", ".join(f"{name}: {value}" if name else value for name, value in pairs)


def group_text(variant: Variant) -> str:
    """What the grid says below the title of a SKU that has siblings; "" for a simple product."""
    if variant.product.kind != ProductKind.VARIABLE:
        return ""
    options = options_text(variant)
    return f"Variant, {options}" if options else "Variant"


def node_id_of(variant: Variant) -> int | None:
    """The Jet category in force: the product's own, else the mapping of its store category."""
    product = variant.product
    if product.jet_node_id:
        return product.jet_node_id
    mapping = getattr(product.store_category, "mapping", None)
    return mapping.jet_node_id if mapping else None


def quantities_for_jet(merchant: Merchant, variants: Sequence[Variant]) -> dict[int, int]:
    """Variant pk -> what Jet should have at all current nodes together; one query."""
    return {pk: pieces.target for pk, pieces in pieces_of(merchant, variants).items()}


@dataclass(frozen=True)
class Pieces:
    """At all current nodes together; None = no node has it: Jet accepted none, or was not read."""

    target: int = 0
    sent: int | None = None
    live: int | None = None


def pieces_of(merchant: Merchant, variants: Sequence[Variant]) -> dict[int, Pieces]:
    """Variant pk -> quantity as Jet should have it, as it accepted it and as it shows it; one query."""
    rows = NodeStock.objects.filter(
        merchant=merchant, variant__in=[v.pk for v in variants], node__in=current_nodes(merchant).values("pk")
    )
    sums = (
        rows.order_by()
        .values_list("variant_id")
        .annotate(Sum("quantity_target"), Sum("quantity_sent"), Sum("quantity_live"))
    )
    return {pk: Pieces(target, sent, live) for pk, target, sent, live in sums}


@dataclass(frozen=True)
class Facet:
    """One value as the store has it, as Jet should have it, as Jet accepted it and as Jet shows it, ready to read.

    `state`: "same", "waiting" (Jet has not got the target), "unread" (Jet accepted it and was not read since) or "differs"
    (Jet shows what it did not accept last). The badges of `value.*` say the same.
    """

    label: str
    target: str
    sent: str
    sent_at: datetime | None
    live: str
    live_at: datetime | None
    state: str
    store: str = ""
    note: str = ""


def facets_of(merchant: Merchant, variant: Variant) -> list[Facet]:
    """Product data, price, archived, and quantity and own price per node; [] before the targets were computed."""
    listing = listing_of(variant)
    if listing is None:
        return []
    known = listing.content_sent_at is not None
    facets = [
        Facet(
            "Product data",
            "As shown below",
            ("An older version" if listing.content_dirty else "This version") if known else "",
            listing.content_sent_at,
            "Seen at Jet" if listing.live_body else "",
            listing.status_read_at,
            _content_state(listing),
        ),
        Facet(
            "Price",
            _usd(listing.price_target),
            _usd(listing.price_sent),
            listing.price_sent_at,
            _usd(listing.price_live),
            listing.price_live_at,
            _state(
                listing.price_sent,
                listing.price_sent_at,
                listing.price_live,
                listing.price_live_at,
                waits=listing.price_dirty,
            ),
            store=_usd(variant.price),
        ),
        Facet(
            "Archived",
            _yes(listing.archived_target),
            _yes(listing.archived_sent) if known else "",
            listing.archived_sent_at,
            _yes(listing.archived_live),
            listing.status_read_at,
            _state(
                listing.archived_sent,
                listing.archived_sent_at,
                listing.archived_live,
                listing.status_read_at,
                waits=listing.archived_dirty,
            ),
        ),
    ]
    held = _held(merchant, variant)
    stock = NodeStock.objects.filter(merchant=merchant, variant=variant, node__in=current_nodes(merchant))
    for row in stock.select_related("node").order_by("-node__is_default", "node__name"):
        facets += _node_facets(variant, row, held)
    return facets


def _held(merchant: Merchant, variant: Variant) -> dict[int | None, int]:
    """Node -> pieces in open reservations; None = the default node."""
    rows = Reservation.objects.filter(merchant=merchant, variant=variant, released_at=None)
    return dict(rows.values_list("node_id").annotate(Sum("quantity")))


def _node_facets(variant: Variant, row: NodeStock, held: dict[int | None, int]) -> list[Facet]:
    reserved = held.get(row.node_id, 0) + (held.get(None, 0) if row.node.is_default else 0)
    own = row.quantity is not None
    counted = row.quantity if own else variant.quantity if row.node.is_default else None
    facets = [
        Facet(
            f"Quantity at {row.node.name}",
            _count(row.quantity_target),
            _count(row.quantity_sent),
            row.quantity_sent_at,
            _count(row.quantity_live),
            row.quantity_live_at,
            _state(
                row.quantity_sent,
                row.quantity_sent_at,
                row.quantity_live,
                row.quantity_live_at,
                waits=row.quantity_dirty,
            ),
            store=_count(counted),
            note=f"{reserved:,} reserved for orders" if reserved else "",
        )
    ]
    if row.price_target is not None or row.price_sent is not None:
        state = "waiting" if row.price_dirty else "same"
        facets.append(
            Facet(
                f"Price at {row.node.name}",
                _usd(row.price_target),
                _usd(row.price_sent),
                None,
                "",
                None,
                state,
                store=_usd(row.price),
            )
        )
    return facets


def _state(sent: Any, sent_at: datetime | None, live: Any, live_at: datetime | None, *, waits: bool) -> str:
    """Values accepted by an older version carry no time: what Jet shows then counts as read later."""
    if waits:
        return "waiting"
    if live is None:
        return "unread" if sent_at is not None else "same"
    if live == sent:
        return "same"
    return "differs" if is_read_since(sent_at, live_at) else "unread"


def is_read_since(sent_at: datetime | None, live_at: datetime | None) -> bool:
    """Whether what Jet shows was read after it accepted ours."""
    return sent_at is None or (live_at is not None and live_at > sent_at)


def _content_state(listing: Listing) -> str:
    if listing.content_dirty:
        return "waiting"
    if not is_read_since(listing.content_sent_at, listing.status_read_at):
        return "unread"
    return "differs" if listing.content_drift else "same"


def _usd(value: Decimal | None) -> str:
    return "" if value is None else f"${value:,.2f}"


def _count(value: int | None) -> str:
    return "" if value is None else f"{value:,}"


def _yes(value: bool | None) -> str:  # noqa: FBT001 -- the value itself
    return "" if value is None else "Yes" if value else "No"


def last_sync(listing: Listing | None) -> datetime | None:
    """When Jet last took something of it or was last read."""
    if listing is None:
        return None
    times = (listing.content_sent_at, listing.price_sent_at, listing.status_read_at)
    return max((time for time in times if time), default=None)


def accepted_values(listing: Listing, step: Step) -> dict[str, Any]:
    """The numbers of a step that Jet has accepted, for the log: `price` in US dollars, `quantity` over all nodes."""
    if step == Step.PRICE:
        stored = Listing.objects.filter(merchant=listing.merchant_id, pk=listing.pk)
        price = stored.values_list("price_sent", flat=True).first()
        return {"price": str(price)} if price is not None else {}
    if step == Step.INVENTORY:
        rows = NodeStock.objects.filter(merchant=listing.merchant_id, variant=listing.variant_id)
        total = rows.aggregate(n=Sum("quantity_sent"))["n"]
        return {"quantity": total} if total is not None else {}
    return {}
