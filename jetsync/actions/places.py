"""The places of a Jet account: fulfilment nodes and return locations, one of each the default."""

from __future__ import annotations

import re
from datetime import time
from typing import Any

from django.db import transaction

from jetsync.actions.log import record
from jetsync.exceptions import InvalidInput, NotFound, StateConflict
from jetsync.models import FulfillmentNode, JetAccount, ReturnLocation
from jetsync.tenancy.actor import Actor

NODE_ID = re.compile(r"[0-9A-Za-z-]{8,64}\Z")


def _places_beside(place: FulfillmentNode | ReturnLocation) -> Any:
    """The nodes, or return locations, of the same account, this one included; locked until the transaction ends."""
    _lock_account(place.account_id, place.merchant_id)
    return type(place).objects.filter(merchant=place.merchant_id, account=place.account_id)


def _lock_account(account_id: int, merchant_id: int) -> None:
    """Of two changes to an account's places the second must see the first: one of them is the default."""
    JetAccount.objects.select_for_update(of=("self",)).get(pk=account_id, merchant=merchant_id)


def _make_default(place: FulfillmentNode | ReturnLocation) -> None:
    places = _places_beside(place)
    places.filter(is_default=True).update(is_default=False)
    if not places.filter(pk=place.pk).update(is_default=True):
        raise NotFound(f"{place} was removed meanwhile.", hint="Choose another one.")


def _check_removable(place: FulfillmentNode | ReturnLocation, noun: str) -> None:
    """Raises StateConflict for the default while others exist."""
    places = _places_beside(place)
    if places.filter(pk=place.pk, is_default=True).exists() and places.exclude(pk=place.pk).exists():
        raise StateConflict(f"{place} is the default {noun}.", hint=f"Make another {noun} the default first.")


def _check_node_id(account: JetAccount, node_id: str) -> None:
    """The merchant id is refused too: a common mix-up."""
    if account.jet_merchant_id and node_id == account.jet_merchant_id:
        raise InvalidInput(
            "This is your Jet merchant id, not a fulfilment node id.",
            hint="In the partner portal: Fulfillment, Fulfillment Node Id.",
            fields={"node_id": ["This is your Jet merchant id, not a node id."]},
        )
    if not NODE_ID.match(node_id):
        raise InvalidInput(
            f"“{node_id[:40]}” is not a fulfilment node id.",
            hint="It has 8 to 64 letters and digits, usually 32.",
            fields={"node_id": ["8 to 64 letters and digits, usually 32."]},
        )


@transaction.atomic
def add_node(
    account: JetAccount,
    *,
    node_id: str,
    name: str,
    zip_code: str = "",
    buffer_quantity: int | None = None,
    cutoff: time | None = None,
    time_zone: str = "",
    actor: Actor,
) -> FulfillmentNode:
    """The first node of an account becomes its default. Raises InvalidInput, or StateConflict for a known id."""
    node_id = node_id.strip()
    _check_node_id(account, node_id)
    _lock_account(account.pk, account.merchant_id)
    nodes = FulfillmentNode.objects.filter(merchant=account.merchant_id, account=account)
    if nodes.filter(node_id=node_id).exists():
        raise StateConflict(f"The node {node_id} is listed already.")
    node = FulfillmentNode.objects.create(
        merchant=account.merchant,
        account=account,
        node_id=node_id,
        name=name.strip() or f"Node {node_id[:6]}",
        zip_code=zip_code,
        buffer_quantity=buffer_quantity,
        cutoff=cutoff,
        time_zone=time_zone,
        is_default=not nodes.exists(),
        position=nodes.count(),
    )
    record(
        account.merchant,
        "jetsync.node.added",
        f"Fulfilment node {node.name} was added.",
        actor=actor,
        about=node,
    )
    return node


NODE_FIELDS = ("node_id", "name", "zip_code", "buffer_quantity", "cutoff", "time_zone")


