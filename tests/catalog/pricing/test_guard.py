"""One rule for every way a price can change, and the way back through a price rule."""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import replace
from decimal import Decimal
from typing import Any

import pytest
from django.test import Client
from django.utils import timezone
from hypothesis import given
from hypothesis import strategies as st

from catalog.actions.children import save_children
from catalog.actions.node_offer import NodeOffer
from catalog.actions.options import set_options
from catalog.actions.product import set_offer
from catalog.facts import VariantFacts
from catalog.models import Listing, NodeStock, Variant
from catalog.price_guard import Limits, PriceGuard, UnconfirmedPrice, mark_of
from catalog.pricing import PriceRules, jet_price, solve_price
from catalog.queries.listing import load_facts
from jetsync.enums import PriceRule
from jetsync.exceptions import InvalidInput
from jetsync.models import Merchant
from jetsync.tenancy.actor import SYSTEM
from tests.catalog import rows

ClientFor = Callable[..., Client]
GUARD = PriceGuard(20)
SLIP = "Price 79.00 → 3.80: -95.2%, over the 20% of your price settings."
FACTS = VariantFacts(
    *(
        1,
        1,
        "A",
        "",
        Decimal(10),
        1,
        "",
        (),
        "",
        1,
        None,
        None,
        None,
        None,
        None,
        None,
        "101",
        None,
        "",
        False,
    ),
    *("", "", "", "", (), (), (), "simple", "Kettle", "", "", "", (), None, True, None, None),
)


def reason(old: str | None, new: str, /, guard: PriceGuard = GUARD, **limits: Any) -> str:
    bounds = Limits(**{name: Decimal(value) for name, value in limits.items()})
    slip = guard.slip("A", Decimal(old) if old else None, Decimal(new), bounds)
    return slip.reason if slip else ""


@pytest.mark.parametrize(
    ("old", "new", "limits", "words"),
    [
        ("100", "120", {}, ""),
        ("100", "80", {}, ""),
        ("100", "120.01", {}, "+20.0%, over the 20%"),
        ("100", "79.99", {}, "-20.0%, over the 20%"),
        (None, "3.80", {}, ""),
        (None, "3.80", {"map_price": "5"}, "is below the MAP price 5.00"),
        ("10", "9", {"price_floor": "9.50"}, "is below the lowest price 9.50"),
        ("10", "11", {"msrp": "10.50"}, "is above the MSRP 10.50"),
        ("12", "11", {"msrp": "10.50"}, ""),
        ("9", "9.20", {"price_floor": "9.50"}, ""),
        ("9", "8.90", {"price_floor": "9.50"}, "is below the lowest price 9.50"),
    ],
)
def test_what_a_slip_is(old: str | None, new: str, limits: dict[str, str], words: str) -> None:
    found = reason(old, new, GUARD, **limits)

    assert words in found
    assert bool(found) == bool(words)


def test_limits_are_those_of_the_price_for_jet() -> None:
    raised = PriceGuard(20, PriceRules(PriceRule.INCREASE_PERCENT, Decimal(50)))

    assert reason("10", "9", raised, map_price="12") == ""
    assert "13.50 for Jet is above the MSRP 13.00" in reason(None, "9", raised, msrp="13")


def test_a_tick_is_for_the_prices_beside_it_only() -> None:
    slip = GUARD.slip("A", Decimal(79), Decimal("3.80"), Limits())
    assert slip is not None

    assert mark_of([slip]) == mark_of([replace(slip, reason="in other words")])
    assert mark_of([slip]) != mark_of([replace(slip, new=Decimal("3.81"))])
    assert mark_of([slip]) != mark_of([replace(slip, old=Decimal(80))])


cents = st.integers(min_value=1, max_value=10_000_000).map(lambda number: Decimal(number) / 100)
rules = st.one_of(
    st.builds(PriceRules, st.sampled_from([PriceRule.INCREASE_FIXED, PriceRule.DECREASE_FIXED]), cents),
    st.builds(
        PriceRules,
        st.sampled_from([PriceRule.INCREASE_PERCENT, PriceRule.DECREASE_PERCENT]),
        st.integers(min_value=1, max_value=9_999).map(lambda number: Decimal(number) / 100),
    ),
    st.just(PriceRules()),
)


