"""Profiles in the browser: made, listed, assigned, deleted, found (features PRO)."""

from __future__ import annotations

import re
from collections.abc import Callable

import pytest
from django.test import Client
from django.urls import reverse

from catalog.actions.assigning import assign_profile
from catalog.actions.field_mapping import Mapped, save_mappings
from catalog.models import Listing, Product, Profile, StoreCategory
from jetsync.models import Merchant, Operation
from jetsync.tenancy.actor import SYSTEM
from jetsync.tenancy.context import merchant_scope
from tests import factories
from tests.catalog import rows
from tests.catalog.profiles.shop import bare, body_of, make_profile, profile_of, text_of, url

pytestmark = pytest.mark.django_db
ClientFor = Callable[..., Client]


@pytest.mark.feature("PRO-01")
def test_profiles_are_made_listed_edited_copied_and_deleted(shop: Merchant, client_for: ClientFor) -> None:
    client = client_for("owner")
    empty = text_of(client.get(url(shop, "profiles/")))
    assert "No profile yet" in empty

    made = client.post(url(shop, "profiles/new/"), {"name": "Towel collection"}, follow=True)
    profile = Profile.objects.get()
    assert "Profile “Towel collection” is made. Now assign it to products." in text_of(made)
    client.post(url(shop, f"profiles/{profile.pk}/edit/"), {"name": "Towels", "spec_brand": "Harrow"})
    client.post(url(shop, f"profiles/{profile.pk}/copy/"))

    assert list(Profile.objects.values_list("name", flat=True)) == ["Towels", "Towels (copy)"]
    listed = text_of(client.get(url(shop, "profiles/")))
    assert "Towels" in listed
    assert "1 item specific" in listed
    deleted = client.post(url(shop, f"profiles/{profile.pk}/delete/"), {"move_to": ""}, follow=True)
    assert "Profile “Towels” is deleted." in text_of(deleted)
    assert list(Profile.objects.values_list("name", flat=True)) == ["Towels (copy)"]


@pytest.mark.feature("PRO-01")
def test_deleting_an_assigned_profile_asks_what_to_do_with_its_products(
    shop: Merchant, client_for: ClientFor
) -> None:
    kettle = bare(shop)
    old, new = make_profile(shop, "Old"), make_profile(shop, "New", specifics={"brand": {"value": "Finch"}})
    assign_profile(shop, [kettle.product_id], old, actor=SYSTEM)
    client = client_for("owner")

    page = client.get(url(shop, f"profiles/{old.pk}/delete/"))
    answer = client.post(url(shop, f"profiles/{old.pk}/delete/"), {"move_to": new.pk}, follow=True)

    asked = text_of(page)
    assert "1 product has it. Choose below what they get instead." in asked
    assert "Leave them without a profile" in asked
    assert "Move to “New”" in asked
    assert "1 product got “New”." in text_of(answer)
    assert profile_of(kettle) == "New"
    assert body_of(shop, kettle)[0]["brand"] == "Finch"


@pytest.mark.feature("PRO-10", "PRO-12")
def test_products_ticked_in_the_grid_get_a_profile_after_a_warning(
    shop: Merchant, client_for: ClientFor
) -> None:
    one, two, three = bare(shop), bare(shop), bare(shop)
    old, new = make_profile(shop, "Old"), make_profile(shop, "New")
    assign_profile(shop, [one.product_id], old, actor=SYSTEM)
    client = client_for("owner")

    asked = client.post(url(shop, "products/"), {"bulk": "profile", "ids": [one.pk, two.pk]})
    page = text_of(client.get(asked.headers["Location"]))
    assert [profile_of(row) for row in (one, two, three)] == ["Old", "", ""]
    done = client.post(asked.headers["Location"], {"profile": new.pk}, follow=True)

    assert "1 product has a profile now (1 Old); it is replaced." in page
    assert "1 has no profile yet." in page
    assert [profile_of(row) for row in (one, two, three)] == ["New", "New", ""]
    assert "Done: Assign profile New to 2 products." in text_of(done)

    operation = Operation.objects.filter(kind="catalog.assign_profile").latest("pk")
    client.post(f"/m/{shop.slug}/operations/{operation.pk}/undo/")
    assert [profile_of(row) for row in (one, two, three)] == ["Old", "", ""]


