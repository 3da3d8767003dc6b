"""A profile's MAP price above what SKUs cost: asked about by every way in which products get the profile."""

from __future__ import annotations

from collections.abc import Callable
from decimal import Decimal
from typing import Any

import pytest
from django.test import Client

from catalog.actions.assigning import assign_profile
from catalog.actions.sheet import CellEdit, save_cells
from catalog.models import Product, Profile, Variant
from jetsync.actions.operation import undo_operation
from jetsync.models import Merchant, Operation, OperationRow
from jetsync.tenancy.actor import SYSTEM, Actor
from tests.catalog.profiles.shop import bare, make_profile, profile_of, text_of, url

pytestmark = pytest.mark.django_db
ClientFor = Callable[..., Client]
POLICY = {"map_price": {"value": "45"}, "map_implementation": {"value": "102"}}
ASKED = "MAP price 45.00 is above the price for Jet of 2 SKUs that would get profile “Kitchen”: HF-1 (38.50), HF-2 (40.00)."


@pytest.fixture
def kitchen(shop: Merchant) -> Profile:
    """Its MAP price is above two of the four SKUs; one has a MAP price of its own."""
    bare(shop, sku="HF-1", price=Decimal("38.50"))
    bare(shop, sku="HF-2", price=Decimal("40.00"))
    bare(shop, sku="HF-3", price=Decimal("60.00"))
    bare(shop, sku="HF-4", price=Decimal("30.00"), map_price=Decimal("29.00"))
    return make_profile(shop, "Kitchen", specifics=POLICY)


def variants() -> list[Variant]:
    return list(Variant.objects.order_by("sku"))


def all_products() -> list[int]:
    return list(Product.objects.values_list("pk", flat=True))


def profiles_now() -> list[str]:
    return [profile_of(row) for row in variants()]


@pytest.mark.feature("PRO-10")
def test_assigning_to_ticked_skus_asks_how_many_go_below(
    shop: Merchant, kitchen: Profile, client_for: ClientFor
) -> None:
    client = client_for("owner")
    ids = [row.pk for row in variants()]
    page = client.post(url(shop, "products/"), {"bulk": "profile", "ids": ids}).headers["Location"]

    asked = client.post(page, {"profile": str(kitchen.pk)})

    assert (asked.status_code, profiles_now()) == (409, [""] * 4)
    assert ASKED in text_of(asked)
    mark = asked.context["asked"].mark
    wrong = client.post(page, {"profile": str(kitchen.pk), "confirmed_prices": "something else"})
    assert (wrong.status_code, profiles_now()) == (409, [""] * 4)
    done = client.post(page, {"profile": str(kitchen.pk), "confirmed_prices": mark})
    assert (done.status_code, profiles_now()) == (302, ["Kitchen"] * 4)


@pytest.mark.feature("PRO-10")
def test_assigning_from_the_profiles_page_names_them_before_the_press(
    shop: Merchant, kitchen: Profile, client_for: ClientFor
) -> None:
    client, page = client_for("owner"), url(shop, f"profiles/{kitchen.pk}/assign/")

    shown = client.get(page)
    unasked = client.post(page)

    assert ASKED in text_of(shown)
    assert (unasked.status_code, profiles_now()) == (409, [""] * 4)
    client.post(page, {"confirmed_prices": shown.context["asked"].mark})
    assert profiles_now() == ["Kitchen"] * 4


def test_the_card_of_a_product_leads_to_the_question(
    shop: Merchant, kitchen: Profile, client_for: ClientFor
) -> None:
    client, kettle = client_for("owner"), variants()[0]
    card = url(shop, f"products/variants/{kettle.pk}/profile/")

    asked = client.post(card, {"profile": str(kitchen.pk)})

    assert (asked.status_code, profiles_now()) == (200, [""] * 4)
    assert "is above the price for Jet of 1 SKU that would get profile “Kitchen”: HF-1 (38.50)." in text_of(
        asked
    )
    client.post(card, dict(asked.context["carried"]))
    assert profiles_now() == ["Kitchen", "", "", ""]


