"""Store fields and options to Jet's attributes, their values to Jet's values, and what products get from it."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from django.test import Client

from catalog.actions.attribute_mapping import map_attribute, set_values, unmap_attribute
from catalog.actions.attribute_suggestions import accept_attributes
from catalog.models import (
    AttributeMapping,
    JetAttribute,
    JetAttributeValue,
    StoreCategory,
    StoreField,
    ValueMapping,
)
from catalog.queries.attribute_mapping import products_with, store_values
from catalog.queries.listing import listings_of, load_facts
from catalog.sources import BUILT_IN, read_source
from jetsync.actions.operation import undo_operation
from jetsync.exceptions import NotFound, StateConflict
from jetsync.models import LogEntry, Merchant, Operation
from jetsync.tenancy.actor import SYSTEM
from tests import factories
from tests.catalog import rows

pytestmark = pytest.mark.django_db
ClientFor = Callable[..., Client]
Drain = Callable[..., int]


def url(shop: Merchant, path: str = "") -> str:
    return f"/m/{shop.slug}/catalog/attributes/{path}"


@pytest.fixture
def ready(shop: Merchant) -> Merchant:
    """Kettles are mapped; the store has a field colour, a field heft and an option Size."""
    category = StoreCategory.objects.create(merchant=shop, path="Kettles")
    rows.map_categories(shop, [category.pk], rows.LEAF)
    for kind, name, sample in (
        ("field", "colour", "copper"),
        ("field", "heft", "3"),
        ("option", "Size", "2 l"),
    ):
        StoreField.objects.create(merchant=shop, kind=kind, name=name, sample=sample)
    return shop


def make_kettle(shop: Merchant, **data: str) -> int:
    product = rows.make_product(shop, data=data)
    return rows.make_variant(shop, product, attributes=[]).pk


def sent(shop: Merchant, pk: int) -> list[dict[str, object]]:
    return listings_of(shop, [pk])[pk].payload.get("attributes_node_specific", [])


@pytest.mark.feature("ATT-01")
def test_a_field_is_mapped_by_name_or_id_of_the_mapped_categories(
    ready: Merchant, client_for: ClientFor
) -> None:
    client = client_for("owner")

    page = client.get(url(ready)).content.decode()
    by_name = client.post(url(ready), {"do": "map", "source": "field:colour", "attribute": "Color (119)"})
    by_id = client.post(
        url(ready), {"do": "map", "source": "field:heft", "attribute": "23", "unit": "pounds"}
    )
    wrong = client.post(url(ready), {"do": "map", "source": "field:heft", "attribute": "Colr"})

    assert '<option value="Color (119)">' in page
    assert (by_name.status_code, by_id.status_code, wrong.status_code) == (302, 302, 400)
    assert "No attribute “Colr”" in wrong.content.decode()
    assert set(AttributeMapping.objects.values_list("source", "attribute_id", "unit")) == {
        ("field:colour", 119, ""),
        ("field:heft", 23, "Pounds"),
    }


@pytest.mark.feature("ATT-04")
def test_a_mapping_takes_effect_at_once_and_says_to_how_many_products(
    ready: Merchant, client_for: ClientFor, drain: Drain
) -> None:
    kettles = [make_kettle(ready, colour="copper") for _ in range(3)]
    make_kettle(ready)
    client = client_for("owner")

    answer = client.post(
        url(ready), {"do": "map", "source": "field:colour", "attribute": "Color"}, follow=True
    )
    drain()

    assert "The mapping is applied to 3 products." in answer.content.decode()
    assert sent(ready, kettles[0]) == [{"attribute_id": 119, "attribute_value": "Copper"}]
    assert LogEntry.objects.filter(action="catalog.attribute.mapped").count() == 1


@pytest.mark.feature("ATT-01")
def test_suggestions_are_accepted_singly_and_above_a_mark(ready: Merchant, client_for: ClientFor) -> None:
    client = client_for("owner")
    page = client.get(f"{url(ready)}?mark=40")
    found = {row.source: row.best and row.best.name for row in page.context["rows"]}

    client.post(url(ready), {"one": "option:Size", "attribute_option:Size": 50, "mark": 40})
    assert list(AttributeMapping.objects.values_list("source", flat=True)) == ["option:Size"]
    client.post(url(ready), {"do": "above", "mark": 40})

    assert found["field:colour"] == "Color"
    assert found["option:Size"] == "Size"
    assert page.context["above"] == 2
    assert set(AttributeMapping.objects.values_list("source", "attribute_id")) == {
        ("option:Size", 50),
        ("field:colour", 119),
    }
    assert (
        "No suggestion is chosen."
        in client.post(url(ready), {"do": "above", "mark": 99}, follow=True).content.decode()
    )


def rows_of(operation: Operation) -> dict[str, tuple[str, str]]:
    return {row.label: (row.state, row.message) for row in operation.rows.all()}


@pytest.mark.feature("ATT-01")
def test_accepted_fields_are_undone_and_those_worked_on_since_are_left_and_named(
    ready: Merchant, client_for: ClientFor, drain: Drain
) -> None:
    kettle = make_kettle(ready, colour="copper", gone="x")
    StoreField.objects.create(merchant=ready, kind="field", name="Item Weight", sample="3")
    client = client_for("owner")
    answer = client.post(url(ready), {"do": "above", "mark": 40})
    operation = Operation.objects.get(kind="catalog.attributes_accepted")
    assert answer.headers["Location"].endswith(f"/operations/{operation.pk}/")
    assert (operation.state, operation.done) == ("done", 3)
    drain()
    assert sent(ready, kettle) == [{"attribute_id": 119, "attribute_value": "Copper"}]
    page = client.get(f"/m/{ready.slug}/operations/{operation.pk}/undo/").content.decode()
    assert "What was accepted is no longer mapped" in page

    by_name = {row.attribute_name: row for row in AttributeMapping.objects.all()}
    set_values(by_name["Size"], {"2 l": ("2 quarts", "")}, actor=SYSTEM)
    map_attribute(ready, "field:Item Weight", 23, unit="Pounds", actor=SYSTEM)
    undo = undo_operation(operation, actor=SYSTEM)
    drain()

    assert rows_of(undo) == {
        "field colour → Color": ("done", "No longer mapped."),
        "option Size → Size": ("skipped", "1 value of it mapped since; it was left as it is."),
        "field Item Weight → Item Weight": ("skipped", "It got the unit Pounds since; it was left as it is."),
    }
    assert set(AttributeMapping.objects.values_list("attribute_name", flat=True)) == {"Size", "Item Weight"}
    assert sent(ready, kettle) == []


def test_an_accepted_field_that_was_removed_since_is_named(ready: Merchant, client_for: ClientFor) -> None:
    client = client_for("owner")
    client.post(url(ready), {"one": "option:Size", "attribute_option:Size": 50})
    client.post(url(ready), {"one": "option:Size", "attribute_option:Size": 50})
    operation = Operation.objects.get(kind="catalog.attributes_accepted")
    AttributeMapping.objects.all().delete()

    undo = undo_operation(operation, actor=SYSTEM)

    assert rows_of(undo) == {"option Size → Size": ("skipped", "It was removed since.")}
    with pytest.raises(StateConflict):
        undo_operation(Operation.objects.get(pk=operation.pk), actor=SYSTEM)


@pytest.mark.feature("ATT-02")
def test_accepted_values_are_undone_but_not_those_changed_since(
    ready: Merchant, client_for: ClientFor, drain: Drain
) -> None:
    version_id = JetAttributeValue.objects.filter(value="Copper").values_list("version_id", flat=True)[0]
    JetAttributeValue.objects.create(version_id=version_id, attribute_id=119, value="Matte Black")
    for colour in ("Mat Black", "Coper"):
        make_kettle(ready, colour=colour)
    mapping = map_attribute(ready, "field:colour", 119, actor=SYSTEM).mapping
    client = client_for("owner")
    answer = client.post(url(ready, f"{mapping.pk}/"), {"do": "above", "mark": 50})
    operation = Operation.objects.get(kind="catalog.attributes_accepted")
    assert answer.headers["Location"].endswith(f"/operations/{operation.pk}/")
    assert operation.title == "Map 2 values of field colour for Color"
    set_values(mapping, {"coper": ("Black", "")}, actor=SYSTEM)

    undo = undo_operation(operation, actor=SYSTEM)

    assert rows_of(undo) == {
        "mat black → Matte Black": ("done", "No longer mapped."),
        "coper → Copper": ("skipped", "It is “Black” now; it was left as it is."),
    }
    assert dict(ValueMapping.objects.values_list("store_value", "jet_value")) == {"coper": "Black"}


@pytest.mark.feature("ATT-02")
def test_values_are_listed_with_counts_and_mapped_to_jets(
    ready: Merchant, client_for: ClientFor, drain: Drain
) -> None:
    ebook = make_kettle(ready, colour="eBook")
    make_kettle(ready, colour="EBOOK ")
    copper = make_kettle(ready, colour="copper")
    mapping = map_attribute(ready, "field:colour", 119, actor=SYSTEM).mapping
    client = client_for("owner")

    page = client.get(url(ready, f"{mapping.pk}/"))
    states = {row.store.value: (row.state, row.store.products) for row, *_rest in page.context["rows"]}
    client.post(url(ready, f"{mapping.pk}/"), {"store": ["ebook"], "value": ["black"]})
    drain()

    assert states == {"ebook": ("open", 2), "copper": ("same", 1)}
    row = ValueMapping.objects.get()
    assert (row.store_value, row.jet_value) == ("ebook", "Black")
    assert sent(ready, ebook) == [{"attribute_id": 119, "attribute_value": "Black"}]
    assert sent(ready, copper) == [{"attribute_id": 119, "attribute_value": "Copper"}]


def test_mapped_values_are_logged_with_what_they_were(ready: Merchant) -> None:
    mapping = map_attribute(ready, "field:heft", rows.WEIGHT, unit="Pounds", actor=SYSTEM).mapping
    set_values(mapping, {"light": ("1", "Pounds"), "heavy": ("9", ""), "mid": ("5", "")}, actor=SYSTEM)

    changed = set_values(
        mapping,
        {"light": ("2", "OUNCE"), "heavy": ("", ""), "mid": ("5", ""), "none": ("", "")},
        actor=SYSTEM,
    )

    entry = LogEntry.objects.filter(action="catalog.attribute.values_mapped").latest("pk")
    assert changed == 2
    assert (entry.old, entry.new) == (
        {"light": "1 Pounds", "heavy": "9"},
        {"light": "2 OUNCE", "heavy": ""},
    )


def test_values_of_a_mapping_that_was_removed_meanwhile_are_refused(ready: Merchant) -> None:
    mapping = map_attribute(ready, "field:colour", rows.COLOR, actor=SYSTEM).mapping
    stale = AttributeMapping.objects.get(pk=mapping.pk)
    unmap_attribute(mapping, actor=SYSTEM)

    with pytest.raises(NotFound, match="no longer mapped to Color"):
        set_values(stale, {"ebook": ("Black", "")}, actor=SYSTEM)
    with pytest.raises(NotFound):
        unmap_attribute(stale, actor=SYSTEM)

    assert LogEntry.objects.filter(action="catalog.attribute.unmapped").count() == 1
    assert not LogEntry.objects.filter(action="catalog.attribute.values_mapped").exists()


def test_accepting_logs_only_what_is_new(ready: Merchant) -> None:
    map_attribute(ready, "field:colour", rows.COLOR, actor=SYSTEM)

    operation = accept_attributes(ready, {"field:colour": rows.COLOR, "option:Size": rows.SIZE}, actor=SYSTEM)

    entry = LogEntry.objects.filter(action="catalog.attribute.mapped").latest("pk")
    assert operation is not None
    assert (operation.done, entry.new) == (1, {"option:Size": rows.SIZE})
    assert "colour" not in entry.message


@pytest.mark.feature("ATT-02")
def test_an_illegal_value_is_named_and_nothing_is_stored(ready: Merchant, client_for: ClientFor) -> None:
    make_kettle(ready, colour="eBook")
    make_kettle(ready, colour="night")
    mapping = map_attribute(ready, "field:colour", 119, actor=SYSTEM).mapping

    answer = client_for("owner").post(
        url(ready, f"{mapping.pk}/"), {"store": ["ebook", "night"], "value": ["Black", "Mauve"]}
    )

    text = answer.content.decode()
    assert answer.status_code == 400
    assert "For “night”: Color “Mauve” is not one of Jet&#x27;s values. Use one of Copper, Black." in text
    assert 'value="Mauve"' in text
    assert ValueMapping.objects.count() == 0


@pytest.mark.feature("ATT-02")
def test_value_suggestions_exact_first_then_alike(ready: Merchant, client_for: ClientFor) -> None:
    version_id = JetAttributeValue.objects.filter(value="Copper").values_list("version_id", flat=True)[0]
    JetAttributeValue.objects.create(version_id=version_id, attribute_id=119, value="Matte Black")
    for colour in ("Black", "Mat Black", "Zinc"):
        make_kettle(ready, colour=colour)
    mapping = map_attribute(ready, "field:colour", 119, actor=SYSTEM).mapping
    client = client_for("owner")

    page = client.get(url(ready, f"{mapping.pk}/?mark=50"))
    found = {row.store.value: (row.state, row.match) for row, *_rest in page.context["rows"]}
    client.post(url(ready, f"{mapping.pk}/"), {"do": "above", "mark": 50})

    assert found == {
        "mat black": ("open", "Matte Black"),
        "zinc": ("open", ""),
        "black": ("same", ""),
    }
    assert dict(ValueMapping.objects.values_list("store_value", "jet_value")) == {"mat black": "Matte Black"}


@pytest.mark.feature("ATT-02", "ATT-06")
def test_units_come_from_jets_list(ready: Merchant, client_for: ClientFor, drain: Drain) -> None:
    kettle = make_kettle(ready, heft="3")
    mapping = map_attribute(ready, "field:heft", 23, actor=SYSTEM).mapping
    client = client_for("owner")
    address = url(ready, f"{mapping.pk}/")

    before = client.get(address).context["rows"][0][0].state
    wrong = client.post(address, {"do": "unit", "default_unit": "stone"}, follow=True).content.decode()
    client.post(address, {"do": "unit", "default_unit": "Pounds"})
    drain()
    assert (before, "Item Weight takes no unit “stone”." in wrong) == ("unit", True)
    assert sent(ready, kettle) == [
        {"attribute_id": 23, "attribute_value": "3", "attribute_value_unit": "Pounds"}
    ]
    client.post(address, {"store": ["3"], "value": ["48"], "unit": ["ounce"]})
    drain()

    assert sent(ready, kettle) == [
        {"attribute_id": 23, "attribute_value": "48", "attribute_value_unit": "OUNCE"}
    ]


@pytest.mark.feature("ATT-02")
def test_free_text_is_created_as_typed_and_options_are_read(ready: Merchant) -> None:
    product = rows.make_product(ready, kind="variable")
    variant = rows.make_variant(ready, product, attributes=[], options=[{"name": "size", "value": "2 l"}])
    mapping = map_attribute(ready, "option:Size", 50, actor=SYSTEM).mapping

    assert [(row.value, row.products) for row in store_values(ready, "option:Size")] == [("2 l", 1)]
    assert set_values(mapping, {"2 L": ("Two litres", "")}, actor=SYSTEM) == 1

    assert sent(ready, variant.pk) == [{"attribute_id": 50, "attribute_value": "Two litres"}]
    assert set_values(mapping, {"2 l": ("", "")}, actor=SYSTEM) == 1
    assert ValueMapping.objects.count() == 0


@pytest.mark.feature("ATT-03")
def test_a_missing_field_is_created_and_existing_ones_are_used(
    ready: Merchant, client_for: ClientFor
) -> None:
    client = client_for("owner")
    page = client.get(url(ready))
    assert [row.attribute.name for row in page.context["missing"]] == ["Color", "Item Weight", "Size"]

    client.post(url(ready), {"do": "create", "attribute": 23})

    assert StoreField.objects.filter(kind="field", name="Item Weight").count() == 1
    assert AttributeMapping.objects.get().source == "field:Item Weight"
    again = client.get(url(ready))
    assert [row.attribute.name for row in again.context["missing"]] == ["Color", "Size"]


@pytest.mark.feature("ATT-05")
@pytest.mark.parametrize(("path", "active"), [("categories/", 0), ("jet-categories/", 1), ("attributes/", 2)])
def test_the_steps_stand_on_the_mapping_pages(
    ready: Merchant, client_for: ClientFor, path: str, active: int
) -> None:
    page = client_for("owner").get(f"/m/{ready.slug}/catalog/{path}")

    shown = page.context["steps"]
    assert [step.label for step in shown] == [
        "1 Find the category",
        "2 Check its attributes",
        "3 Map attributes",
        "4 Upload",
    ]
    assert [step.is_active for step in shown].index(True) == active
    assert 'aria-label="Order of work"' in page.content.decode()


def test_a_mapping_is_deleted_with_its_values(ready: Merchant, client_for: ClientFor, drain: Drain) -> None:
    kettle = make_kettle(ready, colour="eBook")
    mapping = map_attribute(ready, "field:colour", 119, actor=SYSTEM).mapping
    set_values(mapping, {"ebook": ("Black", "")}, actor=SYSTEM)

    client_for("owner").post(url(ready), {"do": "unmap", "mapping": mapping.pk})
    drain()

    assert (AttributeMapping.objects.count(), ValueMapping.objects.count()) == (0, 0)
    assert sent(ready, kettle) == []


def test_pages_cost_the_same_for_one_value_and_for_three(
    ready: Merchant, client_for: ClientFor, count_queries: Callable[[Client, str], int]
) -> None:
    mapping = map_attribute(ready, "field:colour", 119, actor=SYSTEM).mapping
    client = client_for("owner")
    make_kettle(ready, colour="a")
    addresses = (url(ready), url(ready, f"{mapping.pk}/"))
    for address in addresses:
        client.get(address)
    one = [count_queries(client, address) for address in addresses]
    for colour in ("b", "c"):
        make_kettle(ready, colour=colour)
        StoreField.objects.create(merchant=ready, kind="field", name=f"more {colour}")

    assert [count_queries(client, address) for address in addresses] == one
    assert max(one) <= 16


def test_values_and_mappings_of_others_are_not_counted_or_reached(
    ready: Merchant, client_for: ClientFor
) -> None:
    from jetsync.tenancy.context import merchant_scope

    make_kettle(ready, colour="mine")
    other = factories.make_merchant("Rival")
    with merchant_scope(other):
        factories.make_account(other)
        make_kettle(other, colour="theirs")
        StoreField.objects.create(merchant=other, kind="field", name="colour")
        theirs = map_attribute(other, "field:colour", 119, actor=SYSTEM).mapping
        assert products_with(other, "field:colour") == 1

    assert [row.value for row in store_values(ready, "field:colour")] == ["mine"]
    client = client_for("owner")
    assert client.get(url(ready, f"{theirs.pk}/")).status_code == 404
    assert client.post(url(ready), {"do": "unmap", "mapping": theirs.pk}).status_code == 302
    with merchant_scope(other):
        assert AttributeMapping.objects.filter(pk=theirs.pk).exists()


@pytest.mark.parametrize("name", ["it's", 'a"b', "100%", "%s", "emoji \U0001f600", "0", "a:b"])
def test_odd_field_names_are_read(shop: Merchant, name: str) -> None:
    StoreField.objects.create(merchant=shop, kind="field", name=name)
    make_kettle(shop, **{name: "Black"})

    assert [(row.value, row.shown, row.products) for row in store_values(shop, f"field:{name}")] == [
        ("black", "Black", 1)
    ]


@pytest.mark.parametrize("source", sorted(BUILT_IN))
def test_values_of_every_product_are_those_the_listing_reads(shop: Merchant, source: str) -> None:
    category = StoreCategory.objects.create(merchant=shop, path="Kettles")
    product = rows.make_product(shop, store_category=category)
    variant = rows.make_variant(shop, product, country_of_origin="Portugal", asin="B00ABCDE12", title="Own")
    facts = load_facts(shop, [variant.pk])[0]

    expected = read_source(facts, source)

    assert [row.shown for row in store_values(shop, source)] == ([expected] if expected else [])
    assert products_with(shop, source) == (1 if expected else 0)


def test_nul_bytes_are_dropped_and_crash_nothing(ready: Merchant, client_for: ClientFor) -> None:
    make_kettle(ready, colour="eBook")
    mapping = map_attribute(ready, "field:colour", 119, actor=SYSTEM).mapping
    client = client_for("owner")
    base = f"/m/{ready.slug}/catalog/"

    for path in ("categories/?q=%00", "categories/picker/?jet=%00a", f"jet-categories/{rows.LEAF}/?q=%00"):
        assert client.get(base + path).status_code == 200, path
    client.post(url(ready, f"{mapping.pk}/"), {"store": ["ebo\0ok"], "value": ["bla\0ck"]})
    client.post(url(ready), {"one": "field:\0"})

    assert dict(ValueMapping.objects.values_list("store_value", "jet_value")) == {"ebook": "Black"}


@pytest.mark.feature("CAT-18")
def test_mappings_to_vanished_attributes_are_marked(ready: Merchant, client_for: ClientFor) -> None:
    map_attribute(ready, "field:colour", 119, actor=SYSTEM)
    JetAttribute.objects.filter(attribute_id=119).delete()

    text = client_for("analyst").get(url(ready)).content.decode()

    assert "1 mapped attribute is not in the taxonomy in use." in text
    assert "Gone from Jet" in text


@pytest.mark.feature("ATT-02")
def test_values_of_other_categories_are_not_called_refused(ready: Merchant, client_for: ClientFor) -> None:
    """Teapots do not ask for Color: their “Twin” is no wrong colour."""
    make_kettle(ready, colour="copperish")
    elsewhere = rows.make_product(ready, data={"colour": "Twin"}, jet_node_id=rows.LEAF + 1)
    rows.make_variant(ready, elsewhere, attributes=[])
    mapping = map_attribute(ready, "field:colour", 119, actor=SYSTEM).mapping

    page = client_for("owner").get(url(ready, f"{mapping.pk}/"))

    assert [(row.store.value, row.state) for row, *_rest in page.context["rows"]] == [("copperish", "open")]
