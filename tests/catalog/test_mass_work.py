"""All work on many products is an operation that a job does, with a page that shows how far it is."""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import Any

import pytest
from django.test import Client
from django.urls import reverse

from catalog.actions import assigning, category_changes
from catalog.models import CategoryMapping, Listing, Product, Profile, StoreCategory, Variant
from jetsync.enums import OPEN_JOB_STATES
from jetsync.models import Job, Merchant, Operation, Selection, User
from tests.catalog import rows

Given = dict[str, Any]


@pytest.fixture
def shelf(shop: Merchant) -> list[Variant]:
    """Two products of a mapped category, listed at Jet, and one beside it."""
    category = StoreCategory.objects.create(merchant=shop, path="Kitchen > Kettles")
    CategoryMapping.objects.create(
        merchant=shop, store_category=category, jet_node_id=rows.LEAF, jet_path="Kitchen > Tea > Kettles"
    )
    made = [
        rows.make_variant(shop, rows.make_product(shop, store_category=place))
        for place in (category, category, None)
    ]
    for variant in made:
        rows.mark_listed(variant)
    return made


def at(merchant: Merchant, name: str, **kwargs: Any) -> str:
    return reverse(f"catalog:{name}", kwargs={"merchant_slug": merchant.slug, **kwargs})


def ticked(merchant: Merchant, owner: User, shelf: list[Variant]) -> str:
    ids = [variant.pk for variant in shelf]
    return (
        f"?selection={Selection.objects.create(merchant=merchant, page='products', user=owner, ids=ids).pk}"
    )


def of_all(name: str, **data: Any) -> Callable[..., tuple[str, Given, int]]:
    """The confirm page of the grid's action, for all three ticked products."""
    return lambda merchant, owner, shelf: (
        at(merchant, name) + ticked(merchant, owner, shelf),
        {key: value() if callable(value) else value for key, value in data.items()},
        len(shelf),
    )


def by_mass(scope: str, count: int) -> Callable[..., tuple[str, Given, int]]:
    """The page of mass work leads to the same confirm page, with what it found."""

    def prepared(merchant: Merchant, owner: User, _shelf: list[Variant]) -> tuple[str, Given, int]:
        client = Client()
        client.force_login(owner)
        categories = [row.pk for row in StoreCategory.objects.all()] if scope == "category" else []
        data = {"do": "upload", "scope": scope, "categories": categories}
        return client.post(at(merchant, "mass-upload"), data)["Location"], {"way": ""}, count

    return prepared


def one_click(merchant: Merchant, _owner: User, shelf: list[Variant]) -> tuple[str, Given, int]:
    return at(merchant, "profile-assign-to", pk=profile()), {}, len(shelf)


def profile() -> int:
    return Profile.objects.get_or_create(merchant=Merchant.objects.get(), name="Kettles")[0].pk


MASS_WORK = {
    "mass upload": by_mass("all", 3),
    "upload by category": by_mass("category", 2),
    "archive": of_all("publish-archive", way=""),
    "unarchive": of_all("publish-unarchive", way=""),
    "mass category assign": of_all("category-assign", category=str(rows.LEAF)),
    "mass profile assign": of_all("profile-assign", profile=profile),
    "profile assign with one click": one_click,
}


@pytest.mark.feature("GEN-05")
@pytest.mark.parametrize("work", MASS_WORK)
def test_mass_work_is_a_background_operation_with_progress(
    shelf: list[Variant],
    client: Client,
    owner: User,
    work: str,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    merchant = shelf[0].merchant
    for module in (assigning, category_changes):
        monkeypatch.setattr(module, "AT_ONCE", 0)  # few are done on the spot; these stand for many
    client.force_login(owner)
    if work == "unarchive":
        Listing.objects.update(archived_target=True, archived_sent=True)
    address, data, count = MASS_WORK[work](merchant, owner, shelf)
    before = Operation.objects.count()

    answer = client.post(address, data)

    operation = Operation.objects.latest("pk")
    assert Operation.objects.count() == before + 1
    assert answer.status_code == 302
    assert answer["Location"] == reverse(
        "panel:operation-detail", kwargs={"merchant_slug": merchant.slug, "pk": operation.pk}
    )
    assert (operation.total, operation.done, operation.is_open) == (count, 0, True)
    assert Job.objects.filter(operation=operation, state__in=OPEN_JOB_STATES).exists()
    page = client.get(answer["Location"]).content.decode()
    assert re.search(rf"\b0\b.{{0,40}}\b{count}\b", re.sub(r"<[^>]+>|\s+", " ", page)), "no progress shown"
    assert Product.objects.filter(profile=None).count() == len(shelf)  # nothing was done inside the request
