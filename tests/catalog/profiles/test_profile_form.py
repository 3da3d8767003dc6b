"""The form of a profile: what it fills, what it asks about, and what it says (features PRO)."""

from __future__ import annotations

import re
from collections.abc import Callable
from decimal import Decimal
from html import unescape

import pytest
from django.test import Client
from django.utils import timezone

from catalog.actions.assigning import assign_profile
from catalog.actions.targets import refresh_targets
from catalog.jet_fields import SPECIFICS
from catalog.models import JetCategory, Listing, Product, Profile, Variant
from jetsync.models import Merchant
from jetsync.tenancy.actor import SYSTEM
from tests.catalog import rows
from tests.catalog.profiles.shop import bare, body_of, make_profile, text_of, url

pytestmark = pytest.mark.django_db
ClientFor = Callable[..., Client]


def test_another_category_for_products_at_jet_is_asked_about_first(
    shop: Merchant, client_for: ClientFor
) -> None:
    profile = make_profile(shop, jet_node_id=rows.LEAF)
    kettles = [bare(shop, product={"jet_node_id": None}) for _ in range(2)]
    assign_profile(shop, [row.product_id for row in kettles], profile, actor=SYSTEM)
    Listing.objects.filter(variant=kettles[0]).update(
        content_sent_at=timezone.now(), is_wanted=True, readiness="ready"
    )
    client, address = client_for("owner"), url(shop, f"profiles/{profile.pk}/edit/")
    node = {"name": "Kitchen", "root": rows.ROOT, "child": rows.MIDDLE, "node": rows.LEAF + 1}

    asked = client.post(address, node)
    assert asked.status_code == 400
    page = text_of(asked)
    assert "The category becomes Kitchen > Tea > Teapots." in page
    assert "It applies to 2 products. 1 listed SKU will be sent again." in page
    assert Profile.objects.get().jet_node_id == rows.LEAF
    other = client.post(address, {**node, "confirmed_category": str(rows.LEAF)})
    assert other.status_code == 400, "ticked for another category"

    client.post(address, {**node, "confirmed_category": str(rows.LEAF + 1)})
    assert Profile.objects.get().jet_node_id == rows.LEAF + 1


@pytest.mark.feature("PRO-02")
def test_the_form_has_the_four_parts(shop: Merchant, client_for: ClientFor) -> None:
    page = client_for("owner").get(url(shop, "profiles/new/")).content.decode()

    titles = re.findall(r'<h2 class="card-title">([^<]+)</h2>', page)
    assert titles == ["General", "Standard code", "Category attributes", "Item specifics"]


@pytest.mark.feature("PRO-03")
def test_sku_is_sent_as_part_number(shop: Merchant, client_for: ClientFor) -> None:
    kettle = bare(shop)
    client = client_for("owner")

    client.post(url(shop, "profiles/new/"), {"name": "Kitchen", "sku_as_part_number": "on"})
    assign_profile(shop, [kettle.product_id], Profile.objects.get(), actor=SYSTEM)

    payload, origins = body_of(shop, kettle)
    assert (payload["mfr_part_number"], origins["mfr_part_number"]) == (
        kettle.sku,
        "from profile Kitchen, the SKU",
    )


@pytest.mark.feature("PRO-04")
def test_sku_as_code_is_checked_against_its_type_with_examples(shop: Merchant, client_for: ClientFor) -> None:
    good = bare(shop, sku="036000291452", codes=[])
    bad = bare(shop, sku="03600029145", codes=[])
    client = client_for("owner")

    answer = client.post(url(shop, "profiles/new/"), {"name": "Kitchen", "sku_as_code": "UPC"}, follow=True)
    profile = Profile.objects.get()
    assign_profile(shop, [good.product_id, bad.product_id], profile, actor=SYSTEM)

    told = text_of(answer)
    assert "1 of 2 SKUs are no UPC" in told
    assert "03600029145 UPC has 11 digits, 12 expected." in told
    assert body_of(shop, good)[0]["standard_product_codes"] == [
        {"standard_product_code": "036000291452", "standard_product_code_type": "UPC"}
    ]
    assert "standard_product_codes" not in body_of(shop, bad)[0]
    shown = text_of(client.get(url(shop, f"products/{bad.product_id}/")))
    assert "UPC has 11 digits, 12 expected. It comes from profile Kitchen, the SKU." in shown


@pytest.mark.feature("PRO-05")
def test_code_is_read_from_any_field(shop: Merchant, client_for: ClientFor) -> None:
    kettle = bare(shop, codes=[], data={"jet_asin": "B00ABCDEFG"})
    client = client_for("owner")

    half = client.post(url(shop, "profiles/new/"), {"name": "Kitchen", "code_type": "ASIN"})
    client.post(
        url(shop, "profiles/new/"),
        {"name": "Kitchen", "code_type": "ASIN", "code_source": "field:jet_asin"},
    )
    assign_profile(shop, [kettle.product_id], Profile.objects.get(), actor=SYSTEM)

    assert (half.status_code, "The field of the standard code is missing." in text_of(half)) == (400, True)
    payload, origins = body_of(shop, kettle)
    assert (payload["ASIN"], origins["ASIN"]) == ("B00ABCDEFG", "from profile Kitchen, field jet_asin")


