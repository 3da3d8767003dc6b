"""Returns and their answers over the API: the same rules as the page."""

from decimal import Decimal

import pytest
from django.urls import reverse

from jetsync.models import ApiToken, Job
from jetsync.tenancy.context import merchant_scope
from jetsync.tenancy.rights import Right
from jetsync.tenancy.tokens import hash_secret, new_secret
from returns.enums import SendState
from returns.models import Return
from returns.money import Amounts
from tests import factories
from tests.returns.rows import make_order, make_return


@pytest.fixture
def returned(merchant) -> Return:
    account = factories.make_account(merchant)
    with merchant_scope(merchant):
        return make_return(make_order(merchant, account))


def address(name: str, merchant, pk: int | None = None) -> str:
    more = {} if pk is None else {"pk": pk}
    return reverse(f"api:{name}", kwargs={"merchant_slug": merchant.slug, **more})


def token_of(merchant, *rights: Right) -> dict[str, str]:
    """Headers of a new token with these rights, of an owner."""
    secret = new_secret()
    ApiToken.objects.create(
        merchant=merchant,
        user=factories.make_member(merchant),
        name="shop",
        token_hash=hash_secret(secret),
        rights=[right.value for right in rights],
    )
    return {"Authorization": f"Bearer {secret}"}


def body(returned: Return, **changes):
    with merchant_scope(returned.merchant):
        line = returned.lines.get()
    values = {
        "id": line.pk,
        "quantity_returned": 1,
        "quantity_refunded": 1,
        "amounts": {"principal": "24.99", "shipping_cost": "3.50"},
    }
    return {"agree_to_return_charge": True, "lines": [values | changes]}


def test_list_and_detail_show_lines_and_money(client, merchant, returned):
    headers = token_of(merchant, Right.RETURNS_VIEW)
    listed = client.get(address("return-list", merchant), headers=headers).json()["results"]
    assert [row["id"] for row in listed] == [returned.pk]
    shown = client.get(address("return-detail", merchant, returned.pk), headers=headers).json()
    assert (shown["status"], shown["is_answerable"], shown["merchant_return_charge"]) == (
        "created",
        True,
        "6.85",
    )
    assert shown["lines"][0]["requested"] == {
        "principal": "24.99",
        "tax": "0.00",
        "shipping_cost": "3.50",
        "shipping_tax": "0.00",
    }


def test_settle_stores_the_answer_once_for_one_key(client, merchant, returned):
    headers = {**token_of(merchant, Right.RETURNS_VIEW, Right.RETURNS_SETTLE), "Idempotency-Key": "settle-1"}
    url = address("return-settle", merchant, returned.pk)
    answers = [
        client.post(url, body(returned), content_type="application/json", headers=headers)
        for _try in range(2)
    ]
    assert [answer.status_code for answer in answers] == [200, 200]
    assert answers[0].json() == answers[1].json()
    assert answers[0].json()["send_state"] == "queued"
    with merchant_scope(merchant):
        returned.refresh_from_db()
        assert returned.send_state == SendState.QUEUED
        assert returned.lines.get().settled == Amounts(Decimal("24.99"), shipping_cost=Decimal("3.50"))
        assert Job.objects.filter(kind="returns.complete").count() == 1


def test_settle_names_the_fields_at_fault(client, merchant, returned):
    headers = token_of(merchant, Right.RETURNS_SETTLE)
    data = body(returned, amounts={"principal": "25.00"})
    answer = client.post(
        address("return-settle", merchant, returned.pk),
        data,
        content_type="application/json",
        headers=headers,
    )
    line_id = data["lines"][0]["id"]
    assert (answer.status_code, answer.json()["code"]) == (400, "invalid")
    assert answer.json()["fields"][f"line-{line_id}-principal"][0].endswith("may be at most $24.99 here.")
    with merchant_scope(merchant):
        assert Job.objects.count() == 0


def test_second_answer_is_a_conflict(client, merchant, returned):
    headers = token_of(merchant, Right.RETURNS_SETTLE)
    url = address("return-settle", merchant, returned.pk)
    codes = [
        client.post(url, body(returned), content_type="application/json", headers=headers).status_code
        for _try in range(2)
    ]
    assert codes == [200, 409]


def test_rights_and_tenants(client, merchant, returned):
    looker = token_of(merchant, Right.RETURNS_VIEW)
    url = address("return-settle", merchant, returned.pk)
    assert (
        client.post(url, body(returned), content_type="application/json", headers=looker).status_code == 403
    )
    stranger = factories.make_merchant()
    foreign = token_of(stranger, *Right)
    assert client.get(address("return-detail", stranger, returned.pk), headers=foreign).status_code == 404
    assert client.get(address("return-list", stranger), headers=foreign).json()["results"] == []
    assert client.get(address("return-list", merchant), headers=foreign).status_code == 401
    with merchant_scope(merchant):
        assert Job.objects.count() == 0


def test_fetch_and_refresh_start_jobs(client, merchant, returned):
    headers = token_of(merchant, Right.RETURNS_SETTLE)
    assert client.post(address("return-fetch", merchant), headers=headers).status_code == 202
    assert client.post(address("return-refresh", merchant, returned.pk), headers=headers).status_code == 202
    with merchant_scope(merchant):
        assert set(Job.objects.values_list("kind", flat=True)) == {"returns.fetch", "returns.refresh"}


def test_list_has_constant_queries(client, count_queries, merchant, returned):
    headers = token_of(merchant, Right.RETURNS_VIEW)
    client.defaults["HTTP_AUTHORIZATION"] = headers["Authorization"]
    url = address("return-list", merchant)
    client.get(url)
    few = count_queries(client, url)
    with merchant_scope(merchant):
        for _number in range(3):
            make_return(make_order(merchant, returned.account))
    assert count_queries(client, url) == few
