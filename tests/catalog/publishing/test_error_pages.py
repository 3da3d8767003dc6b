"""The pages of causes: refusals and gaps, and the ways on from them (features REJ)."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from django.test import Client

from catalog.actions.product import update_variant
from catalog.models import SkuError, StoreCategory, Variant
from catalog.queries.errors import errors_of_group, state_of
from jetsync.models import (
    Merchant,
    Selection,
)
from jetsync.tenancy.actor import SYSTEM
from tests.catalog import rows
from tests.catalog.publishing.steps import calls, listing_of, refuse, text_of, url
from tests.catalog.sync.conftest import KETTLES

pytestmark = pytest.mark.django_db
ClientFor = Callable[..., Client]


@pytest.mark.feature("REJ-07")
def test_errors_of_one_cause_are_mended_and_sent_together(
    shop, sandbox, kettle, drain, client_for: ClientFor
):
    variants = [kettle(f"HF-{number}") for number in (1, 2, 3)]
    refuse(shop, variants[:2])
    client = client_for("owner")
    page = text_of(client, url(shop, "errors/"))
    assert "Invalid UPC" in page
    assert "2 SKUs by direct calls" in page

    key = SkuError.objects.first().group_key
    group = text_of(client, url(shop, f"errors/{key}/"))
    for words in ("HF-1", "UPC 036000291452", "Invalid UPC Code", "/identifiers/#id_codes", "Send all again"):
        assert words in group
    confirm = text_of(client, url(shop, f"errors/{key}/resend/"))
    assert "Nothing has changed, so Jet will most likely refuse them again." in confirm
    assert client.post(url(shop, f"errors/{key}/resend/")).status_code == 302
    drain()
    assert [
        row["path"].rsplit("/", 1)[1]
        for row in calls(sandbox, "PUT", "merchant-skus/HF-")
        if row["path"].count("/") == 3
    ] == ["HF-1", "HF-2"]
    assert not SkuError.objects.filter(resolved_at=None).exists()
    assert client.get(url(shop, f"errors/{key}/")).status_code == 404
    assert "No open error" in text_of(client, url(shop, "errors/"))


@pytest.mark.feature("REJ-08")
def test_ticked_errors_are_cleared(shop, sandbox, kettle, client_for: ClientFor):
    refuse(shop, [kettle("HF-1"), kettle("HF-2")])
    first = SkuError.objects.order_by("pk").first()
    client = client_for("owner")
    response = client.post(url(shop, f"errors/{first.group_key}/"), {"bulk": "clear", "ids": [first.pk]})
    assert "Nothing is sent" in text_of(client, response.url)
    assert client.post(response.url).status_code == 302
    assert SkuError.objects.filter(resolved_at=None).count() == 1


def test_gaps_are_counted_by_cause_and_open_the_grid(shop, kettle, client_for: ClientFor):
    for number in (1, 2, 3):
        kettle(f"HF-{number}", product={"brand": "" if number < 3 else "Harrow"})
    page = text_of(client_for("analyst"), url(shop, "errors/gaps/"))

    key = next(key for key in listing_of(Variant.objects.get(sku="HF-1")).gap_keys if ":brand:" in key)
    assert f"?gap={key}" in page
    assert "For example: Brand is missing" in page
    grid = text_of(client_for("analyst"), url(shop, f"products/?gap={key}"))
    assert "HF-1" in grid
    assert "HF-2" in grid
    assert "HF-3" not in grid


@pytest.mark.feature("REJ-06")
def test_a_refusal_says_whether_its_product_was_changed_since(shop, kettle, client_for: ClientFor):
    variants = [kettle("HF-1"), kettle("HF-2"), kettle("HF-3")]
    refuse(shop, variants)
    client, key = client_for("owner"), SkuError.objects.first().group_key
    assert "changed since" not in text_of(client, url(shop, "errors/"))

    update_variant(variants[0], {"mfr_part_number": "KET-1"}, actor=SYSTEM)
    update_variant(variants[1], {"main_image_url": ""}, actor=SYSTEM)

    assert "2 of them changed since." in text_of(client, url(shop, "errors/"))
    page = client.get(url(shop, f"errors/{key}/"))
    assert [state_of(row) for row in errors_of_group(shop, key).order_by("listing__variant__sku")] == [
        "Changed since: it goes with the next upload, or press “Send again”.",
        "Changed since, but not ready yet.",
        "As Jet refused it.",
    ]
    assert "Changed since, but not ready yet." in page.content.decode()


@pytest.mark.feature("REJ-06")
def test_causes_and_gaps_go_on_to_the_table_with_their_skus(shop, kettle, client_for: ClientFor):
    variants = [kettle("HF-1"), kettle("HF-2"), kettle("HF-3", product={"brand": ""})]
    refuse(shop, variants[:2])
    client, key = client_for("owner"), SkuError.objects.first().group_key
    assert "Fix all in a table" in text_of(client, url(shop, f"errors/{key}/"))
    response = client.get(url(shop, f"errors/{key}/table/"))
    assert "/products/table/?selection=" in response.url
    columns = [column.key for column in client.get(response.url).context["chosen"]]
    assert columns == ["codes", "title", "brand", "price", "quantity"]
    assert Selection.objects.get(page="products").ids == [variants[0].pk, variants[1].pk]
    assert client.get(response.url).status_code == 200

    one = SkuError.objects.order_by("pk").first()
    frozen = client.post(url(shop, f"errors/{key}/"), {"bulk": "table", "ids": [one.pk]})
    assert client.get(client.get(frozen.url).url).status_code == 200
    assert Selection.objects.filter(page="products").latest("pk").ids == [variants[0].pk]

    assert "Fix in a table" in text_of(client, url(shop, "errors/gaps/"))
    gap = next(key for key in listing_of(variants[2]).gap_keys if ":brand:" in key)
    assert client.get(url(shop, f"errors/table/?gap={gap}")).status_code == 302
    assert Selection.objects.filter(page="products").latest("pk").ids == [variants[2].pk]
    assert client.get(url(shop, "errors/table/?gap=nothing")).status_code == 404
    assert "Set one value for all" in text_of(client, url(shop, "errors/gaps/"))
    one_value = client.get(url(shop, f"errors/table/?gap={gap}&one=1"))
    frozen_gap = Selection.objects.filter(page="products").latest("pk")
    assert one_value.url.endswith(f"/products/change-value/?selection={frozen_gap.pk}&what=brand:set")
    assert frozen_gap.ids == [variants[2].pk]
    assert '<option value="brand:set" selected>' in text_of(client, one_value.url)
    assert client_for("analyst").get(url(shop, f"errors/table/?gap={gap}")).status_code == 403


def make_sku(shop: Merchant, sku: str, **product: Any) -> Variant:
    return rows.make_variant(shop, rows.make_product(shop, jet_node_id=None, **product), sku=sku)


@pytest.mark.feature("REJ-06")
def test_a_gap_leads_to_the_place_that_mends_it(shop, client_for: ClientFor, count_queries):
    """Categories lead to their mapping with the counts, what the table lacks to its own page, the rest to the table."""
    sheets, pans = (StoreCategory.objects.create(merchant=shop, path=path) for path in ("Sheets", "Pans"))
    for number, place in enumerate((sheets, sheets, pans)):
        make_sku(shop, f"HF-{number}", store_category=place)
    light = rows.make_product(shop, jet_node_id=KETTLES)
    rows.make_variant(shop, light, sku="HF-9", attributes=[], shipping_weight_pounds=None)
    client, page = client_for("owner"), url(shop, "errors/gaps/")

    shown = {row.group.field: row for row in client.get(page).context["groups"]}
    text = text_of(client, page)

    assert shown["category"].words == "2 store categories unmapped block 3 SKUs: map them"
    assert f'href="{url(shop, "categories/?only=open")}">2 store categories unmapped' in text
    assert (shown["category"].in_table, shown["attributes"].in_table) == (False, False)
    assert shown["attributes"].page_url == url(shop, "attributes/")
    weight = shown["shipping_weight_pounds"]
    assert (weight.in_table, weight.page) == (True, None)
    table = client.get(url(shop, f"errors/table/?gap={weight.group.key}"))
    assert client.get(table.url).context["chosen"][0].key == "shipping_weight_pounds"

    before = count_queries(client, page)
    make_sku(shop, "HF-10", store_category=pans)
    assert count_queries(client, page) == before

    make_sku(shop, "HF-11")
    shown = {row.group.field: row for row in client.get(page).context["groups"]}
    assert shown["category"].in_table
    table = client.get(url(shop, f"errors/table/?gap={shown['category'].group.key}"))
    assert client.get(table.url).context["chosen"][0].key == "store_category"
