"""Writes of the connection: its settings, its key, on and off, and the table of carriers."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from django.db import transaction
from django.utils import timezone

from jetsync.actions.log import record
from jetsync.exceptions import InvalidInput, NotAllowed, SettingsMissing, StateConflict
from jetsync.jet.words.shipping import Carrier
from jetsync.models import Merchant
from jetsync.tenancy.actor import Actor
from jetsync.tenancy.managers import bulk_create
from jetsync.tenancy.rights import RIGHT_LABELS, Right
from jetsync.tenancy.tokens import hash_secret
from orders.models import ShipStationCarrier, ShipStationConnection
from orders.shipstation.carriers import DEFAULTS, plain, rule_key
from orders.shipstation.credentials import HINT_LENGTH, new_key, new_user_name
from orders.shipstation.words import BOXES, MAX_WORD, ShippedStatus, StatusWord
from orders.shipstation.xmltext import clean

MAX_RULES = 500


def lock_connection(merchant: Merchant) -> ShipStationConnection:
    """The merchant's row, made when it is missing, locked until the transaction ends."""
    ShipStationConnection.objects.get_or_create(merchant=merchant)
    return ShipStationConnection.objects.select_for_update(of=("self",)).get(merchant=merchant)


def check_may_hand_out_buyers(actor: Actor) -> None:
    """The key opens names and addresses and ships orders: nobody gives away what he may not see or do himself."""
    missing = [right for right in (Right.BUYERS_VIEW, Right.ORDERS_SHIP) if not actor.may(right)]
    if missing:
        raise NotAllowed(
            f"The key gives access to shoppers' addresses and ships orders, which your rights do not include: "
            f"{RIGHT_LABELS[missing[0]]}.",
            hint="Ask an owner or a manager to make the key.",
        )


@transaction.atomic
def renew_key(merchant: Merchant, *, actor: Actor) -> tuple[ShipStationConnection, str]:
    """(connection, the key). The key is shown once and never stored; the one before stops working at once.

    The first key switches the connection on and brings the usual carriers.
    """
    check_may_hand_out_buyers(actor)
    connection = lock_connection(merchant)
    is_first = not connection.has_key
    key = new_key()
    connection.key_hash, connection.key_hint = hash_secret(key), key[:HINT_LENGTH]
    connection.key_made_at = timezone.now()
    connection.user_name = connection.user_name or new_user_name()
    connection.is_active = connection.is_active or is_first
    connection.save(
        update_fields=["key_hash", "key_hint", "key_made_at", "user_name", "is_active", "updated_at"]
    )
    if is_first:
        add_default_carriers(merchant)
    record(
        merchant,
        "orders.shipstation.connected" if is_first else "orders.shipstation.key_renewed",
        "ShipStation was connected: user name and key were made."
        if is_first
        else "The key for ShipStation was renewed; the old one no longer works.",
        actor=actor,
        about=connection,
    )
    return connection, key


@transaction.atomic
def switch(merchant: Merchant, *, on: bool, actor: Actor) -> ShipStationConnection:
    """On or off. Off, every call is refused; settings and key stay. Raises SettingsMissing before the first key."""
    connection = lock_connection(merchant)
    if on and not connection.has_key:
        raise SettingsMissing(
            "ShipStation has no key yet.", hint="Make user name and key first; that switches it on."
        )
    if connection.is_active == on:
        raise StateConflict(f"ShipStation is {'on' if on else 'off'} already.")
    connection.is_active = on
    connection.save(update_fields=["is_active", "updated_at"])
    record(
        merchant,
        f"orders.shipstation.{'on' if on else 'off'}",
        f"ShipStation was switched {'on' if on else 'off'}.",
        actor=actor,
        about=connection,
    )
    return connection


@transaction.atomic
def change_connection(
    merchant: Merchant, given: ConnectionSettings, *, on: bool | None, actor: Actor
) -> ShipStationConnection:
    """Settings and, unless None, on or off, all or nothing. Being on or off already is no conflict here."""
    connection = save_settings(merchant, given, actor=actor)
    if on is not None and on != connection.is_active:
        connection = switch(merchant, on=on, actor=actor)
    return connection


