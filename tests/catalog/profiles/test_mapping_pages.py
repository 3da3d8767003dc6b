"""Field mapping and store fields in the browser (features FLD)."""

from __future__ import annotations

from collections.abc import Callable
from html import unescape

import pytest
from django.test import Client

from catalog.actions.field_mapping import stored_mappings
from catalog.actions.store_field import note_fields
from catalog.jet_fields import GROUPS, JET_FIELDS
from catalog.models import Listing, Product, StoreField, Variant
from jetsync.models import Merchant
from tests.catalog import rows
from tests.catalog.profiles.shop import bare, body_of, text_of, url

pytestmark = pytest.mark.django_db
ClientFor = Callable[..., Client]


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
        url(shop, "fields/?part=measures"), {"do": "save", "package_length_inches_fixed": "12;5"}
    )

    assert answer.status_code == 400
    assert "Package length is “12;5”, not a number." in text_of(answer)
    assert 'value="12;5"' in answer.content.decode()
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
    assert '<option value="field:material">' in client.get(url(shop, "fields/")).content.decode(), (
        "on opening"
    )

    bare(shop, sku="HF-NEW", data={"season": "2017"})
    client.post(url(shop, "fields/read/"))
    drain()

    assert StoreField.objects.filter(name="season").exists()
    assert '<option value="field:material">' in client.get(url(shop, "fields/")).content.decode()
