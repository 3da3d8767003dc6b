"""The price rules: five ways and a field, the example before saving, the second look, and what reaches Jet."""

from __future__ import annotations

from collections.abc import Callable
from decimal import Decimal
from typing import Any

import pytest
from django.test import Client

from catalog.models import Listing, Variant
from jetsync.models import LogEntry, Merchant, Options
from tests.catalog import rows

pytestmark = pytest.mark.django_db
ClientFor = Callable[..., Client]
AS_IS = {"price_rule": "none", "price_rule_amount": "", "price_source": "special", "lowest_price": ""}


def url(shop: Merchant, rest: str = "") -> str:
    return f"/m/{shop.slug}/catalog/pricing/{rest}"


def save(client: Client, shop: Merchant, **values: str) -> Any:
    return client.post(url(shop), {**AS_IS, **values})


def save_confirmed(client: Client, shop: Merchant, **values: str) -> Any:
    """As typed, and the tick where one is asked for."""
    answer = save(client, shop, **values)
    return save(client, shop, **values, confirmed=answer.context["asked"].mark) if answer.context else answer


def target(variant: Variant) -> Decimal | None:
    return Listing.objects.get(variant=variant).price_target


@pytest.mark.feature("FLD-05")
@pytest.mark.feature("CFG-27")
@pytest.mark.feature("CFG-28")
@pytest.mark.parametrize(
    ("typed", "price"),
    [
        (("increase_fixed", "5"), "105.00"),
        (("increase_percent", "5"), "105.00"),
        (("decrease_fixed", "5"), "95.00"),
        (("decrease_percent", "5"), "95.00"),
        (("decrease_fixed", "250"), "0.01"),
        (("none", ""), "100.00"),
    ],
)
def test_each_rule_is_saved_and_applied(
    shop: Merchant, client_for: ClientFor, drain: Callable[[], int], typed: tuple[str, str], price: str
) -> None:
    kettle = rows.make_variant(shop, price=Decimal(100))

    rule, amount = typed
    answer = save_confirmed(client_for("owner"), shop, price_rule=rule, price_rule_amount=amount)
    drain()

    assert answer.status_code == 302
    assert target(kettle) == Decimal(price)


@pytest.mark.feature("FLD-06")
def test_a_price_of_its_own_comes_from_the_named_field(
    shop: Merchant, client_for: ClientFor, drain: Callable[[], int]
) -> None:
    from catalog.models import StoreField

    StoreField.objects.create(merchant=shop, kind="field", name="jetPrice")
    own = rows.make_variant(shop, price=Decimal(100), data={"jetPrice": "88.8"})
    plain = rows.make_variant(shop, price=Decimal(100))

    save_confirmed(client_for("owner"), shop, price_rule="own_field", price_field="field:jetPrice")
    drain()

    assert (target(own), target(plain)) == (Decimal("88.80"), Decimal("100.00"))
    page = client_for("owner").get(f"/m/{shop.slug}/catalog/products/{own.product_id}/").content.decode()
    assert "starts from the" in page
    assert "jetPrice" in page


@pytest.mark.feature("FLD-07")
def test_regular_or_special_price_is_a_setting(
    shop: Merchant, client_for: ClientFor, drain: Callable[[], int]
) -> None:
    kettle = rows.make_variant(shop, price=Decimal(100), special_price=Decimal(90))
    assert target(kettle) == Decimal("90.00")

    save(client_for("owner"), shop, price_source="regular")
    drain()

    assert target(kettle) == Decimal("100.00")


@pytest.mark.parametrize(
    ("values", "field", "message"),
    [
        ({"price_rule": "increase_fixed"}, "price_rule_amount", "needs an amount above 0"),
        (
            {"price_rule": "increase_fixed", "price_rule_amount": "0.004"},
            "price_rule_amount",
            "no more than 2 decimal places",
        ),
        ({"price_rule": "increase_fixed", "price_rule_amount": "-5"}, "price_rule_amount", "0.01"),
        ({"price_rule": "decrease_percent", "price_rule_amount": "100"}, "price_rule_amount", "below 100"),
        ({"price_rule": "increase_fixed", "price_rule_amount": "=5"}, "price_rule_amount", "Enter a number"),
        ({"price_rule": "increase_fixed", "price_rule_amount": "1e9"}, "price_rule_amount", "digits"),
        ({"price_rule": "own_field"}, "price_field", "Choose the field"),
        ({"price_rule": "own_field", "price_field": "field:none"}, "price_field", "valid choice"),
        ({"price_rule": "double"}, "price_rule", "valid choice"),
        ({"lowest_price": "0"}, "lowest_price", "0.01"),
    ],
)
def test_bad_rules_stand_at_their_field_and_change_nothing(
    shop: Merchant, client_for: ClientFor, values: dict[str, str], field: str, message: str
) -> None:
    rows.make_variant(shop)

    answer = save(client_for("owner"), shop, **values)

    assert answer.status_code == 400
    assert list(answer.context["form"].errors) == [field]
    assert message in answer.context["form"].errors[field][0]
    assert Options.objects.get().price_rule == "none"


