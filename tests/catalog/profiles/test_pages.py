"""Profiles, field mapping and store fields in the browser."""

from __future__ import annotations

import re
from collections.abc import Callable
from html import unescape
from typing import Any

import pytest
from django.test import Client
from django.urls import reverse

from catalog.actions.assigning import assign_profile
from catalog.actions.field_mapping import Mapped, save_mappings, stored_mappings
from catalog.actions.profile import create_profile
from catalog.actions.store_field import note_fields
from catalog.forms.assigning import AssignToForm, ChooseProfileForm, DeleteProfileForm
from catalog.forms.field_mapping import MappingForm
from catalog.forms.profile import ProfileForm
from catalog.jet_fields import GROUPS, JET_FIELDS, SPECIFICS
from catalog.models import Listing, Product, Profile, StoreCategory, Variant
from catalog.queries.listing import listings_of
from jetsync.models import Merchant, Operation
from jetsync.tenancy.actor import SYSTEM
from tests.catalog import rows

pytestmark = pytest.mark.django_db
ClientFor = Callable[..., Client]


def url(shop: Merchant, path: str = "") -> str:
    return f"/m/{shop.slug}/catalog/{path}"


def make_profile(shop: Merchant, name: str = "Kitchen", **values: Any) -> Profile:
    return create_profile(shop, {"name": name, **values}, actor=SYSTEM)


def bare(shop: Merchant, **extra: Any) -> Variant:
    """A SKU that only lacks a brand."""
    product = {"brand": "", **extra.pop("product", {})}
    return rows.make_variant(shop, rows.make_product(shop, **product), **extra)


def text_of(response: Any) -> str:
    """What stands on the page, entities and tags resolved, blanks folded."""
    body = re.sub(r"<(script|style)\b.*?</\1>", "", response.content.decode(), flags=re.DOTALL)
    return " ".join(unescape(re.sub(r"<[^>]+>", " ", body)).split())


def profile_of(variant: Variant) -> str:
    product = Product.objects.select_related("profile").get(pk=variant.product_id)
    return product.profile.name if product.profile else ""


def body_of(shop: Merchant, variant: Variant) -> tuple[dict[str, Any], dict[str, str]]:
    result = listings_of(shop, [variant.pk])[variant.pk]
    return result.payload, result.origins


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
    listed = text_of(client.get(url(shop, f"products/?profile={profile.pk}")))
    assert (kettle.sku in listed, "1 product" in listed) == (True, True)


@pytest.mark.feature("FLD-01", "FLD-02")
def test_every_field_of_jet_is_on_the_mapping_page_with_hint_default_and_drop_down(
    shop: Merchant, client_for: ClientFor
) -> None:
    note_fields(shop, {"field:material": "Copper", "option:Size": "L"})
    client = client_for("owner")

    pages = {part: client.get(url(shop, f"fields/?part={part}")).content.decode() for part in GROUPS}

    for spec in JET_FIELDS.values():
        page = unescape(pages[spec.group])
        assert spec.label in page
        assert spec.hint in page
    assert "Default: Product name" in pages["texts"]
    assert "Default: Model (MPN)" in pages["codes"]
    assert "Default: Length in inches" in pages["measures"]
    assert '<option value="field:material">material (e.g. Copper)</option>' in pages["texts"]
    assert '<option value="option:Size">Size (e.g. L)</option>' in pages["texts"]


@pytest.mark.feature("FLD-03")
def test_defaults_are_changed_and_reset(shop: Merchant, client_for: ClientFor) -> None:
    kettle = rows.make_variant(shop, mfr_part_number="MPN-77-A")
    client = client_for("owner")
    given = {"product_title_source": "variant.mfr_part_number", "product_title_wins": "on"}

    saved = client.post(url(shop, "fields/?part=texts"), {"do": "save", **given}, follow=True)
    assert "Mapping of 1 field saved. It applies to 1 product." in text_of(saved)
    payload, origins = body_of(shop, kettle)
    assert (payload["product_title"], origins["product_title"]) == (
        "MPN-77-A",
        "from the field mapping, Model (MPN)",
    )
    page = client.get(url(shop, "fields/reset/?part=texts"))
    answer = client.post(url(shop, "fields/reset/?part=texts"), follow=True)

    assert "1 mapped field Title" in text_of(page)
    assert "Mapping of 1 field saved." in text_of(answer)
    assert stored_mappings(shop) == {}
    assert body_of(shop, kettle)[0]["product_title"] == Product.objects.get().title
    assert client.post(url(shop, "fields/reset/")).status_code == 409


