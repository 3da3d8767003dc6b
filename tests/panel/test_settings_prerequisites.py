"""The page of prerequisites: each check says what it found and leads to where it is mended."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
from django.test import Client
from django.utils import timezone

from catalog.models import CategoryMapping, ImageFact, StoreCategory
from jetsync.models import Merchant, Schedule
from jetsync.sync.schedules import ensure_schedules
from jetsync.tenancy.context import merchant_scope
from tests.catalog.rows import LEAF, make_product, make_variant

pytestmark = pytest.mark.django_db


@pytest.fixture
def findings(client: Client, at: Any) -> Any:
    def read() -> dict[str, tuple[str, str]]:
        answer = client.get(at("panel:prerequisites"))
        return {row.check.key: (row.finding.state, row.finding.text) for row in answer.context["checks"]}

    return read


@pytest.mark.feature("CFG-35")
def test_every_check_of_the_row_is_there_with_its_link(client: Client, at: Any, findings: Any) -> None:
    assert list(findings()) == [
        "keys",
        "nodes",
        "returns",
        "activation",
        "scheduler",
        "categories",
        "images",
        "mail",
    ]
    text = client.get(at("panel:prerequisites")).content.decode()
    for name in (
        "panel:account",
        "panel:return-locations",
        "panel:schedule-list",
        "catalog:category-mapping",
    ):
        assert f'href="{at(name)}"' in text


def test_mapped_categories_are_counted(merchant: Merchant, findings: Any) -> None:
    assert findings()["categories"][0] == "missing"
    with merchant_scope(merchant):
        tea = StoreCategory.objects.create(merchant=merchant, path="Tea")
        StoreCategory.objects.create(merchant=merchant, path="Coffee")
        CategoryMapping.objects.create(
            merchant=merchant, store_category=tea, jet_node_id=LEAF, jet_path="Tea"
        )
    assert findings()["categories"] == ("warning", "1 of 2 store categories are mapped.")


def test_pictures_that_could_not_be_fetched_are_told(merchant: Merchant, findings: Any) -> None:
    assert findings()["images"] == ("warning", "There is no product yet.")
    with merchant_scope(merchant):
        make_variant(merchant, make_product(merchant))
        ImageFact.objects.all().delete()
        for number, state in enumerate(("fine", "unreachable", "waiting")):
            ImageFact.objects.create(
                merchant=merchant,
                url_hash=f"{number}",
                url=f"https://img.example.com/{number}.jpg",
                state=state,
            )
    assert findings()["images"] == ("warning", "1 of 2 pictures could not be fetched or are none.")


def test_a_late_scheduler_and_mail_that_goes_nowhere_are_told(
    merchant: Merchant, findings: Any, settings: Any
) -> None:
    with merchant_scope(merchant):
        ensure_schedules(merchant)
    assert findings()["scheduler"][0] == "warning"
    with merchant_scope(merchant):
        Schedule.objects.update(last_started_at=timezone.now())
    assert findings()["scheduler"][0] == "ok"
    with merchant_scope(merchant):
        Schedule.objects.filter(kind="catalog.special_prices").update(
            next_due_at=timezone.now() - timedelta(hours=1)
        )
    state, text = findings()["scheduler"]
    assert state == "missing"
    assert text.startswith("Late: Special prices.")

    assert findings()["mail"][0] == "ok"
    settings.EMAIL_BACKEND = "django.core.mail.backends.console.EmailBackend"
    assert findings()["mail"][0] == "warning"


def test_who_may_only_look_cannot_ask_jet(merchant: Merchant, client_for: Any, at: Any) -> None:
    client = client_for("fulfilment")
    assert client.get(at("panel:prerequisites")).status_code == 403
    assert client.post(at("panel:prerequisites")).status_code == 403
