"""All forms of profiles, mapping and store fields: hints, roles, cost, bad input."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from django.test import Client

from catalog.actions.assigning import assign_profile
from catalog.actions.store_field import note_fields
from catalog.forms.assigning import AssignToForm, ChooseProfileForm, DeleteProfileForm
from catalog.forms.field_mapping import MappingForm
from catalog.forms.profile import ProfileForm
from catalog.jet_fields import GROUPS, SPECIFICS
from catalog.models import Profile, Variant
from jetsync.models import Merchant
from jetsync.tenancy.actor import SYSTEM
from tests.catalog import rows
from tests.catalog.profiles.shop import bare, make_profile, url

pytestmark = pytest.mark.django_db
ClientFor = Callable[..., Client]


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


@pytest.mark.feature("PRO-06")
def test_enter_in_the_category_search_searches_and_saves_nothing(
    shop: Merchant, client_for: ClientFor
) -> None:
    """Enter presses the form's first button, which saves; words that were not looked for yet are a search."""
    profile, client = make_profile(shop, "Towels"), client_for("owner")
    page = url(shop, f"profiles/{profile.pk}/edit/")
    given = {"name": "Changed", "words": "kettle", "words_seen": ""}

    answer = client.post(page, given)

    assert answer.status_code == 200
    text = answer.content.decode()
    assert "Kitchen &gt; Tea &gt; Kettles" in text
    assert 'value="Changed"' in text
    assert '<input type="hidden" name="words_seen" value="kettle">' in text
    assert Profile.objects.get(pk=profile.pk).name == "Towels"

    client.post(page, {**given, "words_seen": "kettle", "node": str(rows.LEAF)})
    assert Profile.objects.get(pk=profile.pk).jet_node_id == rows.LEAF
