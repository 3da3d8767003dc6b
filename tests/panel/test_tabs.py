"""Numbers on the tabs of a list: what stands behind each, counted for all of them at once and never without an end."""

from __future__ import annotations

import re

import pytest
from django.test import Client

from catalog.models import Listing
from jetsync.models import Job, Merchant
from jetsync.panel import counting
from jetsync.panel.list_parts import Count
from jetsync.tenancy.context import merchant_scope
from tests.catalog.rows import make_variant
from tests.factories import make_account, make_merchant
from tests.orders.rows import line, make_order
from tests.panel.conftest import make_job


def numbers(client: Client, url: str) -> dict[str, str]:
    """Label -> number of the tabs that have one."""
    page = client.get(url).content.decode()
    return dict(re.findall(r'class="tab[^>]*>([^<]+)<span class="tab-count">([^<]+)</span>', page))


def test_parts_are_counted_in_one_query_up_to_the_limit(
    merchant: Merchant, scoped, django_assert_num_queries, monkeypatch
) -> None:
    monkeypatch.setattr(counting, "COUNT_LIMIT", 2)
    for number in range(3):
        make_job(merchant, f"HF-{number}", state="failed")
    make_job(merchant, "HF-9")
    jobs = Job.objects.filter(merchant=merchant)
    parts = {
        "failed": jobs.filter(state="failed").order_by("key"),
        "queued": jobs.filter(state="queued"),
        "done": jobs.filter(state="done"),
        "none": jobs.none(),
    }

    with django_assert_num_queries(1):
        found = counting.bounded_counts(merchant, parts)

    assert found == {
        "failed": Count(2, is_bounded=True),
        "queued": Count(1, is_bounded=False),
        "done": Count(0, is_bounded=False),
        "none": Count(0, is_bounded=False),
    }
    assert str(found["failed"]) == "2+"
    with django_assert_num_queries(0):
        assert counting.bounded_counts(merchant, {}) == {}


@pytest.mark.django_db
def test_product_tabs_count_what_they_show(merchant: Merchant, client: Client, at) -> None:
    other = make_merchant()
    states = [
        ("A", {"status": "available"}),
        ("B", {"status": "available", "error_code": "refused"}),
        ("C", {"status": "missing_data"}),
        ("D", {"readiness": "not_ready"}),
        ("E", {"readiness": "ready"}),
        ("F", {"readiness": "never_live"}),
    ]
    for shop in (merchant, other, other):
        with merchant_scope(shop):
            for sku, values in states:
                variant = make_variant(shop, sku=f"{sku}-{Listing.objects.count()}")
                Listing.objects.filter(variant=variant).update(**{"readiness": "ready", **values})

    shown = numbers(client, at("catalog:product-list"))

    assert shown == {
        "Not ready": "1",
        "Ready to upload": "1",
        "Will not go live": "1",
        "In review": "0",
        "Missing data": "1",
        "Live": "2",
        "Changes wait": "0",
        "Archived": "0",
        "With errors": "1",
    }
    for part, label in (
        ("not_ready", "Not ready"),
        ("to_upload", "Ready to upload"),
        ("never_live", "Will not go live"),
        ("live", "Live"),
        ("errors", "With errors"),
    ):
        page = client.get(at("catalog:product-list", f"?part={part}")).content.decode()
        assert page.count("data-href=") == int(shown[label]), part


@pytest.mark.django_db
@pytest.mark.feature("PRD-02")
def test_product_tabs_keep_the_filter_and_count_with_it(merchant: Merchant, client: Client, at) -> None:
    with merchant_scope(merchant):
        for sku, readiness in (("ZED-1", "ready"), ("ZED-2", "not_ready"), ("PAN-1", "ready")):
            variant = make_variant(merchant, sku=sku)
            Listing.objects.filter(variant=variant).update(readiness=readiness)

    page = client.get(at("catalog:product-list", "?q=ZED&page=1")).content.decode()
    shown = dict(re.findall(r'class="tab[^>]*>([^<]+)<span class="tab-count">([^<]+)</span>', page))

    assert (shown["Ready to upload"], shown["Not ready"], shown["Live"]) == ("1", "1", "0")
    assert 'href="?part=to_upload&amp;q=ZED"' in page
    inside = client.get(at("catalog:product-list", "?part=to_upload&q=ZED")).content.decode()
    assert 'href="?part=not_ready&amp;q=ZED"' in inside
    assert inside.count("data-href=") == 1
    nothing = client.get(at("catalog:product-list", "?part=live&q=ZED")).content.decode()
    assert "Nothing matches these filters" in nothing


@pytest.mark.django_db
def test_order_tabs_count_what_they_show(merchant: Merchant, client: Client, at) -> None:
    with merchant_scope(merchant):
        account = make_account(merchant)
        for status in ("ready", "acknowledged", "acknowledged", "complete"):
            make_order(merchant, account, line(), status=status)
    assert numbers(client, at("orders:order-list")) == {
        "Ready": "1",
        "To ship": "2",
        "In progress": "0",
        "Completed": "1",
        "Cancelled": "0",
        "Failed or rejected": "0",
    }
