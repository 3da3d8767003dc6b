"""Which carrier a tracking number names by its shape and check digit. Pure.

Shapes and check digits are those of the public collection github.com/jkeen/tracking_number_data (couriers/*.json), which
carriers' own label guides agree with: UPS 1Z (mod 10), FedEx Express 12 and 34 (weights 3-1-7, mod 11), FedEx Ground 15 and
96.. of 22 (mod 10), USPS Publication 199 (IMpb, mod 10 with weights 3-1), UPU S10 (weights 8-6-4-2-3-5-9-7, mod 11),
DHL Express 10 (mod 7), OnTrac C/D (mod 10). LaserShip and Spee Dee carry no check digit that is published.

Twelve figures may be anybody's: what comes out is a guess, never a ruling. A number of no known shape is no fault.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass

from jetsync.jet.words.shipping import Carrier
from orders.methods import family_of

# A check digit holds by chance for one number in ten (DHL: one in seven), so a plain row of figures proves little.
_S10_WEIGHTS = (8, 6, 4, 2, 3, 5, 9, 7)
_S10_SPECIAL = {10: 0, 11: 5}
_UPS_SERIAL_FROM = 2
_FEDEX_SHORT = 12


def _figures(text: str) -> list[int]:
    """Letters count as UPS and OnTrac have it: A is 2, B is 3, and so on round."""
    return [int(char) if char.isdigit() else (ord(char) - 63) % 10 for char in text]


def _mod10(text: str, odd: int, even: int) -> bool:
    """The last figure fills the weighted sum of the others up to tens; `odd` weighs the first, third, … of them."""
    *serial, check = _figures(text)
    total = sum(figure * (even if at % 2 else odd) for at, figure in enumerate(serial))
    return -total % 10 == check


def _mod11(text: str, weights: Sequence[int]) -> bool:
    *serial, check = _figures(text)
    return sum(map(int.__mul__, serial, weights)) % 11 % 10 == check


def _is_ups(text: str) -> bool:
    return _mod10(text[_UPS_SERIAL_FROM:], 1, 2)


def _is_fedex_12(text: str) -> bool:
    return _mod11(text, (3, 1, 7) * 4)


def _is_fedex_14(text: str) -> bool:
    """The last fourteen of a scanned label."""
    return _mod11(text[-14:], (1, 7, 3) * 5)


def _is_fedex_15(text: str) -> bool:
    return _mod10(text, 1, 3)


def _is_fedex_96(text: str) -> bool:
    """The fifteen behind application, container and service code."""
    return _mod10(text[7:], 1, 3)


def _is_usps(text: str) -> bool:
    """Weights 3 and 1 counted from the right, over everything before the check digit."""
    *serial, check = _figures(text)
    total = sum(figure * (1 if at % 2 else 3) for at, figure in enumerate(reversed(serial)))
    return -total % 10 == check


def _is_usps_20(text: str) -> bool:
    """The old form leaves out the leading 91, which its check digit counts."""
    return _is_usps(text) or _is_usps(f"91{text}")


def _is_s10(text: str) -> bool:
    figures = text[2:11]
    rest = 11 - sum(map(int.__mul__, _figures(figures[:8]), _S10_WEIGHTS)) % 11
    return _S10_SPECIAL.get(rest, rest) == int(figures[8])


def _is_dhl_10(text: str) -> bool:
    return int(text[:-1]) % 7 == int(text[-1])


def _is_ontrac(text: str) -> bool:
    """C counts as 4 and D as 5."""
    return _mod10(f"{'4' if text[0] == 'C' else '5'}{text[1:]}", 1, 2)


def _always(_text: str) -> bool:
    return True


@dataclass(frozen=True)
class Shape:
    """`is_telling`: only this carrier writes numbers so; a wrong check digit is then a typing error."""

    carrier: Carrier
    pattern: re.Pattern[str]
    is_right: Callable[[str], bool]
    is_telling: bool


def _shape(
    carrier: Carrier, pattern: str, is_right: Callable[[str], bool], *, is_telling: bool = False
) -> Shape:
    return Shape(carrier, re.compile(pattern), is_right, is_telling)


# The telling ones first; of plain figures the check digit decides, and where two fit the commoner one stands first.
SHAPES = (
    _shape(Carrier.UPS, r"1Z[0-9A-Z]{15}[0-9]", _is_ups, is_telling=True),
    _shape(Carrier.UPS_MAIL_INNOVATIONS, r"MI\d{6}[0-9A-Z]{1,22}", _always, is_telling=True),
    _shape(Carrier.USPS, r"[A-Z]{2}\d{9}US", _is_s10, is_telling=True),
    _shape(Carrier.USPS, r"9[1-5]\d{20}", _is_usps, is_telling=True),
    _shape(Carrier.USPS, r"9[2-5]\d{24}", _is_usps),
    _shape(Carrier.FEDEX, r"96\d{20}", _is_fedex_96, is_telling=True),
    _shape(Carrier.ONTRAC, r"[CD]\d{14}", _is_ontrac, is_telling=True),
    _shape(Carrier.DHL, r"J[A-Z]{2,3}\d{9,18}", _always, is_telling=True),
    _shape(Carrier.DHL_GLOBAL_MAIL, r"GM\d{10,20}", _always, is_telling=True),
    _shape(
        Carrier.LASER_SHIP, r"L[AIEHNX][1-3]\d{7}|1LS7[12]\d{10}|1LSCX[0-9A-Z]{10}", _always, is_telling=True
    ),
    _shape(Carrier.SPEE_DEE, r"SP\d{18}", _always, is_telling=True),
    _shape(Carrier.FEDEX, r"\d{12}", _is_fedex_12),
    _shape(Carrier.FEDEX, r"\d{15}", _is_fedex_15),
    _shape(Carrier.FEDEX_SMARTPOST, r"(61|02|58|74)\d{18}", lambda text: _is_usps(f"92{text}")),
    _shape(Carrier.USPS, r"\d{20}", _is_usps_20),
    _shape(Carrier.DHL, r"\d{10}", _is_dhl_10),
)
_ROUTED_USPS = re.compile(r"420(?:\d{5}|\d{9})(9[1-5]\d{20})")
_FEDEX_LABEL = re.compile(r"(?:96\d{32}|[0-8]\d{33})")


def squeeze(text: str) -> str:
    """A number as carriers compare it: no blanks and hyphens, capital letters, nothing of the label around it.

    A label's bar code holds more than the number: USPS puts 420 and the shopper's zip before it, FedEx the zip and a
    service code. They go when the check digit proves the number behind them.
    """
    number = re.sub(r"[\s-]", "", text).upper()
    if (routed := _ROUTED_USPS.fullmatch(number)) and _is_usps(routed[1]):
        return routed[1]
    if _FEDEX_LABEL.fullmatch(number) and _is_fedex_14(number):
        return number[-14:].lstrip("0").rjust(_FEDEX_SHORT, "0")
    return number


def tidy(text: str) -> str:
    """The number a carrier answers to, out of what was typed or scanned.

    Text of no known shape is left as it was typed, but for the ends.
    """
    return squeeze(text) if guess_carrier(text) else text.strip()


def guess_carrier(text: str) -> Carrier | None:
    """The carrier whose shape and check digit the number has; None when it has nobody's."""
    number = squeeze(text)
    fits = (shape for shape in SHAPES if shape.pattern.fullmatch(number) and shape.is_right(number))
    return next((shape.carrier for shape in fits), None)