@pytest.mark.feature("PRO-06")
def test_attributes_of_the_chosen_category_appear_with_legal_values_and_units(
    shop: Merchant, client_for: ClientFor
) -> None:
    kettle = bare(shop, attributes=[], data={"heft": "3"}, product={"jet_node_id": None})
    client = client_for("owner")
    steps = {"name": "Kettles", "root": rows.ROOT, "child": rows.MIDDLE, "node": rows.LEAF}

    first = client.post(url(shop, "profiles/new/"), {"do": "category", "name": "Kettles", "root": rows.ROOT})
    last = client.post(url(shop, "profiles/new/"), {"do": "category", **steps}).content.decode()
    assert Profile.objects.count() == 0
    refused = client.post(url(shop, "profiles/new/"), {**steps, f"attr_{rows.COLOR}": "Pink"})
    client.post(
        url(shop, "profiles/new/"),
        {
            **steps,
            f"attr_{rows.COLOR}": "Copper",
            f"attr_{rows.WEIGHT}_source": "field:heft",
            f"attr_{rows.WEIGHT}_unit": "Pounds",
        },
    )
    assign_profile(shop, [kettle.product_id], Profile.objects.get(), actor=SYSTEM)

    assert "Child category" in text_of(first)
    assert 'value="Kettles"' in last  # what was typed stays
    assert '<option value="Copper">Copper</option>' in last
    assert '<option value="OUNCE">OUNCE</option>' in last
    assert "Fixed value of Size" in last
    assert refused.status_code == 400
    assert "Pink" in text_of(refused)
    payload, origins = body_of(shop, kettle)
    assert payload["jet_browse_node_id"] == rows.LEAF
    assert payload["attributes_node_specific"] == [
        {"attribute_id": rows.COLOR, "attribute_value": "Copper"},
        {"attribute_id": rows.WEIGHT, "attribute_value": "3", "attribute_value_unit": "Pounds"},
    ]
    assert origins["jet_browse_node_id"] == "from profile Kettles"
    assert origins[f"attribute:{rows.WEIGHT}"] == "from profile Kettles, field heft"


@pytest.mark.feature("PRO-07")
def test_every_item_specific_reaches_jet(shop: Merchant, client_for: ClientFor) -> None:
    kettle = bare(shop, shipping_weight_pounds=None, product={"manufacturer": ""})
    given = {
        "brand": "Harrow",
        "manufacturer": "Harrow Works",
        "country_of_origin": "Portugal",
        "safety_warning": "Hot.",
        "fulfillment_time": "2",
        "map_price": "20",
        "map_implementation": "103",
        "package_length_inches": "10",
        "package_width_inches": "8",
        "package_height_inches": "6.5",
        "shipping_weight_pounds": "3",
        "msrp": "40",
        "legal_disclaimer_description": "None.",
    }
    assert set(given) == set(SPECIFICS)

    fields = {f"spec_{name}": value for name, value in given.items()}
    client_for("owner").post(url(shop, "profiles/new/"), {"name": "Kitchen", **fields})
    assign_profile(shop, [kettle.product_id], Profile.objects.get(), actor=SYSTEM)

    payload, origins = body_of(shop, kettle)
    assert {name: str(payload[name]) for name in given} == given
    assert {origins[name] for name in given} == {"from profile Kitchen"}


@pytest.mark.feature("PRO-08")
def test_fixed_value_wins_and_the_row_says_so(shop: Merchant, client_for: ClientFor) -> None:
    kettle = bare(shop, data={"maker": "Finch"})
    client = client_for("owner")
    both = {"name": "Kitchen", "spec_brand": "Harrow", "spec_brand_source": "field:maker"}

    client.post(url(shop, "profiles/new/"), both)
    profile = Profile.objects.get()
    assign_profile(shop, [kettle.product_id], profile, actor=SYSTEM)
    form = text_of(client.get(url(shop, f"profiles/{profile.pk}/edit/")))
    page = text_of(client.get(url(shop, f"profiles/{profile.pk}/")))

    assert form.count("Both are set: the fixed value wins.") == 1
    assert "The fixed value wins. field maker is not read." in page
    assert body_of(shop, kettle)[0]["brand"] == "Harrow"
    client.post(url(shop, f"profiles/{profile.pk}/edit/"), {**both, "spec_brand": ""})
    assert body_of(shop, kettle)[0]["brand"] == "Finch"


