"""One rule each. A function returns the Problem, or None when the value is fine; nobody else words these rules.

Empty text means "not given" and is not judged here, unless the rule is about being given at all.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal
from functools import cached_property, lru_cache
from typing import Any
from urllib.parse import urlsplit

from catalog.problems import Problem
from jetsync.wording import counted


@dataclass(frozen=True)
class TextRule:
    label: str
    shortest: int
    longest: int


@dataclass(frozen=True)
class NumberRule:
    """`whole_digits` before the point, two after it."""

    label: str
    lowest: Decimal
    whole_digits: int
    unit: str = ""

    @cached_property
    def limit(self) -> Decimal:
        return Decimal(10) ** self.whole_digits


# Lengths: protocol notes, merchant SKU; features CSV-03 to CSV-27.
TEXT_RULES = {
    "sku": TextRule("SKU", 1, 100),
    "title": TextRule("Title", 5, 500),
    "brand": TextRule("Brand", 1, 100),
    "manufacturer": TextRule("Manufacturer", 1, 100),
    "description": TextRule("Description", 1, 2000),
    "mfr_part_number": TextRule("Manufacturer part number", 1, 50),
    "bullets": TextRule("Bullet", 1, 500),
    "legal_disclaimer_description": TextRule("Legal disclaimer", 1, 500),
    "country_of_origin": TextRule("Country of origin", 1, 50),
    "safety_warning": TextRule("Safety warning", 1, 2000),
    "type_of_unit_for_price_per_unit": TextRule("Type of unit", 1, 40),
    "attributes": TextRule("Attribute value", 1, 100),
    "store_category": TextRule("Store category", 1, 300),
}
CENT = Decimal("0.01")
NUMBER_RULES = {
    "price": NumberRule("Price", CENT, 10, "USD"),
    "msrp": NumberRule("MSRP", CENT, 10, "USD"),
    "map_price": NumberRule("MAP price", CENT, 7, "USD"),
    "shipping_weight_pounds": NumberRule("Shipping weight", CENT, 7, "pounds"),
    "package_length_inches": NumberRule("Package length", CENT, 7, "inches"),
    "package_width_inches": NumberRule("Package width", CENT, 7, "inches"),
    "package_height_inches": NumberRule("Package height", CENT, 7, "inches"),
    "display_length_inches": NumberRule("Display length", CENT, 7, "inches"),
    "display_width_inches": NumberRule("Display width", CENT, 7, "inches"),
    "display_height_inches": NumberRule("Display height", CENT, 7, "inches"),
    "number_units_for_price_per_unit": NumberRule("Number of units", CENT, 7),
}
MOST_BULLETS = 5
MOST_ALTERNATE_IMAGES = 8
MOST_ATTRIBUTES = 10
MOST_CODES = 2
MULTIPACK = (1, 128)
# PostgreSQL's integer; a shop with more pieces than this has mistyped.
MOST_QUANTITY = 2_000_000_000
BRAND_HINT_FROM = 51
MAP_CHOICES = {
    "101": "No restriction",
    "102": "Savings are shown only to members who are logged in",
    "103": "Savings are never applied",
}
LONGEST_URL = 1000
_CONTROL = re.compile(r"[\x00-\x08\x0b\x0c\x0e-\x1f\x7f]")
_ASIN = re.compile(r"[A-Z0-9]{10}")
# Surely fine: a host that is not Amazon's, a path that ends as pictures do, no port, no escapes to think about.
_PLAIN_URL = re.compile(
    r"https?://(?!ecx\.)[a-z0-9-]+(?:\.[a-z0-9-]+)+/[\w./~-]*\.(?:jpe?g|png|webp)", re.ASCII
)
_NO_PICTURE = re.compile(r"no[-_]?(image|photo|picture)|placeholder|coming[-_]?soon", re.IGNORECASE)
_IMAGE_END = re.compile(r"\.(jpe?g|png|gif|webp|bmp|tiff?)$", re.IGNORECASE)


def shown(value: Any) -> str:
    """A value as messages quote it: cut, on one line."""
    text = " ".join(str(value).split())
    return text if len(text) <= 80 else f"{text[:77]}…"  # noqa: PLR2004 -- a line of a table


def text_problem(field: str, value: str, *, column: str = "", label: str = "") -> Problem | None:
    """Length and storable characters of a text field; `column` names the place it came from."""
    rule = TEXT_RULES[field]
    name, where = label or rule.label, column or field
    # What is printable holds none: asked first, as it takes a tenth of the time and is true of nearly every text.
    if not value.isprintable() and _CONTROL.search(value):
        return Problem(
            where, "characters", shown(value), f"{name} holds control characters.", "Type the text again."
        )
    size = len(value)
    if size < rule.shortest:
        are = "is" if rule.shortest == 1 else "are"
        return Problem(
            where,
            "length",
            shown(value),
            f"{name} has {counted(size, 'character')}, at least {rule.shortest} {are} needed.",
            "Write more.",
        )
    if size > rule.longest:
        return Problem(
            where,
            "length",
            shown(value),
            f"{name} has {counted(size, 'character')}, at most {rule.longest:,} are allowed.",
            f"Cut it by {counted(size - rule.longest, 'character')}.",
        )
    return None


def sku_key(sku: str) -> str:
    """The SKU in capitals, letter by letter as the database makes `Variant.sku_key`: ß is no SS, it has no capital."""
    return "".join(capital if len(capital := letter.upper()) == 1 else letter for letter in sku)


def sku_problem(value: str) -> Problem | None:
    """Jet's addresses carry the SKU in the path, so a slash can never be reached again."""
    problem = text_problem("sku", value)
    if problem:
        return problem
    if "/" in value:
        return Problem(
            "sku",
            "characters",
            shown(value),
            "SKU contains “/”, which Jet cannot address.",
            "Use “-” instead.",
        )
    if value != value.strip():
        return Problem(
            "sku", "characters", shown(value), "SKU begins or ends with a space.", "Remove the space."
        )
    return None


