"""A merchant's own version, its nodes and names are his alone; the shared one is everybody's."""

from __future__ import annotations

from collections.abc import Callable, Iterator

import pytest
from django.test import Client

from catalog.actions.category import check_node
from catalog.models import JetAttribute, JetCategory, JetCategoryAttribute, StoreCategory, TaxonomyVersion
from catalog.queries.attribute_mapping import find_attribute
from catalog.queries.suggestions import category_suggestions
from catalog.queries.taxonomy import (
    children_of,
    current_version,
    get_category,
    jet_paths,
    load_taxonomy,
    search_categories,
    vanished_nodes,
    versions_for,
)
from jetsync.exceptions import InvalidInput
from jetsync.models import Merchant
from jetsync.tenancy.context import merchant_scope
from tests import factories
from tests.catalog import rows

pytestmark = pytest.mark.django_db
ClientFor = Callable[..., Client]
SECRET = 424242


@pytest.fixture
def rival(shop: Merchant) -> Iterator[Merchant]:
    """Another merchant with a version of his own in use, which names a node and an attribute that nobody else has."""
    other = factories.make_merchant("Rival")
    version = TaxonomyVersion.objects.create(owner=other, name="Rival secret version", is_current=True)
    for node_id, name, path, parent, level in (
        (1, "Rival root", "Rival root", 0, 0),
        (2, "Rival child", "Rival root > Rival child", 1, 1),
        (SECRET, "Secret kettles", "Rival root > Rival child > Secret kettles", 2, 2),
    ):
        JetCategory.objects.create(
            version=version, node_id=node_id, name=name, path=path, parent_id=parent, level=level
        )
    JetAttribute.objects.create(version=version, attribute_id=SECRET, name="Secret shade", free_text=1)
    JetCategoryAttribute.objects.create(version=version, node_id=SECRET, attribute_id=SECRET)
    return other


def test_the_rival_has_something_to_leak(rival: Merchant) -> None:
    assert get_category(rival, SECRET) is not None
    assert [node.node_id for node in search_categories(rival, "secret")] == [SECRET]
    assert current_version(rival).name == "Rival secret version"  # type: ignore[union-attr]  # made above


def test_reads_give_the_merchants_own_version_only(shop: Merchant, rival: Merchant) -> None:
    StoreCategory.objects.create(merchant=shop, path="Secret kettles")
    with merchant_scope(rival):
        found = load_taxonomy(rival, [SECRET, rows.LEAF], [SECRET, rows.COLOR])
    mine = load_taxonomy(shop, [SECRET, rows.LEAF], [SECRET, rows.COLOR])

    assert (set(found.categories), set(found.attributes)) == ({SECRET}, {SECRET})
    assert (set(mine.categories), SECRET in mine.attributes) == ({rows.LEAF}, False)
    assert current_version(shop).name == "2017-02"  # type: ignore[union-attr]  # imported by the fixture
    assert [version.name for version in versions_for(shop)] == ["2017-02"]
    assert get_category(shop, SECRET) is None
    assert search_categories(shop, "secret") == []
    assert search_categories(shop, str(SECRET)) == []
    assert [node.node_id for node in children_of(shop, 0)] == [rows.ROOT]
    assert jet_paths(shop, [SECRET]) == {}
    assert vanished_nodes(shop, [SECRET]) == {SECRET}
    assert find_attribute(shop, str(SECRET)) is None
    assert all(match.node_id != SECRET for row in category_suggestions(shop) for match in row.matches)
    with pytest.raises(InvalidInput):
        check_node(shop, SECRET)


def test_the_shared_version_is_not_used_where_an_own_one_is(shop: Merchant, rival: Merchant) -> None:
    assert get_category(rival, rows.LEAF) is None
    assert get_category(shop, rows.LEAF) is not None


def test_pages_never_show_another_merchants_version(
    shop: Merchant, rival: Merchant, client_for: ClientFor
) -> None:
    StoreCategory.objects.create(merchant=shop, path="Secret kettles")
    version = TaxonomyVersion.objects.get(owner=rival)
    base = f"/m/{shop.slug}/catalog/"
    client = client_for("owner")

    for path in (
        "taxonomy/",
        "jet-categories/",
        "jet-categories/?q=secret",
        "categories/",
        "categories/?jet=secret",
        "categories/picker/?jet=secret",
        "categories/picker/?root=1",
        "categories/suggestions/",
        "attributes/",
    ):
        text = client.get(base + path).content.decode()
        assert "Rival" not in text, path
        assert str(SECRET) not in text, path
    for path in ("", "categories/", "attributes/", "left-out/", "use/", "delete/"):
        assert client.get(f"{base}taxonomy/{version.pk}/{path}").status_code == 404, path
    for path in ("use/", "delete/"):
        assert client.post(f"{base}taxonomy/{version.pk}/{path}").status_code == 404, path
    assert client.get(f"{base}jet-categories/{SECRET}/").status_code == 404
    assert TaxonomyVersion.objects.get(pk=version.pk).is_current is True


def test_a_version_put_to_use_by_one_leaves_the_other_alone(shop: Merchant, rival: Merchant) -> None:
    from catalog.actions.taxonomy import import_taxonomy, use_version
    from tests.catalog.conftest import SMALL_TAXONOMY

    mine = import_taxonomy(SMALL_TAXONOMY, "mine", owner=shop)

    assert current_version(shop) == mine
    assert current_version(rival).name == "Rival secret version"  # type: ignore[union-attr]  # as above
    use_version(TaxonomyVersion.objects.get(owner=None))
    assert current_version(shop) == mine


def test_staff_put_only_shared_versions_to_use_and_everybody_is_recomputed(
    shop: Merchant, rival: Merchant
) -> None:
    from catalog.actions.taxonomy import use_shared
    from jetsync.exceptions import StateConflict
    from jetsync.models import Job

    old = rows.make_taxonomy("2015-12", is_current=False)
    with pytest.raises(StateConflict, match="belongs to one merchant"):
        use_shared(TaxonomyVersion.objects.get(owner=rival))

    use_shared(old)

    assert current_version(shop) == old
    assert current_version(rival).name == "Rival secret version"  # type: ignore[union-attr]  # as above
    for merchant in (shop, rival):
        with merchant_scope(merchant):
            assert Job.objects.filter(kind="catalog.refresh", state="queued").count() == 1
