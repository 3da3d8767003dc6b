"""Takes a shopper out of texts and JSON: by the name of a member, and by the shopper's own values wherever they stand."""

from __future__ import annotations

import json
import re
from collections.abc import Iterable, Iterator, Mapping
from typing import Any, Self
from urllib.parse import quote, quote_plus

HIDDEN = "•••"
# Members of Jet's objects that are about the shopper, with all that is in them.
_PERSONAL = frozenset(
    {
        *("buyer", "shippingto", "recipient", "customer", "hashemail", "email", "customeremail"),
        *("phone", "phonenumber", "address1", "address2", "buyername", "shiptoname", "giftmessage"),
    }
)
# Where a body was cut no object can be walked: these are then hidden wherever they stand.
_TORN = re.compile(
    r'("(?:name|first_?name|last_?name|buyer_?name|phone|phone_?number|address1|address2|city|state|zip_?code'
    r'|email|hash_?email|customer_?email|gift_?message)"\s*:\s*")((?:[^"\\]|\\.)*)\\?',
    re.IGNORECASE,
)
_EMAIL = re.compile(r"[\w.+-]+@[\w-]+(?:\.[\w-]+)+")
# A shorter value ("NJ") would blank ordinary words; it is hidden by the member it stands in.
_SHORTEST = 3
_SHORTEST_PHONE = 7


class PersonMask:
    """Knows one shopper's values. `names` are hidden word by word as well, `others` as a whole.

    With `knows_all` a text that is no JSON shows all but these values; without it nothing of such a text is shown.
    """

    def __init__(
        self, names: Iterable[str] = (), others: Iterable[str] = (), *, knows_all: bool = True
    ) -> None:
        self._knows_all = knows_all
        words = [word for name in names for word in (name, *re.findall(r"\w+", name))]
        self._values = sorted({*_long(words), *_long(others)}, key=len, reverse=True)
        parts = [_pattern(value) for value in self._values]
        phones = {re.sub(r"\D", "", value) for value in others if not re.search(r"[^\d\s().+-]", value)}
        parts += [_phone(digits) for digits in phones if len(digits) >= _SHORTEST_PHONE]
        self._known = re.compile("|".join(parts), re.IGNORECASE) if parts else None

    @classmethod
    def of_json(cls, raw: Mapping[str, Any]) -> Self:
        """From the personal members of a JSON alone."""
        return cls(others=[str(leaf) for leaf in personal_leaves(raw)])

    @classmethod
    def of_bodies(cls, bodies: Iterable[str]) -> Self:
        """From what the bodies themselves say of a person: for calls that no object is known for."""
        return cls(others=[leaf for body in bodies for leaf in _leaves_of_body(body)], knows_all=False)

    def text(self, text: str) -> str:
        """`text` without the shopper's values and without any e-mail address."""
        hidden = _EMAIL.sub(HIDDEN, text)
        return self._known.sub(HIDDEN, hidden) if self._known else hidden

    def json(self, value: Any) -> Any:
        """The same JSON value; what it has stays visible, what it says of the shopper does not."""
        if isinstance(value, Mapping):
            return {
                self.text(str(name)): _blank(inner) if _is_personal(str(name)) else self.json(inner)
                for name, inner in value.items()
            }
        if isinstance(value, list | tuple):
            return [self.json(inner) for inner in value]
        if isinstance(value, str):
            return self.text(value)
        if isinstance(value, int | float) and not isinstance(value, bool):
            return HIDDEN if self.text(str(value)) != str(value) else value
        return value

    def body(self, body: str) -> str:
        """A request or answer as it was stored: JSON is walked, anything else, and JSON that was cut, read as text."""
        try:
            value = json.loads(body)
        except ValueError:
            if not self._knows_all and not body.lstrip().startswith(("{", "[")):
                return (
                    HIDDEN if body.strip() else body
                )  # no members to go by: nothing of it can be told apart
            return self.text(_TORN.sub(rf"\g<1>{HIDDEN}", self._without_torn_end(body)))
        return json.dumps(self.json(value), ensure_ascii=False)

    def hides_of(self, body: str) -> bool:
        """Whether `body` would show less than was stored."""
        return self.body(body).count(HIDDEN) > body.count(HIDDEN)

    def _without_torn_end(self, body: str) -> str:
        """Where the cut went through a value of the shopper its beginning is left over."""
        lower = body.lower()
        for value in self._values:
            for length in range(len(value) - 1, _SHORTEST - 1, -1):
                if lower.endswith(value[:length].lower()):
                    return body[:-length] + HIDDEN
        return body


class HiddenWhole(PersonMask):
    """Knows nobody of those whom the words may be about, so it shows none of them; of JSON the members' names alone."""

    def text(self, text: str) -> str:
        return HIDDEN if text.strip() else text

    def json(self, value: Any) -> Any:
        return _blank(value)

    def body(self, body: str) -> str:
        return self.text(body)


def _long(values: Iterable[str]) -> list[str]:
    return [value.strip() for value in values if len(value.strip()) >= _SHORTEST]


def _pattern(value: str) -> str:
    """The value as a word of its own, in its spellings in JSON and in addresses, whatever blanks stand between."""
    spellings = {value, json.dumps(value)[1:-1], quote(value, safe=""), quote_plus(value)}
    spellings |= {value.replace("/", "\\/")}
    forms = [r"\s+".join(map(re.escape, spelling.split())) for spelling in sorted(spellings)]
    return rf"(?<!\w)(?:{'|'.join(forms)})(?!\w)"


def _phone(digits: str) -> str:
    between = r"[\s().+-]{0,3}"
    return rf"(?<!\d){between.join(digits)}(?!\d)"


def _is_personal(name: str) -> bool:
    return re.sub(r"[^a-z0-9]", "", name.lower()) in _PERSONAL


def _blank(value: Any) -> Any:
    """The shape stays: support sees which members there were, and which were empty."""
    if isinstance(value, Mapping):
        return {str(name): _blank(inner) for name, inner in value.items()}
    if isinstance(value, list | tuple):
        return [_blank(inner) for inner in value]
    return value if value is None or value == "" else HIDDEN


def _leaves_of_body(body: str) -> list[str]:
    try:
        return [str(leaf) for leaf in personal_leaves(json.loads(body))]
    except ValueError:
        return [found.group(2) for found in _TORN.finditer(body)]


def personal_leaves(value: Any, *, is_inside: bool = False) -> Iterator[Any]:
    if isinstance(value, Mapping):
        for name, inner in value.items():
            yield from personal_leaves(inner, is_inside=is_inside or _is_personal(str(name)))
    elif isinstance(value, list | tuple):
        for inner in value:
            yield from personal_leaves(inner, is_inside=is_inside)
    elif is_inside and isinstance(value, str | int) and not isinstance(value, bool):
        yield value
