"""The tabs of a SKU: add, edit, delete, and what of it reaches Jet."""

from __future__ import annotations

from collections.abc import Callable
from decimal import Decimal

import pytest
from django.test import Client

from catalog.models import Listing, ReturnException, ShippingException
from jetsync.actions.known_places import compare_places, import_return_locations
from jetsync.models import FulfillmentNode, LogEntry, ReturnLocation
from jetsync.tenancy.actor import SYSTEM
from tests.catalog import rows
from tests.catalog.exceptions.conftest import Desk, make_location

pytestmark = pytest.mark.django_db
ClientFor = Callable[..., Client]
Drain = Callable[[], int]


@pytest.mark.feature("EXC-01")
@pytest.mark.feature("EXC-02")
@pytest.mark.feature("EXC-03")
def test_several_exceptions_per_node_are_added_and_reach_jet(desk: Desk, reno: FulfillmentNode) -> None:
    charge = {"override_type": "Override charge", "shipping_charge_amount": "4.50"}
    assert desk.add(service_level="Standard", **charge).status_code == 302
    desk.add(shipping_method="UPS Ground", exception_type="restricted")
    desk.add(reno, shipping_method="DHL Global Mail", shipping_charge_amount="0")
    desk.drain()

    found = desk.at_jet()
    assert found[desk.node.node_id] == [
        {
            "service_level": "Standard",
            "override_type": "Override charge",
            "shipping_charge_amount": Decimal("4.5"),
            "shipping_exception_type": "exclusive",
        },
        {"shipping_method": "UPS Ground", "shipping_exception_type": "restricted"},
    ]
    assert found[reno.node_id] == [
        {"shipping_method": "DHL Global Mail", "shipping_exception_type": "exclusive"}
    ]
    page = desk.page("shipping-exceptions/")
    assert "Jet has them" in page
    assert 'Shipping exceptions<span class="tab-count">3</span>' in page
    assert "$4.50" in page
    entry = LogEntry.objects.filter(action="catalog.exceptions.changed").order_by("pk").first()
    assert entry is not None
    assert entry.new == {"shipping": ["Hoboken Standard Override charge 4.50 exclusive"]}


@pytest.mark.feature("EXC-06")
def test_edit_changes_the_row_and_deleting_the_last_sends_the_empty_list(desk: Desk) -> None:
    desk.add(shipping_method="UPS Ground")
    desk.drain()
    row = ShippingException.objects.get()
    address = desk.row_url(row.pk)
    assert '<option value="UPS Ground" selected>' in desk.client.get(address).content.decode()

    changed = desk.client.post(
        address, {"node": str(desk.node.pk), "exception_type": "restricted", "shipping_method": "UPS Ground"}
    )
    desk.drain()

    assert changed.status_code == 302
    row.refresh_from_db()
    assert row.exception_type == "restricted"
    assert desk.at_jet()[desk.node.node_id][0]["shipping_exception_type"] == "restricted"

    desk.sandbox.control.clear_requests()
    asked = desk.client.get(f"{address}delete/").content.decode()
    assert "Jet is told an empty list" in asked
    assert ShippingException.objects.exists()  # asking deletes nothing
    desk.client.post(f"{address}delete/")
    desk.drain()

    assert not ShippingException.objects.exists()
    assert desk.sent("shippingexception") == [
        {"fulfillment_nodes": [{"fulfillment_node_id": desk.node.node_id, "shipping_exceptions": []}]}
    ]
    assert desk.at_jet() == {}
    listing = Listing.objects.get(variant=desk.kettle)
    assert (listing.shipping_target, listing.shipping_sent, listing.shipping_dirty) == ("", "", False)


@pytest.mark.parametrize(
    ("values", "field"),
    [
        ({"service_level": "Standard", "shipping_method": "UPS Ground"}, "shipping_method"),
        ({}, "service_level"),
        ({"shipping_method": "UPS Ground", "override_type": "Override charge"}, "shipping_charge_amount"),
        (
            {
                "shipping_method": "UPS Ground",
                "override_type": "Override charge",
                "shipping_charge_amount": "=1",
            },
            "shipping_charge_amount",
        ),
        ({"shipping_method": "Pigeon"}, "shipping_method"),
        ({"shipping_method": "UPS Ground", "node": "987654"}, "node"),
        ({"shipping_method": "UPS Ground", "exception_type": "include"}, "exception_type"),
    ],
)
def test_bad_values_stand_at_their_field_and_send_nothing(
    desk: Desk, values: dict[str, str], field: str
) -> None:
    answer = desk.add(**values)
    desk.drain()

    assert answer.status_code == 400
    assert list(answer.context["form"].errors) == [field]
    assert not ShippingException.objects.exists()
    assert desk.sent("shippingexception") == []


