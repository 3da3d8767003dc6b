"""A SKU that Jet sells has gaps: the pages say what Jet does, and what keeps its changes back, in one voice."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from django.test import Client

from catalog.actions.product import update_variant
from catalog.enums import ListingStatus
from catalog.models import Listing, Variant
from catalog.pages import page_url
from jetsync.models import Merchant
from jetsync.tenancy.actor import SYSTEM
from tests.catalog import rows
from tests.catalog.profiles.shop import text_of

pytestmark = pytest.mark.django_db
ClientFor = Callable[..., Client]


def sold(variant: Variant) -> Variant:
    rows.mark_listed(variant)
    Listing.objects.filter(variant=variant).update(
        status=ListingStatus.AVAILABLE, jet_status="Available for Purchase"
    )
    return variant


@pytest.mark.feature("SIM-04")
@pytest.mark.parametrize(
    ("lacks", "badge", "told"),
    [
        (
            {"shipping_weight_pounds": None},
            "Sold with gaps",
            "Jet sells it all the same. Changes of its data will wait until these points are filled",
        ),
        (
            {"main_image_url": ""},
            "Changes wait",
            "Jet sells it as it was sent. Its data is not sent again until these points are filled",
        ),
    ],
)
def test_what_jet_sells_is_never_called_never_live(
    shop: Merchant, client_for: ClientFor, lacks: dict[str, object], badge: str, told: str
) -> None:
    variant = sold(rows.make_variant(shop, sku="HF-1", **lacks))
    client = client_for("owner")

    page = text_of(client.get(page_url(shop, "product-detail", pk=variant.product_id)))
    grid = text_of(client.get(page_url(shop, "product-list")))

    for shown in (page, grid):
        assert badge in shown
        assert "Available for Purchase" in shown
    assert told in page
    assert "Never live" not in page
    assert "will not go live" not in page


def test_what_jet_has_not_got_is_called_as_before(shop: Merchant, client_for: ClientFor) -> None:
    variant = rows.make_variant(shop, shipping_weight_pounds=None)

    page = text_of(client_for("owner").get(page_url(shop, "product-detail", pk=variant.product_id)))

    assert "Never live" in page
    assert "Can be sent, but will not go live" in page


def test_the_page_before_an_upload_names_those_that_are_sold(shop: Merchant, client_for: ClientFor) -> None:
    kept = sold(rows.make_variant(shop, sku="HF-1"))
    update_variant(kept, {"shipping_weight_pounds": None}, actor=SYSTEM)
    ids = [kept.pk, rows.make_variant(shop, sku="HF-2", shipping_weight_pounds=None).pk]
    client = client_for("owner")

    page = client.post(page_url(shop, "product-list"), {"bulk": "upload", "ids": ids}, follow=True)

    assert "2 are taken by Jet but will not go live as they are" in text_of(page)
    assert "1 of these is sold by Jet as it was sent. It is left out, unless you tick below" in text_of(page)
    assert "Jet may hold back what it sells" in text_of(page)
    page = client.post(page_url(shop, "product-list"), {"bulk": "upload", "ids": ids[1:]}, follow=True)
    assert "Jet may hold back what it sells" not in text_of(page)


@pytest.mark.parametrize(
    "lacks", [{"shipping_weight_pounds": None}, {"main_image_url": ""}], ids=["weight", "picture"]
)
def test_an_edit_that_opens_a_gap_says_that_changes_wait(
    shop: Merchant, client_for: ClientFor, lacks: dict[str, object]
) -> None:
    variant = sold(rows.make_variant(shop, sku="HF-1"))
    update_variant(variant, lacks, actor=SYSTEM)
    client = client_for("owner")

    page = text_of(client.get(page_url(shop, "product-detail", pk=variant.product_id)))

    assert "Not ready: changes wait" in page
    assert "Its data is not sent again until these points are filled; price and quantity are." in page
    assert "Changes wait" in text_of(client.get(page_url(shop, "product-list")))
