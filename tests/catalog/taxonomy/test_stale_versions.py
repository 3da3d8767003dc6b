"""Versions that became another between the page and the act."""

from __future__ import annotations

import pytest

from catalog.actions.taxonomy import choose_version, delete_version
from catalog.models import TaxonomyVersion
from catalog.queries.taxonomy import current_version
from jetsync.exceptions import NotFound, StateConflict
from jetsync.models import LogEntry, Merchant
from jetsync.tenancy.actor import SYSTEM

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
