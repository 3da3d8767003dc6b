"""What pages say of the way to Jet and back: when Jet was read last, and what an edit sends."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta

import pytest
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from catalog.edit_words import content_words
from catalog.enums import ListingStatus, Readiness
from catalog.models import CsvUpload, Listing, Variant
from jetsync.models import Job, Merchant, Options
from jetsync.sync.schedules import ensure_schedules
from tests.catalog import rows

pytestmark = pytest.mark.django_db


def page(merchant: Merchant, name: str) -> str:
    return reverse(f"catalog:{name}", kwargs={"merchant_slug": merchant.slug})


def test_drift_says_how_old_its_oldest_reading_is_and_reads_on_demand(
    shop: Merchant, client_for: Callable[..., Client]
) -> None:
    client = client_for("owner")
    assert "Nothing was read from Jet yet." in client.get(page(shop, "drift")).content.decode()
    for sku, age in (("HF-1", 1), ("HF-2", 30)):
        variant = rows.make_variant(shop, sku=sku)
        Listing.objects.filter(variant=variant).update(status_read_at=timezone.now() - timedelta(hours=age))
    assert "The oldest reading is of " in client.get(page(shop, "drift")).content.decode()

    ensure_schedules(shop)
    answer = client.post(page(shop, "drift-read"), follow=True)
    assert "“Read every product from Jet” has begun." in answer.content.decode()
    assert Job.objects.filter(kind="catalog.status_all").count() == 1
    assert client_for("analyst").post(page(shop, "drift-read")).status_code == 403


def test_words_about_product_data_follow_the_settings(shop: Merchant) -> None:
    options = Options.objects.get(merchant=shop)
    for on_edit, content, words in (
        (True, True, "sent by themselves"),
        (True, False, "wait for the next upload"),
        (False, True, "wait for the next upload"),
    ):
        options.sync_on_edit, options.edit_sends_content = on_edit, content
        assert words in content_words(options)


@pytest.mark.feature("CSV-28")
def test_import_leads_to_its_own_skus_that_can_be_uploaded_and_nowhere_else(
    shop: Merchant, client_for: Callable[..., Client]
) -> None:
    client = client_for("owner")
    upload = CsvUpload.objects.create(
        merchant=shop, kind="price_inventory", original_name="prices.csv", state="done", updated_count=2
    )
    for sku in ("HF-1", "HF-2", "OTHER"):
        rows.make_variant(shop, sku=sku)
    Listing.objects.update(readiness=Readiness.READY, status=ListingStatus.NOT_UPLOADED)
    Variant.objects.exclude(sku="OTHER").update(last_upload=upload)
    detail = reverse("catalog:csv-detail", kwargs={"merchant_slug": shop.slug, "pk": upload.pk})
    html = client.get(detail).content.decode()
    link = f"{page(shop, 'product-list')}?part=to_upload&amp;upload={upload.pk}"
    assert link in html
    grid = client.get(link.replace("&amp;", "&")).content.decode()
    assert "HF-1" in grid
    assert "OTHER" not in grid

    Listing.objects.update(status=ListingStatus.AVAILABLE)
    assert "Upload products to Jet" not in client.get(detail).content.decode()