# No price, weight or size is meant by more places, before the point or behind it.
MOST_PLACES = 20


def is_usual(value: Decimal) -> bool:
    """Whether it may be calculated with and spelled out: "1e99999999" has eight letters and a hundred million digits."""
    return (
        value.is_finite()
        and int(value.as_tuple().exponent) >= -MOST_PLACES
        and value.adjusted() <= MOST_PLACES
    )


def number_text(value: Decimal) -> str:
    """A number as messages show it."""
    return f"{value:f}" if is_usual(value) else f"{value:.6g}"


def number_problem(field: str, value: Decimal, *, column: str = "") -> Problem | None:
    rule, where = NUMBER_RULES[field], column or field
    if not value.is_finite():
        return Problem(
            where, "number", str(value), f"{rule.label} is not a number.", "Type digits, e.g. 12.50."
        )
    if rule.lowest <= value < rule.limit and value == value.quantize(CENT):
        return None
    text = number_text(value)
    if value < rule.lowest:
        unit = f" {rule.unit}" if rule.unit else ""
        return Problem(
            where,
            "range",
            text,
            f"{rule.label} is {text}, at least {rule.lowest}{unit} is needed.",
            f"Type {rule.lowest} or more.",
        )
    if value >= rule.limit:
        return Problem(
            where,
            "range",
            text,
            f"{rule.label} is {text}, at most {rule.whole_digits} digits stand before the point.",
            "Check the decimal point.",
        )
    return Problem(
        where,
        "decimals",
        text,
        f"{rule.label} is {text}, at most two decimals are allowed.",
        "Round it to two decimals.",
    )


def quantity_problem(value: int, *, column: str = "quantity", label: str = "Quantity") -> Problem | None:
    if value < 0:
        return Problem(
            column, "range", str(value), f"{label} is {value}, 0 or more is needed.", "Type 0 or more."
        )
    if value > MOST_QUANTITY:
        return Problem(
            column,
            "range",
            str(value),
            f"{label} is {value}, at most {MOST_QUANTITY:,} is allowed.",
            "Check it.",
        )
    return None


# A business year; nobody waits longer for a parcel to leave.
MOST_DAYS = 260


def days_problem(value: int, *, column: str = "fulfillment_time") -> Problem | None:
    if 0 <= value <= MOST_DAYS:
        return None
    return Problem(
        column,
        "range",
        str(value),
        f"Fulfilment time is {value} business days, 0 to {MOST_DAYS} is allowed.",
        "Type how many business days pass before a parcel leaves.",
    )