def test_what_a_profile_of_before_held_below_is_not_asked_about_again(
    shop: Merchant, kitchen: Profile, actor: Actor
) -> None:
    higher = make_profile(shop, "Higher", specifics={"map_price": {"value": "50"}})
    assign_profile(shop, all_products(), higher, actor=actor, confirmed="any")

    assign_profile(shop, all_products(), kitchen, actor=actor)

    assert profiles_now() == ["Kitchen"] * 4
    undo_operation(Operation.objects.latest("pk"), actor=SYSTEM)
    assert profiles_now() == ["Higher"] * 4


def test_products_of_a_deleted_profile_are_asked_about_too(
    shop: Merchant, kitchen: Profile, client_for: ClientFor
) -> None:
    old = make_profile(shop, "Old")
    assign_profile(shop, all_products(), old, actor=SYSTEM)
    client, page = client_for("owner"), url(shop, f"profiles/{old.pk}/delete/")

    asked = client.post(page, {"move_to": str(kitchen.pk)})

    assert (asked.status_code, profiles_now()) == (409, ["Old"] * 4)
    assert ASKED in text_of(asked)
    client.post(page, {"move_to": str(kitchen.pk), "confirmed_prices": asked.context["asked"].mark})
    assert profiles_now() == ["Kitchen"] * 4


def test_the_api_answers_with_the_question(shop: Merchant, kitchen: Profile, client_for: ClientFor) -> None:
    client = client_for("owner")

    def send(**more: Any) -> Any:
        body = {"products": all_products(), **more}
        address = f"/api/v1/m/{shop.slug}/catalog/profiles/{kitchen.pk}/assign/"
        return client.post(address, body, content_type="application/json")

    asked = send()
    assert (asked.status_code, asked.json()["code"], asked.json()["message"]) == (409, "price_step", ASKED)
    assert profiles_now() == [""] * 4
    assert send(confirm_price_step=True).status_code == 202
    assert profiles_now() == ["Kitchen"] * 4


def test_a_change_of_many_keeps_the_profile_of_those_that_were_not_confirmed(
    shop: Merchant, kitchen: Profile, client_for: ClientFor, drain: Callable[..., int]
) -> None:
    client = client_for("owner")
    ids = [row.pk for row in variants()]
    page = client.post(url(shop, "products/"), {"bulk": "change", "ids": ids}).headers["Location"]
    given = {"what": "profile:set", "value": "Kitchen"}

    preview = client.post(page, given)
    client.post(page, {**given, "previewed": "profile:set=Kitchen"})
    drain()

    assert preview.context["found"].below_map == 2
    assert "MAP price 45.00 of profile “Kitchen” is above the price 38.50." in text_of(preview)
    assert profiles_now() == ["", "", "Kitchen", "Kitchen"]
    failed = OperationRow.objects.filter(state="failed").order_by("label")
    assert [(row.label, row.code) for row in failed] == [("HF-1", "price_step"), ("HF-2", "price_step")]
    client.post(page, {**given, "previewed": "profile:set=Kitchen", "confirmed_prices": "x"})
    drain()
    assert profiles_now() == ["Kitchen"] * 4


def test_a_cell_of_the_table_is_held_until_it_is_confirmed(
    shop: Merchant, kitchen: Profile, actor: Actor
) -> None:
    edits = [CellEdit(row.pk, "profile", "", "Kitchen") for row in variants()[1:3]]

    saved = save_cells(shop, edits, actor=actor)

    assert profiles_now() == ["", "", "Kitchen", ""]
    assert saved.asked is not None
    assert saved.asked.reasons == ("HF-2: MAP price 45.00 of profile “Kitchen” is above the price 40.00.",)
    save_cells(shop, edits[:1], actor=actor, confirmed=saved.asked.mark)
    assert profiles_now() == ["", "Kitchen", "Kitchen", ""]
