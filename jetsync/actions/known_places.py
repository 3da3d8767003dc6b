"""Compares the account's nodes and return locations with those Jet lists, and brings in what Jet has and we lack.

Every id is typed once and used for months: Jet refuses each price, quantity and exception that names a wrong one.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable

from jetsync.actions.places import add_node, save_return_location
from jetsync.exceptions import DomainError, StateConflict
from jetsync.jet import JetClient, errors
from jetsync.jet.types.account import ReturnLocation as JetReturnLocation
from jetsync.models import FulfillmentNode, JetAccount, ReturnLocation
from jetsync.models.account import Place
from jetsync.sync.client import client_for
from jetsync.sync.translate import explain_jet_error
from jetsync.tenancy.actor import Actor

# Jet's lists came and went (orders.md section 8); a list that is not there, or cannot be read, marks nothing.
NO_LIST = (errors.JetNotFound, errors.JetMethodNotAllowed, errors.JetBadAnswer)
STATE_LETTERS = 2


def compare_places(account: JetAccount) -> list[Place]:
    """Stores for each node and return location whether Jet lists its id; returns those that Jet does not know.

    Where Jet gives no list the mark is taken away, for nobody knows. Raises DomainError when Jet cannot be asked.
    """
    jet = client_for(account)
    node_ids = _asked(lambda: [node.node_id for node in jet.nodes.list()])
    place_ids = _asked(lambda: [place.location_id for place in jet.nodes.return_locations()])
    return [
        *_mark(FulfillmentNode, "node_id", account, node_ids),
        *_mark(ReturnLocation, "return_id", account, place_ids),
    ]


def _asked(read: Callable[[], list[str]]) -> list[str] | None:
    try:
        return read()
    except NO_LIST:
        return None
    except errors.JetError as exc:
        raise explain_jet_error(exc) from exc


def _mark(
    model: type[FulfillmentNode | ReturnLocation],
    name: str,
    account: JetAccount,
    listed: Iterable[str] | None,
) -> list[Place]:
    rows = model.objects.filter(merchant=account.merchant_id, account=account)
    if listed is None:
        rows.update(is_at_jet=None)
        return []
    here = {f"{name}__in": list(listed)}
    rows.filter(**here).update(is_at_jet=True)
    rows.exclude(**here).update(is_at_jet=False)
    return list(rows.filter(is_at_jet=False))


def import_nodes(account: JetAccount, *, actor: Actor) -> list[FulfillmentNode]:
    """Reads the account's nodes from Jet, adds the unknown ones and compares all; returns those added."""
    jet = client_for(account)
    try:
        found = jet.nodes.list()
    except errors.JetError as exc:
        raise explain_jet_error(exc) from exc
    rows = FulfillmentNode.objects.filter(merchant=account.merchant_id, account=account)
    known = set(rows.values_list("node_id", flat=True))
    added = [
        add_node(
            account,
            node_id=node.node_id,
            name=node.name or "",
            zip_code=(node.zip_code or "")[:5],
            actor=actor,
        )
        for node in found
        if node.node_id not in known
    ]
    _mark(FulfillmentNode, "node_id", account, [node.node_id for node in found])
    return added


def import_return_locations(account: JetAccount, *, actor: Actor) -> list[ReturnLocation]:
    """Reads the return locations from Jet, adds the unknown ones and compares all; returns those added.

    One without a whole address is left out: shipments print it. Raises StateConflict when Jet gives no list.
    """
    found = _locations_at_jet(client_for(account))
    rows = ReturnLocation.objects.filter(merchant=account.merchant_id, account=account)
    known = set(rows.values_list("return_id", flat=True))
    added = []
    for place in found:
        values = {
            "return_id": place.location_id,
            "address1": place.address1 or "",
            "address2": place.address2 or "",
            "city": place.city or "",
            "state": (place.state or "").upper(),
            "zip_code": (place.zip_code or "")[:5],
        }
        is_whole = all(values[name] for name in ("address1", "city", "state", "zip_code"))
        if place.location_id not in known and is_whole and len(values["state"]) == STATE_LETTERS:
            added.append(save_return_location(account, values, actor=actor))
    _mark(ReturnLocation, "return_id", account, [place.location_id for place in found])
    return added


def _locations_at_jet(jet: JetClient) -> list[JetReturnLocation]:
    try:
        return jet.nodes.return_locations()
    except NO_LIST as exc:
        raise StateConflict(
            "Jet gives no list of return locations for this account.",
            hint="Take the id from the partner portal, under Fulfillment, and enter it here.",
        ) from exc
    except errors.JetError as exc:
        raise explain_jet_error(exc) from exc


def unknown_words(places: Iterable[Place]) -> str:
    """ "Attic" and "9 Dock Street, Hoboken, NJ 07030" in one sentence for a message; "" for none."""
    names = ", ".join(f"“{place}”" for place in places)
    return f"Jet does not know this: {names}. What names it will be refused; correct the id." if names else ""


def compare_quietly(account: JetAccount) -> str:
    """For after a save: the sentence about what Jet does not know, or why Jet could not be asked; mostly ""."""
    if account.validation != JetAccount.Validation.OK:
        return ""
    try:
        return unknown_words(compare_places(account))
    except DomainError as error:
        return f"Whether Jet knows it could not be asked: {error.message}"
