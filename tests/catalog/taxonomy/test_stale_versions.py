"""Versions that became another between the page and the act, and what a change of version takes away."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from django.test import Client

from catalog.actions.taxonomy import choose_version, delete_version
from catalog.models import StoreCategory, TaxonomyVersion
from catalog.queries.category import vanished_in_use
from catalog.queries.taxonomy import current_version
from jetsync.exceptions import NotFound, StateConflict
from jetsync.models import LogEntry, Merchant
from jetsync.tenancy.actor import SYSTEM
from tests.catalog import rows

pytestmark = pytest.mark.django_db


def own_version(shop: Merchant, name: str = "Mine") -> TaxonomyVersion:
    return TaxonomyVersion.objects.create(owner=shop, name=name, is_current=False)


def test_a_version_that_was_put_to_use_meanwhile_is_not_deleted(shop: Merchant) -> None:
    version = own_version(shop)
    choose_version(shop, TaxonomyVersion.objects.get(pk=version.pk), actor=SYSTEM)

    with pytest.raises(StateConflict, match="“Mine” is in use"):
        delete_version(shop, version, actor=SYSTEM)

    assert current_version(shop) == version


def test_a_version_that_was_deleted_meanwhile_is_not_put_to_use(shop: Merchant) -> None:
    version = own_version(shop)
    shared = current_version(shop)
    delete_version(shop, TaxonomyVersion.objects.get(pk=version.pk), actor=SYSTEM)

    for act in (choose_version, delete_version):
        with pytest.raises(NotFound, match="“Mine” was deleted meanwhile"):
            act(shop, version, actor=SYSTEM)

    assert current_version(shop) == shared
    assert LogEntry.objects.filter(action="catalog.taxonomy.deleted").count() == 1
    assert not LogEntry.objects.filter(action="catalog.taxonomy.chosen").exists()


@pytest.mark.feature("CAT-18")
def test_page_says_what_cannot_be_sent_with_another_version(
    shop: Merchant, client_for: Callable[..., Client]
) -> None:
    """Before it is put to use: afterwards it would be too late."""
    store_category = StoreCategory.objects.create(merchant=shop, path="Kitchen > Kettles")
    rows.map_categories(shop, [store_category.pk], rows.LEAF)
    for own in (None, None, rows.LEAF + 1):
        rows.make_variant(shop, rows.make_product(shop, jet_node_id=own, store_category=store_category))
    version = own_version(shop, "2015-09")

    page = client_for("owner").get(f"/m/{shop.slug}/catalog/taxonomy/{version.pk}/use/").content.decode()

    assert (
        "It lacks 2 Jet categories that you use: Kitchen &gt; Tea &gt; Kettles, Kitchen &gt; Tea &gt; Teapots."
        in page
    )
    assert "3 products cannot be sent until they have another one." in page
    assert [(row.mappings, row.products) for row in vanished_in_use(shop, version)] == [(1, 2), (0, 1)]
    assert vanished_in_use(shop) == []
