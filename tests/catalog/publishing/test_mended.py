"""After a refusal: what was mended goes by itself, what was set back is over, and only the changed ones can be sent."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from catalog.actions import publish
from catalog.actions.errors import Refusal
from catalog.actions.marks import mark_all_refused
from catalog.actions.product import update_variant
from catalog.actions.targets import refresh_targets
from catalog.models import Listing, Product, SkuError, Variant
from catalog.queries.errors import state_of
from jetsync.models import Merchant, OperationRow, Options
from jetsync.sync.queue import enqueue
from jetsync.tenancy.actor import SYSTEM
from tests.catalog.publishing.steps import calls, listing_of

Make = Callable[..., Variant]
Drain = Callable[[], int]


def write_brand(variant: Variant, brand: str) -> None:
    Product.objects.filter(pk=variant.product_id).update(brand=brand, updated_at=timezone.now())
    refresh_targets(variant.merchant, [variant.pk])


@pytest.fixture
def refused(shop: Merchant, sandbox: Any, kettle: Make, drain: Drain) -> Variant:
    """Jet has the kettle and refused its new brand; edits are not sent by themselves yet."""
    variant = kettle("HF-1")
    publish.upload(shop, [variant.pk], actor=SYSTEM)
    drain()
    Options.objects.update(sync_on_edit=False)
    write_brand(variant, "A brand that Jet does not take")
    refusal = Refusal(listing_of(variant).pk, "content_refused", "HF-1: brand is odd")
    mark_all_refused(shop, [refusal])
    sandbox.control.clear_requests()
    return variant


def send_edits() -> None:
    Options.objects.update(sync_on_edit=True, edit_sends_content=True, edit_sends_images=True)


def sent(sandbox: Any) -> int:
    return len(calls(sandbox, "PUT", "/merchant-skus/HF-1"))


def open_error() -> SkuError:
    return SkuError.objects.select_related("listing__variant__product").get(resolved_at=None)


def shown(variant: Variant) -> tuple[str, bool]:
    listing = listing_of(variant)
    return listing.error_code, listing.content_dirty


@pytest.mark.feature("CFG-16")
def test_refused_product_data_go_by_themselves_once_they_were_changed(
    shop: Merchant, sandbox: Any, refused: Variant, drain: Drain
) -> None:
    send_edits()
    enqueue(shop, "catalog.push_content", "delta")
    drain()
    assert sent(sandbox) == 0

    write_brand(refused, "Harrow")
    assert state_of(open_error()) == "Changed since: it is sent by itself."
    drain()

    assert sent(sandbox) == 1
    assert shown(refused) == ("", False)
    assert not SkuError.objects.filter(resolved_at=None).exists()


@pytest.mark.parametrize("between", [[], ["Another brand"]])
@pytest.mark.parametrize("prepare", [send_edits, lambda: None])
def test_product_data_set_back_to_what_jet_has_end_their_refusal(
    refused: Variant, prepare: Callable[[], None], between: list[str]
) -> None:
    """Whether edits are sent or not, and also when it was changed once more in between."""
    prepare()
    for brand in [*between, refused.product.brand]:
        write_brand(refused, brand)

    assert not SkuError.objects.filter(resolved_at=None).exists()
    assert shown(refused) == ("", False)


def test_where_edits_are_not_sent_a_refusal_stays_in_sight_until_somebody_sends_it(
    sandbox: Any, refused: Variant, drain: Drain
) -> None:
    write_brand(refused, "Harrow")
    drain()

    assert sent(sandbox) == 0
    assert shown(refused) == ("content_refused", True)
    assert state_of(open_error()) == "Changed since: it goes with the next upload, or press “Send again”."


def test_a_sku_that_jet_never_took_waits_for_a_person(
    shop: Merchant, sandbox: Any, kettle: Make, drain: Drain
) -> None:
    send_edits()
    variant = kettle("HF-1")
    mark_all_refused(shop, [Refusal(listing_of(variant).pk, "content_refused", "HF-1: brand is odd")])

    write_brand(variant, "Harrow")
    drain()

    assert sent(sandbox) == 0
    assert Listing.objects.get().error_code == "content_refused"
    assert state_of(open_error()) == "Changed since: it goes with the next upload, or press “Send again”."


@pytest.mark.feature("REJ-07")
@pytest.mark.parametrize("which", ["changed", "all"])
def test_sending_again_offers_only_what_was_changed_since(
    shop: Merchant, kettle: Make, client_for: Callable[..., Client], which: str
) -> None:
    variants = [kettle(f"HF-{number}") for number in (1, 2, 3)]
    words = ("Invalid UPC Code",)
    mark_all_refused(
        shop,
        [
            Refusal(listing_of(row).pk, "content_refused", words[0], sku=row.sku, words=words)
            for row in variants
        ],
    )
    client = client_for("owner")
    key = SkuError.objects.values_list("group_key", flat=True)[0]
    address = reverse("catalog:error-resend", kwargs={"merchant_slug": shop.slug, "key": key})
    assert "Only the changed ones" not in client.get(address).content.decode()

    update_variant(variants[1], {"mfr_part_number": "KET-1"}, actor=SYSTEM)

    assert "Only the changed ones (1)" in client.get(address).content.decode()
    assert client.post(address, {"which": "nonsense"}).status_code == 400
    assert client.post(address, {"which": which}).status_code == 302
    skus = list(OperationRow.objects.order_by("label").values_list("label", flat=True))
    assert skus == {"changed": ["HF-2"], "all": ["HF-1", "HF-2", "HF-3"]}[which]
