"""Invented shoppers. Towns, states and ZIP codes fit together; people, streets and numbers are made up.

Telephone numbers use 555-01xx, the range kept free for fiction.
"""

from __future__ import annotations

import hashlib
import random
from dataclasses import dataclass

FIRST_NAMES = (
    "Ada", "Amir", "Bea", "Calvin", "Dora", "Edgar", "Farah", "Gil", "Hattie", "Imani", "Jonas", "Keiko", "Leon",
    "Mabel", "Nadia", "Otis", "Priya", "Quentin", "Rosa", "Silas", "Tessa", "Umar", "Viola", "Wes", "Yara", "Zeke",
)  # fmt: skip
LAST_NAMES = (
    "Abernathy", "Baptiste", "Castellan", "Drummond", "Eastlake", "Fairbanks", "Goldwater", "Hollis", "Iverson",
    "Jablonski", "Kowal", "Lindqvist", "Marchetti", "Nakagawa", "Okafor", "Pemberton", "Quigley", "Rasmussen",
    "Sandoval", "Thackeray", "Underhill", "Villanueva", "Whitlock", "Yamada", "Zielinski",
)  # fmt: skip
STREETS = (
    "Quarry Lane", "Juniper Court", "Mill Pond Road", "Larkspur Drive", "Old Ferry Street", "Harvest Way",
    "Signal Hill Road", "Tannery Row", "Bluebird Avenue", "Copper Beech Lane", "Orchard Terrace", "Depot Street",
)  # fmt: skip
UNITS = ("", "", "", "", "Apt 2B", "Unit 14", "Floor 3", "Apt 307")
# (city, state, ZIP, area code)
PLACES = (
    ("Hoboken", "NJ", "07030", "201"), ("Montclair", "NJ", "07042", "973"), ("Brooklyn", "NY", "11201", "718"),
    ("Albany", "NY", "12207", "518"), ("Pittsburgh", "PA", "15222", "412"), ("Boston", "MA", "02118", "617"),
    ("Richmond", "VA", "23220", "804"), ("Raleigh", "NC", "27601", "919"), ("Atlanta", "GA", "30309", "404"),
    ("Orlando", "FL", "32801", "407"), ("Nashville", "TN", "37203", "615"), ("Columbus", "OH", "43215", "614"),
    ("Ann Arbor", "MI", "48104", "734"), ("Chicago", "IL", "60614", "312"), ("Madison", "WI", "53703", "608"),
    ("Minneapolis", "MN", "55403", "612"), ("Austin", "TX", "78704", "512"), ("Houston", "TX", "77006", "713"),
    ("Denver", "CO", "80203", "303"), ("Tucson", "AZ", "85701", "520"), ("Seattle", "WA", "98122", "206"),
    ("Portland", "OR", "97209", "503"), ("Oakland", "CA", "94607", "510"), ("San Diego", "CA", "92103", "619"),
    ("Manchester", "NH", "03101", "603"), ("Wilmington", "DE", "19801", "302"),
)  # fmt: skip


@dataclass(frozen=True)
class Shopper:
    """One invented buyer; `recipient` differs from `name` when the parcel is a gift."""

    name: str
    recipient: str
    phone: str
    recipient_phone: str
    hash_email: str
    address: dict[str, str]

    @property
    def state(self) -> str:
        return self.address["state"]


def invent_shopper(rng: random.Random) -> Shopper:
    name = _name(rng)
    city, state, zip_code, area = rng.choice(PLACES)
    phone = _phone(rng, area)
    is_gift = rng.random() < 0.15  # noqa: PLR2004 -- often enough to be met in a demo
    relay = hashlib.sha256(f"{name}{phone}{rng.random()}".encode()).hexdigest()[:14]
    return Shopper(
        name=name,
        recipient=_name(rng) if is_gift else name,
        phone=phone,
        recipient_phone=_phone(rng, area) if is_gift else phone,
        hash_email=f"{relay}@customer.jet.com",
        address={
            "address1": f"{rng.randint(2, 1899)} {rng.choice(STREETS)}",
            "address2": rng.choice(UNITS),
            "city": city,
            "state": state,
            "zip_code": zip_code,
        },
    )


def _name(rng: random.Random) -> str:
    return f"{rng.choice(FIRST_NAMES)} {rng.choice(LAST_NAMES)}"


def _phone(rng: random.Random, area: str) -> str:
    return f"{area}55501{rng.randint(0, 99):02d}"
