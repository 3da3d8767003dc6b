"""From ShipStation's carrier and service to Jet's words. Pure: the merchant's table is given in."""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass

from jetsync.jet.words.shipping import Carrier, ResponseMethod
from orders.methods import is_method_of, squeezed

# Of ShipStation's lists (custom store and API spell them differently) those that Jet has a word for. Newgistics is
# none of Jet's carriers.
DEFAULTS: tuple[tuple[str, str, Carrier], ...] = (
    ("UPS", "", Carrier.UPS),
    ("ups_walleted", "", Carrier.UPS),
    ("FedEx", "", Carrier.FEDEX),
    ("USPS", "", Carrier.USPS),
    ("stamps_com", "", Carrier.USPS),
    ("endicia", "", Carrier.USPS),
    ("DHL", "", Carrier.DHL),
    ("DHLGlobalMail", "", Carrier.DHL_GLOBAL_MAIL),
    ("UPSMI", "", Carrier.UPS_MAIL_INNOVATIONS),
    ("OnTrac", "", Carrier.ONTRAC),
    ("LoneStar", "", Carrier.LONE_STAR),
    ("Newgistics", "", Carrier.OTHER),
    ("Other", "", Carrier.OTHER),
    ("", "SurePost", Carrier.UPS_SUREPOST),
    ("", "SmartPost", Carrier.FEDEX_SMARTPOST),
)
_NOT_WORD = re.compile(r"[^0-9a-z&]+")


@dataclass(frozen=True)
class Rule:
    """An empty `carrier` stands for any, an empty `service` for all of the carrier's."""

    carrier: str
    service: str
    jet_carrier: str


def plain(text: str) -> str:
    """How names are compared: without case, blanks, underscores and signs ("ups_mi" is "UPSMI")."""
    return _NOT_WORD.sub("", text.casefold())


def rule_key(carrier: str, service: str) -> str:
    return f"{plain(carrier)}|{plain(service)}"


def find_carrier(carrier: str, service: str, rules: Iterable[Rule]) -> Rule | None:
    """The rule that fits best: one about the service before one about the carrier, the longest word of several."""
    wanted, described = plain(carrier), plain(service)
    fitting = [
        rule
        for rule in rules
        if plain(rule.carrier) in {"", wanted}
        and plain(rule.service) in described
        and (rule.carrier or rule.service)
    ]
    return max(fitting, key=lambda rule: (len(plain(rule.service)), len(plain(rule.carrier))), default=None)


def method_for(service: str, carrier: str) -> str:
    """Jet's code for a service ("USPS Priority Mail - Package" -> "USPSPriorityMail"); "" when Jet has none.

    ShipStation adds package and size behind the service's name, so the longest code that begins it counts.
    """
    text = plain(service)
    fitting = [word for word in ResponseMethod if text.startswith(squeezed(word.value))]
    code = str(max(fitting, key=lambda word: len(word.value), default=""))
    return code if code and is_method_of(code, carrier) else ""
