"""The grid of Jet's categories, their details, and making store categories from them."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from django.test import Client

from catalog.models import CategoryMapping, JetAttributeValue, JetCategory, StoreCategory, TaxonomyVersion
from jetsync.models import Merchant, Operation
from tests.catalog import rows

pytestmark = pytest.mark.django_db
ClientFor = Callable[..., Client]


def url(shop: Merchant, path: str = "") -> str:
    return f"/m/{shop.slug}/catalog/jet-categories/{path}"


def shown(client: Client, address: str) -> set[int]:
    rows_of_list = client.get(address).context["list"].rows
    nodes = JetCategory.objects.filter(pk__in=[row.pk for row in rows_of_list])
    return set(nodes.values_list("node_id", flat=True))


@pytest.mark.feature("CAT-01")
def test_the_grid_shows_id_name_level_path_parent_and_mapped_count(
    shop: Merchant, client_for: ClientFor
) -> None:
    for path in ("A", "B"):
        category = StoreCategory.objects.create(merchant=shop, path=path)
        rows.map_categories(shop, [category.pk], rows.LEAF)

    page = client_for("owner").get(url(shop))

    listed = page.context["list"]
    assert [heading.column.label for heading in listed.headings] == [
        "Jet Category ID",
        "Category name",
        "Level",
        "Category path",
        "Parent id",
        "Mapped store categories",
    ]
    kettles = next(row for row in listed.rows if "Kettles" in row.cells[1].html)
    texts = [cell.html for cell in kettles.cells]
    assert str(rows.LEAF) in texts[0]
    assert "Kitchen &gt; Tea &gt; Kettles" in texts[3]
    assert str(rows.MIDDLE) in texts[4]
    assert "2" in texts[5]
    assert kettles.url == url(shop, f"{rows.LEAF}/")


@pytest.mark.feature("CAT-03")
@pytest.mark.parametrize(
    ("query", "found"),
    [
        ("q=kettl", {rows.LEAF}),
        (f"node_id={rows.MIDDLE}", {rows.MIDDLE}),
        ("node_id=1.4E%2B14", set()),
        (f"node_id={'9' * 40}", set()),
        ("level=0", {rows.ROOT}),
        ("level=2", {rows.LEAF, rows.LEAF + 1}),
        ("path=kitchen+teapot", {rows.LEAF + 1}),
        ("mapped=yes", {rows.LEAF}),
        ("mapped=no", {rows.ROOT, rows.MIDDLE, rows.LEAF + 1}),
    ],
)
def test_the_grid_is_filtered(shop: Merchant, client_for: ClientFor, query: str, found: set[int]) -> None:
    category = StoreCategory.objects.create(merchant=shop, path="A")
    rows.map_categories(shop, [category.pk], rows.LEAF)

    assert shown(client_for("analyst"), f"{url(shop)}?{query}") == found


def test_the_grid_costs_the_same_for_one_row_and_for_many(
    shop: Merchant, client_for: ClientFor, count_queries: Callable[[Client, str], int]
) -> None:
    client = client_for("owner")
    client.get(url(shop))

    one = count_queries(client, f"{url(shop)}?level=0")

    assert count_queries(client, f"{url(shop)}?level=2") == one
    assert one <= 12


@pytest.mark.feature("CAT-04")
def test_details_list_the_attributes_with_type_and_values(shop: Merchant, client_for: ClientFor) -> None:
    version = TaxonomyVersion.objects.get()
    for number in range(40):
        JetAttributeValue.objects.create(
            version=version, attribute_id=rows.COLOR, value=f"Shade {number:02d}"
        )
    client = client_for("analyst")

    page = client.get(url(shop, f"{rows.LEAF}/"))

    text = page.content.decode()
    found = {row.attribute.attribute_id: row for row in page.context["attributes"]}
    assert list(found) == [rows.COLOR, rows.SIZE, rows.WEIGHT]
    assert (len(found[rows.COLOR].values), len(found[rows.COLOR].more)) == (12, 30)
    assert found[rows.WEIGHT].units == ["Pounds", "OUNCE"]
    for words in (
        "Pick from values",
        "Free text",
        "Free text with unit",
        "30 more",
        "Variant",
        str(rows.COLOR),
    ):
        assert words in text
    searched = client.get(url(shop, f"{rows.LEAF}/?q=shade+07")).context["attributes"]
    assert [(row.attribute.name, row.values) for row in searched] == [("Color", ["Shade 07"])]
    assert client.get(url(shop, "999/")).status_code == 404


@pytest.mark.feature("CAT-05")
def test_create_category_and_map_makes_the_whole_path(shop: Merchant, client_for: ClientFor) -> None:
    client = client_for("owner")

    client.post(url(shop, f"{rows.LEAF}/create/"))

    assert list(StoreCategory.objects.order_by("path").values_list("path", flat=True)) == [
        "Kitchen",
        "Kitchen > Tea",
        "Kitchen > Tea > Kettles",
    ]
    mapping = CategoryMapping.objects.get()
    assert (mapping.store_category.path, mapping.jet_node_id) == ("Kitchen > Tea > Kettles", rows.LEAF)


@pytest.mark.feature("CAT-05")
def test_many_selected_ones_are_created_and_mapped_at_once(shop: Merchant, client_for: ClientFor) -> None:
    kept = StoreCategory.objects.create(merchant=shop, path="Kitchen > Tea > Teapots")
    rows.map_categories(shop, [kept.pk], rows.LEAF)
    client = client_for("owner")

    asked = client.post(url(shop, "?q="), {"bulk": "create", "scope": "all"})
    page = client.get(asked.headers["Location"]).content.decode()
    done = client.post(asked.headers["Location"])

    assert "2 of them take products and are mapped." in page
    operation = Operation.objects.get()
    assert done.headers["Location"].endswith(f"/operations/{operation.pk}/")
    assert (operation.state, operation.done) == ("done", 1)
    assert dict(CategoryMapping.objects.values_list("store_category__path", "jet_node_id")) == {
        "Kitchen > Tea > Kettles": rows.LEAF,
        "Kitchen > Tea > Teapots": rows.LEAF,
    }
    assert StoreCategory.objects.count() == 4


@pytest.mark.feature("CAT-15")
def test_products_of_a_mapped_category_appear_in_the_grid_with_it(
    shop: Merchant, client_for: ClientFor
) -> None:
    kettles = StoreCategory.objects.create(merchant=shop, path="Kettles")
    pots = StoreCategory.objects.create(merchant=shop, path="Pots")
    for category, sku in ((kettles, "IN-KETTLES"), (pots, "IN-POTS")):
        rows.make_variant(shop, rows.make_product(shop, jet_node_id=None, store_category=category), sku=sku)
    client = client_for("owner")
    grid = f"/m/{shop.slug}/catalog/products/?readiness=ready"

    rows.map_categories(shop, [kettles.pk], rows.LEAF)
    first = client.get(grid).content.decode()
    rows.map_categories(shop, [kettles.pk, pots.pk], rows.LEAF)
    both = client.get(grid).content.decode()

    assert ("IN-KETTLES" in first, "IN-POTS" in first) == (True, False)
    assert ("IN-KETTLES" in both, "IN-POTS" in both) == (True, True)
    assert "Kitchen &gt; Tea &gt; Kettles" in both
