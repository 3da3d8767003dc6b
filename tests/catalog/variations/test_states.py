"""The stored state of a group follows everything that it is made of.

Behind every test of the catalogue a fixture compares what is stored with the rows it follows from (see
`rows.true_group_states`); here each way in which those rows change is walked once, and the state is named.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from django.test import Client

from catalog.actions import marks, publish, variation_targets
from catalog.actions.category import create_store_category
from catalog.actions.deleting import delete_all
from catalog.actions.errors import Refusal
from catalog.actions.marks import SentContent, mark_all_refused, mark_content_sent
from catalog.actions.product import add_variant, update_product, update_variant
from catalog.actions.relations import mark_groups_sent
from catalog.actions.variation import (
    GroupSpec,
    change_group,
    dissolve_group,
    form_group,
    make_group,
    resend_group,
)
from catalog.enums import CsvKind, Step
from catalog.models import CsvUpload, Listing, Variant, VariationGroup
from jetsync.actions.account import switch_mode
from jetsync.enums import Mode
from jetsync.models import JetAccount, Merchant
from jetsync.tenancy.actor import SYSTEM
from jetsync.tenancy.context import merchant_scope
from tests import factories
from tests.catalog import rows
from tests.catalog.rows import LEAF, SIZE, stored_group_states
from tests.catalog.variations.families import UPCS, group_of, make_family, sized, sku

pytestmark = pytest.mark.django_db
Drain = Callable[..., int]


def accept(*variants: Variant) -> None:
    """Jet has taken the product data of these SKUs."""
    listings = Listing.objects.filter(variant__in=variants)
    sent = [SentContent(row.pk, row.content_target, None) for row in listings]
    mark_content_sent(variants[0].merchant, sent)


def accept_group(group: VariationGroup) -> None:
    mark_groups_sent(group.merchant, {group.pk: group.target})


@pytest.fixture
def on_jet(shop: Merchant) -> VariationGroup:
    """The group of HF-S, HF-M and HF-L as Jet has it."""
    accept(*make_family(shop, "S", "M", "L").variants.all())
    accept_group(group_of(shop, "HF-S"))
    assert stored_group_states() == {"HF-S": ("sent", 2, 0)}
    return group_of(shop, "HF-S")


def loose(shop: Merchant, *names: str) -> list[int]:
    return [rows.make_variant(shop, sku=name, attributes=sized(name)).pk for name in names]


def test_a_group_waits_for_fewer_skus_with_each_that_jet_takes(shop: Merchant) -> None:
    small, middle, large = make_family(shop, "S", "M", "L").variants.all()
    assert stored_group_states() == {"HF-S": ("waiting", 2, 3)}

    accept(small)
    assert stored_group_states() == {"HF-S": ("waiting", 2, 2)}
    accept(small, large)
    assert stored_group_states() == {"HF-S": ("waiting", 2, 1)}
    accept(middle)
    assert stored_group_states() == {"HF-S": ("queued", 2, 0)}
    accept_group(group_of(shop, "HF-S"))
    assert stored_group_states() == {"HF-S": ("sent", 2, 0)}


def test_skus_that_jet_takes_again_cost_no_look_at_groups(
    on_jet: VariationGroup, monkeypatch: pytest.MonkeyPatch
) -> None:
    asked: list[list[int]] = []
    monkeypatch.setattr(marks, "recount_groups", lambda _merchant, ids: asked.append(list(ids)))

    accept(on_jet.parent)

    assert asked == [[]]


def test_a_rival_that_marks_the_last_sku_is_seen(shop: Merchant, monkeypatch: pytest.MonkeyPatch) -> None:
    """The other job has committed by the time that this one has its lock."""
    small, middle = make_family(shop, "S", "M").variants.all()
    lock = variation_targets.lock_groups

    def later(merchant: Merchant, ids: set[int]) -> dict[int, VariationGroup]:
        monkeypatch.setattr(variation_targets, "lock_groups", lock)
        accept(middle)
        return lock(merchant, ids)

    monkeypatch.setattr(variation_targets, "lock_groups", later)

    accept(small)

    assert stored_group_states() == {"HF-S": ("queued", 1, 0)}


def test_the_editor_changes_the_state(on_jet: VariationGroup) -> None:
    product = on_jet.parent.product

    update_product(product, {"title": "Steel Kettle"}, actor=SYSTEM)
    assert stored_group_states() == {"HF-S": ("queued", 2, 0)}
    update_product(product, {"brand": ""}, actor=SYSTEM)
    assert stored_group_states() == {"HF-S": ("incomplete", 2, 0)}
    update_product(product, {"brand": "Harrow & Finch", "title": "Copper Kettle"}, actor=SYSTEM)
    assert stored_group_states() == {"HF-S": ("sent", 2, 0)}
    update_variant(sku(on_jet.merchant, "HF-M"), {"attributes": sized("L")}, actor=SYSTEM)
    assert stored_group_states() == {"HF-S": ("incomplete", 2, 0)}


def test_a_sku_that_comes_or_goes_changes_the_state(on_jet: VariationGroup) -> None:
    values = {"sku": "HF-XL", "attributes": sized("XL"), "codes": [{"type": "UPC", "code": "049000050103"}]}

    made = add_variant(on_jet.parent.product, values, actor=SYSTEM)
    assert stored_group_states() == {"HF-S": ("waiting", 3, 1)}
    update_variant(made, {"sells_on_jet": False}, actor=SYSTEM)
    assert stored_group_states() == {"HF-S": ("sent", 2, 0)}
    delete_all(made.merchant, [made.pk], actor=SYSTEM)
    assert stored_group_states() == {"HF-S": ("sent", 2, 0)}


def test_a_parent_that_jet_gets_no_more_gives_the_group_to_the_next(on_jet: VariationGroup) -> None:
    update_variant(on_jet.parent, {"sells_on_jet": False}, actor=SYSTEM)

    assert stored_group_states() == {"HF-S": ("dissolving", 0, 0), "HF-M": ("queued", 1, 0)}


def test_a_deleted_sku_leaves_the_group_it_was_put_into_by_hand(shop: Merchant) -> None:
    """Its siblings are those of its product, and the group's SKUs are others."""
    first, second, other = loose(shop, "A", "B", "C")
    extra = {"sku": "C-2", "attributes": sized("9"), "codes": [{"type": "UPC", "code": "049000050103"}]}
    child = add_variant(Variant.objects.get(pk=other).product, extra, actor=SYSTEM)
    dissolve_group(group_of(shop, "C"), actor=SYSTEM)
    group = make_group(shop, [first, second, child.pk], refinements=[SIZE], actor=SYSTEM)
    before = group.target
    assert stored_group_states() == {"A": ("waiting", 2, 3)}

    delete_all(child.merchant, [child.pk], actor=SYSTEM)

    assert stored_group_states() == {"A": ("waiting", 1, 2)}
    group.refresh_from_db()
    assert group.target not in ("", before)


