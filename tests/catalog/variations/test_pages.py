"""Variation groups in the browser: made of ticked SKUs, listed, edited, dissolved."""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import Any

import pytest
from django.test import Client

from catalog.actions.variation import make_group
from catalog.models import Variant, VariationGroup
from jetsync.models import Merchant
from jetsync.tenancy.actor import SYSTEM
from tests.catalog import rows
from tests.catalog.rows import LEAF, SIZE
from tests.catalog.variations.families import children, group_of, make_family, sized, sku

pytestmark = pytest.mark.django_db
ClientFor = Callable[..., Client]


def url(shop: Merchant, path: str = "") -> str:
    return f"/m/{shop.slug}/catalog/{path}"


def text_of(answer: Any) -> str:
    return answer.content.decode()


def select(client: Client, shop: Merchant, names: list[str], bulk: str) -> str:
    """Ticks SKUs in the grid and presses a bulk button; returns where it leads."""
    ids = [str(sku(shop, name).pk) for name in names]
    answer = client.post(url(shop, "products/"), {"ids": ids, "bulk": bulk})
    assert answer.status_code == 302
    return str(answer.headers["Location"])


def loose(shop: Merchant, name: str, size: str, **extra: Any) -> Variant:
    return rows.make_variant(shop, sku=name, attributes=sized(size), **extra)


@pytest.mark.feature("VAR-08", "CSV-35")
def test_ticked_skus_become_a_group(shop: Merchant, client_for: ClientFor) -> None:
    for name in ("A", "B", "C"):
        loose(shop, name, name)
    client = client_for("manager")

    address = select(client, shop, ["A", "B", "C"], "group")
    page = text_of(client.get(address))
    answer = client.post(
        address, {"parent": str(sku(shop, "B").pk), "group_title": "Kettles", "refinements": [str(SIZE)]}
    )

    assert "Make a variation group of 3 SKUs" in page
    assert "Size" in page
    group = group_of(shop, "B")
    assert answer.headers["Location"] == url(shop, f"variations/{group.pk}/")
    assert (children(group), group.refinements, group.group_title) == (["A", "C"], [SIZE], "Kettles")


def test_one_sku_is_no_group(shop: Merchant, client_for: ClientFor) -> None:
    loose(shop, "A", "1")
    client = client_for("manager")
    address = select(client, shop, ["A"], "group")

    answer = client.post(address, {"parent": str(sku(shop, "A").pk)})

    assert answer.status_code == 409
    assert "A group takes at least two SKUs; tick more." in text_of(answer)
    assert not VariationGroup.objects.exists()


@pytest.mark.feature("VAR-02", "VAR-03", "CAT-16")
def test_the_page_names_what_is_missing_and_links_to_the_input(shop: Merchant, client_for: ClientFor) -> None:
    loose(shop, "A", "1")
    odd = rows.make_variant(
        shop, rows.make_product(shop, brand="Other", jet_node_id=LEAF + 1), sku="B", attributes=[]
    )
    group = make_group(shop, [sku(shop, "A").pk, odd.pk], refinements=[SIZE], actor=SYSTEM)

    page = text_of(client_for("analyst").get(url(shop, f"variations/{group.pk}/")))

    assert "Not sent yet: something is missing" in page
    for message, section in (
        ("SKU B is in Kitchen &gt; Tea &gt; Teapots", "category/#id_category"),
        ("SKU B has the brand “Other”", "details/#id_brand"),
        ("SKU B has no Size.", f"attributes/#id_attribute_{SIZE}"),
    ):
        assert message in page
        assert url(shop, f"products/variants/{odd.pk}/{section}") in page


def test_the_list_shows_state_problem_and_error(shop: Merchant, client_for: ClientFor) -> None:
    make_family(shop, "S", "M")
    make_group(shop, [loose(shop, "A", "1").pk, loose(shop, "B", "1").pk], refinements=[SIZE], actor=SYSTEM)
    client = client_for("analyst")

    page = text_of(client.get(url(shop, "variations/")))
    only = text_of(client.get(url(shop, "variations/?state=incomplete")))
    found = text_of(client.get(url(shop, "variations/?q=HF-M")))

    assert "HF-S" in page
    assert "Waits for its SKUs" in page
    assert "SKU B has the same values as A: Size 1." in page
    assert "HF-S" not in re.sub(r"(?s)<nav.*?</nav>", "", only)
    assert "HF-S" in found
    assert "has the same values" not in found


def test_the_empty_list_says_how_groups_come(shop: Merchant, client_for: ClientFor) -> None:
    page = text_of(client_for("analyst").get(url(shop, "variations/")))

    assert "No variation group yet" in page
    assert "Make variation group" in page