@dataclass(frozen=True)
class ConnectionSettings:
    """`words`: own word by status; empty ones and those left out are ours."""

    export_statuses: Sequence[str]
    shipped_status: str
    keeps_log: bool
    words: Mapping[str, str]


def check_settings(given: ConnectionSettings) -> dict[str, str]:
    """The words to keep. Raises InvalidInput with the fields at fault, `words` by `word_<status>`."""
    faults: dict[str, list[str]] = {}
    unknown = sorted(set(given.export_statuses) - set(StatusWord.values))
    if unknown or not given.export_statuses:
        faults["export_statuses"] = [
            f"“{unknown[0]}” is no status."
            if unknown
            else "Choose at least one status, else nothing is exported."
        ]
    if given.shipped_status not in ShippedStatus.values:
        faults["shipped_status"] = [f"“{given.shipped_status}” is none of the choices."]
    for name in sorted(set(given.words) - set(StatusWord.values)):
        faults[f"word_{name}"] = [f"“{name}” is no status."]
    kept = {name: " ".join(str(given.words.get(name) or "").split()) for name in StatusWord.values}
    for name, word in kept.items():
        faults |= _word_faults(name, word)
    faults |= _same_word_in_two_boxes({name: kept[name] or name for name in StatusWord.values})
    if faults:
        raise InvalidInput(
            f"The settings of ShipStation were not saved: {next(iter(faults.values()))[0]}", fields=faults
        )
    return {name: word for name, word in kept.items() if word and word != name}


def _word_faults(name: str, word: str) -> dict[str, list[str]]:
    if "," in word:
        return {f"word_{name}": ["No comma: ShipStation parts the words by it."]}
    if len(word) > MAX_WORD or clean(word) != word:
        return {f"word_{name}": [f"At most {MAX_WORD} ordinary characters."]}
    return {}


def _same_word_in_two_boxes(words: Mapping[str, str]) -> dict[str, list[str]]:
    """One word may stand for several statuses of one box, never for two boxes."""
    boxes: dict[str, str] = {}
    faults: dict[str, list[str]] = {}
    for box, names in BOXES:
        for name in names:
            other = boxes.setdefault(words[name].casefold(), box)
            if other != box:
                faults[f"word_{name}"] = [
                    f"“{words[name]}” stands in “{other}” already; ShipStation could not tell."
                ]
    return faults


@transaction.atomic
def save_settings(merchant: Merchant, given: ConnectionSettings, *, actor: Actor) -> ShipStationConnection:
    """Raises InvalidInput with the fields at fault."""
    words = check_settings(given)
    connection = lock_connection(merchant)
    values: dict[str, Any] = {
        "export_statuses": [word for word in StatusWord.values if word in given.export_statuses],
        "shipped_status": given.shipped_status,
        "keeps_log": given.keeps_log,
        "words": words,
    }
    old = {name: getattr(connection, name) for name in values if getattr(connection, name) != values[name]}
    if not old:
        return connection
    for name, value in values.items():
        setattr(connection, name, value)
    connection.save(update_fields=[*values, "updated_at"])
    record(
        merchant,
        "orders.shipstation.changed",
        "The settings of ShipStation were changed.",
        actor=actor,
        about=connection,
        old=old,
        new={name: values[name] for name in old},
    )
    return connection


# --- carriers -----------------------------------------------------------------------------------------------


def add_default_carriers(merchant: Merchant) -> None:
    """The usual lines; those the merchant has already stay as they are."""
    rows = [
        ShipStationCarrier(
            merchant=merchant,
            carrier=carrier,
            service=service,
            key=rule_key(carrier, service),
            jet_carrier=str(jet_carrier),
        )
        for carrier, service, jet_carrier in DEFAULTS
    ]
    bulk_create(ShipStationCarrier, rows, ignore_conflicts=True)