@pytest.mark.feature("PRO-10", "PRO-12")
def test_product_page_changes_the_profile_with_one_click(shop: Merchant, client_for: ClientFor) -> None:
    kettle = bare(shop)
    first, second = make_profile(shop, "First"), make_profile(shop, "Second")
    client = client_for("owner")
    card = url(shop, f"products/variants/{kettle.pk}/profile/")

    client.post(card, {"profile": first.pk})
    shown = text_of(client.get(url(shop, f"products/{kettle.product_id}/")))
    replaced = text_of(client.post(card, {"profile": second.pk}, follow=True))
    assert profile_of(kettle) == "Second"
    nothing = text_of(client.post(card, {"profile": "999999"}, follow=True))
    client.post(card, {"profile": "none"})

    assert "Another one replaces First; a product has one profile." in shown
    assert "has profile “Second” instead of “First”." in replaced
    assert "Choose a profile, or “No profile”." in nothing
    assert profile_of(kettle) == ""


@pytest.mark.feature("PRO-11")
def test_all_products_of_a_store_category_get_the_profile_from_its_page(
    shop: Merchant, client_for: ClientFor
) -> None:
    kettles = StoreCategory.objects.create(merchant=shop, path="Kitchen > Kettles")
    one, two = (bare(shop, product={"store_category": kettles}) for _ in range(2))
    other = bare(shop)
    old, new = make_profile(shop, "Old"), make_profile(shop, "New")
    assign_profile(shop, [two.product_id], old, actor=SYSTEM)
    client = client_for("owner")
    page = client.get(url(shop, f"profiles/{new.pk}/")).content.decode()
    assert "Kitchen &gt; Kettles (2)" in page

    free = url(shop, f"profiles/{new.pk}/assign/?category={kettles.pk}&without=on")
    asked = text_of(client.get(free))
    client.post(free)
    assert [profile_of(row) for row in (one, two, other)] == ["New", "Old", ""]
    every = url(shop, f"profiles/{new.pk}/assign/?category={kettles.pk}")
    warned = text_of(client.get(every))
    client.post(every)
    nobody = client.post(every)

    assert "1 product" in asked
    assert "All products of Kitchen > Kettles without a profile." in asked
    assert "1 product has another profile now (1 Old); it is replaced." in warned
    assert [profile_of(row) for row in (one, two, other)] == ["New", "New", ""]
    assert nobody.status_code == 409


@pytest.mark.feature("PRO-13")
def test_a_product_without_a_profile_is_ready(shop: Merchant) -> None:
    kettle = rows.make_variant(shop)

    assert (profile_of(kettle), Listing.objects.get(variant=kettle).readiness) == ("", "ready")


@pytest.mark.feature("PRO-14")
def test_pages_say_where_each_value_comes_from(shop: Merchant, client_for: ClientFor) -> None:
    kettle = bare(shop, product={"manufacturer": ""}, data={"land": "Portugal"})
    size = {"id": rows.SIZE, "value": "Large"}
    profile = make_profile(shop, specifics={"brand": {"value": "Harrow"}}, attributes=[size])
    assign_profile(shop, [kettle.product_id], profile, actor=SYSTEM)
    lines = {"manufacturer": Mapped(fixed="Works"), "country_of_origin": Mapped(source="field:land")}
    save_mappings(shop, {**lines, "brand": Mapped(fixed="Never")}, actor=SYSTEM)
    client = client_for("owner")

    product = text_of(client.get(url(shop, f"products/{kettle.product_id}/")))
    preview = text_of(client.get(url(shop, f"profiles/{profile.pk}/")))

    title = Product.objects.get(pk=kettle.product_id).title
    assert f"product_title {title} from product" in product
    assert "brand Harrow from profile Kitchen" in product
    assert "manufacturer Works from the field mapping, a fixed text" in product
    assert "country_of_origin Portugal from the field mapping, field land" in product
    assert "map_implementation 101 default, no restriction" in product
    assert f"Color attribute:{rows.COLOR} Copper from variant" in product
    assert f"Size attribute:{rows.SIZE} Large from profile Kitchen" in product
    assert "standard_product_codes UPC 036000291452 from variant" in product
    assert "Brand Harrow from profile Kitchen" in preview
    assert "Size Large from profile Kitchen" in preview
    assert "Manufacturer Works" not in preview
    assert "All products with this profile" in preview
    listed = text_of(client.get(url(shop, f"products/?profile={profile.name}")))
    assert (kettle.sku in listed, "1 product" in listed) == (True, True)


