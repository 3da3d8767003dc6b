"""The menu. Each app registers its pages in its `panel_items.py`; what the member may not open is not shown."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass

import structlog
from django.core.cache import cache
from django.urls import reverse
from redis.exceptions import RedisError

from jetsync.models import Merchant
from jetsync.tenancy.actor import Actor
from jetsync.tenancy.rights import Right

log = structlog.get_logger(__name__)

# In the order of the sidebar, with the icon of each.
GROUPS = {
    "Home": "home",
    "Orders": "shopping-cart",
    "Products": "package",
    "Mapping": "route-2",
    "Pricing": "tag",
    "Activity": "activity",
    "Settings": "settings",
    "Help": "help-circle",
}
# The base page shows remembered numbers and asks for new ones by itself; see panel.js and the badges view.
BADGE_SECONDS = 300


@dataclass(frozen=True)
class MenuItem:
    """One page. `badge` counts what waits there; it is called outside of page loads, see `fresh_badges`.

    `keywords` are other names that a merchant may look for ("Upload Error File" for rejected files).
    """

    group: str
    label: str
    url_name: str
    right: Right
    position: int
    keywords: tuple[str, ...] = ()
    badge: Callable[[Merchant], int] | None = None


@dataclass(frozen=True)
class MenuLink:
    label: str
    url: str
    is_current: bool
    badge: int
    badge_id: str
    keywords: tuple[str, ...] = ()


@dataclass(frozen=True)
class MenuGroup:
    label: str
    icon: str
    links: tuple[MenuLink, ...]
    is_folded: bool = False

    @property
    def is_single(self) -> bool:
        return len(self.links) == 1

    @property
    def is_current(self) -> bool:
        return any(link.is_current for link in self.links)

    @property
    def is_open(self) -> bool:
        return self.is_current or not self.is_folded


_items: dict[str, MenuItem] = {}


def register(*items: MenuItem) -> None:
    """Adds pages to the menu. A url name registered again replaces the older item."""
    for item in items:
        if item.group not in GROUPS:
            raise ValueError(f"{item.group!r} is no menu group: {', '.join(GROUPS)}")
        _items[item.url_name] = item


def items_for(actor: Actor) -> list[MenuItem]:
    """What this actor may open, in menu order."""
    order = list(GROUPS)
    allowed = [item for item in _items.values() if actor.may(item.right)]
    return sorted(allowed, key=lambda item: (order.index(item.group), item.position, item.label))


def menu_for(merchant: Merchant, actor: Actor, path: str, folded: str = "") -> list[MenuGroup]:
    """The sidebar, with the deepest item that holds `path` marked as current.

    Every page is one click away, unless this person folded its group: `folded` names the groups, joined by dots.
    """
    items = items_for(actor)
    badges = remembered_badges(merchant, items)
    addresses = [reverse(item.url_name, kwargs={"merchant_slug": merchant.slug}) for item in items]
    root = f"/m/{merchant.slug}/"  # the home page's own address begins every other one
    holding = [url for url in addresses if path == url or (url != root and path.startswith(url))]
    current = max(holding, key=len, default="")
    grouped: dict[str, list[MenuLink]] = {}
    for item, url in zip(items, addresses, strict=True):
        link = MenuLink(
            label=item.label,
            url=url,
            is_current=url == current,
            badge=badges.get(item.url_name, 0),
            badge_id=badge_id(item) if item.badge else "",
            keywords=item.keywords,
        )
        grouped.setdefault(item.group, []).append(link)
    closed = folded.split(".")
    return [
        MenuGroup(label, GROUPS[label], tuple(links), is_folded=label in closed)
        for label, links in grouped.items()
    ]


def badge_id(item: MenuItem) -> str:
    """The element id of an item's number, for out-of-band swaps."""
    return "badge-" + item.url_name.replace(":", "-")


def _cache_key(merchant: Merchant, item: MenuItem) -> str:
    return f"panel:{merchant.pk}:badge:{item.url_name}"


def remembered_badges(merchant: Merchant, items: Iterable[MenuItem]) -> dict[str, int]:
    """Numbers of the last count, without a query; empty when Valkey does not answer (a page never fails for it)."""
    keys = {_cache_key(merchant, item): item.url_name for item in items if item.badge}
    if not keys:
        return {}
    try:
        return {keys[key]: int(value) for key, value in cache.get_many(keys).items()}
    except RedisError:
        log.warning("badges_not_read")
        return {}


def fresh_badges(merchant: Merchant, actor: Actor) -> list[tuple[MenuItem, int]]:
    """Counts every badge this actor sees and remembers the numbers for the next page."""
    counted = [(item, item.badge(merchant)) for item in items_for(actor) if item.badge]
    try:
        cache.set_many({_cache_key(merchant, item): count for item, count in counted}, BADGE_SECONDS)
    except RedisError:
        log.warning("badges_not_kept")
    return counted
