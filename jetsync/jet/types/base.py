"""How answers are read: frozen, unknown members ignored, null and "" like absent, Jet's spellings made one."""

from __future__ import annotations

import json
from collections.abc import Callable
from datetime import datetime
from decimal import ROUND_HALF_UP, Decimal, InvalidOperation
from enum import StrEnum
from typing import Annotated, Any

from pydantic import AliasChoices, BaseModel, BeforeValidator, ConfigDict, Field, model_validator

from jetsync.jet.dates import parse_jet

CENT = Decimal("0.01")


class JetModel(BaseModel):
    """`raw` is the JSON object as Jet sent it, with what the fields do not name."""

    model_config = ConfigDict(
        frozen=True,
        extra="ignore",
        coerce_numbers_to_str=True,  # some clients send ids as numbers, and Jet gives them back
        validate_by_name=True,
        validate_by_alias=True,
        hide_input_in_errors=True,
    )

    raw: dict[str, Any] = Field(default_factory=dict, repr=False)

    @model_validator(mode="before")
    @classmethod
    def _null_is_absent(cls, data: Any) -> Any:
        if not isinstance(data, dict):
            return data
        return {
            **{name: value for name, value in data.items() if value is not None and value != ""},
            "raw": data,
        }


def _moment(value: Any) -> Any:
    if isinstance(value, str):
        return parse_jet(value)
    if isinstance(value, datetime):
        return value
    raise ValueError("not a time")


def _moment_or_none(value: Any) -> Any:
    """An unreadable time that is not required is no reason to refuse an order; `raw` keeps it."""
    try:
        return _moment(value)
    except ValueError:
        return None


def _cents(value: Any) -> Any:
    if isinstance(value, bool) or not isinstance(value, int | float | str | Decimal):
        raise ValueError("not an amount")  # noqa: TRY004 -- pydantic collects ValueError only
    try:
        return Decimal(str(value)).quantize(CENT, ROUND_HALF_UP)
    except InvalidOperation:
        raise ValueError("not an amount") from None


def _cents_or_none(value: Any) -> Any:
    return None if value == "" else _cents(value)


def _list(value: Any) -> Any:
    """A single object or text where Jet documents an array."""
    return value if isinstance(value, list) else [value]


def _texts(value: Any) -> Any:
    """Texts of an array; what is no text in it (an object with code and message) is kept as JSON."""
    if isinstance(value, dict):
        return []
    return [
        item if isinstance(item, str) else json.dumps(item) for item in _list(value) if item not in (None, "")
    ]


# A time as Jet writes it, aware UTC. The optional form reads an unreadable one as None.
Moment = Annotated[datetime, BeforeValidator(_moment)]
OptionalMoment = Annotated[datetime | None, BeforeValidator(_moment_or_none)]
# US dollars with two places.
Money = Annotated[Decimal, BeforeValidator(_cents)]
OptionalMoney = Annotated[Decimal | None, BeforeValidator(_cents_or_none)]
Texts = Annotated[list[str], BeforeValidator(_texts)]
AsList = BeforeValidator(_list)


def spelled(*lists: type[StrEnum]) -> BeforeValidator:
    """Gives a known word the spelling of our list, whatever its case; any other text stays as Jet sent it."""
    known = {word.casefold(): str(word) for words in reversed(lists) for word in words}
    return BeforeValidator(_speller(known))


def _speller(known: dict[str, str]) -> Callable[[Any], Any]:
    def spell(value: Any) -> Any:
        return known.get(value.strip().casefold(), value.strip()) if isinstance(value, str) else value

    return spell


def either(*names: str) -> Any:
    """A required field under the first of several names."""
    return Field(validation_alias=AliasChoices(*names))


def either_or(default: Any, *names: str) -> Any:
    """An optional field under the first of several names."""
    return Field(default=default, validation_alias=AliasChoices(*names))