@pytest.mark.feature("PRO-09")
def test_a_field_is_picked_by_example_and_the_form_comes_back_as_it_was(
    shop: Merchant, client_for: ClientFor
) -> None:
    bare(shop, sku="OTHER-1")
    kettle = bare(shop, sku="HF-EX-1", data={"_price": "38.50", "jet_asin": "B00ABCDEFG"})
    client = client_for("owner")

    page = client.post(
        url(shop, "profiles/new/"),
        {"do": "pick:spec_msrp_source", "name": "Half typed", "spec_brand": "Harrow"},
        follow=True,
    )
    found = client.get(f"{page.request['PATH_INFO']}?for=spec_msrp_source&profile=&q=HF-EX").content.decode()
    links = [unescape(link) for link in re.findall(r'href="([^"]+key=[^"]+)"', found)]
    use = next(link for link in links if link.endswith(("key=field%3A_price", "key=field:_price")))
    back = client.get(use).content.decode()

    assert "For Manufacturer suggested retail price." in text_of(page)
    assert "Fields of HF-EX-1" in found
    assert "38.50" in found
    assert Profile.objects.count() == 0
    assert 'value="Half typed"' in back
    assert 'value="Harrow"' in back
    assert '<option value="field:_price" selected>' in back
    assert str(kettle.pk) in found or "HF-EX-1" in found


def test_a_category_that_is_gone_is_kept_until_another_is_chosen(
    shop: Merchant, client_for: ClientFor
) -> None:
    color = {"id": rows.COLOR, "value": "Copper"}
    profile = make_profile(shop, jet_node_id=rows.LEAF, attributes=[color])
    JetCategory.objects.filter(node_id=rows.LEAF).delete()
    client = client_for("owner")
    edit = url(shop, f"profiles/{profile.pk}/edit/")

    page = text_of(client.get(edit))
    saved = client.post(edit, {"name": "Renamed", f"attr_{rows.COLOR}": "Copper"})
    kept = Profile.objects.get()
    client.post(edit, {"name": "Renamed", "root": rows.ROOT, "child": rows.MIDDLE, "node": rows.LEAF + 1})

    assert f"Category {rows.LEAF} is not in the taxonomy in use." in page
    assert (saved.status_code, kept.name, kept.jet_node_id) == (302, "Renamed", rows.LEAF)
    assert [item["value"] for item in kept.attributes] == ["Copper"]
    chosen = Profile.objects.get()
    assert (chosen.jet_node_id, chosen.attributes) == (rows.LEAF + 1, [])


@pytest.mark.feature("PRO-07")
def test_a_map_price_above_what_skus_cost_is_asked_about(shop: Merchant, client_for: ClientFor) -> None:
    kettle = bare(shop, sku="HF-1", price=Decimal("38.50"))
    bare(shop, sku="HF-2", price=Decimal("60.00"))
    profile = make_profile(shop, "Kitchen")
    assign_profile(shop, list(Product.objects.values_list("pk", flat=True)), profile, actor=SYSTEM)
    client, edit = client_for("owner"), url(shop, f"profiles/{profile.pk}/edit/")
    given = {"name": "Kitchen", "spec_map_price": "45,00", "spec_map_implementation": "102"}

    asked = client.post(edit, given)
    profile.refresh_from_db()
    assert (asked.status_code, profile.specifics) == (400, {})
    assert "MAP price 45.00 is above the price for Jet of 1 SKU of this profile: HF-1 (38.50)." in text_of(
        asked
    )

    mark = asked.context["form"].unconfirmed.mark
    assert client.post(edit, {**given, "confirmed_prices": mark}).status_code == 302
    payload, _origins = body_of(shop, kettle)
    assert (str(payload["map_price"]), payload["map_implementation"]) == ("45", "102")
    # What was confirmed is not asked about again, nor is one that is lowered.
    assert client.post(edit, {**given, "spec_brand": "Harrow"}).status_code == 302
    assert client.post(edit, {**given, "spec_map_price": "44,00"}).status_code == 302
    profile.refresh_from_db()
    assert profile.specifics["map_price"]["value"] == "44,00"


@pytest.mark.feature("PRO-07")
def test_numbers_with_a_decimal_comma_are_taken(shop: Merchant, client_for: ClientFor) -> None:
    kettle = bare(shop)
    client_for("owner").post(
        url(shop, "profiles/new/"),
        {"name": "Kitchen", "spec_shipping_weight_pounds": "12,5", "spec_msrp": "$1,299.00"},
    )
    assign_profile(shop, [kettle.product_id], Profile.objects.get(), actor=SYSTEM)
    Variant.objects.update(shipping_weight_pounds=None)
    refresh_targets(shop, [kettle.pk])

    payload, _origins = body_of(shop, kettle)

    assert (float(payload["shipping_weight_pounds"]), float(payload["msrp"])) == (12.5, 1299)
