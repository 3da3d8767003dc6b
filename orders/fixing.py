"""What mends a failed order, as buttons: where the cause is removed, and trying again where that makes sense."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from urllib.parse import urlencode

from django.urls import reverse

from catalog.pages import page_url, product_list_url, section_url
from jetsync.models import Merchant
from jetsync.tenancy.actor import Actor
from jetsync.tenancy.rights import Right, lack
from orders.enums import STORE_ORDER_REASONS, FailureReason, OrderState
from orders.models import Order, OrderLine
from orders.pages import order_page, store_settings_url
from orders.queries.held import Holder
from orders.wording import HOLDERS_NAMED

# Jet's answer may be another one by now.
_READ_AGAIN = (FailureReason.UNREADABLE, FailureReason.UNKNOWN_STATUS)
_STORE_PROBLEMS = (
    FailureReason.SKU_UNKNOWN,
    FailureReason.OUT_OF_STOCK,
    FailureReason.PRODUCT_DISABLED,
)


@dataclass(frozen=True)
class Fix:
    """A button. `reason` disables it and says why; `is_post` acts at once, and the order's page says what came of it."""

    label: str
    url: str
    icon: str
    reason: str = ""
    is_post: bool = False


def fixes_for(
    merchant: Merchant,
    order: Order,
    lines: Sequence[OrderLine],
    actor: Actor,
    holders: Mapping[int, Sequence[Holder]],
) -> list[Fix]:
    """In the order in which they are pressed. No query: `lines` are the order's, `holders` those of `holders_of`."""
    if not order.failure_reason:
        return []
    maker = _Maker(merchant, order, actor, holders)
    return [*maker.causes(lines), *maker.retries()]


@dataclass(frozen=True)
class _Maker:
    merchant: Merchant
    order: Order
    actor: Actor
    holders: Mapping[int, Sequence[Holder]]

    def causes(self, lines: Sequence[OrderLine]) -> list[Fix]:
        reason = self.order.failure_reason
        if reason in _STORE_PROBLEMS:
            # The order names one problem; its lines may have several, and each has to go.
            found = [self._of_line(line) for line in _first_of_each_sku(lines) if line.problem]
            return [fix for fixes in found for fix in fixes]
        if reason == FailureReason.SHIPMENT_REFUSED and self.order.is_shippable:
            return [self._fix("Correct the shipment", "order-ship", "truck", Right.ORDERS_SHIP)]
        if reason in STORE_ORDER_REASONS:
            word = "payment" if reason == FailureReason.PAYMENT_METHOD else "shipping"
            url = store_settings_url(self.merchant)
            return [Fix(f"Pick {word} method", url, "settings", lack(self.actor, Right.SETTINGS_VIEW))]
        if reason == FailureReason.WINDOW_MISSED:
            url = reverse("panel:options", kwargs={"merchant_slug": self.merchant.slug})
            return [Fix("Choose the fallback", url, "settings", lack(self.actor, Right.SETTINGS_VIEW))]
        return []

    def _of_line(self, line: OrderLine) -> list[Fix]:
        edit = lack(self.actor, Right.PRODUCTS_EDIT)
        if line.problem == FailureReason.SKU_UNKNOWN:
            new = f"{page_url(self.merchant, 'product-create')}?{urlencode({'sku': line.sku})}"
            search = product_list_url(self.merchant, urlencode({"q": line.sku}))
            return [
                Fix(f"Create {line.sku}", new, "plus", edit),
                Fix(f"Search {line.sku}", search, "search", lack(self.actor, Right.PRODUCTS_VIEW)),
            ]
        if line.variant_id is None:
            return []
        if line.problem == FailureReason.OUT_OF_STOCK:
            url = section_url(self.merchant, line.variant_id, "stock")
            return [
                *self._holders(line.variant_id),
                Fix(f"Raise the stock of {line.sku}", url, "package", edit),
            ]
        if line.problem == FailureReason.PRODUCT_DISABLED:
            url = section_url(self.merchant, line.variant_id, "details")
            return [Fix(f"Enable {line.sku}", url, "check", edit)]
        return []

    def _holders(self, variant_id: int) -> list[Fix]:
        others = [holder for holder in self.holders.get(variant_id, ()) if holder.order_id != self.order.pk]
        return [
            Fix(
                f"Order {holder.order} holds {holder.pieces}",
                order_page(self.merchant, holder.order_id),
                "shopping-cart",
            )
            for holder in others[:HOLDERS_NAMED]
        ]

    def retries(self) -> list[Fix]:
        if self.order.is_answerable:
            # Asked with the stock of this moment: what is mended goes through, and what is not is named again.
            label = (
                "Answer again" if self.order.failure_reason == FailureReason.ANSWER_REFUSED else "Try again"
            )
            return [self._fix(label, "order-retry", "refresh", Right.ORDERS_ACKNOWLEDGE, is_post=True)]
        if self.order.failure_reason in _READ_AGAIN and self.order.state != OrderState.READY:
            return [self._fix("Read again", "order-refresh", "refresh", Right.ORDERS_FETCH, is_post=True)]
        return []

    def _fix(self, label: str, name: str, icon: str, right: Right, *, is_post: bool = False) -> Fix:
        url = reverse(f"orders:{name}", kwargs={"merchant_slug": self.merchant.slug, "pk": self.order.pk})
        return Fix(label, url, icon, lack(self.actor, right), is_post=is_post)


def _first_of_each_sku(lines: Sequence[OrderLine]) -> list[OrderLine]:
    found: dict[str, OrderLine] = {}
    for line in lines:
        found.setdefault(line.sku, line)
    return list(found.values())
