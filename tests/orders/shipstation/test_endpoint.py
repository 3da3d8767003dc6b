"""Who gets in at the public address, what strangers hear, and what is written down of a call."""

from __future__ import annotations

import base64
import io
import logging
from collections.abc import Iterator

import pytest
import redis
from django.test import Client, override_settings
from django.utils import timezone

from jetsync.models import Merchant, Notice
from jetsync.tenancy.actor import member_actor
from jetsync.tenancy.context import merchant_scope
from jetsync.tenancy.rights import rights_of
from orders.models import ShipStationCall, ShipStationConnection, ShipStationNotice
from orders.shipstation import limits
from orders.shipstation.connecting import renew_key, switch
from orders.shipstation.credentials import Credentials, opens
from orders.shipstation.limits import Limit, TooManyCalls, count_call
from tests import factories
from tests.orders.shipstation.conftest import basic, connect, notice

pytestmark = pytest.mark.django_db


@pytest.fixture
def other(account):
    merchant = factories.make_merchant("Look-alike")
    user = factories.make_member(merchant, "owner")
    return connect(merchant, member_actor(user, rights_of("owner")))


def status(caller, headers=None, **query) -> int:
    return Client().get(caller.url, {**caller.window(), **query}, headers=headers or {}).status_code


def test_the_three_places_of_credentials(account, caller) -> None:
    name, key = caller.connection.user_name, caller.key
    assert status(caller, basic(name, key)) == 200
    assert status(caller, {"SS-UserName": name, "SS-Password": key}) == 200
    assert status(caller, **{"SS-UserName": name, "SS-Password": key}) == 200
    # The first place that is filled counts: a good query does not heal a wrong header.
    assert status(caller, basic(name, "wrong"), **{"SS-UserName": name, "SS-Password": key}) == 401


def test_address_works_without_the_last_slash(account, caller) -> None:
    answer = Client().get(caller.url.rstrip("/"), caller.window(), headers=caller.headers)
    assert answer.status_code == 200


@pytest.mark.parametrize(
    "headers",
    [
        {},
        {"Authorization": "Basic"},
        {"Authorization": "Basic !!!"},
        {"Authorization": "Basic " + base64.b64encode(b"\xff\xfe:x").decode()},
        {"Authorization": "Basic " + base64.b64encode(b"no colon").decode()},
        {"Authorization": "Basic " + base64.b64encode(b"x:" + b"y" * 5000).decode()},
        {"Authorization": "Bearer jts_x"},
        basic("someone", "jsk_wrong"),
        {"SS-UserName": "someone"},
    ],
)
def test_every_refusal_says_the_same(account, caller, headers) -> None:
    unknown = Client().get("/shipstation/no-such-shop/", caller.window(), headers=headers)
    known = Client().get(caller.url, caller.window(), headers=headers)
    for answer in (unknown, known):
        assert (answer.status_code, answer.content) == (401, b"Wrong user name or key.\n")
        assert answer["WWW-Authenticate"] == 'Basic realm="jetsync", charset="UTF-8"'
        assert "no-store" in answer["Cache-Control"]


def test_right_name_with_wrong_key_and_the_other_way_round(account, caller) -> None:
    assert status(caller, basic(caller.connection.user_name, caller.key + "x")) == 401
    assert status(caller, basic(caller.connection.user_name + "x", caller.key)) == 401


def test_both_parts_are_compared_whatever_the_first_says(account, caller, monkeypatch) -> None:
    compared = []
    monkeypatch.setattr(
        "orders.shipstation.credentials.hmac.compare_digest", lambda a, b: compared.append((a, b)) or a == b
    )
    for connection in (None, caller.connection):
        for given in (None, Credentials("x", "y"), Credentials(caller.connection.user_name, caller.key)):
            compared.clear()
            assert opens(connection, given) == (
                connection is not None and given is not None and given.key == caller.key
            )
            assert len(compared) == 2
            assert {len(text) for pair in compared for text in pair} == {64}


def test_credentials_of_another_merchant_open_nothing_here(merchant, order_of, caller, other) -> None:
    order = order_of(status="acknowledged")
    assert len(caller.export()) == 1
    assert status(caller, other.headers) == 401
    # And through its own address the other sees and ships nothing of ours.
    assert len(other.export()) == 0
    answer = other.post(notice(order))
    assert (answer.status_code, answer.content.decode().startswith(f"There is no order {order}")) == (
        404,
        True,
    )
    with merchant_scope(merchant):
        assert not ShipStationNotice.objects.exists()
    with merchant_scope(other.merchant):
        assert not ShipStationNotice.objects.exists()


