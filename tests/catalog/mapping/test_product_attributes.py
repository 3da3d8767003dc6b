"""Jet's attributes on the product page: required and extra ones, where each comes from, and what is missing."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from django.test import Client

from catalog.actions.attribute_mapping import map_attribute
from catalog.models import JetAttribute, JetCategoryAttribute, Listing, StoreField, TaxonomyVersion
from catalog.queries.listing import listings_of
from jetsync.models import Merchant
from jetsync.tenancy.actor import SYSTEM
from tests.catalog import rows

pytestmark = pytest.mark.django_db
ClientFor = Callable[..., Client]
SPOUT = 234862620841227


def url(shop: Merchant, pk: int) -> str:
    return f"/m/{shop.slug}/catalog/products/variants/{pk}/attributes/"


@pytest.fixture
def spout(shop: Merchant) -> int:
    """An attribute with a 64-bit id that Kettles do not ask for, but Teapots do."""
    version = TaxonomyVersion.objects.get()
    JetAttribute.objects.create(version=version, attribute_id=SPOUT, name="Spout Type", free_text=1)
    JetCategoryAttribute.objects.create(version=version, node_id=rows.LEAF + 1, attribute_id=SPOUT)
    return SPOUT


@pytest.mark.feature("ATT-07", "ATT-09")
def test_required_and_extra_attributes_stand_apart(shop: Merchant, client_for: ClientFor, spout: int) -> None:
    kettle = rows.make_variant(
        shop,
        attributes=[
            {"id": rows.COLOR, "value": "Copper", "unit": ""},
            {"id": spout, "value": "Gooseneck", "unit": ""},
        ],
    )

    page = client_for("analyst").get(url(shop, kettle.pk))

    groups = page.context["form"].groups()
    assert [(group.title, [row[0].label for row in group.rows]) for group in groups] == [
        ("Asked for by Kitchen > Tea > Kettles", ["Color", "Size", "Item Weight"]),
        ("Extra attributes", ["Spout Type", "Add an extra attribute"]),
    ]
    assert [len(row) for row in groups[0].rows] == [1, 1, 2]
    assert "Required: without any of them Jet holds the product back." in page.content.decode()


@pytest.mark.feature("ATT-08")
def test_an_extra_attribute_is_added_and_sent_too(shop: Merchant, client_for: ClientFor, spout: int) -> None:
    kettle = rows.make_variant(shop)
    client = client_for("owner")
    kept = {f"attribute_{rows.COLOR}": "Copper"}

    wrong = client.post(url(shop, kettle.pk), {**kept, "extra_attribute": "Nozzle", "extra_value": "x"})
    alone = client.post(url(shop, kettle.pk), {**kept, "extra_value": "Gooseneck"})
    added = client.post(
        url(shop, kettle.pk), {**kept, "extra_attribute": str(spout), "extra_value": "Gooseneck"}
    )

    assert (wrong.status_code, alone.status_code, added.status_code) == (400, 400, 302)
    assert "No attribute “Nozzle”" in wrong.content.decode()
    assert "Say which attribute this value is for." in alone.content.decode()
    assert listings_of(shop, [kettle.pk])[kettle.pk].payload["attributes_node_specific"] == [
        {"attribute_id": rows.COLOR, "attribute_value": "Copper"},
        {"attribute_id": spout, "attribute_value": "Gooseneck"},
    ]
    client.post(url(shop, kettle.pk), {**kept, f"attribute_{spout}": ""})
    kettle.refresh_from_db()
    assert [item["id"] for item in kettle.attributes] == [rows.COLOR]


@pytest.mark.feature("ATT-09")
def test_each_value_says_where_it_comes_from(shop: Merchant, client_for: ClientFor) -> None:
    StoreField.objects.create(merchant=shop, kind="field", name="capacity")
    map_attribute(shop, "field:capacity", rows.SIZE, actor=SYSTEM)
    kettle = rows.make_variant(shop, rows.make_product(shop, data={"capacity": "2 <l>"}))

    page = client_for("analyst").get(url(shop, kettle.pk))

    form = page.context["form"]
    assert form["attribute_119"].help_text == "From the product itself. Can tell variants apart."
    assert form["attribute_50"].help_text.startswith(
        "Now 2 &lt;l&gt;, from the mapping of field capacity; a value here wins."
    )
    assert "<l>" not in page.content.decode()
    assert form.missing == ["Item Weight"]


@pytest.mark.feature("ATT-08")
def test_a_mapped_value_that_jet_does_not_list_is_a_hint_on_the_page_and_is_not_sent(
    shop: Merchant, client_for: ClientFor
) -> None:
    for name, attribute_id in (("shade", rows.COLOR), ("capacity", rows.SIZE)):
        StoreField.objects.create(merchant=shop, kind="field", name=name)
        map_attribute(shop, f"field:{name}", attribute_id, actor=SYSTEM)
    product = rows.make_product(shop, data={"shade": "<Mauve>", "capacity": "2 l"})
    kettle = rows.make_variant(shop, product, attributes=[])
    client = client_for("owner")

    overview = client.get(f"/m/{shop.slug}/catalog/products/{product.pk}/").content.decode()
    section = client.get(url(shop, kettle.pk))

    assert Listing.objects.get(variant=kettle).readiness == "ready"
    assert listings_of(shop, [kettle.pk])[kettle.pk].payload["attributes_node_specific"] == [
        {"attribute_id": rows.SIZE, "attribute_value": "2 l"}
    ]
    words = "Color “&lt;Mauve&gt;” is not one of Jet&#x27;s values. It comes from the mapping of field shade"
    assert f"{words}, and is left out." in overview
    assert f"{words}, so a value here is needed." in section.content.decode()


@pytest.mark.feature("SIM-02")
def test_each_missing_attribute_is_named_before_upload(shop: Merchant, client_for: ClientFor) -> None:
    some = rows.make_variant(shop)
    none = rows.make_variant(shop, attributes=[])
    client = client_for("owner")

    def gaps(pk: int) -> list[tuple[str, str, str]]:
        found = Listing.objects.get(variant=pk).gaps
        return [(gap["rule"], gap["level"], gap["message"]) for gap in found if gap["field"] == "attributes"]

    assert gaps(some.pk) == [
        (
            "missing",
            "hint",
            "Not filled, though Kitchen > Tea > Kettles asks for it: Size, Item Weight.",
        )
    ]
    assert gaps(none.pk) == [
        (
            "none",
            "never_live",
            "None of the attributes that Kitchen > Tea > Kettles asks for is filled: Color, Size, Item Weight.",
        )
    ]
    assert Listing.objects.get(variant=none).readiness == "never_live"
    overview = client.get(f"/m/{shop.slug}/catalog/products/{some.product_id}/").content.decode()
    assert "Size, Item Weight" in overview
    assert "Not filled: Size, Item Weight" in client.get(url(shop, some.pk)).content.decode()
