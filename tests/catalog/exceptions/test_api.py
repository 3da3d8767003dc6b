"""Exceptions over the API: the same rules as the pages, and Jet is told by itself."""

from __future__ import annotations

from typing import Any

import pytest

from catalog.models import ReturnException, ShippingException
from jetsync.models import ReturnLocation
from tests.catalog.exceptions.conftest import Desk

pytestmark = pytest.mark.django_db


def put(desk: Desk, kind: str, data: dict[str, Any]) -> Any:
    address = f"/api/v1/m/{desk.shop.slug}/catalog/{kind}/{desk.kettle.pk}/"
    return desk.client.put(address, data, content_type="application/json")


def entry(desk: Desk, **values: Any) -> dict[str, Any]:
    return {"node_id": desk.node.node_id, "exception_type": "exclusive", **values}


@pytest.mark.feature("EXC-01")
@pytest.mark.feature("EXC-06")
def test_the_set_of_a_sku_is_replaced_listed_and_emptied(desk: Desk) -> None:
    data = {
        "exceptions": [
            entry(
                desk,
                service_level="Standard",
                override_type="Override charge",
                shipping_charge_amount="4.50",
            ),
            entry(desk, shipping_method="Freight", exception_type="restricted"),
        ]
    }
    answer = put(desk, "shipping-exceptions", data)
    desk.drain()

    assert answer.status_code == 200, answer.json()
    shown = answer.json()
    assert (shown["variant"], shown["sku"], len(shown["exceptions"])) == (desk.kettle.pk, "HF-1", 2)
    assert {row["shipping_charge_amount"] for row in shown["exceptions"]} == {"4.50", None}
    listed = desk.client.get(f"/api/v1/m/{desk.shop.slug}/catalog/shipping-exceptions/").json()
    assert listed["results"] == [shown]
    assert len(desk.at_jet()[desk.node.node_id]) == 2

    gone = desk.client.delete(f"/api/v1/m/{desk.shop.slug}/catalog/shipping-exceptions/{desk.kettle.pk}/")
    desk.drain()
    assert gone.status_code == 204
    assert desk.at_jet() == {}
    assert not ShippingException.objects.exists()


def test_a_bad_entry_is_named_by_its_place_and_nothing_is_stored(desk: Desk) -> None:
    data = {
        "exceptions": [
            entry(desk, shipping_method="Freight"),
            entry(desk, shipping_method="Freight", service_level="Standard"),
            {"node_id": "nowhere", "exception_type": "exclusive", "shipping_method": "Freight"},
        ]
    }

    answer = put(desk, "shipping-exceptions", data)

    assert answer.status_code == 400
    assert list(answer.json()["fields"]) == ["exceptions[1].shipping_method", "exceptions[2].node"]
    assert not ShippingException.objects.exists()


@pytest.mark.feature("EXC-04")
def test_a_return_exception_is_put_and_deleted(desk: Desk, place: ReturnLocation) -> None:
    data = {"return_location_ids": [place.return_id], "time_to_return": 14}
    answer = put(desk, "return-exceptions", data)
    desk.drain()

    assert answer.status_code == 200, answer.json()
    assert answer.json() == {
        "return_location_ids": [place.return_id],
        "time_to_return": 14,
        "return_shipping_methods": [],
        "variant": desk.kettle.pk,
        "sku": "HF-1",
    }
    assert desk.returns_at_jet() == [place.return_id]

    for bad, field in (
        ({"return_location_ids": ["nowhere"]}, "return_location_ids"),
        ({"return_location_ids": [place.return_id], "time_to_return": 31}, "time_to_return"),
        ({"return_location_ids": []}, "locations"),
    ):
        refused = put(desk, "return-exceptions", bad)
        assert (refused.status_code, list(refused.json()["fields"])) == (400, [field])
    assert ReturnException.objects.get().time_to_return == 14

    desk.client.delete(f"/api/v1/m/{desk.shop.slug}/catalog/return-exceptions/{desk.kettle.pk}/")
    desk.drain()
    assert desk.returns_at_jet() == []


def test_without_a_return_location_the_answer_says_where_to_go(desk: Desk) -> None:
    answer = put(desk, "return-exceptions", {"return_location_ids": ["x"]})

    assert answer.status_code == 422
    assert "Return locations" in answer.json()["hint"]


def test_a_charge_of_countless_digits_is_refused_with_a_short_answer(desk: Desk) -> None:
    charge = {"override_type": "Override charge", "shipping_charge_amount": "1e99999999"}

    answer = put(
        desk, "shipping-exceptions", {"exceptions": [entry(desk, service_level="Standard", **charge)]}
    )

    assert answer.status_code == 400
    assert len(answer.content) < 2_000
    assert not ShippingException.objects.exists()