@pytest.mark.feature("FLD-04")
def test_any_custom_field_fills_a_field_of_jet(shop: Merchant, client_for: ClientFor) -> None:
    kettle = bare(shop, data={"_maker": "Finch"}, options=[{"name": "Size", "value": "Large"}])
    given = {"brand_source": "field:_maker", "bullet2_source": "option:Size", "bullet3_fixed": "Whistles"}

    client_for("owner").post(url(shop, "fields/?part=texts"), {"do": "save", **given})

    payload, origins = body_of(shop, kettle)
    assert payload["brand"] == "Finch"
    assert payload["bullets"] == ["Rolled copper body", "Large", "Whistles"]
    assert origins["bullets"] == (
        "from product; bullet 2 from the field mapping, option Size; "
        "bullet 3 from the field mapping, a fixed text"
    )


def test_the_example_shows_the_effect_before_anything_is_saved(shop: Merchant, client_for: ClientFor) -> None:
    kettle = bare(shop, sku="HF-EX-1")
    client = client_for("owner")
    here = url(shop, f"fields/?part=texts&example={kettle.pk}")

    shown = client.post(
        here, {"do": "example", "brand_fixed": "Harrow", "product_title_fixed": "Other title"}
    )
    wins = client.post(
        here, {"do": "example", "product_title_fixed": "Other title", "product_title_wins": "on"}
    )

    assert stored_mappings(shop) == {}
    assert "nothing Harrow from the field mapping, a fixed text" in text_of(shown)
    assert "The product has a value of its own." in text_of(shown)
    assert "Other title from the field mapping, a fixed text" in text_of(wins)


def test_a_wrong_line_keeps_all_lines_on_the_page(shop: Merchant, client_for: ClientFor) -> None:
    answer = client_for("owner").post(
        url(shop, "fields/?part=measures"), {"do": "save", "package_length_inches_fixed": "12,5"}
    )

    assert answer.status_code == 400
    assert "Package length is “12,5”, not a number." in text_of(answer)
    assert 'value="12,5"' in answer.content.decode()
    assert stored_mappings(shop) == {}


@pytest.mark.feature("FLD-08", "FLD-09")
@pytest.mark.parametrize(
    ("kind", "code", "sent"),
    [
        ("UPC", "036000291452", ("UPC", "036000291452")),
        ("EAN", "4006381333931", ("EAN", "4006381333931")),
        ("GTIN-14", "10036000291459", ("GTIN-14", "10036000291459")),
        ("ISBN-13", "9780306406157", ("ISBN-13", "9780306406157")),
        ("ISBN-10", "080442957X", ("ISBN-10", "080442957X")),
        ("UPC-E", "04252614", ("UPC", "042100005264")),
    ],
)
def test_identifiers_from_a_store_field_are_taken_and_tested(
    shop: Merchant, client_for: ClientFor, kind: str, code: str, sent: tuple[str, str]
) -> None:
    good = bare(shop, codes=[], data={"code": code}, product={"brand": "Harrow"})
    bad = bare(shop, codes=[], data={"code": code[:-1]}, product={"brand": "Harrow"})
    field = f"{kind.replace('-', '_').lower()}_source"

    client_for("owner").post(url(shop, "fields/?part=codes"), {"do": "save", field: "field:code"})

    assert body_of(shop, good)[0]["standard_product_codes"] == [
        {"standard_product_code": sent[1], "standard_product_code_type": sent[0]}
    ]
    stored = Listing.objects.get(variant=bad)
    assert stored.readiness == "not_ready"
    assert any(f"{kind} has {len(code) - 1} digits" in gap["message"] for gap in stored.gaps)


