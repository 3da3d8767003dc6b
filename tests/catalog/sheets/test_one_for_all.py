"""The table beyond its page: one value for all SKUs, two hundred rows, emptied values, pictures and descriptions."""

from __future__ import annotations

from collections.abc import Callable
from decimal import Decimal

import pytest
from django.test import Client

from catalog.models import Variant
from jetsync.models import Merchant, Operation, Selection
from tests.catalog import rows
from tests.catalog.sheets.test_editor import cells, url

pytestmark = pytest.mark.django_db
ClientFor = Callable[..., Client]


def test_an_emptied_value_that_is_needed_waits_for_a_yes(shop: Merchant, client_for: ClientFor) -> None:
    kettle = rows.make_variant(shop, sku="KET-1", price=Decimal(5), quantity=1)
    client, brand = client_for("owner"), kettle.product.brand
    posted = cells(kettle, brand=(brand, ""), quantity=("1", "2"))

    judged = client.post(url(shop, "products/table/check/"), posted).json()
    page = client.post(url(shop), posted).content.decode()

    words = "Brand of SKU KET-1 would be empty. Jet needs it, unless a profile or a mapping fills it."
    assert [note["message"] for note in judged["notes"]] == [words]
    assert words in page
    assert 'name="may_empty"' in page
    kettle = Variant.objects.select_related("product").get(pk=kettle.pk)
    assert (kettle.product.brand, kettle.quantity) == (brand, 2)
    client.post(url(shop), {**cells(kettle, brand=(brand, "")), "may_empty": "1"})
    assert Variant.objects.values_list("product__brand", flat=True).get(pk=kettle.pk) == ""


def test_picture_and_description_are_columns(shop: Merchant, client_for: ClientFor) -> None:
    kettle = rows.make_variant(shop, sku="KET-1")
    kettle.product.description = "Of copper.\r\nIt whistles."
    kettle.product.save(update_fields=["description"])
    client, address = client_for("owner"), f"{url(shop)}?columns=main_image_url&columns=description"
    untouched = ("Of copper.\nIt whistles.", "Of copper.\r\nIt whistles.")

    page = client.get(address).content.decode()
    client.post(address, cells(kettle, description=untouched))
    none = Operation.objects.count()
    typed = cells(
        kettle,
        main_image_url=(kettle.main_image_url, "https://img.example.com/k.jpg"),
        description=(untouched[0], "Of iron.\r\nIt rings."),
    )
    client.post(address, typed)
    wrong = client.post(address, cells(kettle, main_image_url=("https://img.example.com/k.jpg", "k.jpg")))

    assert "<textarea" in page
    assert none == 0
    kettle = Variant.objects.select_related("product").get(pk=kettle.pk)
    assert kettle.main_image_url == "https://img.example.com/k.jpg"
    assert kettle.product.description == "Of iron.\nIt rings."
    assert wrong.status_code == 409


def test_a_page_holds_two_hundred_where_that_is_asked(shop: Merchant, client_for: ClientFor) -> None:
    for number in range(51):
        rows.make_variant(shop, sku=f"KET-{number:02d}")
    client = client_for("owner")

    short, long = (client.get(f"{url(shop)}{query}").content.decode() for query in ("", "?rows=200"))

    assert ("SKUs 1 to 50 of 51" in short, "SKUs 1 to 51 of 51" in long) == (True, True)
    assert ("Show 200 on a page" in short, "Show 200 on a page" in long) == (True, False)


def test_one_value_is_set_for_all_skus_of_the_filter(
    shop: Merchant, client_for: ClientFor, drain: Callable[..., int]
) -> None:
    for sku in ("KET-1", "KET-2", "MUG-1"):
        rows.make_variant(shop, sku=sku)
    client = client_for("owner")

    answer = client.get(f"{url(shop)}?q=KET-&one=1")
    change = {"what": "main_image_url:set", "value": "https://img.example.com/all.jpg"}
    preview = client.post(answer.headers["Location"], change).content.decode()
    client.post(answer.headers["Location"], {**change, "previewed": "=".join(change.values())})
    drain()

    assert "Change 2 SKUs" in preview
    assert Selection.objects.get().ids == list(
        Variant.objects.filter(sku__startswith="KET").order_by("sku").values_list("pk", flat=True)
    )
    changed = Variant.objects.filter(main_image_url=change["value"]).order_by("sku")
    assert list(changed.values_list("sku", flat=True)) == ["KET-1", "KET-2"]


def test_no_sku_is_no_set(shop: Merchant, client_for: ClientFor) -> None:
    answer = client_for("owner").get(f"{url(shop)}?q=nothing&one=1")

    assert answer.status_code == 404
    assert Selection.objects.count() == 0