@given(theirs=cents, rules=rules)
def test_what_is_solved_makes_exactly_that_price(theirs: Decimal, rules: PriceRules) -> None:
    solved, now = solve_price(theirs, FACTS, rules, timezone.now()), timezone.now()

    if solved.price is None:
        assert solved.reason
    else:
        assert jet_price(FACTS._replace(price=solved.price), rules, now).price == theirs
        assert jet_price(FACTS._replace(price=solved.price), rules, now).steps in [(), (rules.words,)]


@given(price=cents, rules=rules)
def test_every_price_that_a_rule_makes_has_a_way_back(price: Decimal, rules: PriceRules) -> None:
    made = jet_price(FACTS._replace(price=price), rules, timezone.now())

    if made.price is not None and not any("floor" in step for step in made.steps):
        assert solve_price(made.price, FACTS, rules, timezone.now()).price is not None


@pytest.mark.django_db
def test_an_active_special_price_is_what_is_solved(shop: Merchant) -> None:
    kettle = rows.make_variant(shop, price=Decimal(50), special_price=Decimal(40))
    [facts] = load_facts(shop, [kettle.pk])
    rule = PriceRules(PriceRule.INCREASE_FIXED, Decimal(1))

    solved = solve_price(Decimal(39), facts, rule, timezone.now())

    assert (solved.field, solved.price) == ("special_price", Decimal(38))


def section(shop: Merchant, kettle: Variant) -> str:
    return f"/m/{shop.slug}/catalog/products/variants/{kettle.pk}/stock/"


@pytest.mark.django_db
def test_the_price_form_asks_and_takes_the_tick_for_just_that_price(
    shop: Merchant, client_for: ClientFor
) -> None:
    kettle = rows.make_variant(shop, price=Decimal(79))
    client, url = client_for("owner"), section(shop, kettle)
    posted = {"price": "3.80", "quantity": "12", "map_implementation": "101", "sells_on_jet": "on"}

    asked = client.post(url, posted)
    assert asked.status_code == 400
    assert SLIP in asked.content.decode()
    assert Variant.objects.get().price == Decimal(79)
    mark = asked.context["form"].unconfirmed.mark
    assert client.post(url, {**posted, "price": "3.70", "confirmed_prices": mark}).status_code == 400

    assert client.post(url, {**posted, "confirmed_prices": mark}).status_code == 302
    assert Variant.objects.get().price == Decimal("3.80")
    assert Listing.objects.get().price_target == Decimal("3.80")


@pytest.mark.django_db
def test_special_and_node_prices_are_guarded_too(shop: Merchant) -> None:
    kettle = rows.make_variant(shop, price=Decimal(79))
    node = rows.make_node(shop)
    offer = NodeOffer(node, None, Decimal("7.90"))

    with pytest.raises(UnconfirmedPrice) as caught:
        set_offer(kettle, {"special_price": Decimal("7.90")}, [offer], actor=SYSTEM)

    assert sorted(caught.value.fields) == [f"node_{node.pk}_price", "special_price"]
    assert not NodeStock.objects.filter(node=node).exists()
    set_offer(
        kettle, {"special_price": Decimal("7.90")}, [offer], actor=SYSTEM, confirmed=caught.value.asked.mark
    )
    assert Variant.objects.get().special_price == NodeStock.objects.get(node=node).price == Decimal("7.90")


@pytest.mark.django_db
def test_a_node_that_loses_its_own_price_has_the_products(shop: Merchant) -> None:
    kettle = rows.make_variant(shop, price=Decimal(79), msrp=Decimal(79))
    far, near = rows.make_node(shop, "Far"), rows.make_node(shop, "Near")
    own = [NodeOffer(far, None, Decimal("7.90")), NodeOffer(near, None, Decimal(75))]
    set_offer(kettle, {}, own, actor=SYSTEM, confirmed="any")
    taken = [NodeOffer(node, None, None) for node in (far, near)]

    with pytest.raises(UnconfirmedPrice) as caught:
        set_offer(kettle, {}, taken, actor=SYSTEM)

    words = "Price at Far 7.90 → 79.00: +900.0%, over the 20% of your price settings."
    told = f"{words} Without a price of its own the node has the product's."
    assert caught.value.fields == {f"node_{far.pk}_price": [told]}
    assert set(NodeStock.objects.values_list("price", flat=True)) == {None, Decimal("7.90"), Decimal(75)}
    set_offer(kettle, {}, taken, actor=SYSTEM, confirmed=caught.value.asked.mark)
    assert set(NodeStock.objects.values_list("price", flat=True)) == {None}


