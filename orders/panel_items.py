"""Menu entries, palette search and badges of the orders app."""

from __future__ import annotations

from collections.abc import Collection
from typing import Any

from django.utils import timezone

from catalog.slots import Note, register_vacation_note
from jetsync.models import Merchant
from jetsync.panel.about import page_by_id, register_about
from jetsync.panel.home import HomeCard, register_card
from jetsync.panel.items import MenuItem, register
from jetsync.panel.palette import PaletteHit, register_provider
from jetsync.panel.setup.tabs import SettingsPage, register_settings_tab
from jetsync.panel.shoppers import register_shoppers
from jetsync.queries.schedules import finished_at
from jetsync.queries.settings import get_options
from jetsync.tenancy.actor import Actor
from jetsync.tenancy.rights import Right
from jetsync.wording import counted
from orders import cases as _cases  # noqa: F401 -- importing registers the case file
from orders import closing as _closing  # noqa: F401 -- importing registers what a deletion leaves open
from orders import dashboard as _dashboard  # noqa: F401 -- importing registers the card
from orders import dashboard_skus as _dashboard_skus  # noqa: F401 -- importing registers the cards
from orders import home as _home  # noqa: F401 -- importing registers the card
from orders import statuses as _statuses  # noqa: F401 -- importing registers the badges
from orders.days import last_days
from orders.enums import UNSHIPPED_STATES
from orders.pages import order_list_url, order_page, order_url, store_settings_url
from orders.privacy import masks_of_orders, masks_through_orders, may_see_buyers, shown_buyer
from orders.queries.order import all_orders, failed_today, ready_orders, search_orders
from orders.queries.shipment import orders_of_shipments
from orders.queries.silence import silence_of
from orders.queries.summary import RECENT, order_summary
from orders.shipstation.pages import page_url
from orders.shipstation.queries import waiting_notices
from orders.silence import Verdict

PALETTE_LIMIT = 6


def _ready_count(merchant: Merchant) -> int:
    return ready_orders(merchant).count()


def _reports_waiting(merchant: Merchant) -> int:
    return waiting_notices(merchant).count()


def order_pages_of_shipments(merchant: Merchant, ids: Collection[int]) -> dict[int, str]:
    """A shipment stands on its order's page."""
    return {pk: order_page(merchant, order) for pk, order in orders_of_shipments(merchant, ids)}


register_about("orders.order", Right.ORDERS_VIEW, page_by_id("orders:order-detail"))
register_about("orders.shipment", Right.ORDERS_VIEW, order_pages_of_shipments)
register_shoppers("orders.order", masks_of_orders)
register_shoppers(
    "orders.shipment",
    lambda merchant, ids: masks_through_orders(merchant, orders_of_shipments(merchant, ids)),
)
register(
    MenuItem(
        "Orders",
        "Orders",
        "orders:order-list",
        Right.ORDERS_VIEW,
        10,
        (
            "manage jet orders",
            "jet order management",
            "fetch orders",
            "acknowledge",
            "shipments",
            "ship many",
        ),
        _ready_count,
    ),
    MenuItem(
        "Orders",
        "Failed orders",
        "orders:order-failed",
        Right.ORDERS_VIEW,
        20,
        ("rejected orders", "jet rejected orders", "missed", "expired"),
        failed_today,
    ),
    MenuItem(
        "Orders",
        "Answer times",
        "orders:answer-times",
        Right.ORDERS_VIEW,
        24,
        ("acknowledged in time", "acceptance rate", "15 minutes", "fallback"),
    ),
    MenuItem(
        "Orders",
        "Held stock",
        "orders:held-stock",
        Right.ORDERS_VIEW,
        26,
        ("reservations", "reserved pieces", "release stock"),
    ),
    MenuItem(
        "Orders",
        "Documents",
        "orders:document-list",
        Right.ORDERS_VIEW,
        28,
        ("invoices", "credit memos", "store shipments", "receipts", "bookkeeping"),
    ),
    MenuItem(
        "Orders",
        "ShipStation parcels",
        "orders:shipstation-notices",
        Right.ORDERS_VIEW,
        30,
        ("tracking numbers", "shipped in shipstation", "shipnotify"),
        _reports_waiting,
    ),
    MenuItem(
        "Settings",
        "Store orders",
        "orders:store-orders",
        Right.SETTINGS_VIEW,
        42,
        ("payment method", "shipping method", "invoice", "store order number"),
    ),
    MenuItem(
        "Settings",
        "ShipStation",
        "orders:shipstation",
        Right.SETTINGS_VIEW,
        45,
        (
            "shipping software",
            "authentication key",
            "export order statuses",
            "custom store",
            "carrier translation",
        ),
    ),
)
register_settings_tab(SettingsPage("store-orders", "Store orders", 42, "orders:store-orders"))
register_settings_tab(SettingsPage("shipstation", "ShipStation", 60, "orders:shipstation"))
register_about(
    "orders.storebook",
    Right.SETTINGS_VIEW,
    lambda merchant, ids: dict.fromkeys(ids, store_settings_url(merchant)),
)
register_about(
    "orders.shipstationconnection",
    Right.SETTINGS_VIEW,
    lambda merchant, ids: dict.fromkeys(ids, page_url(merchant, "shipstation")),
)
register_about("orders.shipstationnotice", Right.ORDERS_VIEW, page_by_id("orders:shipstation-notice"))


def _now(merchant: Merchant, _actor: Actor) -> dict[str, Any]:
    since = last_days(merchant, RECENT.days)[0]
    return {
        **vars(order_summary(merchant)),
        "failed_url": order_list_url(merchant, f"view=failed&placed_after={since}"),
        "is_off": not get_options(merchant).pull_orders,
        "fetched_at": finished_at(merchant, "orders.fetch"),
    }


def _silence(merchant: Merchant, _actor: Actor) -> dict[str, Any] | None:
    """Nothing while orders come, and where too little is known to say what is usual."""
    silence = silence_of(merchant, timezone.now())
    if silence.verdict not in {Verdict.QUIET, Verdict.BROKEN} or silence.expected < 1:
        return None
    return {
        "is_broken": silence.verdict == Verdict.BROKEN,
        "since": silence.since,
        "expected": round(silence.expected),
    }


register_card(HomeCard("silence", "now", 5, Right.ORDERS_VIEW, "orders/home_silence.html", _silence))
register_card(HomeCard("orders", "now", 10, Right.ORDERS_VIEW, "orders/home_now.html", _now))


@register_provider
def find_orders(merchant: Merchant, actor: Actor, text: str) -> list[PaletteHit]:
    """By order id, SKU and, for those who may see them, buyer."""
    if not actor.may(Right.ORDERS_VIEW):
        return []
    found = search_orders(all_orders(merchant), merchant, text, with_buyers=may_see_buyers(actor))
    return [
        PaletteHit(
            label=f"Order {order}",
            url=order_url(order),
            hint=f"{order.get_state_display()} · {shown_buyer(order, actor)}",
            icon="shopping-cart",
            group="Orders",
        )
        for order in found.select_related("merchant").order_by("-pk")[:PALETTE_LIMIT]
    ]


def _to_ship(merchant: Merchant, actor: Actor) -> Note | None:
    if not actor.may(Right.ORDERS_VIEW):
        return None
    count = all_orders(merchant).filter(state__in=UNSHIPPED_STATES).count()
    if not count:
        return None
    words = f"{counted(count, 'order')} {'is' if count == 1 else 'are'} still to be shipped, vacation or not."
    return Note(words, order_list_url(merchant, "state=unshipped"))


register_vacation_note(_to_ship)
