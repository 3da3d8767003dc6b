"""What becomes of each parcel of a list, told before anything is shipped. Five queries, whatever the number of rows."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field, replace
from datetime import date

from django.utils import timezone

from catalog.csv_encoding import is_no_text
from catalog.csv_reader import UNCLOSED
from jetsync.exceptions import DomainError, InvalidInput
from jetsync.jet.words.shipping import Carrier, ResponseMethod
from jetsync.models import Merchant
from jetsync.queries.settings import get_options
from jetsync.wording import counted
from orders.actions.shipment import check_shippable
from orders.methods import method_label, squeezed
from orders.models import Order
from orders.parcels import ParcelRow, is_shortened, is_torn
from orders.proposal import ParcelFacts, parcel_input
from orders.queries.line import LineCount, counted_units
from orders.queries.parcels import orders_by_reference, orders_of_numbers
from orders.tracking import guess_carrier, is_formula, tidy, tracking_doubt, tracking_warning
from orders.validators import LineInput, check_shipment, comes_late, promised_day

_CARRIERS = {squeezed(word): str(word) for word in Carrier}
_METHODS = {squeezed(word): str(word) for word in ResponseMethod} | {
    squeezed(method_label(word)): str(word) for word in ResponseMethod
}
LONGEST_NUMBER = 100


class Fault(Exception):
    """Why a parcel cannot be shipped."""

    def __init__(self, message: str, hint: str = "") -> None:
        super().__init__(message)
        self.message, self.hint = message, hint


@dataclass(frozen=True)
class Parcel:
    """One parcel as it would leave. `fault` says why it cannot; `is_done`: this number stands on the order already."""

    rows: tuple[ParcelRow, ...]
    order: Order | None = None
    facts: ParcelFacts = field(default_factory=lambda: ParcelFacts("", "", "", ()))
    contents: str = ""
    is_guess: bool = False
    is_done: bool = False
    fault: str = ""
    hint: str = ""
    warnings: tuple[str, ...] = ()

    @property
    def is_ready(self) -> bool:
        return not self.fault and not self.is_done

    @property
    def label(self) -> str:
        return f"{self.order or self.rows[0].order} · {self.facts.tracking_number or self.rows[0].tracking}"

    @property
    def method_label(self) -> str:
        return method_label(self.facts.method)

    @property
    def status(self) -> str:
        """ready, done or wrong."""
        return "wrong" if self.fault else "done" if self.is_done else "ready"


def judge_parcels(
    merchant: Merchant,
    rows: Sequence[ParcelRow],
    *,
    ship_on: date | None = None,
    shares: bool = False,
    confirms_tracking: bool = False,
) -> list[Parcel]:
    """A parcel per order and tracking number, in the order of their first rows. `shares`: one may hold several orders.

    `confirms_tracking`: a person has looked at the doubtful numbers (`orders.tracking.tracking_doubt`).
    """
    groups: dict[tuple[str, str], list[ParcelRow]] = defaultdict(list)
    for row in rows:
        groups[row.order.casefold(), tidy(row.tracking)].append(row)
    judge = _Judge(merchant, rows, ship_on, shares=shares, confirms_tracking=confirms_tracking)
    return [judge.parcel(tuple(group)) for group in groups.values()]


class _Judge:
    def __init__(
        self,
        merchant: Merchant,
        rows: Sequence[ParcelRow],
        ship_on: date | None,
        *,
        shares: bool,
        confirms_tracking: bool,
    ) -> None:
        self.confirms_tracking = confirms_tracking
        self.options = get_options(merchant)
        self.ship_on, self.shares, self.now = ship_on, shares, timezone.now()
        self.orders = orders_by_reference(merchant, {row.order for row in rows})
        self.orders_of_number = orders_of_numbers(merchant, {tidy(row.tracking) for row in rows})
        self.taken: dict[int, int] = defaultdict(int)

    def parcel(self, rows: tuple[ParcelRow, ...]) -> Parcel:
        parcel = Parcel(rows)
        try:
            _check_cells(rows)
            number = tidy(rows[0].tracking)
            order = self._order(rows[0].order)
            parcel = replace(parcel, order=order, facts=ParcelFacts("", "", number, ()))
            if order.pk in self.orders_of_number[number]:
                return replace(parcel, is_done=True)
            self._check_number(number)
            return self._filled(parcel, order)
        except Fault as fault:
            return replace(parcel, fault=fault.message, hint=fault.hint)

    def _order(self, reference: str) -> Order:
        found = self.orders.get(reference.casefold(), [])
        if len(found) > 1:
            found = [order for order in found if order.is_shippable] or found
        if not found:
            raise Fault(
                f"There is no order “{reference}”.", "Give Jet's order id or the store's, of the mode in use."
            )
        if len(found) > 1:
            raise Fault(f"“{reference}” is the id of {len(found)} orders.", "Give the Merchant Order Id.")
        return found[0]

    def _check_number(self, number: str) -> None:
        others = self.orders_of_number[number]
        if others and not self.shares:
            raise Fault(
                f"{number} is already the number of order {next(iter(others.values()))}.",
                "Correct it, or say that one parcel may hold several orders.",
            )
        if len(number) > LONGEST_NUMBER:
            raise Fault(f"The tracking number has more than {LONGEST_NUMBER} characters.")

    def _filled(self, parcel: Parcel, order: Order) -> Parcel:
        try:
            check_shippable(order)
        except DomainError as refused:
            raise Fault(refused.message, refused.hint) from None
        counts = self._counts(order)
        units = _units(order, parcel.rows, counts)
        number = parcel.facts.tracking_number
        carrier = _word(parcel.rows, "carrier", _CARRIERS)
        guess = "" if carrier else str(guess_carrier(number) or "")
        lines = [LineInput(pk, quantity) for pk, quantity in units.items()]
        facts = ParcelFacts(carrier or guess, _word(parcel.rows, "method", _METHODS), number, lines)
        data = parcel_input(order, self.options, facts, self.now, ship_on=self.ship_on)
        doubt = tracking_doubt(number, data.carrier)
        if doubt and not self.confirms_tracking:
            raise Fault(doubt, "Correct it, or tick that the doubtful numbers are right as they stand.")
        try:
            check_shipment(data, order, counts)
        except InvalidInput as refused:
            raise Fault(next(iter(refused.fields.values()))[0]) from None
        for pk, quantity in units.items():
            self.taken[pk] += quantity
        self.orders_of_number[number][order.pk] = str(order)
        warnings = [tracking_warning(number, data.carrier), _left_words(order, counts, units)]
        if comes_late(data, order):
            warnings.append(f"Comes after {promised_day(order)}, the day Jet promised.")
        return replace(
            parcel,
            facts=replace(facts, carrier=data.carrier, method=data.method),
            contents=_contents(counts, units),
            is_guess=bool(guess),
            warnings=tuple(filter(None, warnings)),
        )

    def _counts(self, order: Order) -> list[LineCount]:
        """What is left after the parcels above in the list."""
        counts = [counted_units(line, line.shipment_lines.all()) for line in order.lines.all()]
        return [
            replace(count, leaving_shipped=count.leaving_shipped + self.taken[count.line.pk])
            for count in counts
        ]


def _check_cells(rows: Iterable[ParcelRow]) -> None:
    for row in rows:
        if is_torn(row.tracking):
            raise Fault(UNCLOSED, "Close it behind its text, or delete it.")
        for cell in row.given().values():
            if is_no_text(cell):
                raise Fault(f"“{cell[:60]}” holds a character that cannot be read.", "Type it again.")
            if is_formula(cell):
                raise Fault(f"“{cell[:60]}” is a formula, not a value.", "Paste or save the values only.")
            if is_shortened(cell):
                raise Fault(
                    f"“{cell}” is what the spreadsheet left of a long number.",
                    "Format the column as text and type the number again.",
                )
        if not row.order:
            raise Fault("The order id is missing.", "Give Jet's order id or the store's.")


def _word(rows: Iterable[ParcelRow], name: str, words: dict[str, str]) -> str:
    """Jet's word for what the rows of a parcel call carrier or method; "" when they say nothing."""
    given = list(dict.fromkeys(filter(None, (getattr(row, name) for row in rows))))
    if not given:
        return ""
    if len(given) > 1:
        raise Fault(f"One parcel, but two {name}s: “{given[0]}” and “{given[1]}”.")
    if found := words.get(squeezed(given[0])):
        return found
    raise Fault(
        f"“{given[0][:60]}” is no {name} Jet knows.", "Write it as the shipment form does, or leave it out."
    )