@pytest.mark.feature("FLD-10", "FLD-11", "FLD-12")
def test_brand_and_part_number_from_mappings_decide_about_readiness(
    shop: Merchant, client_for: ClientFor
) -> None:
    kettle = bare(shop, codes=[], data={"maker": "x" * 60, "long": "m" * 51})
    client = client_for("owner")

    client.post(url(shop, "fields/?part=codes"), {"do": "save", "mfr_part_number_source": "field:long"})
    without_brand = Listing.objects.get(variant=kettle)
    assert without_brand.readiness == "not_ready"
    assert {gap["field"] for gap in without_brand.gaps if gap["level"] == "blocks"} == {"brand", "codes"}
    assert any("at most 50 are allowed" in gap["message"] for gap in without_brand.gaps)

    client.post(url(shop, "fields/?part=codes"), {"do": "save", "mfr_part_number_source": "variant.sku"})
    client.post(url(shop, "fields/?part=texts"), {"do": "save", "brand_source": "field:maker"})
    both = Listing.objects.get(variant=kettle)
    assert both.readiness == "never_live"
    hints = [gap["message"] for gap in both.gaps if gap["field"] == "brand"]
    assert hints == ["Brand has more than 50 characters; Jet's older rules cut it there."]


def test_store_fields_of_a_sku_are_shown_changed_added_and_removed(
    shop: Merchant, client_for: ClientFor
) -> None:
    kettle = bare(shop, data={"material": "Copper", "tags": ["a", "b"]}, product={"data": {"season": "2017"}})
    client = client_for("owner")
    here = url(shop, f"products/variants/{kettle.pk}/fields/")

    page = text_of(client.get(here))
    client.post(
        here,
        {"value_0": "Brass", "value_1": "a, b", "new_name": "jet_asin", "new_value": "B00ABCDEFG"},
    )
    assert Variant.objects.get(pk=kettle.pk).data == {
        "material": "Brass",
        "tags": ["a", "b"],
        "jet_asin": "B00ABCDEFG",
    }
    client.post(here, {"value_0": "B00ABCDEFG", "value_1": "Brass", "value_2": "a, b", "remove_1": "on"})
    nameless = client.post(here, {"new_value": "x"})

    assert Variant.objects.get(pk=kettle.pk).data == {"tags": ["a", "b"], "jet_asin": "B00ABCDEFG"}
    assert "field season of the product field:season 2017" in page
    assert (nameless.status_code, "A value needs the name of its field." in text_of(nameless)) == (400, True)
    tab = text_of(client.get(url(shop, f"products/{kettle.product_id}/")))
    assert "Store fields" in tab


def test_new_fields_are_looked_for(shop: Merchant, client_for: ClientFor, drain: Callable[..., int]) -> None:
    bare(shop, data={"material": "Copper"})
    client = client_for("owner")
    assert "field:material" not in client.get(url(shop, "fields/")).content.decode()

    client.post(url(shop, "fields/read/"))
    drain()

    assert '<option value="field:material">' in client.get(url(shop, "fields/")).content.decode()


@pytest.mark.feature("CFG-36")
def test_every_input_of_the_forms_has_a_hint(shop: Merchant) -> None:
    profile = make_profile(shop, jet_node_id=rows.LEAF)
    form = ProfileForm(merchant=shop, profile=profile)
    plain = [form[name] for name in ("name", "sku_as_part_number", "sku_as_code", "code_type", "code_source")]
    others = [
        *ChooseProfileForm(merchant=shop),
        *AssignToForm(merchant=shop),
        *DeleteProfileForm(profile=profile),
    ]

    assert [field.name for field in [*plain, *others] if not field.help_text] == []
    assert form.fields["words"].help_text
    assert [row.label for row in [*form.attribute_rows(), *form.specific_rows()] if not row.hint] == []
    for group in GROUPS:
        lines = MappingForm(merchant=shop, group=group).rows()
        assert [row.spec.name for row in lines if not row.spec.hint] == []


@pytest.mark.parametrize("role", ["analyst", "manager"])
def test_who_may_only_look_sees_disabled_forms(shop: Merchant, client_for: ClientFor, role: str) -> None:
    profile, kettle = make_profile(shop), bare(shop)
    client = client_for(role)

    pages = [
        client.get(url(shop, path)).content.decode()
        for path in (
            f"profiles/{profile.pk}/edit/",
            "fields/",
            f"products/variants/{kettle.pk}/fields/",
        )
    ]

    assert [page.count('class="form-readonly"') for page in pages] == [1 if role == "analyst" else 0] * 3


