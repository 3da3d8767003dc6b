"""A merchant imports Jet's taxonomy, sees what changed and puts a version to use."""

from __future__ import annotations

import csv
from collections.abc import Callable
from typing import Any

import pytest
from django.core.files.storage import default_storage
from django.test import Client

from catalog.actions.taxonomy_import import run_import
from catalog.models import JetCategory, Listing, StoreCategory, TaxonomyVersion
from catalog.queries.taxonomy import current_version
from jetsync.actions.operation import cancel_operation
from jetsync.models import Job, Merchant, Notice, Operation, OperationRow
from jetsync.tenancy.actor import SYSTEM
from tests.catalog import rows
from tests.catalog.taxonomy.files import CATEGORIES, uploads

pytestmark = pytest.mark.django_db
ClientFor = Callable[..., Client]
Drain = Callable[..., int]


def url(shop: Merchant, path: str = "") -> str:
    return f"/m/{shop.slug}/catalog/taxonomy/{path}"


def send(client: Client, shop: Merchant, name: str = "Autumn", **extra: Any) -> Any:
    files = extra.pop("files", None) or uploads()
    data = {"taxonomy_files": files, "name": name, "make_current": "on", **extra}
    return client.post(url(shop, "import/"), data)


@pytest.mark.feature("CAT-02")
def test_four_files_are_imported_in_one_run(shop: Merchant, client_for: ClientFor, drain: Drain) -> None:
    client = client_for("owner")

    answer = send(client, shop)
    operation = Operation.objects.get(kind="catalog.taxonomy_import")
    assert answer.headers["Location"] == f"/m/{shop.slug}/operations/{operation.pk}/"
    assert (operation.state, operation.total) == ("queued", 19)
    drain()

    operation.refresh_from_db()
    version = current_version(shop)
    assert version is not None
    assert (version.name, version.owner_id) == ("Autumn", shop.pk)
    counts = (version.categories, version.attributes, version.attribute_values, version.links)
    assert counts == (5, 3, 3, 3)
    assert (operation.state, operation.done, operation.failed, operation.skipped) == ("partly", 14, 2, 3)
    assert JetCategory.objects.get(version=version, node_id=77000).path == "Dining > Tea > Café Cups"
    assert default_storage.listdir(f"taxonomy/{shop.pk}")[1] == []
    assert not any(
        default_storage.listdir(f"taxonomy/{shop.pk}/{name}")[1]
        for name in default_storage.listdir(f"taxonomy/{shop.pk}")[0]
    )


@pytest.mark.feature("CAT-02")
def test_rows_left_out_are_listed_with_file_line_and_reason(
    shop: Merchant, client_for: ClientFor, drain: Drain
) -> None:
    client = client_for("owner")
    send(client, shop)
    drain()
    version = TaxonomyVersion.objects.get(owner=shop)

    body = b"".join(client.get(url(shop, f"{version.pk}/left-out/")).streaming_content).decode()  # type: ignore[attr-defined]

    assert list(csv.reader(body.removeprefix("\ufeff").splitlines())) == [
        ["file", "line", "reason", "value"],
        ["Jet_Taxonomy_attribute.csv", "5", "attributes with a damaged id", "1.41513E+14"],
        ["Jet_Taxonomy_attribute_value.csv", "4", "retired values", "119"],
        ["Jet_Taxonomy_attribute_value.csv", "6", "values of unknown attributes", "999"],
        ["Jet_Taxonomy_mapping.csv", "5", "links with a damaged id", "1.41513E+14"],
        ["Jet_Taxonomy_mapping.csv", "6", "links given twice", f"{rows.COLOR}, {rows.LEAF}"],
    ]
    page = client.get(url(shop, f"{version.pk}/")).content.decode()
    assert "Links given twice" in page
    assert "Download them with file and line" in page
    OperationRow.objects.all().delete()  # past their time
    page = client.get(url(shop, f"{version.pk}/")).content.decode()
    assert ("Links given twice" in page, "Download them" in page) == (True, False)


def test_large_numbers_are_written_with_a_comma(shop: Merchant, client_for: ClientFor) -> None:
    version = TaxonomyVersion.objects.get()
    TaxonomyVersion.objects.filter(pk=version.pk).update(dropped={"links given twice": 19_334})

    page = client_for("owner").get(url(shop, f"{version.pk}/")).content.decode()

    assert "19,334 in all" in page


