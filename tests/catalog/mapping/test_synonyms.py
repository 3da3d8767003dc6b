"""Suggestions by synonyms, namesakes told apart, and store fields that are known without a button."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from django.test import Client

from catalog.models import JetAttribute, JetCategory, JetCategoryAttribute, StoreCategory, StoreField
from catalog.queries.attribute_mapping import asked_attributes, source_rows, unfilled
from catalog.similarity import Lookup
from catalog.sync.profiles import READ_FIELDS_JOB
from catalog.synonyms import THINGS, WHOLES, in_common_words
from jetsync.models import Merchant
from jetsync.sync.registry import schedule_of
from tests.catalog import rows

pytestmark = pytest.mark.django_db
ClientFor = Callable[..., Client]


def best(wanted: str, *names: str) -> tuple[str, int]:
    (match,) = Lookup((name, name.rpartition(" > ")[2], name) for name in names).best(wanted, limit=1)
    return match.key, match.percent


@pytest.mark.parametrize(
    ("wanted", "names", "found"),
    [
        ("Small", ("S", "M", "XS"), "S"),
        ("XXL", ("Large", "XL", "2XL"), "2XL"),
        ("colour", ("Collar", "Color", "Column"), "Color"),
        ("Color Family", ("Family", "Colour"), "Colour"),
        ("Couches", ("Coaches", "Sofas"), "Sofas"),
        ("Grey", ("Green", "Gray"), "Gray"),
    ],
)
def test_synonyms_are_found_and_score_below_equal_names(
    wanted: str, names: tuple[str, ...], found: str
) -> None:
    name, percent = best(wanted, *names)
    assert name == found
    assert 60 <= percent <= 95
    assert best(wanted, *names, wanted) == (wanted, 100)


@pytest.mark.feature("CAT-05")
def test_mens_tees_lead_to_mens_t_shirts() -> None:
    jet = ("Clothing > Men > Ties", "Clothing > Men > Men's T-Shirts", "Clothing > Women > Women's T-Shirts")
    name, percent = best("Men's Tees", *jet)
    assert name == "Clothing > Men > Men's T-Shirts"
    assert percent >= 60


def test_a_letter_is_a_size_only_as_a_whole_name() -> None:
    assert in_common_words("L") == in_common_words("Large") == "large"
    assert in_common_words("2 L kettle") == "2 l kettle"


def test_no_word_of_the_table_means_two_things() -> None:
    from catalog.synonyms import _THINGS, _WHOLES

    for lines, table in ((_THINGS, THINGS), (_WHOLES, WHOLES)):
        words = [word for line in lines for word in line.split(", ")]
        assert len(words) == len(set(words)) == len(table)


@pytest.fixture
def two_sizes(shop: Merchant) -> Merchant:
    """Kettles ask for Size 50, teapots for another Size, 115."""
    version = JetCategory.objects.first().version
    JetAttribute.objects.create(version=version, attribute_id=115, name="Size", free_text=1, is_variant=True)
    JetCategoryAttribute.objects.create(version=version, node_id=rows.LEAF + 1, attribute_id=115)
    for path, node in (("Kettles", rows.LEAF), ("Pots", rows.LEAF + 1)):
        category = StoreCategory.objects.create(merchant=shop, path=path)
        rows.map_categories(shop, [category.pk], node)
    return shop


@pytest.mark.feature("ATT-01")
def test_attributes_of_one_name_are_shown_with_the_category_that_asks(
    two_sizes: Merchant, client_for: ClientFor
) -> None:
    StoreField.objects.create(merchant=two_sizes, kind="option", name="Size", sample="L")
    (row,) = source_rows(two_sizes, asked_attributes(two_sizes))
    told = {match.attribute_id: match.where for match in row.matches}
    assert told[50] == "Kitchen > Tea > Kettles"
    assert told[115] == "Kitchen > Tea > Teapots"
    page = client_for("owner").get(f"/m/{two_sizes.slug}/catalog/attributes/").content.decode()
    assert "115, asked for by Kitchen &gt; Tea &gt; Teapots" in page


@pytest.mark.feature("ATT-01")
def test_options_of_products_are_known_without_pressing_anything(
    two_sizes: Merchant, client_for: ClientFor
) -> None:
    product = rows.make_product(two_sizes)
    rows.make_variant(two_sizes, product, attributes=[], options=[{"name": "Color", "value": "Copper"}])
    StoreField.objects.all().delete()

    page = client_for("owner").get(f"/m/{two_sizes.slug}/catalog/attributes/").content.decode()

    assert "No store field is known yet" not in page
    assert [str(row) for row in StoreField.objects.all()] == ["option:Color"]
    assert "Your option Color has this name and is not mapped to it." in page
    assert schedule_of(READ_FIELDS_JOB) is not None


@pytest.mark.feature("ATT-01")
def test_what_skus_carry_themselves_is_not_called_filled_by_nothing(two_sizes: Merchant) -> None:
    asked = asked_attributes(two_sizes)
    before = {row.attribute.attribute_id for row in unfilled(two_sizes, asked, [])}
    rows.make_variant(
        two_sizes,
        rows.make_product(two_sizes),
        attributes=[{"id": rows.COLOR, "value": "Copper", "unit": ""}],
    )
    after = {row.attribute.attribute_id for row in unfilled(two_sizes, asked, [])}
    assert rows.COLOR in before
    assert before - after == {rows.COLOR}


def test_the_page_of_fields_knows_them_without_pressing_anything(
    shop: Merchant, client_for: ClientFor
) -> None:
    rows.make_product(shop, data={"heft": "3"})
    StoreField.objects.all().delete()

    page = client_for("owner").get(f"/m/{shop.slug}/catalog/fields/").content.decode()

    assert "No field of your own store is known yet" not in page
    assert [str(row) for row in StoreField.objects.all()] == ["field:heft"]
