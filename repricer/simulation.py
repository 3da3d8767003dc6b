"""What the repricer would have done with the offers that were: the same formula, replayed. Pure.

Other sellers are taken as they were: what they would have done about our prices nobody knows. Where ours was the best
offer, Jet did not show the next one, so it counts as equal to what ours was.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime
from decimal import Decimal

from repricer.enums import Why
from repricer.figures import Price
from repricer.formula import Floor, Offers, decide
from repricer.rules import Bounds


@dataclass(frozen=True)
class Past:
    """The figures of one SKU from this moment on."""

    at: datetime
    offers: Offers


@dataclass(frozen=True)
class Subject:
    """One SKU with what it is allowed; `past` oldest first."""

    variant_id: int
    sku: str
    bounds: Bounds
    past: Sequence[Past]
    floors: tuple[Floor, ...] = ()


@dataclass
class Replayed:
    """`first`, `price`: item prices at the beginning and the end. `ahead`, `was_ahead`: refreshes in which our offer was
    the best or equal to it, in the replay and in truth, of `seen`.
    """

    subject: Subject
    first: Decimal
    price: Decimal
    changes: int = 0
    seen: int = 0
    ahead: int = 0
    was_ahead: int = 0
    lowest: Decimal = Decimal(0)
    highest: Decimal = Decimal(0)
    last_why: Why | None = None
    words: str = ""

    @property
    def moved(self) -> Decimal:
        return self.price - self.first


@dataclass
class Slot:
    """One refresh: how many SKUs it looked at and how many prices it would have changed."""

    at: datetime
    looked: int = 0
    changed: int = 0
    trips: bool = False


@dataclass
class Simulation:
    slots: list[Slot] = field(default_factory=list)
    skus: list[Replayed] = field(default_factory=list)

    @property
    def changes(self) -> int:
        return sum(row.changes for row in self.skus)

    @property
    def trips(self) -> int:
        """Refreshes at which the breaker would have stopped the run."""
        return sum(slot.trips for slot in self.slots)

    @property
    def seen(self) -> int:
        return sum(row.seen for row in self.skus)

    @property
    def ahead_percent(self) -> int | None:
        return _percent(sum(row.ahead for row in self.skus), self.seen)

    @property
    def was_ahead_percent(self) -> int | None:
        return _percent(sum(row.was_ahead for row in self.skus), self.seen)

    @property
    def average_change_percent(self) -> Decimal | None:
        """Of the price at the end against that at the beginning, each SKU counted once."""
        shares = [row.moved / row.first * 100 for row in self.skus if row.first]
        return (sum(shares, Decimal(0)) / len(shares)).quantize(Decimal("0.1")) if shares else None


def _percent(part: int, whole: int) -> int | None:
    return round(part * 100 / whole) if whole else None


@dataclass(frozen=True)
class Limits:
    step_percent: int
    share_percent: int
    always_allowed: int

    def allowed(self, total: int) -> int:
        return min(total, max(self.always_allowed, total * self.share_percent // 100))


@dataclass(frozen=True)
class _Wanted:
    state: Replayed
    price: Decimal
    why: Why
    words: str


def replay(subjects: Sequence[Subject], moments: Sequence[datetime], limits: Limits) -> Simulation:
    """Runs the formula at each of these moments, oldest first. A run that the breaker stops changes nothing."""
    result = Simulation()
    states: dict[int, Replayed] = {}
    places = dict.fromkeys((subject.variant_id for subject in subjects), -1)
    for at in moments:
        slot, wanted = Slot(at), []
        for subject in subjects:
            offers = _offers_at(subject, places, at)
            if offers is not None and offers.mine is not None and offers.best is not None:
                slot.looked += 1
                wanted += _look(subject, states, offers.mine, offers.best, limits.step_percent)
        slot.trips = len(wanted) > limits.allowed(slot.looked)
        if not slot.trips:
            slot.changed = len(wanted)
            _apply(wanted)
        result.slots.append(slot)
    result.skus = [states[subject.variant_id] for subject in subjects if subject.variant_id in states]
    return result


def _look(
    subject: Subject, states: dict[int, Replayed], mine: Price, best: Price, step_percent: int
) -> list[_Wanted]:
    """What the formula wants for one SKU at one refresh, with our price as the replay has made it."""
    state = states.get(subject.variant_id)
    if state is None:
        state = states[subject.variant_id] = Replayed(
            subject, mine.item, mine.item, lowest=mine.item, highest=mine.item
        )
    ours = Price(state.price, mine.shipping)
    # The best of the marketplace is ours where nobody is cheaper.
    offers = Offers(ours, min(best, ours, key=lambda offer: offer.landed))
    found = decide(state.price, offers, subject.bounds, step_percent=step_percent, floors=subject.floors)
    state.seen += 1
    state.was_ahead += mine.landed <= best.landed
    state.ahead += (found.price or state.price) + mine.shipping <= best.landed
    return [] if found.price is None else [_Wanted(state, found.price, found.why, found.words)]


def _offers_at(subject: Subject, places: dict[int, int], at: datetime) -> Offers | None:
    """The figures in force; the place in the past moves on only."""
    place = places[subject.variant_id]
    while place + 1 < len(subject.past) and subject.past[place + 1].at <= at:
        place += 1
    places[subject.variant_id] = place
    return subject.past[place].offers if place >= 0 else None


def _apply(wanted: Sequence[_Wanted]) -> None:
    for row in wanted:
        state = row.state
        state.price, state.last_why, state.words = row.price, row.why, row.words
        state.changes += 1
        state.lowest, state.highest = min(state.lowest, row.price), max(state.highest, row.price)
