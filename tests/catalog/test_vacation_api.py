"""Vacations over the API: looked at, planned, begun, ended, as on the page."""

from __future__ import annotations

import json
from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from django.test import Client
from django.utils import timezone

from catalog.actions.vacation import plan_vacation
from catalog.models import Listing, Vacation
from jetsync.models import Merchant, Operation
from jetsync.tenancy.actor import SYSTEM
from jetsync.tenancy.context import merchant_scope
from tests import factories
from tests.catalog import rows

pytestmark = pytest.mark.django_db
ClientFor = Callable[..., Client]


@pytest.fixture
def open_skus(shop: Merchant) -> None:
    for sku in ("OPEN-1", "OPEN-2", "OLD"):
        variant = rows.make_variant(shop, sku=sku, quantity=5)
        is_old = sku == "OLD"
        Listing.objects.filter(variant=variant).update(
            content_sent_at=timezone.now(), archived_target=is_old, archived_sent=is_old
        )


def url(shop: Merchant, path: str = "") -> str:
    return f"/api/v1/m/{shop.slug}/catalog/vacations/{path}"


def post(client: Client, address: str, body: Any = None, **headers: str) -> Any:
    return client.post(address, json.dumps(body or {}), content_type="application/json", headers=headers)


@pytest.mark.feature("VAC-01")
def test_a_vacation_is_begun_read_and_ended(shop: Merchant, open_skus: None, client_for: ClientFor) -> None:
    client = client_for("owner")
    assert client.get(url(shop, "preview/")).json() == {"to_archive": 2, "stay_archived": 1}

    begun = post(client, url(shop))

    assert begun.status_code == 202
    row = begun.json()
    assert (row["state"], row["skus"], row["ends_at"], row["still_open"]) == ("on", 2, None, 0)
    assert row["leaving"] == Operation.objects.get(kind="catalog.archive").pk
    assert Listing.objects.filter(archived_target=True).count() == 3
    assert client.get(url(shop)).json()["results"] == [row]

    ended = post(client, url(shop, f"{row['id']}/end/"))

    assert ended.status_code == 202
    assert ended.json()["state"] == "over"
    assert ended.json()["returning"] == Operation.objects.get(kind="catalog.unarchive").pk
    assert list(Listing.objects.filter(archived_target=True).values_list("variant__sku", flat=True)) == [
        "OLD"
    ]
    again = post(client, url(shop, f"{row['id']}/end/"))
    assert (again.status_code, again.json()["code"]) == (409, "vacation_not_on")


@pytest.mark.feature("VAC-01")
def test_a_plan_is_made_and_taken_back_and_archives_nothing(
    shop: Merchant, open_skus: None, client_for: ClientFor
) -> None:
    client = client_for("owner")
    starts, ends = timezone.now() + timedelta(days=2), timezone.now() + timedelta(days=9)
    plan = {"starts_at": starts.isoformat(), "ends_at": ends.isoformat()}

    made = post(client, url(shop), plan).json()

    assert (made["state"], made["skus"]) == ("planned", 0)
    twice = post(client, url(shop), plan)
    assert (twice.status_code, twice.json()["code"]) == (409, "vacation_open")
    assert post(client, url(shop, f"{made['id']}/end/")).json()["state"] == "cancelled"
    assert Listing.objects.filter(archived_target=True).count() == 1
    assert not Operation.objects.exists()


@pytest.mark.parametrize(("starts", "ends"), [(-1, 5), (5, 2), (None, -1), ("soon", None)])
def test_wrong_times_are_refused_and_nothing_is_stored(
    shop: Merchant, open_skus: None, client_for: ClientFor, starts: Any, ends: Any
) -> None:
    def moment(days: Any) -> Any:
        return (timezone.now() + timedelta(days=days)).isoformat() if isinstance(days, int) else days

    answer = post(client_for("owner"), url(shop), {"starts_at": moment(starts), "ends_at": moment(ends)})

    assert answer.status_code == 400
    assert not Vacation.objects.exists()


def test_the_same_key_begins_one_vacation(shop: Merchant, open_skus: None, client_for: ClientFor) -> None:
    client = client_for("owner")
    first, second = (post(client, url(shop), **{"Idempotency-Key": "once"}) for _number in range(2))
    assert (first.status_code, second.status_code) == (202, 202)
    assert second.headers["Idempotent-Replayed"] == "true"
    assert first.json() == second.json()
    assert Vacation.objects.count() == 1


def test_who_may_only_see_may_neither_begin_nor_end(
    shop: Merchant, open_skus: None, client_for: ClientFor
) -> None:
    client = client_for("analyst")
    vacation = plan_vacation(shop, starts_at=timezone.now() + timedelta(days=1), ends_at=None, actor=SYSTEM)
    assert client.get(url(shop, f"{vacation.pk}/")).json()["state"] == "planned"
    assert post(client, url(shop)).status_code == 403
    assert post(client, url(shop, f"{vacation.pk}/end/")).status_code == 403
    vacation.refresh_from_db()
    assert vacation.state == "planned"


def test_another_stores_vacation_does_not_exist(
    shop: Merchant, open_skus: None, client_for: ClientFor
) -> None:
    other = factories.make_merchant(name="Larkspur")
    factories.make_account(other)
    with merchant_scope(other):
        theirs = plan_vacation(
            other, starts_at=timezone.now() + timedelta(days=1), ends_at=None, actor=SYSTEM
        )
    client = client_for("owner")
    assert client.get(url(shop)).json()["results"] == []
    assert client.get(url(shop, f"{theirs.pk}/")).status_code == 404
    assert post(client, url(shop, f"{theirs.pk}/end/")).status_code == 404
    assert client.get(url(other)).status_code == 404
    with merchant_scope(other):
        assert Vacation.objects.get(pk=theirs.pk).state == "planned"