@pytest.mark.feature("CAT-18")
def test_the_diff_counts_and_lists_what_changed(shop: Merchant, client_for: ClientFor, drain: Drain) -> None:
    client = client_for("owner")
    send(client, shop)
    drain()
    version = TaxonomyVersion.objects.get(owner=shop)

    assert version.diff["against_name"] == "2017-02"
    assert version.diff["nodes"] == {"gone": 1, "new": 2, "renamed": 1, "moved": 1}
    assert version.diff["attributes"] == {"gone": 1, "new": 1, "renamed": 1, "retyped": 0}
    texts = {
        what: client.get(url(shop, f"{version.pk}/categories/?what={what}")).content.decode()
        for what in ("gone", "new", "renamed", "moved")
    }
    assert "Kitchen &gt; Tea &gt; Teapots" in texts["gone"]
    assert "Café Cups" in texts["new"]
    assert "Tea Kettles" in texts["renamed"]
    assert ">Kettles<" in texts["renamed"]
    assert "Dining &gt; Tea" in texts["moved"]
    renamed = client.get(url(shop, f"{version.pk}/attributes/?what=renamed")).content.decode()
    assert "Size Name" in renamed


@pytest.mark.feature("CAT-18")
def test_mappings_to_vanished_nodes_are_told(shop: Merchant, client_for: ClientFor, drain: Drain) -> None:
    pots = StoreCategory.objects.create(merchant=shop, path="Pots")
    rows.map_categories(shop, [pots.pk], rows.LEAF + 1)
    pot = rows.make_variant(shop, rows.make_product(shop, jet_node_id=None, store_category=pots))
    client = client_for("owner")

    send(client, shop)
    drain()

    assert ("category", "unknown") in {
        (gap["field"], gap["rule"]) for gap in Listing.objects.get(variant=pot).gaps
    }
    notice = Notice.objects.get(key="catalog.taxonomy.vanished")
    assert notice.title == "1 Jet category you use is not in “Autumn”"
    page = client.get(f"/m/{shop.slug}/catalog/categories/").content.decode()
    assert "1 Jet category that you use is not in the taxonomy any more." in page
    assert "Gone from Jet" in page


@pytest.mark.parametrize(
    ("texts", "without", "message"),
    [
        ({}, "links", "The category-attribute mapping file is missing."),
        ({"links": CATEGORIES}, "", "are both the category file."),
        ({"links": b""}, "", "“Jet_Taxonomy_mapping.csv” is empty."),
        ({"links": b"PK\x03\x04rest"}, "", "is not a CSV file."),
        ({"links": b"a,b\n1,2\n"}, "", "is none of the four taxonomy files."),
        ({"links": b"\x81\x8d\x8f,category_id\n"}, "", "is neither UTF-8 nor Windows-1252 text."),
    ],
)
def test_wrong_files_are_named_and_nothing_starts(
    shop: Merchant, client_for: ClientFor, texts: dict[str, Any], without: str, message: str
) -> None:
    answer = send(client_for("owner"), shop, files=uploads(texts, without=without))

    assert answer.status_code == 400
    assert message in answer.content.decode()
    assert Operation.objects.count() == 0
    assert TaxonomyVersion.objects.filter(owner=shop).count() == 0


def test_a_file_without_one_good_category_fails_the_operation(
    shop: Merchant, client_for: ClientFor, drain: Drain
) -> None:
    send(
        client_for("owner"),
        shop,
        files=uploads({"categories": CATEGORIES.split("\n", maxsplit=1)[0] + "\n1E+5,x,0,1,0,\n"}),
    )
    drain()

    operation = Operation.objects.get()
    assert (operation.state, operation.message) == ("failed", "No category could be read.")
    assert current_version(shop).name == "2017-02"  # type: ignore[union-attr]  # imported by the fixture
    assert OperationRow.objects.count() == 0


def test_a_name_is_taken_once_per_merchant(shop: Merchant, client_for: ClientFor, drain: Drain) -> None:
    client = client_for("owner")
    send(client, shop)
    drain()

    again = send(client, shop)
    shared_name = send(client, shop, name="2017-02")

    assert "A taxonomy version named “Autumn” exists already." in again.content.decode()
    assert shared_name.status_code == 302


def test_an_import_that_runs_twice_stores_once(shop: Merchant, client_for: ClientFor, drain: Drain) -> None:
    from catalog.actions.taxonomy_import import run_import

    send(client_for("owner"), shop)
    drain()
    operation = Operation.objects.get()
    Operation.objects.update(state="running")

    run_import(Operation.objects.get())

    operation.refresh_from_db()
    assert (operation.state, operation.done, operation.failed) == ("partly", 14, 2)
    assert TaxonomyVersion.objects.filter(owner=shop).count() == 1