def test_suspended_merchant_is_refused_like_an_unknown_one(merchant, account, caller) -> None:
    Merchant.objects.filter(pk=merchant.pk).update(suspended_at=timezone.now())
    answer = caller.get(**caller.window())
    assert (answer.status_code, answer.content) == (401, b"Wrong user name or key.\n")


def test_switched_off_connection_refuses_and_says_so(merchant, account, caller, actor) -> None:
    with merchant_scope(merchant):
        switch(merchant, on=False, actor=actor)
    for answer in (caller.get(**caller.window()), caller.post()):
        assert answer.status_code == 403
        assert b"switched off in jetsync" in answer.content
    with merchant_scope(merchant):
        assert "switched off" in ShipStationConnection.objects.get().last_error


@pytest.mark.feature("SST-02")
def test_renewed_key_ends_the_old_one(merchant, account, caller, actor) -> None:
    with merchant_scope(merchant):
        _connection, key = renew_key(merchant, actor=actor)
    assert status(caller, caller.headers) == 401
    assert status(caller, basic(caller.connection.user_name, key)) == 200


def test_key_is_stored_nowhere(merchant, account, caller) -> None:
    with merchant_scope(merchant):
        row = ShipStationConnection.objects.values().get()
    assert caller.key not in str(row)
    assert len(row["key_hash"]) == 64
    assert caller.key not in repr(Credentials("a", caller.key))


def test_plain_http_is_refused_before_anything_is_looked_at(account, caller) -> None:
    with override_settings(SECURE=True, SECURE_SSL_REDIRECT=True):
        plain = Client().get(caller.url, caller.window(), headers=caller.headers)
        tls = Client().get(caller.url, caller.window(), headers=caller.headers, secure=True)
    assert (plain.status_code, tls.status_code) == (403, 200)
    assert b"Use https" in plain.content


@pytest.fixture
def written() -> Iterator[io.StringIO]:
    """What the configured handler writes."""
    (handler,) = [row for row in logging.getLogger().handlers if type(row) is logging.StreamHandler]
    into = io.StringIO()
    before = handler.setStream(into)
    yield into
    handler.setStream(before)


def test_nothing_of_the_query_reaches_the_logs(account, caller, written) -> None:
    secret = {"SS-UserName": caller.connection.user_name, "SS-Password": caller.key}
    assert status(caller, **secret) == 200
    assert status(caller, **secret, action="x") == 400
    assert status(caller, **{**secret, "SS-Password": f"{caller.key}x"}) == 401
    said = written.getvalue()
    assert "shipstation_call" in said
    assert f"/shipstation/{caller.merchant.slug}/" in said
    assert caller.key not in said
    assert "SS-" not in said


def test_error_reports_hold_neither_query_nor_credentials() -> None:
    from jetsync.logs import hide_request_secrets

    event = {
        "request": {
            "url": "https://x/shipstation/y/",
            "query_string": "SS-Password=z",
            "headers": {"Authorization": "Basic z", "SS-Password": "z", "SS-UserName": "z", "Accept": "*/*"},
        }
    }
    assert hide_request_secrets(event) == {
        "request": {"url": "https://x/shipstation/y/", "headers": {"Accept": "*/*"}}
    }


def test_access_log_of_production_holds_no_query() -> None:
    import runpy
    from pathlib import Path

    values = runpy.run_path(str(Path(__file__).parents[3] / "deploy/gunicorn.py"))
    assert "%(U)s" in values["access_log_format"]
    assert not {"%(r)s", "%(q)s", "%(f)s"} & set(values["access_log_format"].replace('"', " ").split())


# --- limits --------------------------------------------------------------------------------------------------


def test_wrong_keys_are_slowed_down_and_right_ones_are_not(account, caller, monkeypatch) -> None:
    monkeypatch.setattr("orders.shipstation.endpoint.BY_FAILURE", Limit("failure", 0.01, 3))
    answers = [Client().get(caller.url, headers=basic("x", "y")) for _ in range(5)]
    assert [answer.status_code for answer in answers] == [401, 401, 401, 429, 429]
    assert int(answers[-1]["Retry-After"]) > 1
    assert caller.get(**caller.window()).status_code == 200


def test_one_merchant_s_calls_do_not_use_up_another_s(account, caller, other, monkeypatch) -> None:
    limit = Limit("merchant", 0.01, 2)
    monkeypatch.setattr(limits, "BY_MERCHANT", limit)
    monkeypatch.setattr("orders.shipstation.endpoint.BY_MERCHANT", limit)
    assert [caller.get(**caller.window()).status_code for _ in range(3)] == [200, 200, 429]
    assert other.get(**other.window()).status_code == 200


