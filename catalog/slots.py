"""Places in the product's page and the grid that subjects fill by registering: tabs, cards, bulk actions.

Registration happens when `catalog.menu` is imported; the pages ask these lists and know no subject by name.
"""

from __future__ import annotations

from collections.abc import Callable, Collection
from dataclasses import dataclass
from typing import Any

from catalog.models import Variant
from jetsync.models import Merchant
from jetsync.panel.lists import BulkAction
from jetsync.tenancy.actor import Actor
from jetsync.tenancy.rights import Right


@dataclass(frozen=True)
class ProductTab:
    """A page about one SKU. `url_name` takes the variant's pk; `count` is shown beside the label, None hides it."""

    key: str
    label: str
    position: int
    url_name: str
    count: Callable[[Variant], int | None] | None = None


@dataclass(frozen=True)
class ProductCard:
    """A card on the SKU's overview. `context` None leaves the card out; it gets its own query budget of a few."""

    key: str
    position: int
    template: str
    context: Callable[[Merchant, Variant, Actor], dict[str, Any] | None]


@dataclass(frozen=True)
class ShownCard:
    template: str
    context: dict[str, Any]


_tabs: dict[str, ProductTab] = {}
_cards: dict[str, ProductCard] = {}
_bulk: dict[str, tuple[int, BulkAction]] = {}


def register_tab(tab: ProductTab) -> None:
    _tabs[tab.key] = tab


def register_card(card: ProductCard) -> None:
    _cards[card.key] = card


def register_bulk_action(position: int, action: BulkAction) -> None:
    """Behind the grid's own actions, in order of position."""
    _bulk[action.key] = (position, action)


def product_tabs() -> list[ProductTab]:
    return sorted(_tabs.values(), key=lambda tab: (tab.position, tab.key))


def product_cards(merchant: Merchant, variant: Variant, actor: Actor) -> list[ShownCard]:
    shown = []
    for card in sorted(_cards.values(), key=lambda card: (card.position, card.key)):
        context = card.context(merchant, variant, actor)
        if context is not None:
            shown.append(ShownCard(card.template, context))
    return shown


def bulk_actions() -> tuple[BulkAction, ...]:
    return tuple(action for _position, action in sorted(_bulk.values(), key=lambda row: row[0]))


@dataclass(frozen=True)
class StockPart:
    """A part of the grid's filter "Stock at Jet" that another app knows; `ids(merchant)` are the SKUs' ids."""

    key: str
    label: str
    right: Right
    ids: Callable[[Merchant], Collection[int]]


_stock_parts: dict[str, StockPart] = {}


def register_stock_part(part: StockPart) -> None:
    _stock_parts[part.key] = part


def stock_parts(actor: Actor) -> list[StockPart]:
    """Those that the person may see."""
    return [part for part in _stock_parts.values() if actor.may(part.right)]


@dataclass(frozen=True)
class Note:
    """A sentence and the list it counts."""

    words: str
    url: str


VacationNote = Callable[[Merchant, Actor], Note | None]
_vacation_notes: list[VacationNote] = []


def register_vacation_note(note: VacationNote) -> None:
    """What a vacation leaves to be done, None for nothing: what other apps know about orders and returns."""
    _vacation_notes.append(note)


def vacation_notes(merchant: Merchant, actor: Actor) -> list[Note]:
    return [found for note in _vacation_notes if (found := note(merchant, actor))]