@transaction.atomic
def update_node(node: FulfillmentNode, values: dict[str, Any], *, actor: Actor) -> FulfillmentNode:
    """`values`: some of `NODE_FIELDS`. Raises InvalidInput, StateConflict for an id in use, NotFound when it is gone."""
    account = node.account
    values = {name: values[name] for name in NODE_FIELDS if name in values}
    if "node_id" in values:
        values["node_id"] = values["node_id"].strip()
        _check_node_id(account, values["node_id"])
    places = _places_beside(node)
    if places.filter(node_id=values.get("node_id", "")).exclude(pk=node.pk).exists():
        raise StateConflict(f"The node {values['node_id']} is listed already.")
    stored: FulfillmentNode | None = places.filter(pk=node.pk).first()
    if stored is None:
        raise NotFound(f"{node} was removed meanwhile.")
    old = {name: getattr(stored, name) for name, value in values.items() if getattr(stored, name) != value}
    if old:
        for name in old:
            setattr(stored, name, values[name])
        if "node_id" in old:
            stored.is_at_jet = None
        stored.save(update_fields=[*old, "is_at_jet"])
        record(
            stored.merchant,
            "jetsync.node.saved",
            f"Fulfilment node {stored.name} was changed.",
            actor=actor,
            about=stored,
            old={name: _logged(value) for name, value in old.items()},
            new={name: _logged(values[name]) for name in old},
        )
    return stored


def _logged(value: Any) -> Any:
    return value.isoformat(timespec="minutes") if isinstance(value, time) else value


@transaction.atomic
def make_default_node(node: FulfillmentNode, *, actor: Actor) -> None:
    """Raises NotFound when the node was removed meanwhile."""
    _make_default(node)
    record(
        node.merchant,
        "jetsync.node.default",
        f"{node.name} is now the default node.",
        actor=actor,
        about=node,
    )


@transaction.atomic
def remove_node(node: FulfillmentNode, *, actor: Actor) -> None:
    """Raises StateConflict for the default node while others exist: choose another default first."""
    _check_removable(node, "node")
    record(
        node.merchant,
        "jetsync.node.removed",
        f"Fulfilment node {node.name} was removed.",
        actor=actor,
        about=node,
    )
    node.delete()


@transaction.atomic
def save_return_location(
    account: JetAccount, values: dict[str, str], *, actor: Actor, location: ReturnLocation | None = None
) -> ReturnLocation:
    """`values`: return_id, address1, address2, city, state, zip_code. The first location becomes the default.

    Raises StateConflict for a Jet id that another location has.
    """
    _lock_account(account.pk, account.merchant_id)
    existing = ReturnLocation.objects.filter(merchant=account.merchant_id, account=account)
    if existing.filter(return_id=values["return_id"]).exclude(pk=location.pk if location else 0).exists():
        raise StateConflict(f"The return location {values['return_id']} is listed already.")
    if location is None:
        location = ReturnLocation.objects.create(
            merchant=account.merchant, account=account, is_default=not existing.exists(), **values
        )
    else:
        if location.return_id != values["return_id"]:
            location.is_at_jet = None
        for name, value in values.items():
            setattr(location, name, value)
        location.save(update_fields=[*values, "is_at_jet"])
    record(
        account.merchant,
        "jetsync.return_location.saved",
        f"Return location {location} was saved.",
        actor=actor,
        about=location,
        new=dict(values),
    )
    return location


@transaction.atomic
def make_default_location(location: ReturnLocation, *, actor: Actor) -> None:
    """Raises NotFound when the location was removed meanwhile."""
    _make_default(location)
    record(
        location.merchant,
        "jetsync.return_location.default",
        f"{location} is now the default.",
        actor=actor,
        about=location,
    )


@transaction.atomic
def remove_return_location(location: ReturnLocation, *, actor: Actor) -> None:
    """Raises StateConflict for the default location while others exist: choose another default first."""
    _check_removable(location, "return location")
    record(
        location.merchant,
        "jetsync.return_location.removed",
        f"Return location {location} was removed.",
        actor=actor,
        about=location,
    )
    location.delete()