@pytest.mark.django_db
def test_the_api_answers_409_until_the_step_is_confirmed(shop: Merchant, client_for: ClientFor) -> None:
    kettle = rows.make_variant(shop, price=Decimal(79))
    client = client_for("owner")

    def patch(body: dict[str, Any]) -> Any:
        url = f"/api/v1/m/{shop.slug}/catalog/variants/{kettle.pk}/"
        return client.patch(url, json.dumps(body), content_type="application/json")

    refused = patch({"price": "3.80"})
    assert (refused.status_code, refused.json()["code"]) == (409, "price_step")
    assert refused.json()["fields"] == {"price": [SLIP]}
    assert Variant.objects.get().price == Decimal(79)

    assert patch({"price": "3.80", "confirm_price_step": True}).status_code == 200
    assert Variant.objects.get().price == Decimal("3.80")


@pytest.mark.django_db
def test_the_table_stores_the_other_cells_and_asks_for_the_price(
    shop: Merchant, client_for: ClientFor
) -> None:
    kettle = rows.make_variant(shop, price=Decimal(79), quantity=1)
    client, url = client_for("owner"), f"/m/{shop.slug}/catalog/products/table/"
    cell = {f"c-{kettle.pk}-price": "3.80", f"oc-{kettle.pk}-price": "79.00"}
    more = {f"c-{kettle.pk}-quantity": "5", f"oc-{kettle.pk}-quantity": "1"}

    asked = client.post(url, cell | more)
    kettle.refresh_from_db()
    assert (kettle.price, kettle.quantity) == (Decimal(79), 5)
    page = asked.content.decode()
    assert SLIP in page
    assert 'value="3.80"' in page

    client.post(url, {**cell, "confirmed_prices": asked.context["asked"].mark})
    assert Variant.objects.get().price == Decimal("3.80")


@pytest.mark.django_db
def test_the_grid_of_a_family_and_its_options_ask_too(shop: Merchant) -> None:
    options = [{"name": "Size", "values": [{"value": "S", "price": ""}]}]
    product = rows.make_product(shop, kind="variable", options=options, base_price=Decimal(79))
    small = rows.make_variant(shop, product, price=Decimal(79), options=[{"name": "Size", "value": "S"}])

    with pytest.raises(InvalidInput) as caught:
        save_children(product, {small.pk: {"price": Decimal("3.80")}}, actor=SYSTEM)
    with pytest.raises(UnconfirmedPrice):
        set_options(product, options, base_price=Decimal(8), base_weight_pounds=None, actor=SYSTEM)

    assert caught.value.data["cells"][small.pk]["price"] == [
        f"{SLIP} Correct it, or confirm that it is right."
    ]
    assert Variant.objects.get().price == Decimal(79)
    mark = caught.value.data["asked"].mark
    save_children(product, {small.pk: {"price": Decimal("3.80")}}, actor=SYSTEM, confirmed=mark)
    assert Variant.objects.get().price == Decimal("3.80")


def test_a_map_price_above_the_price_is_asked_about_once(shop: Merchant) -> None:
    kettle = rows.make_variant(shop, price=Decimal("38.50"))

    with pytest.raises(UnconfirmedPrice) as asked:
        set_offer(kettle, {"map_price": Decimal(45)}, actor=SYSTEM)
    assert asked.value.fields == {"map_price": ["MAP price 45.00 is above the price 38.50."]}
    kettle.refresh_from_db()
    assert kettle.map_price is None

    set_offer(kettle, {"map_price": Decimal(45)}, actor=SYSTEM, confirmed=asked.value.asked.mark)
    set_offer(kettle, {"map_price": Decimal(44)}, actor=SYSTEM)
    kettle.refresh_from_db()
    assert kettle.map_price == Decimal(44)
