"""Shipping methods for people: which carrier a method names, its readable name, and the order of both lists. Pure."""

from __future__ import annotations

import re

from jetsync.jet.words.shipping import Carrier, ResponseMethod

# Jet lists a carrier's branches as carriers of their own; a method of one fits the others. The usual ones first.
FAMILIES: tuple[tuple[str, tuple[Carrier, ...]], ...] = (
    ("FedEx", (Carrier.FEDEX, Carrier.FEDEX_SMARTPOST, Carrier.FEDEX_FREIGHT)),
    ("UPS", (Carrier.UPS, Carrier.UPS_FREIGHT, Carrier.UPS_MAIL_INNOVATIONS, Carrier.UPS_SUREPOST)),
    ("USPS", (Carrier.USPS,)),
    ("DHL", (Carrier.DHL, Carrier.DHL_GLOBAL_MAIL)),
    ("OnTrac", (Carrier.ONTRAC, Carrier.ONTRAC_DIRECT_POST)),
)
ANY_CARRIER = "Any carrier"

_FAMILY_OF = {carrier: name for name, carriers in FAMILIES for carrier in carriers}
_KNOWN = [carrier for carrier in Carrier if carrier != Carrier.OTHER]
# What the rule below tears apart or Jet itself misspells.
_SPELLINGS = (("e Commerce", "eCommerce"), ("Smartmail", "SmartMail"), ("Nexy", "Next"))
_BOUNDARY = re.compile(r"(?<=[a-z])(?=[A-Z0-9])|(?<=[A-Z])(?=[A-Z][a-z])|(?<=\d)(?=[A-Z])|(?<=[A-Z])(?=\d)")


def squeezed(text: str) -> str:
    """Without blanks, hyphens and underscores, in one case: how Jet's spaced names and codes are compared."""
    return re.sub(r"[\s_-]", "", text).casefold()


def carrier_of_method(method: str) -> str:
    """The carrier that a method names ("FedEx Ground" -> "FedEx"), the longest that fits, "" when it names none."""
    text = squeezed(method)
    named = [word for word in _KNOWN if text.startswith(squeezed(word.value))]
    return str(max(named, key=lambda word: len(word.value), default=""))


def family_of(text: str) -> str:
    """The family of a carrier or of the carrier a method names; "" when it names no carrier Jet knows."""
    carrier = carrier_of_method(text)
    return _FAMILY_OF.get(Carrier(carrier), carrier) if carrier else ""


def is_method_of(method: str, carrier: str) -> bool:
    """Whether the method can be one of the carrier's: unless both name carriers, and different ones."""
    families = {family_of(method), family_of(carrier)} - {""}
    return len(families) < 2  # noqa: PLR2004 -- two names are a contradiction


def method_label(code: str) -> str:
    """A code as people read it: "UPSNextDayAirSaver" -> "UPS Next Day Air Saver"."""
    carrier = carrier_of_method(code)
    words = _BOUNDARY.sub(" ", code[len(carrier.replace(" ", "")) :]).strip()
    for written, meant in _SPELLINGS:
        words = words.replace(written, meant)
    return " ".join(part for part in (carrier, words) if part)


def carrier_choices(*, first: tuple[str, ...] = ()) -> list[tuple[str, str]]:
    """Value and label: `first` (what Jet asks for, what the merchant mostly uses), the big ones, the rest by name.

    Words of `first` that are not on Jet's list stay choosable.
    """
    usual = [str(carrier) for _name, carriers in FAMILIES for carrier in carriers]
    rest = sorted((str(carrier) for carrier in _KNOWN), key=str.casefold)
    ordered = dict.fromkeys(word for word in (*first, *usual, *rest, str(Carrier.OTHER)) if word)
    return [(word, word) for word in ordered]


def method_choices(*, first: str = "") -> list[tuple[str, list[tuple[str, str]]]]:
    """Choices in groups by carrier, `first`'s before all others; codes that name no carrier come last."""
    groups: dict[str, list[tuple[str, str]]] = {}
    for code in ResponseMethod:
        groups.setdefault(family_of(code) or ANY_CARRIER, []).append((str(code), method_label(code)))
    usual = [name for name, _carriers in FAMILIES]
    rest = sorted(groups.keys() - {ANY_CARRIER}, key=str.casefold)
    names = dict.fromkeys((family_of(first), *usual, *rest, ANY_CARRIER))
    return [(name, groups[name]) for name in names if name in groups]
