"""The connection over the API: the same rules as the pages."""

from __future__ import annotations

import json

import pytest
from django.test import Client

from jetsync.actions.merchant import create_token
from jetsync.models import IdempotencyKey
from jetsync.tenancy.actor import member_actor
from jetsync.tenancy.context import merchant_scope
from jetsync.tenancy.rights import Right, rights_of
from orders.models import Shipment, ShipStationConnection, ShipStationNotice
from orders.shipstation import noticing
from tests.orders.rows import line
from tests.orders.shipstation.conftest import notice

pytestmark = pytest.mark.django_db


@pytest.fixture
def api(merchant, owner):
    """`api("get", "shipstation/", rights...)`: a call with a token that holds these rights."""

    def call(method: str, path: str, data=None, *, rights=tuple(Right), **headers: str):
        with merchant_scope(merchant):
            token = create_token(merchant, "script", rights, actor=member_actor(owner, rights_of("owner")))[1]
        return getattr(Client(), method)(
            f"/api/v1/m/{merchant.slug}/orders/{path}",
            *([json.dumps(data)] if data is not None else []),
            **({"content_type": "application/json"} if data is not None else {}),
            headers={"Authorization": f"Bearer {token}", **headers},
        )

    return call


def test_connection_is_read_before_and_after_it_is_made(merchant, api, settings) -> None:
    settings.BASE_URL = "https://panel.example"
    before = api("get", "shipstation/").json()
    assert (before["state"], before["is_active"], before["user_name"]) == ("none", False, "")
    with merchant_scope(merchant):
        assert not ShipStationConnection.objects.exists()  # reading makes nothing

    made = api("post", "shipstation/renew/")
    after = api("get", "shipstation/").json()

    assert (made.status_code, made["Cache-Control"]) == (200, "no-store")
    assert made.json()["store_url"] == f"https://panel.example/shipstation/{merchant.slug}/"
    assert (after["state"], after["is_active"], after["key_hint"]) == ("silent", True, made.json()["key"][:8])
    assert made.json()["key"] not in str(after)


def test_settings_are_changed_and_what_is_left_out_stays(merchant, caller, api) -> None:
    first = api("patch", "shipstation/", {"words": {"acknowledged": "pack"}, "keeps_log": False}).json()
    second = api("patch", "shipstation/", {"export_statuses": ["acknowledged"], "is_active": False}).json()
    assert (first["words"]["acknowledged"], first["words"]["complete"], first["keeps_log"]) == (
        "pack",
        "complete",
        False,
    )
    assert (second["words"]["acknowledged"], second["export_statuses"], second["state"]) == (
        "pack",
        ["acknowledged"],
        "off",
    )
    third = api("patch", "shipstation/", {"words": {"acknowledged": ""}, "is_active": True}).json()
    assert (third["words"]["acknowledged"], third["is_active"]) == ("acknowledged", True)


@pytest.mark.parametrize(
    ("data", "field"),
    [
        ({"export_statuses": []}, "export_statuses"),
        ({"export_statuses": ["gone"]}, "export_statuses"),
        ({"words": {"gone": "x"}}, "word_gone"),
        ({"words": {"complete": "a,b"}}, "word_complete"),
        ({"shipped_status": "gone"}, "shipped_status"),
    ],
)
def test_bad_settings_name_the_field(merchant, caller, api, data, field) -> None:
    answer = api("patch", "shipstation/", data)
    assert (answer.status_code, list(answer.json()["fields"])) == (400, [field])


def test_switching_on_without_a_key_is_422_and_saves_nothing(merchant, api) -> None:
    answer = api("patch", "shipstation/", {"is_active": True, "keeps_log": False})
    assert (answer.status_code, answer.json()["code"]) == (422, "settings_missing")
    assert api("get", "shipstation/").json()["keeps_log"] is True


@pytest.mark.parametrize("missing", [Right.SETTINGS_EDIT, Right.BUYERS_VIEW, Right.ORDERS_SHIP])
def test_token_makes_no_key_that_opens_more_than_itself(merchant, api, missing) -> None:
    answer = api("post", "shipstation/renew/", rights=[right for right in Right if right != missing])
    assert (answer.status_code, answer.json()["code"]) == (403, "not_allowed")
    with merchant_scope(merchant):
        assert not ShipStationConnection.objects.filter(key_hash__gt="").exists()


def test_key_is_not_kept_for_repetitions(merchant, api) -> None:
    first = api("post", "shipstation/renew/", **{"Idempotency-Key": "a"}).json()["key"]
    second = api("post", "shipstation/renew/", **{"Idempotency-Key": "a"}).json()["key"]
    assert first != second
    with merchant_scope(merchant):
        assert not IdempotencyKey.objects.exists()


def test_parcels_are_listed_and_completed(merchant, order_of, caller, api) -> None:
    order = order_of(line(quantity=2), status="acknowledged")
    caller.post(notice(order, ("KETTLE-1", 2), tracking=""))
    with merchant_scope(merchant):
        report = noticing.apply_notice(merchant, ShipStationNotice.objects.get().pk)
    (row,) = api("get", "shipstation/parcels/?state=needs_tracking").json()["results"]
    assert (row["id"], row["order"], row["order_number"], row["state"]) == (
        report.pk,
        order.pk,
        str(order),
        "needs_tracking",
    )
    assert row["items"] == [{"sku": "KETTLE-1", "quantity": 2, "line_item_id": ""}]
    path = f"shipstation/parcels/{report.pk}/tracking/"
    assert api("post", path, {"tracking_number": "1Z", "carrier": "Nobody"}).status_code == 400
    blind = api("post", path, {"tracking_number": "1Z", "carrier": "UPS"}, rights=[Right.ORDERS_VIEW])
    assert blind.status_code == 403
    done = api("post", path, {"tracking_number": "1Z 9", "carrier": "UPS"})
    assert (done.status_code, done.json()["state"]) == (202, "waiting")
    with merchant_scope(merchant):
        noticing.apply_notice(merchant, report.pk)
        assert Shipment.objects.get().tracking_number == "1Z9"
    again = api("post", path, {"tracking_number": "1Z 9", "carrier": "UPS"})
    assert (again.status_code, again.json()["code"]) == (409, "state_conflict")
    assert api("get", "shipstation/parcels/987654321/").status_code == 404
