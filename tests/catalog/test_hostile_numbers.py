"""Numbers of a few letters that would be spelled out in a hundred million digits."""

from __future__ import annotations

import time
from decimal import Decimal

import pytest
from django.test import Client

from catalog.combinations import amount_of, options_problems
from catalog.models import Variant
from catalog.validators import NUMBER_RULES, number_problem
from jetsync.models import Merchant
from tests.catalog import rows

HUGE = ["1e99999999", "-1e99999999", "1e-99999999", "0e99999999", "0e-99999999", "1." + "0" * 900 + "1"]
FIELDS = ["price", "msrp", "price_floor", "shipping_weight_pounds", "package_length_inches", "map_price"]


@pytest.mark.parametrize("given", HUGE)
def test_a_number_of_countless_digits_is_told_in_a_line(given: str) -> None:
    started = time.monotonic()
    for field in NUMBER_RULES:
        problem = number_problem(field, Decimal(given))
        assert problem is not None
        assert len(problem.message) + len(problem.value) < 200
    assert time.monotonic() - started < 1


def test_a_huge_amount_of_an_option_is_told_in_a_line_and_adds_nothing() -> None:
    values = [{"value": str(number), "price": given, "weight": given} for number, given in enumerate(HUGE)]
    messages = [problem.message for problem in options_problems([{"name": "Size", "values": values}])]

    assert len(messages) >= 8
    assert max(map(len, messages)) < 200
    assert {amount_of(given) for given in HUGE} == {Decimal(0)}


@pytest.mark.django_db
@pytest.mark.parametrize("given", ["1e99999999", "1e-99999999"])
@pytest.mark.parametrize("field", FIELDS)
def test_the_api_refuses_it_with_a_short_answer(shop: Merchant, client_for, field: str, given: str) -> None:
    variant = rows.make_variant(shop, sku="A", price=Decimal(5))
    client: Client = client_for("owner")
    url = f"/api/v1/m/{shop.slug}/catalog/variants/{variant.pk}/"

    answer = client.patch(url, {field: given}, content_type="application/json")

    assert answer.status_code == 400
    assert len(answer.content) < 2_000
    assert field in answer.json()["fields"]
    assert Variant.objects.get(pk=variant.pk).price == Decimal(5)