def test_the_list_costs_the_same_for_one_group_and_three(
    shop: Merchant, client_for: ClientFor, count_queries: Callable[[Client, str], int]
) -> None:
    client = client_for("owner")
    make_family(shop, "S", "M")
    client.get(url(shop, "variations/"))
    one = count_queries(client, url(shop, "variations/"))
    make_family(shop, "1", "2", "3", stem="Y")
    make_family(shop, "1", "2", stem="Z")

    assert count_queries(client, url(shop, "variations/")) == one


def form_of(group: VariationGroup, **changes: str) -> dict[str, Any]:
    data: dict[str, Any] = {
        "group_title": group.group_title,
        "parent": str(group.parent_id),
        "refinements": [str(pk) for pk in group.refinements],
        "added": "",
    }
    for place, member in enumerate(group.members.all(), 1):
        data[f"order_{member.variant_id}"] = str(place)
    return {**data, **changes}


def test_a_group_is_edited_on_its_page(shop: Merchant, client_for: ClientFor) -> None:
    make_family(shop, "S", "M", "L")
    loose(shop, "X", "XL")
    group = group_of(shop, "HF-S")
    changes = {
        "group_title": "All sizes",
        f"order_{sku(shop, 'HF-L').pk}": "1",
        f"order_{sku(shop, 'HF-M').pk}": "2",
        "added": "X",
    }

    answer = client_for("manager").post(url(shop, f"variations/{group.pk}/"), form_of(group, **changes))

    assert answer.status_code == 302
    group.refresh_from_db()
    assert (children(group), group.group_title, group.origin) == (["HF-L", "HF-M", "X"], "All sizes", "panel")


def test_children_are_taken_out_and_the_parent_changes(shop: Merchant, client_for: ClientFor) -> None:
    make_family(shop, "S", "M", "L")
    group = group_of(shop, "HF-S")
    changes = {"parent": str(sku(shop, "HF-M").pk), f"remove_{sku(shop, 'HF-L').pk}": "on"}

    answer = client_for("manager").post(url(shop, f"variations/{group.pk}/"), form_of(group, **changes))

    other = group_of(shop, "HF-M")
    assert answer.headers["Location"] == url(shop, f"variations/{other.pk}/")
    assert children(other) == ["HF-S"]
    assert VariationGroup.objects.count() == 1


@pytest.mark.parametrize(
    ("changes", "message"),
    [
        ({"added": "NOPE"}, "Not among your products: NOPE."),
        ({"added": "TAKEN"}, "SKU TAKEN is in the group of OTHER already."),
        ({"group_title": "x" * 501}, "The title has 501 characters, at most 500 are allowed."),
    ],
)
def test_a_wrong_edit_is_shown_at_its_field(
    shop: Merchant, client_for: ClientFor, changes: dict[str, str], message: str
) -> None:
    make_family(shop, "S", "M")
    make_group(
        shop, [loose(shop, "OTHER", "1").pk, loose(shop, "TAKEN", "2").pk], refinements=[SIZE], actor=SYSTEM
    )
    group = group_of(shop, "HF-S")

    answer = client_for("manager").post(url(shop, f"variations/{group.pk}/"), form_of(group, **changes))

    assert answer.status_code == 400
    assert message in text_of(answer)
    group.refresh_from_db()
    assert (children(group), group.origin) == (["HF-M"], "product")


@pytest.mark.feature("VAR-08")
def test_dissolving_asks_first_and_the_product_can_form_it_again(
    shop: Merchant, client_for: ClientFor
) -> None:
    product = make_family(shop, "S", "M")
    client = client_for("manager")
    address = url(shop, f"variations/{group_of(shop, 'HF-S').pk}/dissolve/")

    asked = text_of(client.get(address))
    client.post(address)
    tab = text_of(client.get(url(shop, f"products/variants/{sku(shop, 'HF-S').pk}/variations/")))
    gone = VariationGroup.objects.count()
    client.post(url(shop, f"products/{product.pk}/group/"))

    assert "Dissolve the group of HF-S" in asked
    assert gone == 0
    assert "Form the group again" in tab
    assert children(group_of(shop, "HF-S")) == ["HF-M"]


def test_an_analyst_sees_the_form_and_cannot_use_it(shop: Merchant, client_for: ClientFor) -> None:
    make_family(shop, "S", "M")
    group = group_of(shop, "HF-S")
    client = client_for("analyst")

    page = text_of(client.get(url(shop, f"variations/{group.pk}/")))
    answer = client.post(url(shop, f"variations/{group.pk}/"), form_of(group, group_title="Mine"))

    assert "you may not change it" in page
    assert answer.status_code == 403