def _units(order: Order, rows: Sequence[ParcelRow], counts: Sequence[LineCount]) -> dict[int, int]:
    """Pieces by line id: what the rows name, or all that is left and not to be cancelled."""
    units: dict[int, int] = defaultdict(int)
    for row in rows:
        lines = [count for count in counts if not row.sku or count.line.sku.casefold() == row.sku.casefold()]
        if not lines:
            raise Fault(f"Order {order} has no SKU “{row.sku}”.", f"It has {_skus(counts)}.")
        if row.quantity and not row.sku and len(lines) > 1:
            raise Fault("A quantity without a SKU.", f"Name the SKU: order {order} has {_skus(counts)}.")
        free = {count.line.pk: _free(count) - units[count.line.pk] for count in lines}
        wanted = _quantity(row) if row.quantity else sum(free.values())
        if not wanted and not row.quantity and any(units.values()):
            continue  # the same row twice
        if wanted > sum(free.values()) or not wanted:
            raise Fault(_too_many(order, row, wanted, sum(free.values())))
        for pk, most in free.items():
            taken = min(most, wanted)
            units[pk] += taken
            wanted -= taken
    return {pk: quantity for pk, quantity in units.items() if quantity}


def _free(count: LineCount) -> int:
    return max(0, min(count.shippable, count.remaining - count.cancel_wanted))


def _quantity(row: ParcelRow) -> int:
    text = row.quantity.removesuffix(".0")
    if not text.isdecimal() or len(text) > 6:  # noqa: PLR2004 -- no order has a million pieces
        raise Fault(
            f"“{row.quantity[:20]}” is no quantity.", "Give a whole number, or leave it empty for all."
        )
    return int(text)


def _too_many(order: Order, row: ParcelRow, wanted: int, free: int) -> str:
    what = f"{row.sku} of order {order}" if row.sku else f"order {order}"
    if not free:
        return f"Nothing of {what} is left to ship: it is shipped, cancelled or in a row above."
    return f"{what}: {wanted} to ship, but only {free} left." if wanted else f"{what}: 0 to ship."


def _skus(counts: Sequence[LineCount]) -> str:
    return ", ".join(dict.fromkeys(count.line.sku for count in counts))[:200]


def _contents(counts: Sequence[LineCount], units: dict[int, int]) -> str:
    return ", ".join(
        f"{units[count.line.pk]} x {count.line.sku}" for count in counts if count.line.pk in units
    )


def _left_words(order: Order, counts: Sequence[LineCount], units: dict[int, int]) -> str:
    to_cancel = sum(count.cancel_wanted for count in counts)
    if to_cancel:
        return f"{counted(to_cancel, 'unit')} that the shopper wants cancelled: do that on order {order}."
    left = sum(count.remaining for count in counts) - sum(units.values())
    return f"{counted(left, 'unit')} of the order {'stays' if left == 1 else 'stay'} open." if left else ""
