"""The list of images, the card on the product's page, and "look again" through the browser."""

from __future__ import annotations

import pytest
from django.urls import reverse

from catalog.models import ImageFact
from jetsync.models import Merchant
from jetsync.tenancy.context import merchant_scope
from tests.catalog.images.pictures import picture
from tests.catalog.rows import make_product, make_variant
from tests.factories import make_account, make_merchant


def url(merchant: Merchant, name: str, **kwargs: object) -> str:
    return reverse(f"catalog:{name}", kwargs={"merchant_slug": merchant.slug, **kwargs})


@pytest.fixture
def browser(client_for):
    return client_for()


@pytest.fixture
def kettles(shop, pictures, drain):
    """A small main image, a fine one and one that is not there, all looked at."""
    names = [("small.jpg", (150, 150)), ("fine.jpg", (1600, 1200)), ("gone.jpg", None)]
    made = []
    for name, size in names:
        address = pictures.put(name, picture(*size)) if size else pictures.url(name)
        product = make_product(shop, brand="Ostley" if name == "fine.jpg" else "Harrow & Finch")
        made.append(make_variant(shop, product, sku=f"HF-{name[:4]}", main_image_url=address))
    drain()
    return made


@pytest.mark.feature("SIM-06")
def test_list_shows_address_skus_size_and_verdict(shop, kettles, pictures, client_for):
    page = client_for().get(url(shop, "image-list")).content.decode()
    for words in ("150 x 150", "1,600 x 1,200", "Too small", "HF-smal", pictures.url("gone.jpg")):
        assert words in page
    assert "Tried 1 time" in page


@pytest.mark.parametrize(
    ("query", "shown"),
    [
        ("verdict=small", ["small.jpg"]),
        ("group=blocks", ["small.jpg"]),
        ("group=fine", ["fine.jpg"]),
        ("state=waiting", ["gone.jpg"]),
        ("q=fine.j", ["fine.jpg"]),
        ("q=hf-smal", ["small.jpg"]),
        ("q=nothing", []),
        ("brand=harrow", ["small.jpg", "gone.jpg"]),
        ("brand=ostley", ["fine.jpg"]),
    ],
)
def test_list_is_filtered_by_state_problem_and_words(kettles, pictures, browser, query, shown):
    page = browser.get(f"{url(kettles[0].merchant, 'image-list')}?{query}").content.decode()
    found = [name for name in ("small.jpg", "fine.jpg", "gone.jpg") if pictures.url(name) in page]
    assert found == shown


def test_list_takes_the_same_queries_for_one_and_for_three(shop, pictures, client_for, count_queries):
    client, address = client_for(), url(shop, "image-list")
    client.get(address)
    make_variant(shop, main_image_url="https://img.example.com/1.jpg")
    one = count_queries(client, address)
    for number in range(2, 8):
        make_variant(shop, main_image_url=f"https://img.example.com/{number % 3}.jpg")
    assert count_queries(client, address) == one


def test_empty_list_says_what_comes_here(shop, pictures, client_for, settings):
    client = client_for()
    assert "fetched and measured by itself" in client.get(url(shop, "image-list")).content.decode()
    settings.PROBE_IMAGES = False
    assert "Pictures are not fetched here" in client.get(url(shop, "image-list")).content.decode()


@pytest.mark.feature("SIM-05")
def test_product_page_shows_each_picture_and_says_what_cannot_be_checked(shop, kettles, client_for):
    page = client_for().get(url(shop, "product-detail", pk=kettles[0].product_id)).content.decode()
    assert "150 x 150 pixels, JPEG" in page
    assert "at least 40,000 is needed" in page
    assert "jetsync cannot read pictures" in page
    assert url(shop, "variant-images-look", pk=kettles[0].pk) in page


@pytest.mark.feature("SIM-06")
def test_gap_opens_the_input_of_the_picture(shop, pictures, drain, client_for):
    main, small = pictures.put("a.jpg", picture()), pictures.put("b.jpg", picture(90, 90))
    variant = make_variant(shop, main_image_url=main, alternate_image_urls=[small])
    drain()
    client = client_for()
    page = client.get(url(shop, "product-detail", pk=variant.product_id)).content.decode()
    section = url(shop, "variant-edit", pk=variant.pk, section="images")
    assert f'href="{section}#id_alternate_image1"' in page
    form = client.get(section).content.decode()
    assert 'id="id_alternate_image1"' in form
    assert "90 x 90 pixels" in form
    assert "jetsync cannot read pictures" in form


@pytest.mark.feature("SIM-05")
def test_product_page_names_a_picture_that_stands_there_twice(shop, pictures, drain, client_for):
    body = picture(1600, 1600)
    twin = pictures.put("b.jpg", body)
    variant = make_variant(shop, main_image_url=pictures.put("a.jpg", body), alternate_image_urls=[twin])
    drain()
    page = client_for().get(url(shop, "product-detail", pk=variant.product_id)).content.decode()
    assert "Same picture twice" in page
    assert "Alternate image 1 shows the same picture as the main image" in page


def test_look_again_on_the_product_page(shop, kettles, pictures, drain, client_for):
    pictures.put("small.jpg", picture(1200, 1200))
    client = client_for()
    response = client.post(url(shop, "variant-images-look", pk=kettles[0].pk), follow=True)
    assert "is looked at again" in response.content.decode()
    drain()
    assert ImageFact.objects.get(url=pictures.url("small.jpg")).verdict == "fine"


def test_look_again_over_a_whole_view(shop, kettles, pictures, drain, client_for):
    client, page = client_for(), url(shop, "image-list")
    chosen = client.post(f"{page}?verdict=small", {"bulk": "look", "scope": "all"})
    asked = client.get(chosen.url).content.decode()
    assert "Look again at 1 image" in asked
    before = len(pictures.seen)
    assert client.post(chosen.url).url == page
    drain()
    assert pictures.seen[before:] == ["small.jpg"]


def test_look_again_needs_the_right_to_edit(shop, kettles, client_for, pictures):
    before = list(ImageFact.objects.order_by("pk").values_list("due_at", flat=True))
    assert client_for("analyst").post(url(shop, "variant-images-look", pk=kettles[0].pk)).status_code == 403
    assert list(ImageFact.objects.order_by("pk").values_list("due_at", flat=True)) == before


def test_images_of_another_merchant_are_not_shown(shop, kettles, client_for, pictures):
    other = make_merchant("Other")
    with merchant_scope(other):
        make_account(other)
        make_variant(
            other, make_product(other), sku="OTHER-1", main_image_url="https://other.example.com/x.jpg"
        )
        assert ImageFact.objects.filter(merchant=other).count() == 1
    page = client_for().get(url(shop, "image-list")).content.decode()
    assert "other.example.com" not in page