def test_a_group_made_by_hand_is_made_changed_and_dissolved(on_jet: VariationGroup) -> None:
    merchant = on_jet.merchant
    (other,) = loose(merchant, "A")

    make_group(merchant, [other, sku(merchant, "HF-M").pk], refinements=[SIZE], actor=SYSTEM)
    assert stored_group_states() == {"HF-S": ("dissolving", 0, 0), "A": ("waiting", 1, 1)}
    spec = GroupSpec(sku(merchant, "HF-M").pk, (other, sku(merchant, "HF-L").pk), (SIZE,))
    changed = change_group(group_of(merchant, "A"), spec, actor=SYSTEM)
    assert stored_group_states() == {"HF-S": ("dissolving", 0, 0), "HF-M": ("waiting", 2, 1)}
    dissolve_group(changed, actor=SYSTEM)
    assert stored_group_states() == {"HF-S": ("dissolving", 0, 0), "HF-M": ("dissolving", 0, 0)}
    accept_group(group_of(merchant, "HF-M"))
    assert stored_group_states() == {"HF-S": ("dissolving", 0, 0)}
    form_group(sku(merchant, "HF-S").product, actor=SYSTEM)
    assert stored_group_states() == {"HF-S": ("sent", 2, 0)}
    resend_group(group_of(merchant, "HF-S"), actor=SYSTEM)
    assert stored_group_states() == {"HF-S": ("queued", 2, 0)}


def test_a_refusal_stands_until_something_changes(on_jet: VariationGroup) -> None:
    merchant = on_jet.merchant
    resend_group(on_jet, actor=SYSTEM)
    refusal = Refusal(on_jet.parent.listing.pk, "variation_refused", "Group is wrong", step=Step.VARIATION)

    mark_all_refused(merchant, [refusal])
    assert stored_group_states() == {"HF-S": ("refused", 2, 0)}
    update_product(on_jet.parent.product, {"title": "Steel Kettle"}, actor=SYSTEM)
    assert stored_group_states() == {"HF-S": ("queued", 2, 0)}


