"""Merchant SKUs and everything hung on them (products.md sections 3 to 9).

Every write here says what shall be, so a second arrival changes nothing and a lost answer is tried again. `/` cannot
stand in a SKU: JetNotSendable. Besides the errors named, each call raises what errors.py lists for the connection.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from decimal import Decimal

from jetsync.jet.errors import JetError, JetNotFound
from jetsync.jet.paths import last_segment, segment
from jetsync.jet.requestor import Reply, Requestor
from jetsync.jet.types.products import (
    ArchiveBody,
    Inventory,
    InventoryBody,
    MerchantSku,
    MerchantSkuBody,
    NodeShippingExceptions,
    PortalPage,
    PortalSku,
    Price,
    PriceBody,
    ReturnsException,
    ReturnsExceptionBody,
    SalesData,
    ShippingExceptionsBody,
    Variation,
    VariationBody,
)
from jetsync.jet.words import ListingStatus

PAGE = 1000
PORTAL_PAGE = 5000


def price_body(price: Decimal, node_prices: Mapping[str, Decimal] | None = None) -> PriceBody:
    """The body of one price, for the call and for the bulk file alike. US dollars."""
    body: PriceBody = {"price": price}
    if node_prices:
        body["fulfillment_nodes"] = [
            {"fulfillment_node_id": node, "fulfillment_node_price": amount}
            for node, amount in node_prices.items()
        ]
    return body


def inventory_body(quantities: Mapping[str, int]) -> InventoryBody:
    """The body of one inventory change: units by node."""
    return {
        "fulfillment_nodes": [
            {"fulfillment_node_id": node, "quantity": quantity} for node, quantity in quantities.items()
        ]
    }


def archive_body(*, is_archived: bool) -> ArchiveBody:
    return {"is_archived": is_archived}


class ProductService:
    def __init__(self, requestor: Requestor) -> None:
        self._requestor = requestor

    def put(self, sku: str, body: MerchantSkuBody) -> None:
        """PUT /merchant-skus/{sku}: creates or replaces. Jet works on it later; reading may answer 404 for a minute.

        Editing a listed SKU may send it back to review. Raises JetBadRequest with Jet's sentences.
        Documented: products.md section 3.
        """
        self._requestor.put(_path(sku), body, repeatable=True)

    def get(self, sku: str) -> MerchantSku:
        """GET /merchant-skus/{sku}. Raises JetNotFound (`merchant sku unavailable`).

        Seen on the wire: products.md section 3, fixture merchant_sku.json.
        """
        return self._requestor.get(_path(sku)).parse(MerchantSku)

    def list_urls(self, offset: int = 0, limit: int = PAGE) -> list[str]:
        """GET /merchant-skus?offset=&limit=: addresses as Jet gives them, `merchant-skus/<sku>`, no leading slash.

        `limit` is a count; Jet's own maximum is not known. Seen on the wire: products.md section 3.
        """
        return self._requestor.get("/merchant-skus", {"offset": offset, "limit": limit}).addresses("sku_urls")

    def iter_skus(self, page: int = PAGE) -> Iterator[str]:
        """Every SKU, page by page, until Jet has no more or repeats itself. See list_urls."""
        offset, before = 0, None
        while (urls := self.list_urls(offset, page)) and urls != before:
            yield from map(last_segment, urls)
            offset, before = offset + len(urls), urls

    def by_status(
        self, status: ListingStatus | str | None = None, *, offset: int = 0, size: int = PORTAL_PAGE
    ) -> PortalPage:
        """GET /portal/merchantskus?from=&size=&statuses=: rows of the partner portal and their `total`.

        Undocumented, seen on the wire in several clients: products.md section 8, fixture portal_skus.json.
        """
        query = {"from": offset, "size": size, "statuses": str(status) if status else None}
        return self._requestor.get("/portal/merchantskus", query).parse(PortalPage)

    def iter_by_status(self, status: ListingStatus | str | None = None) -> Iterator[PortalSku]:
        """Every row of by_status."""
        offset, before = 0, None
        while (page := self.by_status(status, offset=offset)).merchant_skus and page.merchant_skus != before:
            yield from page.merchant_skus
            offset, before = offset + len(page.merchant_skus), page.merchant_skus

    def count(self, status: ListingStatus | str | None = None) -> int:
        """How many SKUs have the status: `total` of a page of one, as the clients of the time counted."""
        return self.by_status(status, size=1).total

    def set_price(self, sku: str, price: Decimal, node_prices: Mapping[str, Decimal] | None = None) -> None:
        """PUT /merchant-skus/{sku}/price: what the merchant is paid, US dollars; replaces the prices of all nodes.

        Raises JetNotFound, JetBadRequest. Documented: products.md section 4.
        """
        self._requestor.put(_path(sku, "price"), price_body(price, node_prices), repeatable=True)

    def get_price(self, sku: str) -> Price:
        """GET /merchant-skus/{sku}/price; no price before the first. Raises JetNotFound.

        Documented: products.md section 4.
        """
        return self._requestor.get(_path(sku, "price")).parse(Price)

    def set_inventory(self, sku: str, quantities: Mapping[str, int]) -> None:
        """PATCH /merchant-skus/{sku}/inventory: units by node; nodes not named keep theirs, zero must be said.

        Raises JetNotFound, JetBadRequest. Documented (PUT ended on 30 January 2018): products.md section 5.
        """
        self._requestor.patch(_path(sku, "inventory"), inventory_body(quantities), repeatable=True)

    def get_inventory(self, sku: str) -> Inventory:
        """GET /merchant-skus/{sku}/inventory: units as fed. Raises JetNotFound. Documented: products.md section 5."""
        return self._requestor.get(_path(sku, "inventory")).parse(Inventory)

    def set_variation(self, sku: str, body: VariationBody) -> None:
        """PUT /merchant-skus/{sku}/variation; `sku` is the parent and is not repeated among the children.

        Without children the group is dissolved (not documented; the sandbox's reading). Raises JetNotFound,
        JetBadRequest. Documented: products.md section 6.
        """
        self._requestor.put(_path(sku, "variation"), body, repeatable=True)

    def get_variation(self, sku: str) -> Variation:
        """GET same path; empty for a SKU without a group, be it `{}` or a 404 without a word. Raises JetNotFound.

        Documented; both shapes of `children_skus` are read: products.md section 6.
        """
        reply = self._hung_on(sku, "variation")
        return reply.parse(Variation) if reply else Variation()

    def set_shipping_exceptions(self, sku: str, body: ShippingExceptionsBody) -> None:
        """PUT /merchant-skus/{sku}/shippingexception; charges in US dollars. Raises JetNotFound, JetBadRequest.

        Replaces those of the nodes named; an empty list takes them away (not documented; the sandbox's reading).
        Documented: products.md section 7.
        """
        self._requestor.put(_path(sku, "shippingexception"), body, repeatable=True)

    def get_shipping_exceptions(self, sku: str) -> list[NodeShippingExceptions]:
        """GET same path; empty when none are set. With and without the array around one node: products.md section 7."""
        reply = self._hung_on(sku, "shippingexception")
        if reply is None:
            return []
        value = reply.value if isinstance(reply.value, dict) else {}
        nodes = value.get("fulfillment_nodes", [value] if "fulfillment_node_id" in value else [])
        return [reply.parse_value(NodeShippingExceptions, node) for node in nodes or []]

    def set_returns_exception(self, sku: str, body: ReturnsExceptionBody) -> None:
        """PUT /merchant-skus/{sku}/returnsexception; 1 to 30 days. Raises JetNotFound, JetBadRequest.

        Documented; only `return_location_ids` is required since 2017, and an empty one takes the exception away (the
        sandbox's reading): products.md section 7.
        """
        self._requestor.put(_path(sku, "returnsexception"), body, repeatable=True)

    def get_returns_exception(self, sku: str) -> ReturnsException:
        """GET same path; empty when there is none. Raises JetNotFound. Documented: products.md section 7."""
        reply = self._hung_on(sku, "returnsexception")
        return reply.parse(ReturnsException) if reply else ReturnsException()

    def archive(self, sku: str, is_archived: bool) -> None:  # noqa: FBT001 -- the call's own word
        """PUT /merchant-skus/{sku}/status/archive. After un-archiving send the inventory again: it may be gone.

        Raises JetNotFound, JetBadRequest. Documented: products.md section 7.
        """
        self._requestor.put(
            _path(sku, "status/archive"), archive_body(is_archived=is_archived), repeatable=True
        )

    def sales_data(self, sku: str) -> SalesData | None:
        """GET /merchant-skus/{sku}/salesdata: rank, units, best offers in US dollars; None when Jet has none.

        "None" was seen as 404, as `{"error": …}` and as an empty body: products.md section 9.
        """
        try:
            reply = self._requestor.get(_path(sku, "salesdata"))
        except JetNotFound:
            return None
        except JetError as exc:
            if exc.status == 200 and not exc.body.strip():  # noqa: PLR2004 -- the empty body one client met
                return None
            raise
        if not reply.value or (isinstance(reply.value, dict) and reply.value.get("error")):
            return None
        return reply.parse(SalesData)

    def _hung_on(self, sku: str, part: str) -> Reply | None:
        """What hangs on a SKU; None for a 404 without a word: nothing hangs there. An unknown SKU is named by Jet."""
        try:
            return self._requestor.get(_path(sku, part))
        except JetNotFound as exc:
            if exc.messages:
                raise
            return None


def _path(sku: str, part: str = "") -> str:
    path = f"/merchant-skus/{segment(sku)}"
    return f"{path}/{part}" if part else path