def test_address_is_limited_before_the_database_is_asked(
    account, caller, monkeypatch, django_assert_num_queries
) -> None:
    monkeypatch.setattr("orders.shipstation.endpoint.BY_ADDRESS", Limit("address", 0.01, 1))
    assert caller.get(**caller.window()).status_code == 200
    with django_assert_num_queries(0):
        assert caller.get(**caller.window()).status_code == 429


def test_limits_hold_per_process_while_valkey_is_away(account, caller, monkeypatch) -> None:
    def gone(*_args: object, **_more: object) -> None:
        raise redis.ConnectionError("away")

    monkeypatch.setattr(redis.commands.core.Script, "__call__", gone)
    assert caller.get(**caller.window()).status_code == 200
    limit = Limit("test-away", 0.01, 2)
    count_call(limit, "a")
    count_call(limit, "a")
    with pytest.raises(TooManyCalls):
        count_call(limit, "a")


@pytest.mark.parametrize(
    ("proxies", "forwarded", "found"),
    [
        (0, "9.9.9.9", "127.0.0.1"),
        (1, "6.6.6.6, 9.9.9.9", "9.9.9.9"),
        (2, "6.6.6.6, 8.8.8.8, 9.9.9.9", "8.8.8.8"),
        (2, "9.9.9.9", "127.0.0.1"),
        (1, "", "127.0.0.1"),
    ],
)
def test_address_is_what_the_operator_s_proxies_say(rf, settings, proxies, forwarded, found) -> None:
    from jetsync.net import client_address

    settings.ALLAUTH_TRUSTED_PROXY_COUNT = proxies
    assert client_address(rf.get("/", headers={"X-Forwarded-For": forwarded})) == found


# --- what a call leaves behind --------------------------------------------------------------------------------


@pytest.mark.feature("SST-04")
def test_calls_are_kept_with_result_orders_and_duration(merchant, order_of, caller) -> None:
    order_of(status="acknowledged")
    caller.export()
    caller.post("<Orders/>")
    with merchant_scope(merchant):
        bad, good = ShipStationCall.objects.order_by("-pk")
        row = ShipStationConnection.objects.get()
    assert (good.action, good.status, good.orders, good.about, good.message) == (
        "export",
        200,
        1,
        "Page 1 of 1",
        "",
    )
    assert (bad.action, bad.status, bad.message) == (
        "shipnotify",
        400,
        "The body is not a ShipNotice but “orders”.",
    )
    assert good.duration_ms < 5000
    assert row.last_export_at is not None
    assert row.last_notice_at is None
    assert row.last_error == "The body is not a ShipNotice but “orders”."


@pytest.mark.feature("SST-02")
def test_logging_off_keeps_the_times_only(merchant, account, caller, settings_of) -> None:
    settings_of(keeps_log=False)
    caller.export()
    with merchant_scope(merchant):
        assert not ShipStationCall.objects.exists()
        assert ShipStationConnection.objects.get().last_export_at is not None


def test_wrong_key_is_told_to_the_merchant_once_a_minute(merchant, account, caller) -> None:
    for _ in range(5):
        status(caller, basic("x", "y"))
    with merchant_scope(merchant):
        call = ShipStationCall.objects.get()
        row = ShipStationConnection.objects.get()
    assert (call.status, row.last_error) == (
        401,
        "A call with a wrong user name or key was refused. Is the key in ShipStation the newest?",
    )


def test_crash_is_a_500_that_the_merchant_sees(merchant, account, caller, monkeypatch) -> None:
    def broken(*_args: object) -> None:
        raise RuntimeError("boom")

    monkeypatch.setattr("orders.shipstation.endpoint.read_page", broken)
    client = Client(raise_request_exception=False)
    assert client.get(caller.url, caller.window(), headers=caller.headers).status_code == 500
    with merchant_scope(merchant):
        assert ShipStationConnection.objects.get().last_error == "An error on our side; it has been reported."


@pytest.mark.feature("SST-04")
def test_calls_older_than_a_month_are_removed(merchant, account, caller) -> None:
    from datetime import timedelta

    from jetsync.actions.retention import trim_histories

    caller.export()
    caller.export()
    with merchant_scope(merchant):
        old = ShipStationCall.objects.order_by("pk").first()
        ShipStationCall.objects.filter(pk=old.pk).update(created_at=timezone.now() - timedelta(days=31))
    assert trim_histories() == 1
    with merchant_scope(merchant):
        assert ShipStationCall.objects.exclude(pk=old.pk).count() == ShipStationCall.objects.count() == 1
        assert not Notice.objects.exists()