def test_pages_cost_the_same_with_one_and_three_rows(
    shop: Merchant, client_for: ClientFor, count_queries: Callable[[Client, str], int]
) -> None:
    client = client_for("owner")
    first = make_profile(shop, "First", jet_node_id=rows.LEAF)
    kettles = [bare(shop, data={"a": "1"})]
    note_fields(shop, {"field:a": "1"})
    assign_profile(shop, [kettles[0].product_id], first, actor=SYSTEM)
    pages = [
        url(shop, path)
        for path in (
            "profiles/",
            f"profiles/{first.pk}/",
            f"profiles/{first.pk}/edit/",
            "profiles/pick/?for=code_source",
            f"profiles/{first.pk}/assign/",
            "fields/",
            f"products/variants/{kettles[0].pk}/fields/",
        )
    ]
    for page in pages:
        client.get(page)
    before = [count_queries(client, page) for page in pages]

    for name in ("Second", "Third"):
        make_profile(shop, name, jet_node_id=rows.LEAF)
    kettles += [bare(shop, data={"b": "1", "c": "2"}) for _ in range(2)]
    note_fields(shop, {"field:b": "1", "field:c": "2"})
    assign_profile(shop, [row.product_id for row in kettles], first, actor=SYSTEM)
    after = [count_queries(client, page) for page in pages]

    assert after == before


NONSENSE = ["\x00", "\x07'\"><b>", "=1+1", "-1", "9" * 40, "1e999999", "٣", "x" * 5000, "\u202e", "🫖" * 200]


@pytest.mark.parametrize("text", NONSENSE)
def test_nonsense_in_any_field_is_answered_and_nothing_is_lost(
    shop: Merchant, client_for: ClientFor, text: str
) -> None:
    kettle = bare(shop, data={"material": "Copper"})
    profile = make_profile(shop, "Kitchen", specifics={"brand": {"value": "Harrow"}})
    client = client_for("owner")
    own = (
        "name",
        "sku_as_part_number",
        "sku_as_code",
        "code_type",
        "code_source",
        "words",
        "root",
        "child",
        "node",
    )
    specifics = [f"spec_{name}{part}" for name in SPECIFICS for part in ("", "_source")]
    edit, fields = f"profiles/{profile.pk}/edit/", f"products/variants/{kettle.pk}/fields/"
    posts = [
        (edit, dict.fromkeys([*own, *specifics], text)),
        (edit, {**dict.fromkeys([*own, *specifics], text), "do": "category"}),
        (f"products/variants/{kettle.pk}/profile/", {"profile": text}),
        (f"profiles/{profile.pk}/delete/", {"move_to": text}),
        ("fields/?part=texts", {"brand_source": text, "brand_fixed": text, "brand_wins": text}),
        (
            "fields/?part=measures",
            {"msrp_source": text, "package_length_inches_fixed": text, "do": "example"},
        ),
        (fields, {"value_0": "Brass", "remove_0": "", "new_name": f"a{text}", "new_value": text}),
    ]
    gets = [
        ("profiles/pick/", {"for": text, "q": text, "variant": text, "profile": text}),
        (edit, {"draft": text, "field": text, "key": text}),
        (f"profiles/{profile.pk}/assign/", {"category": text, "without": text}),
        ("fields/", {"part": text, "q": text, "example": text}),
        ("profiles/", {"q": text, "sort": text}),
    ]

    statuses = [client.post(url(shop, path), given).status_code for path, given in posts]
    statuses += [client.get(url(shop, path), given).status_code for path, given in gets]

    assert [status for status in statuses if status not in {200, 302, 400, 404}] == []
    assert Profile.objects.filter(pk=profile.pk).exists()
    assert Profile.objects.get(pk=profile.pk).specifics["brand"]["value"] in {"Harrow", text.strip()}
    assert Variant.objects.get(pk=kettle.pk).data["material"] in {"Copper", "Brass"}
    assert client.get(url(shop, f"products/{kettle.product_id}/")).status_code == 200


def test_profiles_are_found_in_the_palette(shop: Merchant, client_for: ClientFor) -> None:
    make_profile(shop, "Towel collection")

    palette = reverse("panel:palette", kwargs={"merchant_slug": shop.slug})

    found = text_of(client_for("owner").get(f"{palette}?q=towel"))
    hidden = text_of(client_for("fulfilment").get(f"{palette}?q=towel"))

    assert ("Towel collection" in found, "Towel collection" in hidden) == (True, False)
