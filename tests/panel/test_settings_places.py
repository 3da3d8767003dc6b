"""Return locations, and the confirm pages before something of the settings is taken away."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
from django.test import Client
from django.utils import timezone

from jetsync.models import ApiToken, Invitation, Membership, Merchant, ReturnLocation
from jetsync.panel.setup.states import STATES
from jetsync.tenancy.context import merchant_scope
from tests.factories import make_account, make_member

pytestmark = pytest.mark.django_db
MILL = {
    "return_id": "7c1e54d0b23f4a6bb9f0a1c2d3e4f506",
    "address1": "12 Mill Street",
    "address2": "",
    "city": "Hoboken",
    "state": "NJ",
    "zip_code": "07030",
}


@pytest.fixture
def account(merchant: Merchant) -> Any:
    return make_account(merchant)


def locations(merchant: Merchant) -> list[ReturnLocation]:
    with merchant_scope(merchant):
        return list(ReturnLocation.objects.order_by("pk"))


@pytest.mark.feature("RLO-01")
def test_several_locations_one_default(merchant: Merchant, client: Client, at: Any, account: Any) -> None:
    new = at("panel:return-location-new")
    client.post(new, MILL)
    client.post(new, {**MILL, "return_id": "r-2", "address1": "9 Pier Road", "state": "NY"})
    first, second = locations(merchant)
    assert (first.is_default, second.is_default) == (True, False)

    client.post(at("panel:return-location-default", pk=second.pk))
    assert [row.is_default for row in locations(merchant)] == [False, True]
    page = client.get(at("panel:return-locations")).content.decode()
    assert "12 Mill Street, Hoboken, NJ 07030" in page
    assert page.count(">Default<") == 1

    again = client.post(new, MILL)
    assert "is listed already" in again.content.decode()
    assert len(locations(merchant)) == 2


@pytest.mark.feature("RLO-02")
@pytest.mark.parametrize("name", ["return_id", "address1", "city", "state", "zip_code"])
def test_all_but_the_second_address_are_required(
    merchant: Merchant, client: Client, at: Any, account: Any, name: str
) -> None:
    answer = client.post(at("panel:return-location-new"), {**MILL, name: ""})
    assert answer.status_code == 400
    assert list(answer.context["form"].errors) == [name]
    assert locations(merchant) == []


@pytest.mark.feature("RLO-03")
def test_the_state_is_one_of_the_two_letter_codes(
    merchant: Merchant, client: Client, at: Any, account: Any
) -> None:
    new = at("panel:return-location-new")
    text = client.get(new).content.decode()
    assert all(f'<option value="{code}">' in text for code, _name in STATES)
    for wrong in ("New Jersey", "nj", "XX"):
        answer = client.post(new, {**MILL, "state": wrong})
        assert list(answer.context["form"].errors) == ["state"]
    for wrong in ("7030", "07030-1234", "O7030"):
        assert list(client.post(new, {**MILL, "zip_code": wrong}).context["form"].errors) == ["zip_code"]
    assert locations(merchant) == []


@pytest.mark.feature("RLO-04")
def test_without_keys_the_page_leads_to_them(client: Client, at: Any) -> None:
    text = client.get(at("panel:return-locations")).content.decode()
    assert "Enter your Jet keys first" in text
    assert client.post(at("panel:return-location-new"), MILL).status_code == 404


@pytest.mark.feature("RLO-05")
def test_a_location_is_edited_and_reset_leads_back_to_the_stored_values(
    merchant: Merchant, client: Client, at: Any, account: Any
) -> None:
    client.post(at("panel:return-location-new"), MILL)
    (row,) = locations(merchant)
    edit = at("panel:return-location-edit", pk=row.pk)

    refused = client.post(edit, {**MILL, "city": "", "address2": "Dock 4"}).content.decode()
    assert f'href="{edit}">Reset' in refused
    assert 'value="Dock 4"' in refused
    assert 'value="Dock 4"' not in client.get(edit).content.decode()

    client.post(edit, {**MILL, "address2": "Dock 4"})
    assert locations(merchant)[0].address2 == "Dock 4"


def test_removing_a_location_asks_first(merchant: Merchant, client: Client, at: Any, account: Any) -> None:
    client.post(at("panel:return-location-new"), MILL)
    (row,) = locations(merchant)
    remove = at("panel:return-location-remove", pk=row.pk)

    asked = client.get(remove).content.decode()
    assert "A return exception that names no other location ends" in asked
    assert locations(merchant) == [row]
    assert client.post(remove).status_code == 302
    assert locations(merchant) == []


def test_removing_a_member_asks_first_and_names_what_follows(
    merchant: Merchant, client: Client, at: Any
) -> None:
    mara = make_member(merchant, "fulfilment")
    with merchant_scope(merchant):
        seat = Membership.objects.get(user=mara)
    remove = at("panel:member-remove", pk=seat.pk)

    assert f"{mara} can no longer open this store." in client.get(remove).content.decode()
    assert Membership.objects.filter(pk=seat.pk).exists()
    assert client.post(remove).url == at("panel:members")
    assert not Membership.objects.filter(pk=seat.pk).exists()


def test_the_last_owner_stays_and_is_told_why(merchant: Merchant, client: Client, at: Any) -> None:
    seat = Membership.objects.get(merchant=merchant, role="owner")
    answer = client.post(at("panel:member-remove", pk=seat.pk))
    assert answer.status_code >= 400
    assert Membership.objects.filter(pk=seat.pk).exists()


def test_token_that_has_expired_is_refused_and_one_that_expires_is_marked(
    scoped: Merchant, client: Client, at: Any
) -> None:
    form = {"name": "stock script", "rights": ["products.view"]}
    refused = client.post(at("panel:tokens"), form | {"expires_on": "2020-01-31"})
    assert refused.status_code == 400
    assert "Choose today or a later day" in refused.content.decode()
    assert not ApiToken.objects.exists()
    client.post(at("panel:tokens"), form | {"expires_on": f"{timezone.now():%Y-%m-%d}"})
    assert "Expired" not in client.get(at("panel:tokens")).content.decode()
    ApiToken.objects.update(expires_at=timezone.now() - timedelta(seconds=1))
    assert "Expired" in client.get(at("panel:tokens")).content.decode()


def test_withdrawing_an_invitation_and_revoking_a_token_ask_first(
    merchant: Merchant, client: Client, at: Any
) -> None:
    with merchant_scope(merchant):
        invitation = Invitation.objects.create(
            merchant=merchant,
            email="new@example.com",
            role="analyst",
            token_hash="x",
            expires_at=timezone.now() + timedelta(days=1),
        )
    revoke = at("panel:invitation-revoke", pk=invitation.pk)
    assert "The link in the mail stops working." in client.get(revoke).content.decode()
    client.post(revoke)
    invitation.refresh_from_db()
    assert invitation.revoked_at is not None

    client.post(at("panel:tokens"), {"name": "stock script", "rights": ["products.view"]})
    with merchant_scope(merchant):
        token = ApiToken.objects.get()
    revoke = at("panel:token-revoke", pk=token.pk)
    assert "gets 401 from now on" in client.get(revoke).content.decode()
    token.refresh_from_db()
    assert token.revoked_at is None
    client.post(revoke)
    token.refresh_from_db()
    assert token.revoked_at is not None


@pytest.mark.feature("CFG-35")
@pytest.mark.feature("RLO-01")
def test_an_id_unknown_to_jet_is_marked_where_it_is_typed_and_on_prerequisites(
    merchant: Merchant, client: Client, at: Any, sandbox: Any
) -> None:
    said = client.post(at("panel:return-location-new"), MILL, follow=True).content.decode()
    assert "Jet does not know this: “12 Mill Street, Hoboken, NJ 07030”" in said
    attic = {"node_id": "c" * 32, "name": "Attic"}
    said = client.post(at("panel:node-add", mode="test"), attic, follow=True).content.decode()
    assert "“Attic”" in said
    assert said.count(">Jet does not know this<") == 1

    found = {row.check.key: row.finding for row in client.get(at("panel:prerequisites")).context["checks"]}
    assert [found[key].state for key in ("nodes", "returns")] == ["missing", "missing"]
    assert "“Attic”" in found["nodes"].text

    client.post(at("panel:return-location-import"))
    with merchant_scope(merchant):
        assert [row.is_at_jet for row in ReturnLocation.objects.order_by("pk")] == [False, True]
        ReturnLocation.objects.filter(is_at_jet=False).delete()
        sandbox.account.nodes.filter(is_at_jet=False).delete()
    found = {row.check.key: row.finding for row in client.post(at("panel:prerequisites")).context["checks"]}
    assert [found[key].state for key in ("nodes", "returns")] == ["ok", "ok"]
