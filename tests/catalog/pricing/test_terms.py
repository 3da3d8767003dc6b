"""The terms of a SKU in its editor: special price and dates, floor, buffer, sell on Jet."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime
from decimal import Decimal
from typing import Any

import pytest
from django.test import Client

from catalog.models import Listing, Variant
from jetsync.models import LogEntry, Merchant, Options
from tests.catalog import rows

pytestmark = pytest.mark.django_db
ClientFor = Callable[..., Client]
FILLED = {"price": "100", "quantity": "10", "map_implementation": "101", "sells_on_jet": "on"}


def save(shop: Merchant, client: Client, variant: Variant, **values: str) -> Any:
    address = f"/m/{shop.slug}/catalog/products/variants/{variant.pk}/stock/"
    return client.post(address, {**FILLED, **values})


def price_target(variant: Variant) -> Decimal | None:
    return Listing.objects.get(variant=variant).price_target


@pytest.mark.feature("FLD-07")
def test_special_price_is_typed_in_the_stores_time_and_counts_while_it_is_active(
    shop: Merchant, client_for: ClientFor
) -> None:
    shop.time_zone = "America/New_York"
    shop.save(update_fields=["time_zone"])
    kettle = rows.make_variant(shop, price=Decimal(100))

    answer = save(shop, client_for("owner"), kettle, special_price="90", special_from="2020-07-01T08:00")

    assert answer.status_code == 302
    kettle.refresh_from_db()
    assert kettle.special_from == datetime(2020, 7, 1, 12, tzinfo=UTC)
    assert price_target(kettle) == Decimal("90.00")
    page = client_for("owner").get(answer.wsgi_request.path).content.decode()
    assert 'value="2020-07-01T08:00:00"' in page

    save(shop, client_for("owner"), kettle, special_price="90", special_to="2020-07-02T08:00")
    assert price_target(kettle) == Decimal("100.00")

    Options.objects.update(price_source="regular")
    save(shop, client_for("owner"), kettle, special_price="80")
    assert price_target(kettle) == Decimal("100.00")


def test_terms_are_logged_with_old_and_new(shop: Merchant, client_for: ClientFor) -> None:
    kettle = rows.make_variant(shop, price=Decimal(100), quantity=10)

    save(shop, client_for("owner"), kettle, price_floor="95.5", buffer_quantity="3")

    kettle.refresh_from_db()
    assert (kettle.price_floor, kettle.buffer_quantity) == (Decimal("95.50"), 3)
    entry = LogEntry.objects.get(action="catalog.variant.changed")
    assert entry.old == {"price_floor": None, "buffer_quantity": None}
    assert entry.new == {"price_floor": "95.5", "buffer_quantity": 3}


@pytest.mark.feature("CFG-33")
def test_a_sku_that_is_not_sold_on_jet_is_offered_with_nothing(shop: Merchant, client_for: ClientFor) -> None:
    kettle = rows.make_variant(shop, price=Decimal(100), quantity=10)
    rows.mark_listed(kettle)
    assert rows.offered(kettle) == {"Hoboken": 10}

    save(shop, client_for("owner"), kettle, sells_on_jet="")

    kettle.refresh_from_db()
    assert not kettle.sells_on_jet
    assert rows.offered(kettle) == {"Hoboken": 0}
    listing = Listing.objects.get(variant=kettle)
    assert [gap["field"] for gap in listing.gaps if gap["rule"] == "off"] == ["sells_on_jet"]


@pytest.mark.parametrize(
    ("values", "field", "message"),
    [
        ({"special_price": "0"}, "special_price", "Special price is 0, at least 0.01 USD is needed."),
        ({"special_price": "9.999"}, "special_price", "at most two decimals"),
        ({"special_price": "=1+1"}, "special_price", "“=1+1” is not a number."),
        ({"price_floor": "-1"}, "price_floor", "Lowest price for Jet is -1"),
        ({"buffer_quantity": "-1"}, "buffer_quantity", "Buffer is -1, 0 or more is needed."),
        ({"buffer_quantity": "99999999999"}, "buffer_quantity", "at most 2,000,000,000"),
        ({"special_from": "2026-01-01T00:00"}, "special_price", "missing while its dates are given"),
        (
            {"special_price": "9", "special_from": "2026-01-02T00:00", "special_to": "2026-01-01T00:00"},
            "special_to",
            "ends before it begins",
        ),
        ({"special_price": "9", "special_from": "soon"}, "special_from", "Enter a valid date/time."),
    ],
)
def test_bad_terms_stand_at_their_field_and_change_nothing(
    shop: Merchant, client_for: ClientFor, values: dict[str, str], field: str, message: str
) -> None:
    kettle = rows.make_variant(shop, price=Decimal("38.50"), quantity=12)

    answer = save(shop, client_for("owner"), kettle, **values)

    assert answer.status_code == 400
    assert any(message in error for error in answer.context["form"].errors[field])
    kettle.refresh_from_db()
    assert (kettle.price, kettle.special_price, kettle.buffer_quantity) == (Decimal("38.50"), None, None)
    assert not LogEntry.objects.exists()
