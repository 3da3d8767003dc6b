"""Profiles, assignments, field mappings and store fields as actions: rows, log, targets, and the way back."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from catalog.actions import assigning
from catalog.actions.assigning import assign_profile
from catalog.actions.field_mapping import Mapped, reset_mappings, save_mappings, stored_mappings
from catalog.actions.profile import copy_profile, create_profile, delete_profile, update_profile
from catalog.actions.store_field import ask_read_fields, change_fields, note_fields, read_fields
from catalog.models import Listing, Product, Profile, StoreField, Variant
from catalog.queries.listing import listings_of
from catalog.queries.profile import preview, sku_fit
from jetsync.actions.operation import undo_operation
from jetsync.exceptions import InvalidInput, NotFound, StateConflict
from jetsync.models import Job, LogEntry, Merchant, OperationRow
from jetsync.tenancy.actor import Actor
from tests.catalog import rows

pytestmark = pytest.mark.django_db


def make_profile(shop: Merchant, actor: Actor, name: str = "Kitchen", **values: Any) -> Profile:
    return create_profile(shop, {"name": name, **values}, actor=actor)


def test_a_profile_is_deleted_once(shop: Merchant, actor: Actor) -> None:
    profile = make_profile(shop, actor)
    stale = Profile.objects.get(pk=profile.pk)
    delete_profile(profile, move_to=None, actor=actor)

    with pytest.raises(NotFound, match="was deleted meanwhile"):
        delete_profile(stale, move_to=None, actor=actor)

    assert LogEntry.objects.filter(action="catalog.profile.deleted").count() == 1


def bare_product(shop: Merchant, **extra: Any) -> Variant:
    """A SKU that only lacks a brand."""
    return rows.make_variant(shop, rows.make_product(shop, brand="", **extra))


def brand_of(shop: Merchant, variant: Variant) -> tuple[Any, Any]:
    result = listings_of(shop, [variant.pk])[variant.pk]
    return result.payload.get("brand"), result.origins.get("brand")


def profile_of(variant: Variant) -> str:
    product = Product.objects.select_related("profile").get(pk=variant.product_id)
    return product.profile.name if product.profile else ""


def test_profile_is_stored_clean_and_logged(shop: Merchant, actor: Actor) -> None:
    profile = make_profile(
        shop,
        actor,
        name="  Kitchen   goods ",
        jet_node_id=rows.LEAF,
        attributes=[{"id": rows.COLOR, "value": "Copper"}, {"id": rows.SIZE}],
        specifics={"brand": {"value": " Harrow "}, "msrp": {"value": "", "source": ""}},
    )

    stored = Profile.objects.get(pk=profile.pk)
    assert stored.name == "Kitchen goods"
    assert stored.attributes == [{"id": rows.COLOR, "value": "Copper", "unit": "", "source": ""}]
    assert stored.specifics == {"brand": {"value": "Harrow", "source": ""}}
    assert LogEntry.objects.filter(action="catalog.profile.created", object_id=profile.pk).count() == 1


@pytest.mark.parametrize(
    ("values", "field"),
    [
        ({"name": ""}, "name"),
        ({"name": "x" * 121}, "name"),
        ({"name": "a\x00b"}, "name"),
        ({"sku_as_code": "SKU"}, "sku_as_code"),
        ({"code_type": "UPC"}, "code_source"),
        ({"code_source": "field:upc"}, "code_type"),
        ({"code_type": "UPC", "code_source": "nonsense"}, "code_source"),
        ({"jet_node_id": rows.ROOT}, "jet_node_id"),
        ({"jet_node_id": 1}, "jet_node_id"),
        ({"attributes": [{"id": rows.COLOR, "value": "Pink"}]}, f"attributes.{rows.COLOR}"),
        ({"attributes": [{"id": 1, "value": "x"}]}, "attributes.1"),
        ({"attributes": [{"id": rows.SIZE, "source": "x"}]}, f"attributes.{rows.SIZE}"),
        (
            {"attributes": [{"id": rows.WEIGHT, "source": "field:a", "unit": "Stone"}]},
            f"attributes.{rows.WEIGHT}.unit",
        ),
        ({"specifics": {"colour": {"value": "x"}}}, "specifics.colour"),
        ({"specifics": {"msrp": {"value": "12;5"}}}, "specifics.msrp"),
        ({"specifics": {"brand": {"source": "what:x"}}}, "specifics.brand"),
    ],
)
def test_bad_values_are_refused_by_name(
    shop: Merchant, actor: Actor, values: dict[str, Any], field: str
) -> None:
    with pytest.raises(InvalidInput) as caught:
        make_profile(shop, actor, **{"name": "Kitchen", **values})

    assert field in caught.value.fields
    assert Profile.objects.count() == 0


def test_a_name_is_given_once(shop: Merchant, actor: Actor) -> None:
    make_profile(shop, actor)

    with pytest.raises(InvalidInput, match="There is a profile “Kitchen” already"):
        make_profile(shop, actor)


def test_change_reaches_the_products_at_once_and_says_nothing_twice(shop: Merchant, actor: Actor) -> None:
    kettle = bare_product(shop)
    profile = make_profile(shop, actor)
    assign_profile(shop, [kettle.product_id], profile, actor=actor)
    assert Listing.objects.get(variant=kettle).readiness == "not_ready"

    update_profile(profile, {"specifics": {"brand": {"value": "Harrow"}}}, actor=actor)
    update_profile(profile, {"specifics": {"brand": {"value": "Harrow"}}}, actor=actor)

    assert brand_of(shop, kettle) == ("Harrow", "from profile Kitchen")
    assert Listing.objects.get(variant=kettle).readiness == "ready"
    assert LogEntry.objects.filter(action="catalog.profile.changed").count() == 1


def test_change_of_a_large_profile_is_a_job(
    shop: Merchant, actor: Actor, drain: Callable[..., int], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("catalog.actions.profile.BATCH", 1)
    kettles = [bare_product(shop), bare_product(shop)]
    profile = make_profile(shop, actor)
    assign_profile(shop, [kettle.product_id for kettle in kettles], profile, actor=actor)

    update_profile(profile, {"specifics": {"brand": {"value": "Harrow"}}}, actor=actor)
    assert set(Listing.objects.values_list("readiness", flat=True)) == {"not_ready"}
    drain()

    assert set(Listing.objects.values_list("readiness", flat=True)) == {"ready"}
    assert Job.objects.get(kind="catalog.refresh_profile").message == "2 targets changed."


def test_copies_have_names_of_their_own_and_no_products(shop: Merchant, actor: Actor) -> None:
    profile = make_profile(shop, actor, sku_as_part_number=True)
    assign_profile(shop, [bare_product(shop).product_id], profile, actor=actor)

    first, second = copy_profile(profile, actor=actor), copy_profile(profile, actor=actor)

    assert (first.name, second.name) == ("Kitchen (copy)", "Kitchen (copy 2)")
    assert second.sku_as_part_number is True
    assert Product.objects.filter(profile__in=[first, second]).count() == 0


@pytest.mark.parametrize("moves", ["", "moves"])
def test_deleting_leaves_or_moves_the_products(shop: Merchant, actor: Actor, moves: str) -> None:
    kettle = bare_product(shop)
    old = make_profile(shop, actor, specifics={"brand": {"value": "Harrow"}})
    new = make_profile(shop, actor, "Tea", specifics={"brand": {"value": "Finch"}})
    assign_profile(shop, [kettle.product_id], old, actor=actor)

    count = delete_profile(old, move_to=new if moves else None, actor=actor)

    assert count == 1
    assert profile_of(kettle) == ("Tea" if moves else "")
    assert brand_of(shop, kettle)[0] == ("Finch" if moves else None)
    assert list(Profile.objects.values_list("name", flat=True)) == ["Tea"]


def test_assignment_is_an_operation_and_undo_gives_back_what_was(shop: Merchant, actor: Actor) -> None:
    one, two, three = (bare_product(shop) for _ in range(3))
    old, new = make_profile(shop, actor, "Old"), make_profile(shop, actor, "New")
    assign_profile(shop, [one.product_id], old, actor=actor)

    operation = assign_profile(shop, [one.product_id, two.product_id], new, actor=actor)
    assert (operation.state, operation.done) == ("done", 2)
    assert [profile_of(row) for row in (one, two, three)] == ["New", "New", ""]
    assert set(operation.rows.values_list("message", flat=True)) == {
        "Now profile New instead of profile Old.",
        "Now profile New instead of no profile.",
    }

    undone = undo_operation(operation, actor=actor)

    assert [profile_of(row) for row in (one, two, three)] == ["Old", "", ""]
    assert undone.state == "done"


def test_undo_leaves_alone_what_was_changed_since(shop: Merchant, actor: Actor) -> None:
    one, two = bare_product(shop), bare_product(shop)
    first, later = make_profile(shop, actor, "First"), make_profile(shop, actor, "Later")
    operation = assign_profile(shop, [one.product_id, two.product_id], first, actor=actor)
    assign_profile(shop, [one.product_id], later, actor=actor)

    undone = undo_operation(operation, actor=actor)

    assert [profile_of(row) for row in (one, two)] == ["Later", ""]
    assert list(undone.rows.filter(state="skipped").values_list("message", flat=True)) == [
        "It got profile Later since; left as it is."
    ]


def test_large_assignment_is_a_job_that_may_run_twice(
    shop: Merchant, actor: Actor, drain: Callable[..., int], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(assigning, "AT_ONCE", 1)
    monkeypatch.setattr(assigning, "BATCH", 2)
    kettles = [bare_product(shop) for _ in range(3)]
    gone = rows.make_product(shop)
    profile = make_profile(shop, actor)

    ids = [*(kettle.product_id for kettle in kettles), gone.pk]
    operation = assign_profile(shop, ids, profile, actor=actor)
    gone.delete()
    assert [profile_of(kettle) for kettle in kettles] == ["", "", ""]
    drain()
    operation.refresh_from_db()
    again = assigning.run_assignment(operation)

    assert [profile_of(kettle) for kettle in kettles] == ["Kitchen"] * 3
    assert (again.state, again.done, again.failed) == ("partly", 3, 1)
    assert OperationRow.objects.get(operation=operation, state="failed").message == "The product is gone."


def test_assigning_may_refuse_to_replace(shop: Merchant, actor: Actor) -> None:
    kettle = bare_product(shop)
    old, new = make_profile(shop, actor, "Old"), make_profile(shop, actor, "New")
    assign_profile(shop, [kettle.product_id], old, actor=actor)

    with pytest.raises(StateConflict, match="1 of the products has another profile already"):
        assign_profile(shop, [kettle.product_id], new, actor=actor, replace=False)

    assert profile_of(kettle) == "Old"
    with pytest.raises(InvalidInput, match="No product is chosen"):
        assign_profile(shop, [], new, actor=actor)


def test_a_profile_deleted_meanwhile_is_not_given_out(
    shop: Merchant, actor: Actor, drain: Callable[..., int], monkeypatch: pytest.MonkeyPatch
) -> None:
    """The rival deletes it between the request and the job, and between two clicks."""
    monkeypatch.setattr(assigning, "AT_ONCE", 0)
    kettle, profile, other = bare_product(shop), make_profile(shop, actor), make_profile(shop, actor, "Tea")
    operation = assign_profile(shop, [kettle.product_id], profile, actor=actor)
    delete_profile(profile, move_to=None, actor=actor)
    drain()

    operation.refresh_from_db()
    assert (operation.state, profile_of(kettle)) == ("failed", "")
    assert OperationRow.objects.get(operation=operation).message == "The profile was deleted."
    assert not LogEntry.objects.filter(action="catalog.product.profile_set").exists()
    with pytest.raises(NotFound, match="Profile “Kitchen” was deleted meanwhile"):
        update_profile(profile, {"name": "x"}, actor=actor)
    with pytest.raises(NotFound):
        delete_profile(other, move_to=profile, actor=actor)
    assert list(Profile.objects.values_list("name", flat=True)) == ["Tea"]


def test_one_product_tells_of_its_profile_on_its_own_time_line(shop: Merchant, actor: Actor) -> None:
    kettle, old, new = bare_product(shop), make_profile(shop, actor, "Old"), make_profile(shop, actor, "New")

    assign_profile(shop, [kettle.product_id], old, actor=actor)
    assign_profile(shop, [kettle.product_id], new, actor=actor)

    told = LogEntry.objects.filter(action="catalog.product.profile_set", object_id=kettle.product_id)
    assert list(told.order_by("pk").values_list("old__profile", "new__profile")) == [
        ("", "Old"),
        ("Old", "New"),
    ]


def test_queries_of_an_assignment_do_not_grow_with_the_products(
    shop: Merchant, actor: Actor, django_assert_max_num_queries: Any
) -> None:
    profile = make_profile(shop, actor)
    ids = [bare_product(shop).product_id for _ in range(12)]

    with django_assert_max_num_queries(70):
        assign_profile(shop, ids, profile, actor=actor)


def test_preview_shows_what_the_profile_fills_and_what_it_cannot(shop: Merchant, actor: Actor) -> None:
    profile = make_profile(
        shop,
        actor,
        specifics={"brand": {"value": "Harrow"}, "msrp": {"source": "field:list_price"}},
        attributes=[{"id": rows.SIZE, "value": "Large"}],
        sku_as_part_number=True,
    )
    kettle = bare_product(shop)
    Variant.objects.filter(pk=kettle.pk).update(data={"list_price": "cheap"})
    assign_profile(shop, [kettle.product_id], profile, actor=actor)

    (shown,) = preview(profile)

    assert [(value.label, value.value, value.origin) for value in shown.values] == [
        ("Brand", "Harrow", "from profile Kitchen"),
        ("Manufacturer part number", kettle.sku, "from profile Kitchen, the SKU"),
        ("Size", "Large", "from profile Kitchen"),
    ]
    assert [gap.value for gap in shown.problems] == ["cheap"]


def test_sku_fit_counts_those_that_are_no_code(shop: Merchant, actor: Actor) -> None:
    for sku in ("036000291452", "HF-1", "03600029145"):
        rows.make_variant(shop, sku=sku, refresh=False)

    fit = sku_fit(shop, "UPC")

    assert (fit.checked, fit.bad) == (3, 2)
    assert dict(fit.misfits)["03600029145"] == "UPC has 11 digits, 12 expected."


def test_mapping_is_saved_and_applies_at_once(shop: Merchant, actor: Actor) -> None:
    kettle = bare_product(shop)

    changed = save_mappings(
        shop,
        {
            "brand": Mapped(fixed=" Harrow "),
            "product_title": Mapped(source="product.title"),
            "msrp": Mapped(),
        },
        actor=actor,
    )
    again = save_mappings(shop, {"brand": Mapped(fixed="Harrow")}, actor=actor)

    assert (changed, again) == (1, 0)
    assert stored_mappings(shop) == {"brand": Mapped(fixed="Harrow")}
    assert brand_of(shop, kettle) == ("Harrow", "from the field mapping, a fixed text")
    assert Listing.objects.get(variant=kettle).readiness == "ready"
    entry = LogEntry.objects.get(action="catalog.field_mapping.changed")
    assert (entry.old, entry.new) == ({"brand": "default"}, {"brand": "“Harrow”"})

    assert reset_mappings(shop, ["brand", "msrp"], actor=actor) == 1
    assert stored_mappings(shop) == {}
    assert brand_of(shop, kettle) == (None, None)


def test_mapping_of_a_large_store_is_recomputed_by_a_job(
    shop: Merchant, actor: Actor, drain: Callable[..., int], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("catalog.actions.field_mapping.BATCH", 0)
    kettle = bare_product(shop)

    save_mappings(shop, {"brand": Mapped(fixed="Harrow")}, actor=actor)
    assert Listing.objects.get(variant=kettle).readiness == "not_ready"
    drain()

    assert Listing.objects.get(variant=kettle).readiness == "ready"


@pytest.mark.parametrize(
    ("name", "line"),
    [
        ("colour", Mapped(fixed="x")),
        ("brand", Mapped(source="nonsense")),
        ("brand", Mapped(fixed="x" * 101)),
        ("product_description", Mapped(fixed="x" * 501)),
        ("UPC", Mapped(fixed="123")),
        ("prop_65", Mapped(fixed="perhaps")),
    ],
)
def test_bad_mappings_are_refused_and_nothing_is_stored(
    shop: Merchant, actor: Actor, name: str, line: Mapped
) -> None:
    with pytest.raises(InvalidInput) as caught:
        save_mappings(shop, {"msrp": Mapped(fixed="5"), name: line}, actor=actor)

    assert list(caught.value.fields) == [name]
    assert stored_mappings(shop) == {}


def test_fields_are_noted_once(shop: Merchant, django_assert_num_queries: Any) -> None:
    samples = {"field:material": "Copper" * 50, "option:Size": "L", "product.title": "x", "bad:key": "y"}

    assert note_fields(shop, samples) == 2
    with django_assert_num_queries(1):
        assert note_fields(shop, samples) == 0

    assert [(str(row), len(row.sample)) for row in StoreField.objects.all()] == [
        ("field:material", 200),
        ("option:Size", 1),
    ]


def test_register_is_read_from_all_products(shop: Merchant, drain: Callable[..., int]) -> None:
    kettle = bare_product(shop, data={"material": "Copper"})
    Variant.objects.filter(pk=kettle.pk).update(
        data={"jet_asin": "B00"}, options=[{"name": "Size", "value": "L"}]
    )
    note_fields(shop, {"field:gone": "x"})
    assert set(map(str, StoreField.objects.all())) == {"field:gone"}

    ask_read_fields(shop)
    drain()

    assert set(map(str, StoreField.objects.all())) == {"field:material", "field:jet_asin", "option:Size"}
    assert read_fields(shop) == 3


def test_own_fields_of_a_sku_change_what_jet_gets(shop: Merchant, actor: Actor) -> None:
    kettle = bare_product(shop, data={"maker": "Finch"})
    save_mappings(shop, {"brand": Mapped(source="field:maker")}, actor=actor)
    assert brand_of(shop, kettle)[0] == "Finch"

    change_fields(kettle, {"maker": " Harrow "}, actor=actor)
    change_fields(kettle, {"maker": "Harrow"}, actor=actor)
    assert brand_of(shop, kettle) == ("Harrow", "from the field mapping, field maker")
    assert list(map(str, StoreField.objects.all())) == ["field:maker"]

    change_fields(kettle, {"maker": None}, actor=actor)
    assert brand_of(shop, kettle)[0] == "Finch"
    assert Variant.objects.get(pk=kettle.pk).data == {}
    assert LogEntry.objects.filter(action="catalog.variant.fields_changed").count() == 2

    with pytest.raises(InvalidInput, match="needs a name"):
        change_fields(kettle, {" ": "x"}, actor=actor)
