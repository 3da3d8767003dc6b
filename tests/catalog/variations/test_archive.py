"""Children are archived and un-archived with their parent, as the settings say."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from catalog.actions import publish
from catalog.actions.variation import make_group
from catalog.models import Listing, Product
from jetsync.actions.operation import undo_operation
from jetsync.models import Merchant, Operation, Options
from jetsync.sync.client import client_for
from jetsync.tenancy.actor import SYSTEM
from tests.catalog import rows
from tests.catalog.rows import SIZE
from tests.catalog.variations.families import make_family, sized, sku
from tests.catalog.variations.test_pages import ClientFor, select, text_of, url
from tests.catalog.variations.test_sending import ids_of

pytestmark = pytest.mark.django_db


@pytest.fixture
def on_jet(shop: Merchant) -> Product:
    product = make_family(shop, "S", "M", "L")
    for variant in product.variants.all():
        rows.mark_listed(variant)
    return product


def archived() -> list[str]:
    found = Listing.objects.filter(archived_target=True).order_by("variant__sku")
    return list(found.values_list("variant__sku", flat=True))


@pytest.mark.feature("CFG-17", "VAR-09")
def test_children_follow_the_first_sku_of_a_product(shop: Merchant, on_jet: Product) -> None:
    operation = publish.archive(shop, [sku(shop, "HF-S").pk], actor=SYSTEM)

    assert archived() == ["HF-L", "HF-M", "HF-S"]
    assert (operation.total, operation.title) == (3, "Archive 3 products")

    publish.unarchive(shop, [sku(shop, "HF-S").pk], actor=SYSTEM)
    assert archived() == []


@pytest.mark.feature("CFG-17")
def test_a_child_alone_takes_nobody_along(shop: Merchant, on_jet: Product) -> None:
    publish.archive(shop, [sku(shop, "HF-M").pk], actor=SYSTEM)

    assert archived() == ["HF-M"]


@pytest.mark.feature("CFG-17")
def test_children_follow_the_parent_of_a_group_made_by_hand(shop: Merchant) -> None:
    made = [rows.make_variant(shop, sku=name, attributes=sized(name)) for name in ("A", "B", "C")]
    for variant in made[:2]:
        rows.mark_listed(variant)
    make_group(shop, [row.pk for row in made], refinements=[SIZE], actor=SYSTEM)

    publish.archive(shop, [made[0].pk], actor=SYSTEM)

    assert archived() == ["A", "B"]  # Jet never took C


@pytest.mark.feature("CFG-17")
def test_switched_off_the_parent_goes_alone(shop: Merchant, on_jet: Product) -> None:
    Options.objects.update(archive_children=False)

    publish.archive(shop, [sku(shop, "HF-S").pk], actor=SYSTEM)

    assert archived() == ["HF-S"]


@pytest.mark.feature("CFG-17", "VAR-09")
def test_the_confirm_page_says_how_many_follow(
    shop: Merchant, on_jet: Product, client_for: ClientFor
) -> None:
    client = client_for("owner")
    address = select(client, shop, ["HF-S"], "archive")

    page = text_of(client.get(address))
    client.post(address)
    back = text_of(client.get(select(client, shop, ["HF-S"], "unarchive")))

    words = "2 children follow their parents, because the settings say so: 3 SKUs in all."
    assert words in page
    assert words in back
    assert archived() == ["HF-L", "HF-M", "HF-S"]


def test_the_button_of_the_product_says_it_too(
    shop: Merchant, on_jet: Product, client_for: ClientFor
) -> None:
    address = url(shop, f"products/variants/{sku(shop, 'HF-S').pk}/publish/")

    page = text_of(client_for("owner").post(address, {"do": "archive"}, follow=True))

    assert "HF-S is being archived at Jet. 2 of its children go with it." in page


@pytest.mark.feature("CFG-17")
def test_undo_brings_back_only_what_was_open(shop: Merchant, on_jet: Product, drain: Any) -> None:
    Listing.objects.filter(variant__sku="HF-L").update(archived_target=True, archived_sent=True)
    operation = publish.archive(shop, [sku(shop, "HF-S").pk], actor=SYSTEM)
    Operation.objects.filter(pk=operation.pk).update(state="done")
    operation.refresh_from_db()

    undo_operation(operation, actor=SYSTEM)

    assert archived() == ["HF-L"]


@pytest.mark.feature("VAR-09", "CFG-17")
def test_the_family_is_closed_and_opened_at_jet(
    market: Merchant, sandbox: Any, family: Callable[..., Product], finish: Callable[[], None]
) -> None:
    product = family("S", "M")
    publish.upload(market, ids_of(product), actor=SYSTEM)
    finish()
    jet = client_for(sandbox.account).products

    publish.archive(market, ids_of(product)[:1], actor=SYSTEM)
    finish()
    closed = [jet.get(name).is_archived for name in ("HF-S", "HF-M")]
    publish.unarchive(market, ids_of(product)[:1], actor=SYSTEM)
    finish()

    assert closed == [True, True]
    assert [jet.get(name).is_archived for name in ("HF-S", "HF-M")] == [False, False]
