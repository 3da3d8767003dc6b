"""One rule for every way a price can change: a large step, or a price beyond a limit, is a slip until it is confirmed.

Pure. Forms, files, changes of many SKUs, the API and “Take theirs” all ask this, so none of them is a way around it.
"""

from __future__ import annotations

import hashlib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from decimal import Decimal
from typing import Any, Protocol

from catalog.codes import Code
from catalog.pricing import LOWEST_PRICE, NO_RULES, PriceRules, to_cents
from catalog.problems import Problem
from jetsync.exceptions import StateConflict

# The input of the tick; its value is the mark of what was shown beside it.
CONFIRMED = "confirmed_prices"
# Confirms whatever the caller sends: for those who look at no page.
ANY = "any"
UNCONFIRMED = Code.PRICE_STEP
_FIX = "Correct it, or confirm that it is right."
_MARK_LENGTH = 32
# A quantity of so many times the one before, and so many pieces more, is a slip as well.
JUMP_TIMES, JUMP_PIECES = 10, 100


class Limited(Protocol):
    """What a SKU, stored or read as facts, says about its price."""

    @property
    def price_floor(self) -> Decimal | None: ...
    @property
    def map_price(self) -> Decimal | None: ...
    @property
    def msrp(self) -> Decimal | None: ...


@dataclass(frozen=True, slots=True)
class Limits:
    price_floor: Decimal | None = None
    map_price: Decimal | None = None
    msrp: Decimal | None = None


@dataclass(frozen=True, slots=True)
class Slip:
    """`old` None: there was no price. `reason` is a sentence with both values. `is_count`: of a quantity.

    `is_below_map`: Jet would sell below a MAP price by it. `sku` is empty where it is about many, whom the reason names.
    """

    sku: str
    field: str
    old: Decimal | None
    new: Decimal
    reason: str
    is_count: bool = False
    is_below_map: bool = False

    @property
    def words(self) -> str:
        return f"{self.sku}: {self.reason}" if self.sku else self.reason

    def written(self, value: Decimal | None) -> str:
        if value is None:
            return ""
        return f"{value:.0f}" if self.is_count else f"{value:.2f}"

    @property
    def percent(self) -> str:
        """Like "-95.2%"; empty for a first price."""
        return f"{(self.new - self.old) / self.old * 100:+,.1f}%" if self.old else ""

    @property
    def problem(self) -> Problem:
        return Problem(self.field, UNCONFIRMED, self.written(self.new), self.reason, _FIX)


@dataclass(frozen=True, slots=True)
class PriceGuard:
    """A merchant's setting. `percent` of the old price may be passed in one step; the rules say what Jet would be paid."""

    percent: int
    rules: PriceRules = NO_RULES

    def slip(
        self,
        sku: str,
        old: Decimal | None,
        new: Decimal | None,
        limits: Limited,
        *,
        field: str = "price",
        label: str = "Price",
    ) -> Slip | None:
        """What is to be confirmed about this change, or None. A first price is no step, but it has its limits."""
        if new is None or new == old or not new.is_finite():
            return None
        reasons = self._step(old, new) + self._beyond(old, new, limits)
        if not reasons:
            return None
        before = f"{old:,.2f}" if old is not None else "empty"
        words = f"{label} {before} → {new:,.2f}: {'; '.join(reasons)}."
        return Slip(sku, field, old, new, words, is_below_map=self._passes(limits.map_price, old, new))

    def node_slip(
        self,
        sku: str,
        own: tuple[Decimal | None, Decimal | None],
        price: Decimal | None,
        limits: Limited,
        *,
        field: str,
        label: str,
    ) -> Slip | None:
        """Of what a node has of its own, old and new. Where that is None the SKU's `price` counts, before as after."""
        old, new = own
        if new is not None:
            return self.slip(sku, old or price, new, limits, field=field, label=label)
        slip = self.slip(sku, old, price, limits, field=field, label=label) if old else None
        return slip and replace(
            slip, reason=f"{slip.reason} Without a price of its own the node has the product's."
        )

    def _step(self, old: Decimal | None, new: Decimal) -> list[str]:
        if not old or abs(new - old) * 100 <= old * self.percent:
            return []
        return [f"{(new - old) / old * 100:+,.1f}%, over the {self.percent}% of your price settings"]

    def map_slip(
        self, sku: str, old: Decimal | None, new: Decimal | None, price: Decimal | None
    ) -> Slip | None:
        """A MAP price that comes to stand above the price for Jet. One that stood so is known to the merchant."""
        if new is None or not is_raised(old, new) or not price:
            return None
        at_jet = self._at_jet(price)
        if new <= at_jet:
            return None
        reason = f"MAP price {new:,.2f} is above the price {self._words(at_jet, price) or f'{price:,.2f}'}".rstrip()
        return Slip(sku, "map_price", old, new, f"{reason}.", is_below_map=True)

    def _beyond(self, old: Decimal | None, new: Decimal, limits: Limited) -> list[str]:
        """Limits that the price for Jet breaks. One that the old price broke as much is known to the merchant."""
        floor = max(limits.price_floor or Decimal(0), self.rules.lowest or Decimal(0))
        if not (floor or limits.map_price or limits.msrp):
            return []
        at_jet, before = self._at_jet(new), self._at_jet(old) if old else None
        found = [
            f"{self._words(at_jet, new)}is below the {word} {least:,.2f}"
            for word, least in (("lowest price", floor), ("MAP price", limits.map_price))
            if self._passes(least, old, new)
        ]
        most = limits.msrp
        if most and at_jet > most and (before is None or before <= most or at_jet > before):
            found.append(f"{self._words(at_jet, new)}is above the MSRP {most:,.2f}")
        return found

    def _passes(self, least: Decimal | None, old: Decimal | None, new: Decimal) -> bool:
        """Whether the price for Jet comes to stand below a limit, or further below it."""
        if not least:
            return False
        at_jet, before = self._at_jet(new), self._at_jet(old) if old else None
        return at_jet < least and (before is None or before >= least or at_jet < before)

    def _at_jet(self, price: Decimal) -> Decimal:
        return max(to_cents(self.rules.changed(price)), LOWEST_PRICE)

    def _words(self, at_jet: Decimal, new: Decimal) -> str:
        return "" if at_jet == new else f"{at_jet:,.2f} for Jet "