def multipack_problem(value: int, *, column: str = "multipack_quantity") -> Problem | None:
    low, high = MULTIPACK
    if low <= value <= high:
        return None
    return Problem(
        column,
        "range",
        str(value),
        f"Multipack quantity is {value}, {low} to {high} is allowed.",
        "Type how many pieces one buyer gets.",
    )


def asin_problem(value: str, *, column: str = "asin") -> Problem | None:
    """Only the form: whether the ASIN exists at Amazon cannot be checked here."""
    if _ASIN.fullmatch(value):
        return None
    if len(value) != 10:  # noqa: PLR2004 -- ASIN
        message = f"ASIN has {counted(len(value), 'character')}, 10 expected."
    else:
        message = "ASIN may hold capital letters and digits only."
    return Problem(column, "format", shown(value), message, "Copy it from the product's page at Amazon.")


def map_problem(
    implementation: str,
    price: Decimal | None,
    *,
    column: str = "map_implementation",
    price_column: str = "map_price",
) -> Problem | None:
    if implementation not in MAP_CHOICES:
        return Problem(
            column,
            "choice",
            shown(implementation),
            f"MAP implementation is “{shown(implementation)}”, 101, 102 or 103 is expected.",
            "101 means no restriction.",
        )
    if implementation == "102" and price is None:
        return Problem(
            price_column,
            "required",
            "",
            "MAP price is missing; MAP implementation 102 needs one.",
            "Give a MAP price or use 101.",
        )
    return None


def unit_price_problem(number: Decimal | None, unit: str, *, columns: tuple[str, str]) -> Problem | None:
    if (number is None) == (not unit):
        return None
    missing, given = (columns[0], columns[1]) if number is None else (columns[1], columns[0])
    return Problem(
        missing,
        "pair",
        "",
        f"{missing} is missing while {given} is given.",
        "Give both or neither of the two.",
    )


# An address is judged by the CSV row, by the register of pictures and by the listing, all in the same batch.
@lru_cache(maxsize=8192)
def image_problem(url: str, *, column: str = "main_image_url", label: str = "Main image") -> Problem | None:
    """The form of the address only; size and reachability are probed by a job."""
    if _PLAIN_URL.fullmatch(url) and len(url) <= LONGEST_URL:
        return None  # the common case, four times as fast as the checks below

    def wrong(rule: str, message: str, fix: str) -> Problem:
        return Problem(column, rule, shown(url), f"{label} {message}", fix)

    if len(url) > LONGEST_URL:
        return wrong(
            "length", f"has {len(url):,} characters, at most {LONGEST_URL:,} are allowed.", "Shorten it."
        )
    try:
        parts = urlsplit(url)
        host = parts.hostname or ""
    except ValueError:
        host, parts = "", urlsplit("")
    if parts.scheme not in {"http", "https"} or not host or re.search(r"\s", url) or _CONTROL.search(url):
        return wrong("url", "is not a full address.", "Begin with https:// and leave no spaces.")
    if parts.path.lower().endswith(".gif"):
        return wrong("gif", "is a GIF, which Jet does not take.", "Use a JPEG or a single-layer PNG.")
    if host.lower() == "ecx.images-amazon.com":
        return wrong(
            "host", "lies at ecx.images-amazon.com, which Jet refuses.", "Host the picture yourself."
        )
    return None


def looks_like_no_picture(url: str) -> bool:
    return bool(_NO_PICTURE.search(url) and _NO_PICTURE.search(urlsplit(url).path))


def same_image_problem(main: str, alternates: Sequence[str]) -> Problem | None:
    """Main and further images must differ from each other (SIM-05); by address here, by content in the probe."""
    seen = {main: "the main image"} if main else {}
    for number, url in enumerate(alternates, 1):
        if url in seen:
            return Problem(
                f"alternate_image{number}",
                "duplicate",
                shown(url),
                f"Alternate image {number} is the same as {seen[url]}.",
                "Leave it out or use another picture.",
            )
        seen[url] = f"alternate image {number}"
    return None


def attribute_text_problem(value: str, *, column: str = "attributes", label: str = "") -> Problem | None:
    problem = text_problem("attributes", value, column=column, label=label)
    if problem:
        return problem
    if re.match(r"https?://", value, re.IGNORECASE) or _IMAGE_END.search(value):
        name = label or "Attribute value"
        return Problem(
            column,
            "url",
            shown(value),
            f"{name} is an address of an image.",
            "Images go to the image fields.",
        )
    return None