def test_the_example_shows_three_products_and_what_would_move(shop: Merchant, client_for: ClientFor) -> None:
    cheap = rows.make_variant(shop, price=Decimal("10.00"), price_floor=Decimal("9.80"), sku="HF-CHEAP")
    for number in range(4):
        rows.make_variant(shop, price=Decimal(100 + number))
    rows.make_variant(shop, price=None)
    client = client_for("owner")

    answer = client.post(
        url(shop), {**AS_IS, "price_rule": "decrease_percent", "price_rule_amount": "5", "do": "look"}
    )

    preview = answer.context["preview"]
    assert (preview.total, preview.counted, preview.down, preview.up) == (6, 6, 5, 0)
    assert (preview.without, preview.floored, preview.large) == (1, 1, 0)
    first = preview.examples[0]
    assert (first.sku, first.old, first.new) == ("HF-CHEAP", Decimal("10.00"), Decimal("9.80"))
    assert len(preview.examples) == 3
    assert preview.largest.percent == "-5.0%"
    text = answer.content.decode()
    assert "decreased by 5%" in text
    assert "raised to the floor of 9.80 USD" in text
    assert Options.objects.get().price_rule == "none"
    assert target(cheap) == Decimal("10.00")

    live = client.get(
        url(shop, "example/"), {**AS_IS, "price_rule": "increase_fixed", "price_rule_amount": "1"}
    )
    assert "increased by 1.00 USD" in live.content.decode()
    half = client.get(url(shop, "example/"), {**AS_IS, "price_rule": "increase_fixed"})
    assert "when the rule is complete" in half.content.decode()


def test_a_large_step_asks_for_a_second_look(
    shop: Merchant, client_for: ClientFor, drain: Callable[[], int]
) -> None:
    kettle = rows.make_variant(shop, price=Decimal(100))
    client = client_for("owner")
    steep = {"price_rule": "increase_percent", "price_rule_amount": "25"}

    asked = save(client, shop, **steep)
    drain()

    assert asked.status_code == 409
    assert "1 SKU would change by more than 20%" in asked.content.decode()
    assert Options.objects.get().price_rule == "none"
    assert target(kettle) == Decimal("100.00")

    assert save(client, shop, **steep, confirmed="1").status_code == 409
    steeper = {**steep, "price_rule_amount": "90"}
    assert save(client, shop, **steeper, confirmed=asked.context["asked"].mark).status_code == 409
    assert save_confirmed(client, shop, **steep).status_code == 302
    drain()
    assert target(kettle) == Decimal("125.00")


def test_one_sku_in_thirty_that_moves_far_is_named_and_asked_about(
    shop: Merchant, client_for: ClientFor, drain: Callable[[], int]
) -> None:
    rows.make_variant(shop, price=Decimal("10.00"), sku="HF-SMALL")
    for _number in range(29):
        rows.make_variant(shop, price=Decimal(100))
    client = client_for("owner")

    asked = save(client, shop, price_rule="increase_fixed", price_rule_amount="3")
    page = asked.content.decode()

    assert asked.status_code == 409
    assert asked.context["asked"].reasons == ("HF-SMALL: 10.00 → 13.00, +30.0%",)
    assert ("HF-SMALL: 10.00 → 13.00" in page, "Yes, change this price" in page) == (True, True)


def test_the_biggest_steps_come_first_and_the_rest_is_counted(shop: Merchant, client_for: ClientFor) -> None:
    for number in range(22):
        rows.make_variant(shop, price=Decimal(10 + number), sku=f"HF-{10 + number}")

    reasons = (
        save(client_for("owner"), shop, price_rule="decrease_fixed", price_rule_amount="8")
        .context["asked"]
        .reasons
    )

    assert (len(reasons), reasons[0], reasons[-1]) == (21, "HF-10: 10.00 → 2.00, -80.0%", "and 2 more")


def test_skus_that_were_not_computed_are_asked_about(
    shop: Merchant, client_for: ClientFor, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("catalog.queries.pricing.COUNTED", 1)
    rows.make_variant(shop, price=Decimal(100))
    rows.make_variant(shop, price=Decimal(2))

    asked = save(client_for("owner"), shop, price_rule="increase_fixed", price_rule_amount="1")

    assert asked.status_code == 409
    assert "1 of 2 SKUs were not computed" in asked.content.decode()


def test_the_log_and_the_time_line_say_who_changed_the_rules(
    shop: Merchant, client_for: ClientFor, drain: Callable[[], int]
) -> None:
    kettle = rows.make_variant(shop, price=Decimal(100), sku="HF-1")
    client = client_for("owner")

    save_confirmed(client, shop, price_rule="increase_percent", price_rule_amount="25")
    save(client, shop, price_rule="increase_percent", price_rule_amount="25", price_step_percent="30")
    drain()

    entry = LogEntry.objects.get(action="catalog.price_rules.saved")
    assert (
        entry.message
        == "The price rules were changed: special price as it is → special price increased by 25%"
    )
    assert entry.new == {"confirmed": ["HF-1: 100.00 → 125.00, +25.0%"]}
    assert entry.actor is not None
    page = client.get(f"/m/{shop.slug}/catalog/products/{kettle.product_id}/").content.decode()
    assert "special price increased by 25%" in page


def test_who_may_not_see_settings_gets_no_page(shop: Merchant, client_for: ClientFor) -> None:
    client = client_for("analyst")
    assert client.get(url(shop)).status_code == 403
    assert save(client, shop, price_rule="none").status_code == 403


@pytest.mark.parametrize("count", [1, 3])
def test_the_page_costs_the_same_for_any_number_of_products(
    shop: Merchant, client_for: ClientFor, count_queries: Callable[[Client, str], int], count: int
) -> None:
    for _number in range(count):
        rows.make_variant(shop)
    assert count_queries(client_for("owner"), url(shop)) == 15