def test_another_category_changes_the_state(on_jet: VariationGroup, drain: Drain) -> None:
    """Of the product itself, and by the mapping of its store category."""
    merchant, product = on_jet.merchant, on_jet.parent.product

    update_product(product, {"jet_node_id": LEAF + 1}, actor=SYSTEM)
    assert stored_group_states() == {"HF-S": ("incomplete", 2, 0)}  # Teapots have no variation attribute
    kettles = create_store_category(merchant, "Kitchen > Kettles", actor=SYSTEM)
    update_product(product, {"jet_node_id": None, "store_category": kettles}, actor=SYSTEM)
    assert stored_group_states() == {"HF-S": ("incomplete", 2, 0)}
    rows.map_categories(merchant, [kettles.pk], LEAF)
    drain()
    assert stored_group_states() == {"HF-S": ("sent", 2, 0)}
    rows.map_categories(merchant, [kettles.pk], LEAF + 1)
    drain()
    assert stored_group_states() == {"HF-S": ("incomplete", 2, 0)}


def test_files_change_the_state(on_jet: VariationGroup, import_csv: Callable[..., CsvUpload]) -> None:
    """A products file by what a SKU is, a variations file by who belongs together."""
    cells = {"sku": "HF-S", "relationship": "Variation", "variation_refinement1": str(SIZE)}
    middle = {
        "sku": "HF-M",
        "product_title": "Copper Kettle",
        "multipack_quantity": "1",
        "standard_product_code_type1": "UPC",
        "standard_product_code1": UPCS[1],
        "brand": "Harrow & Finch",
        "main_image_url": "https://img.example.com/kettle/1.jpg",
        "attribute_id1": str(SIZE),
    }

    import_csv([{**middle, "attribute_value1": "L"}], is_on_jet=True)
    assert stored_group_states() == {"HF-S": ("incomplete", 2, 0)}  # as large as HF-L
    import_csv([{**middle, "attribute_value1": "M"}], is_on_jet=True)
    assert stored_group_states() == {"HF-S": ("sent", 2, 0)}
    import_csv([{**cells, "child_sku1": "HF-L", "group_title": "Kettles"}], CsvKind.VARIATIONS)
    assert stored_group_states() == {"HF-S": ("queued", 1, 0)}
    import_csv([{**cells, "child_sku1": "HF-L", "child_sku2": "HF-M"}], CsvKind.VARIATIONS)
    assert stored_group_states() == {"HF-S": ("queued", 2, 0)}


def test_the_api_changes_the_state(on_jet: VariationGroup, client_for: Callable[..., Client]) -> None:
    client, url = client_for("manager"), f"/api/v1/m/{on_jet.merchant.slug}/catalog/variation-groups/"
    loose(on_jet.merchant, "A", "B")

    def send(method: str, rest: str = "", **data: Any) -> None:
        answer = getattr(client, method)(url + rest, data, content_type="application/json")
        assert answer.status_code in (200, 201), answer.json()

    send("patch", f"{on_jet.pk}/", children=["HF-M"])
    assert stored_group_states() == {"HF-S": ("queued", 1, 0)}
    send("post", parent="A", children=["B", "HF-L"], refinements=[SIZE])
    assert stored_group_states() == {"HF-S": ("queued", 1, 0), "A": ("waiting", 2, 2)}
    send("delete", f"{on_jet.pk}/")
    assert stored_group_states() == {"HF-S": ("dissolving", 0, 0), "A": ("waiting", 2, 2)}


def test_archiving_and_a_new_status_leave_the_state(on_jet: VariationGroup) -> None:
    """Jet keeps the group of an archived SKU, and what it shows of a SKU says nothing of its group."""
    merchant = on_jet.merchant

    publish.archive(merchant, [on_jet.parent_id], actor=SYSTEM)
    Listing.objects.update(status="under_review")
    assert stored_group_states() == {"HF-S": ("sent", 2, 0)}
    publish.unarchive(merchant, [on_jet.parent_id], actor=SYSTEM)
    assert stored_group_states() == {"HF-S": ("sent", 2, 0)}


def test_the_other_account_has_got_nothing_yet(on_jet: VariationGroup, drain: Drain) -> None:
    merchant = on_jet.merchant
    other = factories.make_merchant("Other")
    factories.make_account(other)
    with merchant_scope(other):
        accept(*make_family(other, "S", "M", stem="OO").variants.all())
        accept_group(group_of(other, "OO-S"))
    factories.make_account(merchant, mode=Mode.LIVE, validation=JetAccount.Validation.OK)
    factories.open_live(merchant)

    switch_mode(merchant, Mode.LIVE, actor=SYSTEM)
    assert stored_group_states() == {"HF-S": ("waiting", 2, 3), "OO-S": ("sent", 1, 0)}
    drain()
    assert stored_group_states() == {"HF-S": ("waiting", 2, 3), "OO-S": ("sent", 1, 0)}
