"""Terms of sale and the store's own fields over the API: the rules of the editor, in JSON."""

from __future__ import annotations

import pytest

from catalog.models import Listing, NodeStock, Variant
from jetsync.models import LogEntry, Merchant
from tests.catalog import rows
from tests.catalog.test_product_api import address, send

pytestmark = pytest.mark.django_db


def test_terms_are_stored_and_the_special_price_is_sent(shop: Merchant, client_for) -> None:
    kettle = rows.make_variant(shop, quantity=12)
    body = {
        "special_price": "29.90",
        "confirm_price_step": True,
        "special_from": "2020-01-01T00:00:00Z",
        "price_floor": "20.00",
        "buffer_quantity": 3,
        "fulfillment_time": 2,
        "data": {"material": "Copper"},
    }

    response = send(client_for("owner"), "patch", address(shop, f"variants/{kettle.pk}/"), body)

    assert response.status_code == 200, response.json()
    shown = response.json()
    assert (shown["special_price"], shown["buffer_quantity"], shown["data"]) == (
        "29.90",
        3,
        {"material": "Copper"},
    )
    assert shown["payload"]["fulfillment_time"] == 2
    assert str(Listing.objects.get(variant=kettle).price_target) == "29.90"
    assert NodeStock.objects.get(variant=kettle).quantity_target == 9
    assert LogEntry.objects.filter(merchant=shop, action="catalog.variant.changed").count() == 1


def test_a_sku_that_is_not_sold_on_jet_is_not_ready_and_offers_nothing(shop: Merchant, client_for) -> None:
    kettle = rows.make_variant(shop, quantity=12)

    response = send(
        client_for("owner"), "patch", address(shop, f"variants/{kettle.pk}/"), {"sells_on_jet": False}
    )

    assert response.json()["listing"]["readiness"] == "not_ready"
    assert NodeStock.objects.get(variant=kettle).quantity_target == 0


@pytest.mark.parametrize(
    ("body", "field", "words"),
    [
        ({"special_from": "2026-01-01T00:00:00Z"}, "special_price", "is missing while its dates are given"),
        ({"special_price": "0.001"}, "special_price", "Special price"),
        ({"buffer_quantity": -1}, "buffer_quantity", "Buffer is -1"),
        ({"fulfillment_time": 9999}, "fulfillment_time", "0 to 260 is allowed"),
        ({"data": {"m" * 300: "Copper"}}, "data", "characters"),
    ],
)
def test_bad_terms_are_refused_with_the_field_and_nothing_is_stored(
    shop: Merchant, client_for, body: dict[str, object], field: str, words: str
) -> None:
    kettle = rows.make_variant(shop)
    before = Variant.objects.filter(pk=kettle.pk).values().get()

    response = send(client_for("owner"), "patch", address(shop, f"variants/{kettle.pk}/"), body)

    assert response.status_code == 400, response.json()
    assert words in " ".join(response.json()["fields"][field])
    assert Variant.objects.filter(pk=kettle.pk).values().get() == before
