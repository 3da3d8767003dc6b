"""Suggested Jet categories: scores, accepting singly and above a mark, undo, and replacing vanished nodes."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from django.test import Client
from hypothesis import given
from hypothesis import strategies as st

from catalog.models import CategoryMapping, JetCategory, Listing, Product, StoreCategory, TaxonomyVersion
from catalog.queries.suggestions import category_suggestions
from catalog.similarity import Lookup, likeness, trigrams
from jetsync.models import Merchant, Operation, OperationRow
from tests.catalog import rows

ClientFor = Callable[..., Client]
pytestmark = pytest.mark.django_db


def url(shop: Merchant, path: str = "suggestions/") -> str:
    return f"/m/{shop.slug}/catalog/categories/{path}"


def category(shop: Merchant, path: str) -> StoreCategory:
    return StoreCategory.objects.create(merchant=shop, path=path)


def mapped() -> dict[str, int]:
    return dict(CategoryMapping.objects.values_list("store_category__path", "jet_node_id"))


def test_trigrams_are_those_of_postgresql(shop: Merchant) -> None:
    from django.db import connection

    pairs = [
        ("Tea Kettles", "Kettle"),
        ("Kitchen > Tea > Kettles", "Kettles & Pots"),
        ("a", "b"),
        ("x-1", "X 1"),
    ]
    with connection.cursor() as cursor:
        for one, other in pairs:
            cursor.execute("SELECT similarity(%s, %s)", [one, other])
            assert likeness(trigrams(one), trigrams(other)) == pytest.approx(cursor.fetchone()[0], abs=1e-6)


@given(st.text(max_size=40), st.text(max_size=40))
def test_likeness_is_symmetric_and_full_for_equal_names(one: str, other: str) -> None:
    first, second = trigrams(one), trigrams(other)
    assert likeness(first, second) == likeness(second, first)
    assert 0 <= likeness(first, second) <= 1
    assert not first or likeness(first, first) == 1


@given(st.lists(st.text(min_size=1, max_size=20), max_size=20), st.text(max_size=20))
def test_the_best_matches_come_first_and_within_bounds(names: list[str], wanted: str) -> None:
    found = Lookup((number, name, "") for number, name in enumerate(names)).best(wanted, limit=5)
    scores = [match.score for match in found]
    assert scores == sorted(scores, reverse=True)
    assert all(0.1 <= score <= 1 for score in scores)


def test_equal_paths_score_hundred_and_names_weigh_more_than_paths(shop: Merchant) -> None:
    for path in ("Kitchen > Tea > Kettles", "Sale > Kettles", "Zzz"):
        StoreCategory.objects.create(merchant=shop, path=path)

    best = {row.category.path: row.best for row in category_suggestions(shop)}

    assert best["Kitchen > Tea > Kettles"].percent == 100
    alike = best["Sale > Kettles"]
    assert (alike.node_id, 60 <= alike.percent < 100) == (rows.LEAF, True)
    assert best["Zzz"] is None


def test_top_levels_and_closed_nodes_are_never_suggested(shop: Merchant) -> None:
    JetCategory.objects.filter(node_id=rows.LEAF + 1).update(is_active=False)

    for path in ("Kitchen", "Tea", "Teapots", "Kettles"):
        StoreCategory.objects.create(merchant=shop, path=path)

    found = {match.node_id for row in category_suggestions(shop) for match in row.matches}

    assert found == {rows.LEAF}


def test_each_open_category_is_shown_with_its_score(shop: Merchant, client_for: ClientFor) -> None:
    kettles = category(shop, "Kitchen > Tea > Kettles")
    category(shop, "Gift vouchers")
    rows.map_categories(shop, [category(shop, "Teapots").pk], rows.LEAF)
    rows.make_variant(shop, rows.make_product(shop, jet_node_id=None, store_category=kettles))

    page = client_for("analyst").get(url(shop))

    text = page.content.decode()
    assert [row.category.path for row in page.context["suggestions"]] == [
        "Kitchen > Tea > Kettles",
        "Gift vouchers",
    ]
    assert "100 %" in text
    assert "Nothing at Jet is called alike." in text
    assert (page.context["above"], page.context["above_products"]) == (1, 1)


@pytest.mark.feature("CAT-08")
def test_one_suggestion_is_accepted(shop: Merchant, client_for: ClientFor) -> None:
    kettles = category(shop, "My Kettles")
    category(shop, "Teapots")
    kettle = rows.make_variant(shop, rows.make_product(shop, jet_node_id=None, store_category=kettles))

    answer = client_for("owner").post(
        url(shop), {"one": kettles.pk, f"node_{kettles.pk}": rows.LEAF + 1, "mark": 70}, follow=True
    )

    assert mapped() == {"My Kettles": rows.LEAF + 1}
    assert "It applies to 1 product." in answer.content.decode()
    assert Listing.objects.get(variant=kettle).readiness == "ready"


def test_all_above_the_mark_are_accepted_and_can_be_undone(shop: Merchant, client_for: ClientFor) -> None:
    for path in ("Kitchen > Tea > Kettles", "Tea > Teapots", "Ket"):
        category(shop, path)
    client = client_for("owner")
    assert client.get(f"{url(shop)}?mark=90").context["above"] == 1
    assert client.get(f"{url(shop)}?mark=70").context["above"] == 2

    client.post(url(shop), {"do": "above", "mark": 70})

    operation = Operation.objects.get()
    assert (operation.state, operation.done) == ("done", 2)
    assert mapped() == {"Kitchen > Tea > Kettles": rows.LEAF, "Tea > Teapots": rows.LEAF + 1}
    teapots = StoreCategory.objects.get(path="Tea > Teapots")
    rows.map_categories(shop, [teapots.pk], rows.LEAF)
    client.post(f"/m/{shop.slug}/operations/{operation.pk}/undo/")

    assert mapped() == {"Tea > Teapots": rows.LEAF}
    undone = Operation.objects.exclude(pk=operation.pk).get()
    assert (undone.done, undone.skipped) == (1, 1)
    skipped = OperationRow.objects.get(operation=undone, state="skipped")
    assert skipped.message == "It has been mapped to Kitchen > Tea > Kettles since, so it was left as it is."


def test_nothing_ticked_is_said_and_changes_nothing(shop: Merchant, client_for: ClientFor) -> None:
    category(shop, "Kettles")

    answer = client_for("owner").post(url(shop), {"do": "ticked", "mark": 70}, follow=True)

    assert "No suggestion is chosen." in answer.content.decode()
    assert (mapped(), Operation.objects.count()) == ({}, 0)


def test_many_are_mapped_by_a_job(
    shop: Merchant, client_for: ClientFor, drain: Callable[..., int], monkeypatch: pytest.MonkeyPatch
) -> None:
    from catalog.actions import category_changes

    monkeypatch.setattr(category_changes, "AT_ONCE", 1)
    monkeypatch.setattr(category_changes, "BATCH", 2)
    for number in range(5):
        category(shop, f"Shelf {number} > Kettles")

    client_for("owner").post(url(shop), {"do": "above", "mark": 50})
    assert (mapped(), Operation.objects.get().state) == ({}, "queued")
    drain()

    assert set(mapped().values()) == {rows.LEAF}
    assert (len(mapped()), Operation.objects.get().state) == (5, "done")


def test_the_page_costs_the_same_for_one_category_and_for_three(
    shop: Merchant, client_for: ClientFor, count_queries: Callable[[Client, str], int]
) -> None:
    client = client_for("owner")
    category(shop, "Kettles")
    client.get(url(shop))
    one = count_queries(client, url(shop))
    category(shop, "Teapots")
    category(shop, "Pots")

    assert count_queries(client, url(shop)) == one
    assert one <= 12


def new_version(shop: Merchant) -> TaxonomyVersion:
    """As `make_taxonomy`, with Kettles under another id and without Teapots."""
    version = TaxonomyVersion.objects.create(name="new", owner=shop, is_current=True)
    for node_id, name, path, parent, level in (
        (1, "Kitchen", "Kitchen", 0, 0),
        (2, "Tea", "Kitchen > Tea", 1, 1),
        (3, "Kettles", "Kitchen > Tea > Kettles", 2, 2),
        (4, "Tea Pots", "Kitchen > Tea > Tea Pots", 2, 2),
    ):
        JetCategory.objects.create(
            version=version, node_id=node_id, name=name, path=path, parent_id=parent, level=level
        )
    return version


@pytest.mark.feature("CAT-18")
def test_vanished_nodes_are_replaced_in_one_go(shop: Merchant, client_for: ClientFor) -> None:
    kettles = category(shop, "Kettles")
    rows.map_categories(shop, [kettles.pk], rows.LEAF)
    own = rows.make_product(shop, jet_node_id=rows.LEAF + 1)
    rows.make_variant(shop, own)
    new_version(shop)
    client = client_for("owner")

    page = client.get(url(shop, "replace/"))
    text = page.content.decode()
    found = {
        row.node_id: (row.mappings, row.products, matches[0].node_id, matches[0].percent)
        for row, matches, _names in page.context["rows"]
    }
    client.post(url(shop, "replace/"), {f"node_{rows.LEAF}": 3, f"node_{rows.LEAF + 1}": 4})

    assert found[rows.LEAF] == (1, 0, 3, 100)
    assert found[rows.LEAF + 1][:3] == (0, 1, 4)
    assert "Kitchen &gt; Tea &gt; Teapots" in text
    assert f"<li>{own.title}</li>" in text
    assert mapped() == {"Kettles": 3}
    own.refresh_from_db()
    assert own.jet_node_id == 4
    operation = Operation.objects.get()
    client.post(f"/m/{shop.slug}/operations/{operation.pk}/undo/")
    assert mapped() == {"Kettles": rows.LEAF}
    assert Product.objects.get(pk=own.pk).jet_node_id == rows.LEAF + 1


def test_a_replacement_that_takes_no_products_is_refused(shop: Merchant, client_for: ClientFor) -> None:
    rows.map_categories(shop, [category(shop, "Kettles").pk], rows.LEAF)
    new_version(shop)

    client = client_for("owner")
    top = client.post(url(shop, "replace/"), {f"other_{rows.LEAF}": "1"}, follow=True).content.decode()
    word = client.post(url(shop, "replace/"), {f"other_{rows.LEAF}": "1E+14"}, follow=True).content.decode()

    assert "Jet category 1 takes no products in the taxonomy in use." in top
    assert "“1E+14” is no Jet category id." in word
    assert mapped() == {"Kettles": rows.LEAF}