def is_raised(old: Decimal | None, new: Decimal) -> bool:
    """Whether a MAP price may come to stand above prices; one that is lowered stood so before, if at all."""
    return old is None or new > old


def quantity_slip(
    sku: str, old: int | None, new: int | None, *, field: str = "quantity", label: str = "Quantity"
) -> Slip | None:
    """A quantity that jumps, in a file or a table. A first quantity is no jump, and no restock from 0 is."""
    if not old or new is None or new < old * JUMP_TIMES or new - old < JUMP_PIECES:
        return None
    reason = f"{label} {old:,} → {new:,}: {new // old:,} times what it was."
    return Slip(sku, field, Decimal(old), Decimal(new), reason, is_count=True)


def variant_slips(
    guard: PriceGuard,
    sku: str,
    stored: Mapping[str, Any],
    changes: Mapping[str, Any],
) -> list[Slip]:
    """Slips of a SKU's regular and special price. `stored` and `changes` under the model's names.

    A special price is a price that Jet's buyers pay: without one before it is a step from the regular price.
    """
    whole = {**stored, **changes}
    limits = Limits(whole.get("price_floor"), whole.get("map_price"), whole.get("msrp"))
    found = []
    if "price" in changes:
        found.append(guard.slip(sku, stored.get("price"), changes["price"], limits))
    if "special_price" in changes:
        before = stored.get("special_price") or stored.get("price")
        found.append(
            guard.slip(
                sku, before, changes["special_price"], limits, field="special_price", label="Special price"
            )
        )
    if "map_price" in changes and not any(found):
        found.append(guard.map_slip(sku, stored.get("map_price"), changes["map_price"], whole.get("price")))
    return [slip for slip in found if slip]


@dataclass(frozen=True)
class Asked:
    """What a page asks: the tick's value and words, and what it is about."""

    mark: str
    words: str
    reasons: tuple[str, ...]
    counts: int = 0

    @property
    def title(self) -> str:
        if self.counts:
            return "Is this right?" if len(self.reasons) == 1 else "Are these right?"
        return "Is this price right?" if len(self.reasons) == 1 else "Are these prices right?"


def asked_about(slips: Sequence[Slip], percent: int) -> Asked:
    reasons = tuple(slip.words for slip in slips)
    counts = sum(slip.is_count for slip in slips)
    words = tick_words(len(slips), percent, counts)
    if not any(slip.sku for slip in slips):
        words = "Yes, this MAP price is right, though these SKUs are sold for less"
    return Asked(mark_of(slips), words, reasons, counts)


class UnconfirmedPrice(StateConflict):
    """Nothing was stored. `asked.mark` confirms just these changes when it comes back with them."""

    code = UNCONFIRMED
    hint = "Correct the price, or confirm that it is right."

    def __init__(self, slips: Sequence[Slip], percent: int) -> None:
        self.asked = asked_about(slips, percent)
        fields: dict[str, list[str]] = {}
        for slip in slips:
            fields.setdefault(slip.field, []).append(slip.reason)
        first = slips[0]
        super().__init__(f"SKU {first.words}" if first.sku else first.reason, fields=fields)


def mark_of(slips: Sequence[Slip]) -> str:
    """Names exactly these changes: another price, also one stored meanwhile, has another mark."""
    lines = sorted(f"{slip.sku or slip.reason}\x1f{slip.field}\x1f{slip.old}\x1f{slip.new}" for slip in slips)
    return hashlib.sha256("\x1e".join(lines).encode()).hexdigest()[:_MARK_LENGTH]


def is_confirmed(slips: Sequence[Slip], given: str) -> bool:
    return not slips or given == ANY or given == mark_of(slips)


def check_confirmed(slips: Sequence[Slip], given: str, guard: PriceGuard) -> None:
    """Raises UnconfirmedPrice unless the merchant has confirmed just these changes."""
    if not is_confirmed(slips, given):
        raise UnconfirmedPrice(slips, guard.percent)


def tick_words(count: int, percent: int, counts: int = 0) -> str:
    """Beside the tick, wherever prices are confirmed. `counts`: how many of them are quantities."""
    if counts:
        if count == 1:
            return f"Yes, this quantity is right, though it is {JUMP_TIMES} times what it was, or more"
        what = "quantities" if counts == count else "prices and quantities"
        return f"Yes, these {count:,} {what} are right, though they are far from what they were"
    if count == 1:
        return f"Yes, this price is right, though it moves by more than {percent}% or passes a limit"
    return f"Yes, these {count:,} prices are right, though they move by more than {percent}% or pass a limit"
