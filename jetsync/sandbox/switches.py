"""Switches: every choice the sandbox makes where the protocol notes leave one, changeable per merchant or for all.

    SEEN = define("review_delay_seconds", 30.0, "Seconds in review", mark="D")
    Switches.of(merchant)["review_delay_seconds"]

A module that needs one calls `define` at import and is listed in `registrations.py`. README.md has the table.
"""

from __future__ import annotations

import threading
from dataclasses import dataclass
from typing import Any

from jetsync.sandbox.models.account import MerchantAccount, SwitchValue


@dataclass(frozen=True)
class Definition:
    name: str
    default: Any
    meaning: str
    mark: str
    choices: tuple[Any, ...] = ()


definitions: dict[str, Definition] = {}
_lock = threading.Lock()
_values: dict[tuple[int | None, str], Any] | None = None


class UnknownSwitch(Exception):
    """No such switch, or a value it does not take."""


def define(name: str, default: Any, meaning: str, *, mark: str, choices: tuple[Any, ...] = ()) -> Definition:
    definitions[name] = Definition(name, default, meaning, mark, choices)
    return definitions[name]


class Switches:
    """The switches as one merchant has them; index by name."""

    def __init__(self, merchant_pk: int | None) -> None:
        self._merchant_pk = merchant_pk

    @classmethod
    def of(cls, merchant: MerchantAccount | None) -> Switches:
        return cls(merchant.pk if merchant is not None else None)

    def __getitem__(self, name: str) -> Any:
        values = _loaded()
        for owner in (self._merchant_pk, None):
            if (owner, name) in values:
                return values[owner, name]
        return definitions[name].default

    def all(self) -> dict[str, Any]:
        return {name: self[name] for name in sorted(definitions)}


def set_switch(merchant: MerchantAccount | None, name: str, value: Any) -> None:
    """Store a switch; None goes back to the default. Raises UnknownSwitch."""
    definition = definitions.get(name)
    if definition is None:
        raise UnknownSwitch(f"There is no switch {name!r}.")
    if value is None:
        SwitchValue.objects.filter(merchant=merchant, name=name).delete()
    else:
        SwitchValue.objects.update_or_create(
            merchant=merchant, name=name, defaults={"value": _checked(definition, value)}
        )
    forget()


def forget() -> None:
    """Read the stored values again at the next look."""
    global _values  # noqa: PLW0603 -- one cache per process, guarded by the lock
    with _lock:
        _values = None


def _checked(definition: Definition, value: Any) -> Any:
    kind = type(definition.default)
    if kind is float and isinstance(value, int) and not isinstance(value, bool):
        value = float(value)
    if definition.default is not None and type(value) is not kind:
        raise UnknownSwitch(f"{definition.name} takes a {kind.__name__}.")
    if definition.choices and value not in definition.choices:
        raise UnknownSwitch(f"{definition.name} is one of {definition.choices}.")
    return value


def _loaded() -> dict[tuple[int | None, str], Any]:
    global _values  # noqa: PLW0603 -- one cache per process, guarded by the lock
    with _lock:
        if _values is None:
            rows = SwitchValue.objects.values_list("merchant_id", "name", "value")
            _values = {(merchant_pk, name): value for merchant_pk, name, value in rows}
        return _values