def test_the_same_way_twice_at_one_node_is_refused(desk: Desk) -> None:
    desk.add(shipping_method="UPS Ground")

    answer = desk.add(shipping_method="UPS Ground", exception_type="restricted")

    assert answer.status_code == 400
    assert "already" in answer.content.decode()
    assert ShippingException.objects.get().exception_type == "exclusive"


def test_a_refusal_of_jet_comes_back_to_the_sku_and_goes_once_mended(desk: Desk) -> None:
    """A node that Jet does not know: its id was mistyped."""
    reno = rows.make_node(desk.shop)
    desk.add(reno, shipping_method="DHL Global Mail")
    desk.drain()

    listing = Listing.objects.get(variant=desk.kettle)
    assert listing.error_code == "shipping_refused"
    assert f"'{reno.node_id}' is not a fulfillment node of this merchant" in listing.error_message
    assert "is not a fulfillment node of this merchant" in desk.page("shipping-exceptions/")

    reno.node_id = desk.sandbox.control.add_node("demo-user", "Reno")
    reno.save(update_fields=["node_id"])
    desk.drain()

    listing.refresh_from_db()
    assert (listing.error_code, listing.shipping_dirty) == ("", False)
    assert desk.at_jet()[reno.node_id][0]["shipping_method"] == "DHL Global Mail"


@pytest.mark.feature("RLO-04")
def test_the_return_form_is_closed_until_a_location_exists(desk: Desk) -> None:
    page = desk.page("return-exceptions/")
    assert f'href="/m/{desk.shop.slug}/settings/returns/"' in page
    assert 'name="time_to_return"' not in page

    answer = desk.client.post(desk.url("return-exceptions/"), {"time_to_return": "10"})
    assert answer.status_code == 400
    assert not ReturnException.objects.exists()


@pytest.mark.feature("EXC-04")
def test_a_return_exception_is_saved_changed_and_deleted_here_and_at_jet(
    desk: Desk, place: ReturnLocation
) -> None:
    address = desk.url("return-exceptions/")
    assert f'value="{place.pk}"' in desk.client.get(address).content.decode()

    given = {"locations": [str(place.pk)], "time_to_return": "14", "return_shipping_methods": ["UPS Ground"]}
    assert desk.client.post(address, given).status_code == 302
    desk.client.post(address, {**given, "time_to_return": "10"})
    desk.drain()

    assert desk.sent("returnsexception") == [
        {
            "return_location_ids": [place.return_id],
            "time_to_return": 10,
            "return_shipping_methods": ["UPS Ground"],
        }
    ]
    assert "Jet has it" in desk.client.get(address).content.decode()

    desk.client.post(f"{address}delete/")
    desk.drain()
    assert desk.sent("returnsexception")[1:] == [{"return_location_ids": []}]
    assert not ReturnException.objects.exists()
    assert not Listing.objects.get(variant=desk.kettle).returns_dirty
    assert desk.client.get(f"{address}delete/").status_code == 404


@pytest.mark.parametrize("days", ["0", "31", "ten"])
def test_a_wrong_time_to_return_is_named(desk: Desk, place: ReturnLocation, days: str) -> None:
    answer = desk.client.post(
        desk.url("return-exceptions/"), {"locations": [str(place.pk)], "time_to_return": days}
    )

    assert answer.status_code == 400
    assert list(answer.context["form"].errors) == ["time_to_return"]
    assert not ReturnException.objects.exists()


def test_an_analyst_looks_and_may_not_write(desk: Desk, place: ReturnLocation, client_for: ClientFor) -> None:
    desk.client = client_for("analyst")

    assert desk.client.get(desk.url("shipping-exceptions/")).status_code == 200
    assert desk.client.get(desk.url("return-exceptions/")).status_code == 200
    assert desk.add(shipping_method="UPS Ground").status_code == 403
    posted = desk.client.post(desk.url("return-exceptions/"), {"locations": [str(place.pk)]})
    assert posted.status_code == 403
    assert not ShippingException.objects.exists()
    assert not ReturnException.objects.exists()


@pytest.mark.parametrize("count", [1, 3])
def test_the_list_costs_the_same_queries_for_any_number_of_rows(
    desk: Desk, count_queries: Callable[[Client, str], int], count: int
) -> None:
    for method in ("UPS Ground", "Freight", "UPS SurePost")[:count]:
        desk.add(shipping_method=method)

    assert count_queries(desk.client, desk.url("shipping-exceptions/")) <= 12


@pytest.mark.feature("EXC-04")
def test_places_read_from_jet_work_and_unknown_ones_are_named_in_the_form(desk: Desk) -> None:
    account = desk.node.account
    (place,) = import_return_locations(account, actor=SYSTEM)
    made_up = make_location(desk.shop, "e" * 32)
    compare_places(account)

    text = desk.page("return-exceptions/")
    assert f"{made_up} (Jet does not know this)" in text
    assert f"{place} (Jet" not in text

    desk.client.post(desk.url("return-exceptions/"), {"locations": [place.pk]})
    desk.drain()
    assert desk.returns_at_jet() == [place.return_id]