@pytest.mark.parametrize(
    ("typed", "found"),
    [
        ("Kitchen", {"HF-EXACT"}),
        ("kitchen", {"HF-EXACT"}),
        ("tools", {"HF-TOOLS"}),
        ("Kitch", {"HF-EXACT", "HF-TOOLS"}),
        ("No profile", {"HF-NONE"}),
        ("Nothing", set()),
    ],
)
def test_the_grid_is_filtered_by_a_whole_name_or_a_part(
    shop: Merchant, client_for: ClientFor, typed: str, found: set[str]
) -> None:
    """A profile whose name is chosen does not bring those whose names only hold it."""
    for sku, name in (("HF-EXACT", "Kitchen"), ("HF-TOOLS", "Kitchen tools"), ("HF-NONE", "")):
        kettle = rows.make_variant(shop, sku=sku)
        if name:
            assign_profile(shop, [kettle.product_id], make_profile(shop, name), actor=SYSTEM)

    page = text_of(client_for("analyst").get(url(shop, f"products/?profile={typed}")))

    assert {sku for sku in ("HF-EXACT", "HF-TOOLS", "HF-NONE") if sku in page} == found


def test_profile_names_are_suggested_when_asked_for_and_cost_the_grid_nothing(
    shop: Merchant, client_for: ClientFor, count_queries: Callable[[Client, str], int]
) -> None:
    client = client_for("fulfilment")
    grid, names = url(shop, "products/"), url(shop, "profiles/names/")
    client.get(grid)
    without = count_queries(client, grid)
    for name in ("Kitchen", "Kitchen <tools>", "Towels"):
        make_profile(shop, name)
    other = factories.make_merchant("Other Shop")
    with merchant_scope(other):
        make_profile(other, "Kitchen of others")

    page = client.get(grid).content.decode()
    box = re.search(r'<input[^>]*name="profile"[^>]*>\s*<datalist id="([^"]*)"></datalist>', page)

    assert count_queries(client, grid) == without
    assert box is not None
    assert f'list="{box[1]}"' in box[0]
    assert f'hx-get="{names}"' in box[0]
    assert re.findall('value="([^"]*)"', client.get(f"{names}?profile=kit").content.decode()) == [
        "Kitchen",
        "Kitchen &lt;tools&gt;",
    ]
    assert '"No profile"' in client.get(names).content.decode()
    assert client.get(f"{names}?profile=%00").status_code == 200


def test_profiles_are_found_in_the_palette(shop: Merchant, client_for: ClientFor) -> None:
    make_profile(shop, "Towel collection")

    palette = reverse("panel:palette", kwargs={"merchant_slug": shop.slug})

    found = text_of(client_for("owner").get(f"{palette}?q=towel"))
    hidden = text_of(client_for("fulfilment").get(f"{palette}?q=towel"))

    assert ("Towel collection" in found, "Towel collection" in hidden) == (True, False)


def test_a_store_category_that_is_not_there_never_means_all_products(
    shop: Merchant, client_for: ClientFor
) -> None:
    kettle, profile = bare(shop), make_profile(shop)
    client = client_for("owner")
    here = url(shop, f"profiles/{profile.pk}/assign/?category=987654321")

    answers = [client.get(here).status_code, client.post(here).status_code]

    assert answers == [400, 400]
    assert profile_of(kettle) == ""