def note_unknown_carrier(merchant: Merchant, carrier: str) -> bool:
    """Keeps a carrier that no line knows, to be decided. Whether it is new."""
    _row, made = ShipStationCarrier.objects.get_or_create(
        merchant=merchant,
        key=rule_key(carrier, ""),
        defaults={"carrier": carrier[:50], "jet_carrier": str(Carrier.OTHER), "is_open": True},
    )
    return made


@dataclass(frozen=True)
class CarrierChanges:
    """`chosen`: Jet's carrier by line id, "" leaves an undecided line undecided. `added`: (carrier, service, Jet's)."""

    chosen: Mapping[int, str]
    removed: frozenset[int] = frozenset()
    added: Sequence[tuple[str, str, str]] = ()


@transaction.atomic
def save_carriers(merchant: Merchant, changes: CarrierChanges, *, actor: Actor) -> int:
    """Changes, removes and adds lines, all or nothing; returns how many.

    Raises InvalidInput with the fault by `line-<id>` or `added-<n>`.
    """
    rows = ShipStationCarrier.objects.select_for_update(of=("self",)).filter(merchant=merchant).order_by("pk")
    known = {row.pk: row for row in rows}
    _check_carriers(changes, known)
    told = [f"{known[pk]} removed" for pk in sorted(changes.removed)]
    ShipStationCarrier.objects.filter(merchant=merchant, pk__in=changes.removed).delete()
    told += [
        words
        for pk, jet_carrier in changes.chosen.items()
        if pk not in changes.removed and (words := _choose(known[pk], jet_carrier))
    ]
    for carrier, service, jet_carrier in changes.added:
        row = ShipStationCarrier.objects.create(
            merchant=merchant,
            carrier=carrier,
            service=service,
            key=rule_key(carrier, service),
            jet_carrier=jet_carrier,
        )
        told.append(f"{row} is {row.jet_carrier}")
    if told:
        words = f"Carriers of ShipStation: {'; '.join(told)}."
        record(merchant, "orders.shipstation.carriers_changed", words, actor=actor)
    return len(told)


def _choose(row: ShipStationCarrier, jet_carrier: str) -> str:
    if not jet_carrier or (row.jet_carrier == jet_carrier and not row.is_open):
        return ""
    row.jet_carrier, row.is_open = jet_carrier, False
    row.save(update_fields=["jet_carrier", "is_open"])
    return f"{row} is {jet_carrier}"


def _check_carriers(changes: CarrierChanges, known: Mapping[int, ShipStationCarrier]) -> None:
    faults: dict[str, list[str]] = {}
    for pk in {*changes.chosen, *changes.removed} - set(known):
        faults[f"line-{pk}"] = [f"There is no carrier line {pk}. It may have been removed meanwhile."]
    for pk, jet_carrier in changes.chosen.items():
        if jet_carrier and jet_carrier not in set(Carrier):
            faults[f"line-{pk}"] = [f"“{jet_carrier}” is none of Jet's carriers."]
    taken = {row.key for pk, row in known.items() if pk not in changes.removed}
    for number, (carrier, service, jet_carrier) in enumerate(changes.added):
        if fault := _added_fault(carrier, service, jet_carrier, taken):
            faults[f"added-{number}"] = [fault]
        taken.add(rule_key(carrier, service))
    if len(taken) > MAX_RULES:
        faults["added-0"] = [f"At most {MAX_RULES} lines."]
    if faults:
        raise InvalidInput(f"No carrier was saved: {next(iter(faults.values()))[0]}", fields=faults)


def _added_fault(carrier: str, service: str, jet_carrier: str, taken: set[str]) -> str:
    if not (plain(carrier) or plain(service)):
        return "Give ShipStation's carrier, a word of the service, or both."
    if max(len(carrier), len(service)) > MAX_WORD or clean(carrier + service) != carrier + service:
        return f"At most {MAX_WORD} ordinary characters."
    if rule_key(carrier, service) in taken:
        return f"“{f'{carrier} {service}'.strip()}” is in the table already."
    if jet_carrier not in set(Carrier):
        return f"“{jet_carrier}” is none of Jet's carriers."
    return ""
