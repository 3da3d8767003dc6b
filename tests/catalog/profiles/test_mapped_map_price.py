"""A MAP price of the field mapping above what SKUs cost: asked about by every way in which the mapping changes."""

from __future__ import annotations

from collections.abc import Callable
from decimal import Decimal
from typing import Any

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from catalog.actions.field_mapping import Mapped, save_mappings, stored_mappings
from catalog.models import Variant
from catalog.pages import page_url
from catalog.price_guard import UnconfirmedPrice
from catalog.queries.mapped_map_price import mapping_slip
from jetsync.models import Merchant
from jetsync.tenancy.actor import SYSTEM, Actor
from tests.catalog import rows
from tests.catalog.profiles.shop import body_of, make_profile, text_of

pytestmark = pytest.mark.django_db
ClientFor = Callable[..., Client]
FIXED = {"map_price": Mapped(fixed="45")}
ASKED = (
    "By this mapping the MAP price is above the price for Jet of 2 SKUs: HF-1 (45.00 above 38.50), "
    "HF-2 (45.00 above 40.00)."
)


@pytest.fixture
def kettles(shop: Merchant) -> list[Variant]:
    """45 is above two of the five: one costs more, one has a MAP price of its own, one a profile's."""
    profile = make_profile(shop, specifics={"map_price": {"value": "20"}})
    product = rows.make_product(shop, profile=profile)
    return [
        rows.make_variant(shop, sku="HF-1", price=Decimal("38.50"), data={"map": "39"}),
        rows.make_variant(shop, sku="HF-2", price=Decimal("40.00"), data={"map": "41.5"}),
        rows.make_variant(shop, sku="HF-3", price=Decimal("60.00"), data={"map": "0"}),
        rows.make_variant(shop, sku="HF-4", price=Decimal("30.00"), map_price=Decimal("29.00")),
        rows.make_variant(shop, product, sku="HF-5", price=Decimal("30.00"), data={"map": "x"}),
    ]


@pytest.mark.feature("PRO-14")
@pytest.mark.usefixtures("kettles")
def test_the_page_asks_before_it_saves(shop: Merchant, client_for: ClientFor) -> None:
    client, page = client_for("owner"), f"{page_url(shop, 'field-mapping')}?part=prices"
    given = {"map_price_fixed": "45", "map_implementation_fixed": "102", "do": "save"}

    asked = client.post(page, given)

    assert (asked.status_code, stored_mappings(shop)) == (400, {})
    assert ASKED in text_of(asked)
    mark = asked.context["form"].unconfirmed.mark
    wrong = client.post(page, {**given, "confirmed_prices": "something else"})
    assert (wrong.status_code, stored_mappings(shop)) == (400, {})
    assert client.post(page, {**given, "confirmed_prices": mark}).status_code == 302
    assert stored_mappings(shop)["map_price"].fixed == "45"


@pytest.mark.usefixtures("kettles")
@pytest.mark.parametrize(
    ("line", "told"),
    [
        (Mapped(fixed="45"), "2 SKUs: HF-1 (45.00 above 38.50), HF-2 (45.00 above 40.00)."),
        (Mapped(source="field:map"), "2 SKUs: HF-1 (39.00 above 38.50), HF-2 (41.50 above 40.00)."),
        (
            Mapped(fixed="31", overrides=True),
            "2 SKUs: HF-4 (31.00 above 30.00), HF-5 (31.00 above 30.00).",
        ),
        (Mapped(fixed="30"), ""),
        (Mapped(source="variant.price"), ""),
        (
            Mapped(fixed="45", source="field:map"),
            "2 SKUs: HF-1 (45.00 above 38.50), HF-2 (45.00 above 40.00).",
        ),
    ],
)
def test_it_counts_exactly_the_skus_that_get_it(shop: Merchant, line: Mapped, told: str) -> None:
    slip = mapping_slip(shop, None, line.rule("map_price"))

    assert (slip.reason if slip else "").endswith(told)
    assert (slip is None) == (not told)
    save_mappings(shop, {"map_price": line}, actor=SYSTEM, confirmed="any")
    below = [
        row.sku
        for row in Variant.objects.order_by("sku").select_related("listing")
        if body_of(shop, row)[0].get("map_price", 0) > row.listing.price_target
    ]
    assert below == [part.split(" (")[0] for part in told.rsplit(": ", maxsplit=1)[-1].split("), ") if part]


@pytest.mark.usefixtures("kettles")
def test_what_was_below_it_before_is_not_asked_about_again(shop: Merchant, actor: Actor) -> None:
    save_mappings(shop, FIXED, actor=actor, confirmed="any")

    assert save_mappings(shop, {"map_price": Mapped(fixed="44")}, actor=actor) == 1
    with pytest.raises(UnconfirmedPrice):
        save_mappings(shop, {"map_price": Mapped(fixed="46")}, actor=actor)
    assert stored_mappings(shop)["map_price"].fixed == "44"
    assert save_mappings(shop, {"map_price": Mapped()}, actor=actor) == 1


def test_a_reset_asks_where_the_mapping_held_a_map_price_down(shop: Merchant, client_for: ClientFor) -> None:
    rows.make_variant(shop, sku="HF-1", price=Decimal("38.50"), map_price=Decimal("45.00"))
    save_mappings(shop, {"map_price": Mapped(fixed="30", overrides=True)}, actor=SYSTEM)
    client, page = client_for("owner"), f"{page_url(shop, 'field-mapping-reset')}?part=prices"

    shown = client.get(page)
    refused = client.post(page)

    assert "1 SKU: HF-1 (45.00 above 38.50)." in text_of(shown)
    assert (refused.status_code, "map_price" in stored_mappings(shop)) == (409, True)
    client.post(page, {"confirmed_prices": shown.context["asked"].mark})
    assert stored_mappings(shop) == {}


@pytest.mark.usefixtures("kettles")
def test_the_api_answers_with_the_question(shop: Merchant, client_for: ClientFor) -> None:
    client = client_for("owner")

    def put(**more: Any) -> Any:
        address = f"/api/v1/m/{shop.slug}/catalog/field-mappings/map_price/"
        return client.put(address, {"fixed": "45", **more}, content_type="application/json")

    asked = put()
    assert (asked.status_code, asked.json()["code"], asked.json()["message"]) == (409, "price_step", ASKED)
    assert stored_mappings(shop) == {}
    assert put(confirm_price_step=True).status_code == 200
    assert stored_mappings(shop)["map_price"].fixed == "45"


@pytest.mark.usefixtures("kettles")
def test_it_costs_the_same_queries_for_any_number_of_skus(shop: Merchant) -> None:
    rule = Mapped(source="field:map").rule("map_price")
    with CaptureQueriesContext(connection) as few:
        mapping_slip(shop, None, rule)
    for _ in range(5):
        rows.make_variant(shop, data={"map": "99"})

    with CaptureQueriesContext(connection) as many:
        mapping_slip(shop, None, rule)

    assert len(few) == len(many)
