"""The command palette: menu items by name, and whatever the apps' providers find."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from django.urls import reverse

from jetsync.models import Merchant
from jetsync.panel.items import GROUPS, MenuItem, items_for
from jetsync.tenancy.actor import Actor

# Below this a search over rows finds too much to be of use.
MIN_LETTERS = 2
MAX_PER_PROVIDER = 6


@dataclass(frozen=True)
class PaletteHit:
    """`group` is the heading the hit stands under ("Orders"); `hint` the grey words after the label."""

    label: str
    url: str
    hint: str = ""
    icon: str = "arrow-right"
    group: str = ""


Provider = Callable[[Merchant, Actor, str], list[PaletteHit]]
_providers: list[Provider] = []


def register_provider(provider: Provider) -> Provider:
    """Adds a search over an app's rows: `(merchant, actor, text) -> hits`, at most a handful and by index.

    The provider checks the actor's right and returns [] without it.
    """
    if provider not in _providers:
        _providers.append(provider)
    return provider


def search(merchant: Merchant, actor: Actor, text: str) -> list[PaletteHit]:
    """Pages first, then rows. An empty text lists all pages."""
    words = text.strip()
    hits = _pages(merchant, actor, words.casefold())
    if len(words) >= MIN_LETTERS:
        for provider in _providers:
            hits += provider(merchant, actor, words)[:MAX_PER_PROVIDER]
    return hits


def _matches(item: MenuItem, text: str) -> bool:
    names = (item.label, item.group, *item.keywords)
    return all(any(word in name.casefold() for name in names) for word in text.split())


def _pages(merchant: Merchant, actor: Actor, text: str) -> list[PaletteHit]:
    return [
        PaletteHit(
            label=item.label,
            url=reverse(item.url_name, kwargs={"merchant_slug": merchant.slug}),
            hint="" if item.group == item.label else item.group,
            icon=GROUPS[item.group],
            group="Pages",
        )
        for item in items_for(actor)
        if _matches(item, text)
    ]
