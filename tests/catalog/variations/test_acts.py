"""Groups made by hand: made, changed, dissolved, formed anew, each told to Jet."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from catalog.actions import publish
from catalog.actions.targets import refresh_targets
from catalog.actions.variation import (
    GroupSpec,
    change_group,
    dissolve_group,
    form_group,
    make_group,
    resend_group,
)
from catalog.models import Product, VariationGroup
from jetsync.exceptions import InvalidInput, StateConflict
from jetsync.models import LogEntry, Merchant
from jetsync.tenancy.actor import SYSTEM
from tests.catalog import rows
from tests.catalog.rows import COLOR, SIZE
from tests.catalog.variations.conftest import SIZE as JET_SIZE
from tests.catalog.variations.families import children, group_of, make_family, sized, sku
from tests.catalog.variations.test_sending import GROUP, NONE, at_jet, calls, ids_of

pytestmark = pytest.mark.django_db


def loose(shop: Merchant, name: str, size: str, **extra: Any) -> int:
    """A SKU of a simple product."""
    return rows.make_variant(shop, sku=name, attributes=sized(size), **extra).pk


@pytest.mark.feature("CSV-35")
def test_any_skus_make_a_group(shop: Merchant) -> None:
    a, b, c = loose(shop, "A", "1"), loose(shop, "B", "2"), loose(shop, "C", "3")

    group = make_group(shop, [a, b, c], parent=b, title="Kettles", refinements=[SIZE], actor=SYSTEM)

    assert (group.parent.sku, children(group), group.group_title, group.origin) == (
        "B",
        ["A", "C"],
        "Kettles",
        "panel",
    )
    assert group.gaps == []
    assert group.target != ""
    entry = LogEntry.objects.get(action="catalog.group.made")
    assert entry.new == {
        "parent": "B",
        "children": ["A", "C"],
        "refinements": [SIZE],
        "group_title": "Kettles",
    }


@pytest.mark.parametrize(
    ("change", "field", "message"),
    [
        ({"ids": 1}, "children", "A group needs the parent and at least one other SKU."),
        ({"refinements": [1, 2, 3, 4, 5, 6]}, "refinements", "Jet takes at most 5 attributes."),
        (
            {"title": "x" * 501},
            "group_title",
            "The title has 501 characters, at most 500 are allowed.",
        ),
        ({"strange": True}, "children", "One of the SKUs is not among your products any more."),
    ],
)
def test_what_cannot_be_a_group_is_refused_with_the_reason(
    shop: Merchant, change: dict[str, Any], field: str, message: str
) -> None:
    ids = [loose(shop, "A", "1"), loose(shop, "B", "2")][: change.get("ids", 2)]
    if change.get("strange"):
        ids.append(987654321)

    with pytest.raises(InvalidInput) as caught:
        make_group(
            shop,
            ids,
            title=change.get("title", ""),
            refinements=change.get("refinements", [SIZE]),
            actor=SYSTEM,
        )

    assert caught.value.fields[field] == [message]
    assert not VariationGroup.objects.exists()


def test_a_sku_of_a_group_made_by_hand_is_not_free(shop: Merchant) -> None:
    a, b, c = loose(shop, "A", "1"), loose(shop, "B", "2"), loose(shop, "C", "3")
    make_group(shop, [a, b], refinements=[SIZE], actor=SYSTEM)

    for ids in ([c, b], [a, c], [c, a]):
        with pytest.raises(InvalidInput, match="is in the group of A already"):
            make_group(shop, ids, refinements=[SIZE], actor=SYSTEM)

    assert VariationGroup.objects.count() == 1


def test_a_group_by_hand_takes_skus_out_of_a_product_group(shop: Merchant) -> None:
    make_family(shop, "S", "M", "L")
    other = loose(shop, "A", "9")

    make_group(shop, [other, sku(shop, "HF-M").pk], refinements=[SIZE], actor=SYSTEM)

    assert [(row.parent.sku, row.origin) for row in VariationGroup.objects.all()] == [("A", "panel")]


def test_change_keeps_the_order_and_logs_old_and_new(shop: Merchant) -> None:
    a, b, c = loose(shop, "A", "1"), loose(shop, "B", "2"), loose(shop, "C", "3")
    group = make_group(shop, [a, b, c], refinements=[SIZE], actor=SYSTEM)

    changed = change_group(group, GroupSpec(a, (c, b), (SIZE, COLOR), "New"), actor=SYSTEM)

    assert changed.pk == group.pk
    assert (children(changed), changed.refinements, changed.group_title) == (["C", "B"], [SIZE, COLOR], "New")
    entry = LogEntry.objects.get(action="catalog.group.changed")
    assert (entry.old["children"], entry.new["children"]) == (["B", "C"], ["C", "B"])


def test_a_changed_product_group_is_the_merchants_own(shop: Merchant) -> None:
    make_family(shop, "S", "M", "L")
    group = group_of(shop, "HF-S")
    parent, first = group.parent_id, sku(shop, "HF-L").pk

    change_group(group, GroupSpec(parent, (first,), (SIZE,), "Mine"), actor=SYSTEM)
    refresh_targets(shop, [sku(shop, "HF-M").pk])

    group.refresh_from_db()
    assert (children(group), group.origin, group.group_title) == (["HF-L"], "panel", "Mine")
    assert VariationGroup.objects.count() == 1


@pytest.mark.feature("VAR-08")
def test_another_parent_ends_the_old_group_at_jet(
    market: Merchant, sandbox: Any, family: Callable[..., Product], finish: Callable[[], None]
) -> None:
    publish.upload(market, ids_of(family("S", "M", "L")), actor=SYSTEM)
    finish()
    group = group_of(market, "HF-S")
    spec = GroupSpec(
        sku(market, "HF-M").pk, (group.parent_id, sku(market, "HF-L").pk), (JET_SIZE,), "Copper Kettle"
    )

    change_group(group, spec, actor=SYSTEM)
    finish()

    assert at_jet(sandbox, "HF-S") == NONE
    assert at_jet(sandbox, "HF-M") == ("Variation", [JET_SIZE], ["HF-S", "HF-L"], "Copper Kettle")
    assert [row.parent.sku for row in VariationGroup.objects.all()] == ["HF-M"]


@pytest.mark.feature("VAR-08")
def test_dissolving_sends_the_empty_list_and_the_row_goes_with_the_answer(
    market: Merchant, sandbox: Any, family: Callable[..., Product], finish: Callable[[], None]
) -> None:
    product = family("S", "M", "L")
    publish.upload(market, ids_of(product), actor=SYSTEM)
    finish()
    assert at_jet(sandbox, "HF-S") == GROUP

    told = dissolve_group(group_of(market, "HF-S"), actor=SYSTEM)
    waiting = group_of(market, "HF-S")
    finish()
    refresh_targets(market, ids_of(product))
    finish()

    assert told is True
    assert (waiting.dirty, waiting.members.count()) == (True, 0)
    assert at_jet(sandbox, "HF-S") == NONE
    assert not VariationGroup.objects.exists()
    assert len(calls(sandbox, "/variation")) == 2


def test_a_group_that_jet_never_saw_is_gone_at_once(shop: Merchant) -> None:
    make_family(shop, "S", "M")

    told = dissolve_group(group_of(shop, "HF-S"), actor=SYSTEM)

    assert told is False
    assert not VariationGroup.objects.exists()


@pytest.mark.feature("VAR-08")
def test_a_dissolved_product_forms_its_group_again_on_request(
    market: Merchant, sandbox: Any, family: Callable[..., Product], finish: Callable[[], None]
) -> None:
    product = family("S", "M", "L")
    publish.upload(market, ids_of(product), actor=SYSTEM)
    finish()
    dissolve_group(group_of(market, "HF-S"), actor=SYSTEM)

    group = form_group(product, actor=SYSTEM)
    finish()

    assert group is not None
    assert at_jet(sandbox, "HF-S") == GROUP
    product.refresh_from_db()
    assert product.keeps_apart is False


def test_a_product_with_a_sku_in_a_strange_group_does_not_form_its_own(shop: Merchant) -> None:
    product = make_family(shop, "S", "M")
    make_group(shop, [loose(shop, "A", "9"), sku(shop, "HF-M").pk], refinements=[SIZE], actor=SYSTEM)

    with pytest.raises(StateConflict, match="SKU HF-M is in the group of A"):
        form_group(product, actor=SYSTEM)


@pytest.mark.feature("VAR-08")
def test_sending_again_repeats_the_same_message(
    market: Merchant, sandbox: Any, family: Callable[..., Product], finish: Callable[[], None]
) -> None:
    publish.upload(market, ids_of(family("S", "M", "L")), actor=SYSTEM)
    finish()

    resend_group(group_of(market, "HF-S"), actor=SYSTEM)
    finish()

    assert at_jet(sandbox, "HF-S") == GROUP
    assert len(calls(sandbox, "/variation")) == 2
    assert group_of(market, "HF-S").dirty is False


def test_a_group_with_gaps_is_not_sent_again(shop: Merchant) -> None:
    group = make_group(shop, [loose(shop, "A", "1"), loose(shop, "B", "1")], refinements=[SIZE], actor=SYSTEM)

    with pytest.raises(StateConflict, match="cannot be sent yet"):
        resend_group(group, actor=SYSTEM)