def mistyped_as(text: str) -> Carrier | None:
    """The carrier that alone writes numbers so, when the check digit is wrong."""
    number = squeeze(text)
    if guess_carrier(text):
        return None
    return next(
        (shape.carrier for shape in SHAPES if shape.is_telling and shape.pattern.fullmatch(number)), None
    )


def tracking_warning(text: str, carrier: str) -> str:
    """What a person should look at before this number goes to the shopper; "" when nothing speaks against it."""
    if not text.strip():
        return ""
    if wrong := mistyped_as(text):
        return f"{text.strip()} looks like a number of {wrong}, but its check digit is wrong: a character may be mistyped."
    guess = guess_carrier(text)
    if guess is None:
        known = {family_of(shape.carrier) for shape in SHAPES}
        if family_of(carrier) in known:
            return f"{text.strip()} has the shape of no {family_of(carrier)} number that jetsync knows."
        return ""
    if carrier and is_another_carriers(text, carrier):
        return f"{text.strip()} looks like a number of {guess}, not of {carrier}."
    return ""


# What a spreadsheet takes for a formula. No carrier's number begins so.
FORMULA_STARTS = ("=", "+", "@", "-")


def is_formula(text: str) -> bool:
    return text.strip().startswith(FORMULA_STARTS)


def tracking_doubt(text: str, carrier: str, other_order: str = "") -> str:
    """What a person has to confirm before this number is sent; "" when there is nothing.

    A wrong check digit, the shape of another carrier, and a number that stands on `other_order` already. A number of no
    known shape is only remarked on: carriers have more shapes than are known here.
    """
    number = text.strip()
    if number and (mistyped_as(number) or (carrier and is_another_carriers(number, carrier))):
        return tracking_warning(number, carrier)
    return f"{number} is already the number of order {other_order}." if number and other_order else ""


def is_another_carriers(text: str, carrier: str) -> bool:
    """Whether the number is of a carrier's own shape, and this carrier is another one.

    FedEx SmartPost, UPS Mail Innovations, DHL Global Mail and others hand parcels to USPS, whose number they carry.
    """
    number = squeeze(text)
    named = next(
        (
            shape.carrier
            for shape in SHAPES
            if shape.is_telling and shape.pattern.fullmatch(number) and shape.is_right(number)
        ),
        None,
    )
    if named is None or not carrier or carrier == Carrier.OTHER:
        return False
    return family_of(named) != family_of(carrier) and not (
        named == Carrier.USPS and carrier in HANDED_TO_USPS
    )


HANDED_TO_USPS = (
    Carrier.FEDEX_SMARTPOST,
    Carrier.UPS_MAIL_INNOVATIONS,
    Carrier.UPS_SUREPOST,
    Carrier.DHL_GLOBAL_MAIL,
    Carrier.ONTRAC_DIRECT_POST,
)
