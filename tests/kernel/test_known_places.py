"""Node and return location ids against the lists of the sandbox, over HTTP."""

from __future__ import annotations

from typing import Any

import pytest

from jetsync.actions import places
from jetsync.actions.known_places import (
    compare_places,
    compare_quietly,
    import_nodes,
    import_return_locations,
)
from jetsync.exceptions import StateConflict
from jetsync.models import FulfillmentNode, JetAccount, Merchant, ReturnLocation
from jetsync.sync.places import COMPARE
from jetsync.sync.queue import enqueue
from jetsync.tenancy.actor import SYSTEM

pytestmark = pytest.mark.django_db
MADE_UP = {
    "return_id": "e" * 32,
    "address1": "9 Dock Street",
    "city": "Hoboken",
    "state": "NJ",
    "zip_code": "07030",
}


@pytest.fixture
def account(scoped: Merchant, sandbox: Any) -> JetAccount:
    return JetAccount.objects.get(merchant=scoped)


def marks(account: JetAccount) -> dict[str, bool | None]:
    nodes = FulfillmentNode.objects.filter(account=account).values_list("node_id", "is_at_jet")
    return {
        **dict(nodes),
        **dict(ReturnLocation.objects.filter(account=account).values_list("return_id", "is_at_jet")),
    }


@pytest.mark.feature("CFG-05")
@pytest.mark.feature("RLO-01")
def test_each_id_is_compared_with_jets_own_list(account: JetAccount, sandbox: Any) -> None:
    places.add_node(account, node_id="c" * 32, name="Attic", actor=SYSTEM)
    places.save_return_location(account, MADE_UP, actor=SYSTEM)
    (known,) = import_return_locations(account, actor=SYSTEM)

    assert {str(place) for place in compare_places(account)} == {"Attic", "9 Dock Street, Hoboken, NJ 07030"}
    assert marks(account) == {sandbox.node_id: True, "c" * 32: False, "e" * 32: False, known.return_id: True}
    assert "“Attic”" in compare_quietly(account)


def test_a_corrected_id_loses_its_mark_until_it_is_compared(account: JetAccount) -> None:
    node = places.add_node(account, node_id="c" * 32, name="Attic", actor=SYSTEM)
    compare_places(account)
    node = places.update_node(node, {"node_id": "d" * 32}, actor=SYSTEM)
    assert node.is_at_jet is None
    assert node.marked == "Attic"
    compare_places(account)
    assert FulfillmentNode.objects.get(pk=node.pk).marked == "Attic (Jet does not know this)"


def test_where_jet_gives_no_list_nothing_is_marked(account: JetAccount, sandbox: Any) -> None:
    place = places.save_return_location(account, MADE_UP, actor=SYSTEM)
    compare_places(account)
    sandbox.control.fault("status", path="returnsLocations", status=404)
    compare_places(account)
    place.refresh_from_db()
    assert place.is_at_jet is None
    with pytest.raises(StateConflict) as caught:
        import_return_locations(account, actor=SYSTEM)
    assert "partner portal" in caught.value.hint


def test_reading_twice_adds_nothing_twice(account: JetAccount) -> None:
    assert len(import_return_locations(account, actor=SYSTEM)) == 1
    assert import_return_locations(account, actor=SYSTEM) == []
    assert import_nodes(account, actor=SYSTEM) == []
    assert ReturnLocation.objects.get().is_default


def test_the_daily_look_marks_what_was_closed_in_the_portal(
    account: JetAccount, scoped: Merchant, drain: Any
) -> None:
    place = places.save_return_location(account, MADE_UP, actor=SYSTEM)
    for _turn in range(2):
        enqueue(scoped, COMPARE, "")
        drain()
        place.refresh_from_db()
        assert place.is_at_jet is False