@pytest.mark.feature("CAT-18")
def test_versions_are_kept_and_one_is_chosen(shop: Merchant, client_for: ClientFor, drain: Drain) -> None:
    client = client_for("owner")
    send(client, shop)
    drain()
    own = TaxonomyVersion.objects.get(owner=shop)
    shared = TaxonomyVersion.objects.get(owner=None)

    listed = client.get(url(shop)).content.decode()
    asked = client.get(url(shop, f"{shared.pk}/use/")).content.decode()
    client.post(url(shop, f"{shared.pk}/use/"))

    assert "Autumn" in listed
    assert "2017-02" in listed
    assert "It counts for your products only." in asked
    assert current_version(shop) == shared
    client.post(url(shop, f"{own.pk}/use/"))
    assert current_version(shop) == own
    assert TaxonomyVersion.objects.get(pk=shared.pk).is_current is True
    assert client.post(url(shop, f"{own.pk}/delete/")).status_code == 409
    client.post(url(shop, f"{shared.pk}/use/"))
    client.post(url(shop, f"{own.pk}/delete/"))
    assert list(TaxonomyVersion.objects.values_list("name", flat=True)) == ["2017-02"]
    assert client.post(url(shop, f"{shared.pk}/delete/")).status_code == 409


def test_an_older_shared_version_is_kept_as_an_own_copy(shop: Merchant, client_for: ClientFor) -> None:
    old = rows.make_taxonomy("2015-12", is_current=False)
    client = client_for("owner")

    client.post(url(shop, f"{old.pk}/use/"))

    own = current_version(shop)
    assert own is not None
    assert (own.owner_id, own.name) == (shop.pk, "2015-12")
    assert JetCategory.objects.filter(version=own).count() == 4
    assert TaxonomyVersion.objects.get(owner=None, is_current=True).name == "2017-02"


def test_an_analyst_looks_and_changes_nothing(shop: Merchant, client_for: ClientFor) -> None:
    client = client_for("analyst")

    assert client.get(url(shop, "import/")).status_code == 200
    assert send(client, shop).status_code == 403
    assert Operation.objects.count() == 0


def test_an_import_that_cannot_go_on_ends_and_leaves_no_file(
    shop: Merchant, client_for: ClientFor, drain: Drain
) -> None:
    send(client_for("owner"), shop)
    place, _name = Operation.objects.get().data["files"]["links"]
    default_storage.delete(place)

    drain()

    operation = Operation.objects.get()
    assert (operation.state, operation.message) == ("failed", "The work stopped.")
    assert not any(default_storage.exists(place) for place, _name in operation.data["files"].values())
    assert TaxonomyVersion.objects.filter(owner=shop).count() == 0


def stored_files(operation: Operation) -> list[str]:
    return [place for place, _name in operation.data["files"].values() if default_storage.exists(place)]


@pytest.mark.parametrize("through", ["operation", "job"])
def test_a_waiting_import_that_is_cancelled_leaves_no_file(
    shop: Merchant,
    client_for: ClientFor,
    drain: Drain,
    django_capture_on_commit_callbacks: Any,
    through: str,
) -> None:
    client = client_for("owner")
    send(client, shop)
    operation = Operation.objects.get()
    assert len(stored_files(operation)) == 4
    address = f"operations/{operation.pk}" if through == "operation" else f"jobs/{Job.objects.get().pk}"

    with django_capture_on_commit_callbacks(execute=True):
        assert client.post(f"/m/{shop.slug}/{address}/cancel/").status_code == 302
    drain()

    operation.refresh_from_db()
    assert (operation.state, stored_files(operation)) == ("cancelled", [])
    assert not TaxonomyVersion.objects.filter(owner=shop).exists()


@pytest.mark.parametrize("step", [1, 4])
def test_an_import_that_is_cancelled_while_it_runs_stores_nothing_and_leaves_no_file(
    shop: Merchant, client_for: ClientFor, step: int
) -> None:
    """After the first file, and when all four are read."""
    send(client_for("owner"), shop)
    operation = Operation.objects.select_related("merchant").get()
    beats = 0

    def heartbeat() -> None:
        nonlocal beats
        beats += 1
        if beats == step:
            cancel_operation(Operation.objects.get(), actor=SYSTEM)

    ended = run_import(operation, heartbeat)

    assert (ended.state, stored_files(operation), beats) == ("cancelled", [], step)
    assert not TaxonomyVersion.objects.filter(owner=shop).exists()
    assert current_version(shop) == TaxonomyVersion.objects.get(owner=None)
    assert run_import(ended).state == "cancelled"


def test_the_list_of_versions_costs_the_same_for_one_and_for_three(
    shop: Merchant, client_for: ClientFor, count_queries: Callable[[Client, str], int]
) -> None:
    client = client_for("owner")
    client.get(url(shop))
    one = count_queries(client, url(shop))
    for number in range(2):
        TaxonomyVersion.objects.create(owner=shop, name=f"V{number}")

    assert count_queries(client, url(shop)) == one
    assert one <= 12


def test_of_two_imports_of_one_name_the_second_is_told(
    shop: Merchant, client_for: ClientFor, drain: Drain
) -> None:
    client = client_for("owner")
    send(client, shop)
    send(client, shop)

    drain()

    first, second = Operation.objects.order_by("pk")
    assert (first.state, second.state) == ("partly", "failed")
    assert second.message == "A taxonomy version named “Autumn” exists already."
    assert TaxonomyVersion.objects.filter(owner=shop).count() == 1
