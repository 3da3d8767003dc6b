"""API callers: a kept answer is for the caller who got it, private pages are for nobody's cache."""

from __future__ import annotations

import json
from typing import Any

import pytest
from django.db import IntegrityError
from django.test import Client

from jetsync.actions.merchant import create_token
from jetsync.models import IdempotencyKey, Options
from jetsync.net import is_outside
from jetsync.tenancy.actor import member_actor
from jetsync.tenancy.context import merchant_scope
from jetsync.tenancy.rights import Right, rights_of
from tests import factories
from tests.orders.rows import make_order

pytestmark = pytest.mark.django_db


@pytest.fixture
def ready(merchant):
    account = factories.make_account(merchant)
    with merchant_scope(merchant):
        Options.objects.filter(merchant=merchant).update(auto_acknowledge=False)
        return make_order(merchant, account)


def token_of(merchant, owner, *rights: Right) -> str:
    with merchant_scope(merchant):
        return create_token(merchant, "script", rights, actor=member_actor(owner, rights_of("owner")))[1]


def reject(merchant, order, token: str, key: str = "same-key"):
    return Client().post(
        f"/api/v1/m/{merchant.slug}/orders/{order.pk}/reject/",
        json.dumps({"answer": "rejected - other"}),
        content_type="application/json",
        headers={"Authorization": f"Bearer {token}", "Idempotency-Key": key},
    )


def test_kept_answer_is_not_replayed_to_another_token(merchant, owner, ready) -> None:
    seeing = token_of(merchant, owner, Right.ORDERS_VIEW, Right.ORDERS_ACKNOWLEDGE, Right.BUYERS_VIEW)
    blind = token_of(merchant, owner, Right.ORDERS_VIEW, Right.ORDERS_ACKNOWLEDGE)
    first = reject(merchant, ready, seeing)
    assert (first.status_code, first.json()["buyer"]) == (202, "Ida Marsh")

    replayed = reject(merchant, ready, seeing)
    refused = reject(merchant, ready, blind)

    assert (replayed.status_code, replayed.headers["Idempotent-Replayed"]) == (202, "true")
    assert (refused.status_code, refused.json()["code"]) == (400, "idempotency_key_reused")
    assert "Marsh" not in refused.content.decode()
    with merchant_scope(merchant):
        assert IdempotencyKey.objects.filter(merchant=merchant).count() == 1


def test_token_without_the_right_takes_no_key(merchant, owner, ready) -> None:
    blind = token_of(merchant, owner, Right.ORDERS_VIEW)

    assert reject(merchant, ready, blind).status_code == 403
    with merchant_scope(merchant):
        assert not IdempotencyKey.objects.filter(merchant=merchant).exists()


def test_token_of_another_merchant_is_refused_although_its_owner_is_a_member(merchant, owner, ready) -> None:
    other = factories.make_merchant()
    factories.Membership.objects.create(merchant=other, user=owner, role="owner")
    token = token_of(other, owner, *rights_of("owner"))

    assert reject(merchant, ready, token).status_code == 401


def test_key_freed_by_a_crash_between_two_looks_is_taken(merchant, owner, ready, monkeypatch) -> None:
    """The first request held the key and crashed just after the second had run into it."""
    token = token_of(merchant, owner, Right.ORDERS_VIEW, Right.ORDERS_ACKNOWLEDGE)
    real, collisions = IdempotencyKey.save, [True]

    def save(row: IdempotencyKey, *args: Any, **kwargs: Any) -> None:
        if collisions:
            collisions.pop()
            raise IntegrityError("request_key_once")
        real(row, *args, **kwargs)

    monkeypatch.setattr(IdempotencyKey, "save", save)
    assert reject(merchant, ready, token).status_code == 202


def test_session_writes_to_the_api_need_the_csrf_token(merchant, owner, ready) -> None:
    client = Client(enforce_csrf_checks=True)
    client.force_login(owner)

    answer = client.post(f"/api/v1/m/{merchant.slug}/orders/{ready.pk}/acknowledge/")

    assert answer.status_code == 403
    before = ready.planned_answer
    with merchant_scope(merchant):
        ready.refresh_from_db()
    assert ready.planned_answer == before


@pytest.mark.parametrize(
    "path", ["/m/{slug}/", "/m/{slug}/orders/", "/m/{slug}/orders/987654321/", "/api/v1/m/{slug}/orders/"]
)
def test_private_pages_are_not_cached(merchant, client_for, path) -> None:
    response = client_for("owner").get(path.format(slug=merchant.slug))
    assert response.status_code == (404 if "987654321" in path else 200)
    assert {"no-store", "private"} <= set(response.headers["Cache-Control"].split(", "))


@pytest.mark.parametrize(
    "path", ["/accounts/login/", "/m/{slug}/", "/m/nobody/", "/nothing/", "/api/v1/m/nobody/orders/"]
)
def test_every_answer_carries_the_security_headers(merchant, client_for, path) -> None:
    headers = client_for("owner").get(path.format(slug=merchant.slug)).headers
    assert "default-src 'none'" in headers["Content-Security-Policy"]
    assert (headers["X-Frame-Options"], headers["X-Content-Type-Options"], headers["Referrer-Policy"]) == (
        "DENY",
        "nosniff",
        "same-origin",
    )


@pytest.mark.parametrize(
    ("address", "outside"),
    [
        ("93.184.216.34", True),
        ("2606:2800:220:1:248:1893:25c8:1946", True),
        ("127.0.0.1", False),
        ("169.254.169.254", False),
        ("100.64.0.1", False),
        ("224.0.0.1", False),
        ("::ffff:127.0.0.1", False),
        ("::127.0.0.1", False),
        ("64:ff9b::a9fe:a9fe", False),
        ("2002:7f00:1::", False),
        ("fec0::1", False),
        ("fe80::1%eth0", False),
    ],
)
def test_inner_addresses_in_any_spelling(address, outside) -> None:
    assert is_outside(address) is outside
