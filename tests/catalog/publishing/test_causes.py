"""What a page says of products that Jet would take but never sell."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from django.test import Client
from django.urls import reverse

from catalog.actions.errors import Refusal
from catalog.actions.marks import mark_all_refused
from catalog.listing import BLOCKS, NEVER_LIVE
from catalog.models import Listing, SkuError, Variant
from catalog.pages import variant_url
from catalog.queries.errors import causes_in, gap_label
from jetsync.actions.saved_view import freeze_selection
from jetsync.models import Merchant, User
from tests.catalog.rows import make_product, make_variant
from tests.catalog.sync.conftest import COLOR, KETTLES

pytestmark = pytest.mark.django_db
COPPER = [{"id": COLOR, "value": "Copper", "unit": ""}]


def make_kettle(shop: Merchant, sku: str, **values: Any) -> Variant:
    return make_variant(shop, make_product(shop, jet_node_id=KETTLES), sku=sku, **values)


@pytest.mark.feature("PRD-05", "FLD-10")
def test_upload_page_names_the_real_causes(shop: Merchant, client_for: Callable[..., Client]) -> None:
    """A SKU with a good code that lacks an attribute is not told that it has no code."""
    rows = [
        make_kettle(shop, "HF-1", attributes=[]),
        make_kettle(shop, "HF-2", attributes=[]),
        make_kettle(shop, "HF-3", codes=[], mfr_part_number="K-3", attributes=COPPER),
    ]
    client = client_for("owner")
    user = User.objects.get(pk=client.session["_auth_user_id"])
    chosen = freeze_selection(shop, "products", user=user, ids=[row.pk for row in rows], description="3 SKUs")

    address = f"/m/{shop.slug}/catalog/publish/upload/?selection={chosen.pk}"
    page = client.get(address).content.decode()

    told = "3 are taken by Jet but will not go live as they are: "
    assert told in page
    assert page.partition(told)[2].startswith(
        "Attributes of the category: none filled (2), Product code: missing (1)."
    )


def test_causes_are_counted_for_the_chosen_level_only(shop: Merchant) -> None:
    make_kettle(shop, "HF-1", attributes=[])
    make_kettle(shop, "HF-2", attributes=[], main_image_url="")

    rows = Listing.objects.filter(merchant=shop)

    assert causes_in(rows, NEVER_LIVE) == [("Attributes of the category: none filled", 2)]
    assert causes_in(rows, BLOCKS) == [("Main image: missing", 1)]


@pytest.mark.parametrize(
    ("key", "words"),
    [
        ("blocks:main_image_url:required", "Main image: missing"),
        ("blocks:codes:check_digit", "Product code: check digit is wrong"),
        ("blocks:map_price:required", "MAP price: missing"),
        ("hint:size_chart:odd_rule", "Size chart: odd rule"),
        ("strange", "strange"),
    ],
)
def test_causes_read_as_words(key: str, words: str) -> None:
    assert gap_label(key) == words


@pytest.mark.feature("HLP-01")
def test_each_error_leads_to_the_page_of_its_cause(shop: Merchant, client_for: Any) -> None:
    """On the list of causes, on the page of one, on the SKU's page, and its open points on the checklist."""
    variant = make_kettle(shop, "HF-1", asin="12")
    words = "price is greater than the maximum"
    mark_all_refused(shop, [Refusal(variant.listing.pk, "price_refused", words, words=(words,))])
    group = SkuError.objects.get(listing=variant.listing)
    client, base = client_for("owner"), f"/m/{shop.slug}"

    refusal = f'href="{base}/help/refusal-too-high/"'
    for address in (
        reverse("catalog:errors", kwargs={"merchant_slug": shop.slug}),
        reverse("catalog:error-group", kwargs={"merchant_slug": shop.slug, "key": group.group_key}),
        variant_url(shop, variant),
    ):
        assert refusal in client.get(address).content.decode(), address
    gaps = reverse("catalog:error-gaps", kwargs={"merchant_slug": shop.slug})
    for address in (gaps, variant_url(shop, variant)):
        assert f'href="{base}/help/value-' in client.get(address).content.decode(), address
