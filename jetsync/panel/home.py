"""The home page's parts. Apps register cards and set-up steps; the kernel shows them without naming an app."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, Literal

from jetsync.models import Merchant
from jetsync.tenancy.actor import Actor
from jetsync.tenancy.rights import Right

# "report": on the dashboard, the others on Home.
Zone = Literal["now", "running", "business", "report"]


@dataclass(frozen=True)
class HomeCard:
    """`context(merchant, actor)` returns the template's data, or None to hide the card. Few, constant queries."""

    key: str
    zone: Zone
    position: int
    right: Right
    template: str
    context: Callable[[Merchant, Actor], dict[str, Any] | None]


@dataclass(frozen=True)
class Tile:
    """A number with the list behind it. `level`: "", "warning" or "danger". Cards of the template `home/tiles.html`
    give `title` and `tiles`, and `read_at` where they were counted from statuses that were read from Jet.
    """

    label: str
    count: int
    url: str
    hint: str = ""
    level: str = ""


@dataclass(frozen=True)
class SetupStep:
    """One line of the first-run checklist, ticked from real data."""

    key: str
    position: int
    label: str
    explanation: str
    url_name: str
    right: Right
    is_done: Callable[[Merchant], bool]


@dataclass(frozen=True)
class ShownCard:
    template: str
    data: dict[str, Any]


_cards: dict[str, HomeCard] = {}
_steps: dict[str, SetupStep] = {}


def register_card(card: HomeCard) -> None:
    _cards[card.key] = card


def register_step(step: SetupStep) -> None:
    _steps[step.key] = step


def cards_for(merchant: Merchant, actor: Actor, zone: Zone) -> list[ShownCard]:
    shown: list[ShownCard] = []
    for card in sorted(_cards.values(), key=lambda card: card.position):
        if card.zone != zone or not actor.may(card.right):
            continue
        data = card.context(merchant, actor)
        if data is not None:
            shown.append(ShownCard(card.template, data))
    return shown


def steps_for(merchant: Merchant) -> list[tuple[SetupStep, bool]]:
    """(step, done) in order."""
    ordered = sorted(_steps.values(), key=lambda step: step.position)
    return [(step, step.is_done(merchant)) for step in ordered]
