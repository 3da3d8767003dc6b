"""JSON that `json` reads and no database can keep: refused with its place, never a crash."""

from __future__ import annotations

import pytest
from django.test import Client

from catalog.models import Product, Profile
from catalog.store_values import data_problems
from jetsync.models import Merchant
from tests.catalog import rows

pytestmark = pytest.mark.django_db
DEEP = '{"a":' * 2_000 + "1" + "}" * 2_000
ENDLESS = "[" * 100_000 + "]" * 100_000


@pytest.mark.parametrize(
    ("value", "message"),
    [
        (r'{"x":"a\ud800"}', r"data.x holds half of a character (\ud800 to \udfff)."),
        (r'{"x":["\uDFFF"]}', r"data.x[0] holds half of a character (\ud800 to \udfff)."),
        (r'{"\ud800":1}', "A name in data holds a character that cannot be stored."),
        (r'{"a\u0000":1}', "A name in data holds a character that cannot be stored."),
        ('{"a":1e400}', "JSON parse error - 1e400 is too large a number."),
        ('{"a":[-1e999]}', "JSON parse error - -1e999 is too large a number."),
        ('{"a":NaN}', "JSON parse error - NaN is no number of JSON."),
        (DEEP, "is nested more than 40 levels deep."),
        (ENDLESS, "The text is nested more than 40 levels deep."),
    ],
)
@pytest.mark.parametrize("path", ["variant", "product"])
def test_what_cannot_be_stored_is_refused_with_its_place(
    shop: Merchant, client_for, path: str, value: str, message: str
) -> None:
    client: Client = client_for("owner")
    base = f"/api/v1/m/{shop.slug}/catalog/"
    body = f'{{"title": "Copper kettle", "data": {value}}}'
    variant = rows.make_variant(shop, sku="A")
    before = Product.objects.count()

    if path == "variant":
        answer = client.patch(f"{base}variants/{variant.pk}/", body, content_type="application/json")
    else:
        answer = client.post(f"{base}products/", body, content_type="application/json")

    assert answer.status_code == 400
    assert answer.json()["code"] == "parse_error"
    assert message in answer.json()["message"]
    variant.refresh_from_db()
    assert (variant.data, Product.objects.count()) == ({}, before)


def test_names_within_a_profile_are_looked_at_too(shop: Merchant, client_for) -> None:
    url = f"/api/v1/m/{shop.slug}/catalog/profiles/"

    answer = client_for("owner").post(
        url, r'{"name": "Kettles", "specifics": {"\ud800": {}}}', content_type="application/json"
    )

    assert (answer.status_code, answer.json()["code"]) == (400, "parse_error")
    assert not Profile.objects.exists()


def test_whole_characters_beyond_the_first_plane_and_even_brackets_pass(shop: Merchant, client_for) -> None:
    variant = rows.make_variant(shop, sku="A")
    url = f"/api/v1/m/{shop.slug}/catalog/variants/{variant.pk}/"
    listed = ",".join(f'"[{number}"' for number in range(60))

    answer = client_for("owner").patch(
        url, rf'{{"data": {{"face": "\ud83d\ude00", "many": [{listed}]}}}}', content_type="application/json"
    )

    assert answer.status_code == 200, answer.json()
    variant.refresh_from_db()
    assert variant.data["face"] == "😀"


@pytest.mark.parametrize(
    ("data", "message"),
    [
        ({"a": "\ud800"}, "Field a holds control characters."),
        ({"\udfff": "a"}, "Field \ufffd holds control characters."),
        ({"a": float("inf")}, "Field a holds a number beyond all numbers."),
        ({"a": [1.5, float("nan")]}, "Field a holds a number beyond all numbers."),
        ({"a": [["b"]]}, "Field a holds nested values."),
        ({"a": {"b": 1}}, "Field a holds nested values."),
    ],
)
def test_own_fields_keep_the_rule_wherever_they_come_from(data: dict[str, object], message: str) -> None:
    (problem,) = data_problems(data)

    assert problem.message == message
    problem.message.encode()
    problem.value.encode()
