"""Keys, token, nodes, store: the tabs about the account, with the sandbox at the other end."""

from __future__ import annotations

from typing import Any

import pytest
from django.test import Client

from jetsync.models import FulfillmentNode, JetAccount, LogEntry, Merchant
from jetsync.tenancy.context import merchant_scope
from tests.factories import make_account

pytestmark = pytest.mark.django_db


@pytest.fixture
def page(at: Any) -> str:
    return str(at("panel:account-mode", mode="test"))


def stored(merchant: Merchant) -> JetAccount:
    with merchant_scope(merchant):
        return JetAccount.objects.get(merchant=merchant, mode="test")


def keys(url: str, **changes: str) -> dict[str, str]:
    return {"api_url": url, "api_user": "demo-user", "api_secret": "demo-secret", **changes}


@pytest.mark.feature("CFG-02")
def test_the_address_is_prefilled_and_can_be_any(client: Client, page: str, settings: Any) -> None:
    settings.SANDBOX_URL = ""
    settings.JET_API_URL = "https://merchant-api.jet.com/api"
    text = client.get(page).content.decode()
    assert 'value="https://merchant-api.jet.com/api"' in text
    answer = client.post(page, keys("ftp://example.com", override="on"))
    assert "is not a web address" in answer.context["form"].errors["api_url"][0]


@pytest.mark.feature("CFG-03")
@pytest.mark.feature("CFG-04")
def test_user_and_secret_are_needed_and_the_secret_is_never_shown(
    merchant: Merchant, client: Client, page: str, sandbox_server: Any
) -> None:
    empty = client.post(page, {"api_url": sandbox_server.api_url})
    assert sorted(empty.context["form"].errors) == ["api_secret", "api_user"]

    sandbox_server.control.reset()
    assert client.post(page, keys(sandbox_server.api_url)).status_code == 302
    account = stored(merchant)
    assert (account.api_secret, account.validation) == ("demo-secret", "ok")
    text = client.get(page).content.decode()
    assert "demo-secret" not in text
    assert "Stored encrypted and never shown again. Leave empty to keep the stored one." in text
    client.post(page, keys(sandbox_server.api_url, api_secret="", jet_merchant_id="m-1"))
    account = stored(merchant)
    assert (account.api_secret, account.jet_merchant_id) == ("demo-secret", "m-1")


@pytest.mark.feature("CFG-11")
def test_keys_are_saved_after_a_good_answer_of_jet_or_an_explicit_override(
    merchant: Merchant, client: Client, page: str, sandbox_server: Any
) -> None:
    sandbox_server.control.reset()
    refused = client.post(page, keys(sandbox_server.api_url, api_secret="wrong"))

    assert refused.status_code == 400
    text = refused.content.decode()
    assert "Nothing was saved." in text
    assert "Save even if Jet does not accept the keys" in text
    with merchant_scope(merchant):
        assert not JetAccount.objects.exists()
        assert not LogEntry.objects.exists()

    overridden = client.post(page, keys(sandbox_server.api_url, api_secret="wrong", override="on"))
    assert overridden.status_code == 302
    account = stored(merchant)
    assert (account.api_secret, account.validation) == ("wrong", "refused")

    client.post(page, keys(sandbox_server.api_url))
    assert stored(merchant).validation == "ok"


def test_an_address_that_does_not_answer_saves_nothing(merchant: Merchant, client: Client, page: str) -> None:
    answer = client.post(page, keys("http://127.0.0.1:9/api"))
    assert answer.status_code == 400
    with merchant_scope(merchant):
        assert not JetAccount.objects.exists()


@pytest.mark.feature("CFG-10")
def test_the_token_shows_its_state_and_times_but_never_its_value(
    merchant: Merchant, client: Client, page: str, sandbox_server: Any
) -> None:
    make_account(merchant)
    assert "None yet" in client.get(page).content.decode()
    sandbox_server.control.reset()
    client.post(page, keys(sandbox_server.api_url))
    account = stored(merchant)
    assert account.token_issued_at is not None
    assert account.token_expires_at is not None
    text = client.get(page).content.decode()
    assert "Valid</span>" in text
    assert account.token_expires_at.isoformat(timespec="seconds") in text
    tokens = [
        row["headers"].get("Authorization", "")
        for row in sandbox_server.control.requests()
        if "headers" in row
    ]
    assert all(value.removeprefix("Bearer ") not in text for value in tokens if value)

    with merchant_scope(merchant):
        JetAccount.objects.filter(pk=account.pk).update(token_expires_at=account.token_issued_at)
    assert "Expired, renewed with the next call" in client.get(page).content.decode()


@pytest.mark.feature("CFG-05")
def test_nodes_are_added_edited_and_removed_and_the_merchant_id_is_refused(
    merchant: Merchant, client: Client, page: str, at: Any
) -> None:
    account = make_account(merchant)
    with merchant_scope(merchant):
        JetAccount.objects.filter(pk=account.pk).update(jet_merchant_id="c" * 32)
    add = at("panel:node-add", mode="test")
    text = client.get(page).content.decode()
    assert "Fulfillment, Fulfillment Node Id. Not the merchant id." in text

    for wrong in ("c" * 32, "short", "<script>alert(1)</script>"):
        client.post(add, {"node_id": wrong, "name": "Wrong"})
    client.post(add, {"node_id": "b" * 32, "name": "Reno", "zip_code": "89502", "buffer_quantity": "3"})

    with merchant_scope(merchant):
        hoboken, reno = FulfillmentNode.objects.order_by("pk")
    assert (reno.name, reno.buffer_quantity, reno.is_default) == ("Reno", 3, False)

    edit = at("panel:node-edit", pk=reno.pk)
    refused = client.post(edit, {"node_id": "c" * 32, "name": "Reno"})
    assert list(refused.context["form"].errors) == ["node_id"]
    twice = client.post(edit, {"node_id": "a" * 32, "name": "Reno"})
    assert "is listed already" in twice.content.decode()
    client.post(edit, {"node_id": "d" * 32, "name": "Reno West", "buffer_quantity": ""})
    with merchant_scope(merchant):
        reno.refresh_from_db()
    assert (reno.node_id, reno.name, reno.buffer_quantity) == ("d" * 32, "Reno West", None)

    remove = at("panel:node-remove", pk=reno.pk)
    assert "are forgotten here" in client.get(remove).content.decode()
    client.post(remove)
    blocked = client.post(at("panel:node-remove", pk=hoboken.pk))
    with merchant_scope(merchant):
        assert not FulfillmentNode.objects.exists()
    assert blocked.status_code == 302


def test_a_default_node_stays_while_others_exist(merchant: Merchant, client: Client, at: Any) -> None:
    make_account(merchant)
    client.post(at("panel:node-add", mode="test"), {"node_id": "b" * 32, "name": "Reno"})
    with merchant_scope(merchant):
        first = FulfillmentNode.objects.get(is_default=True)
        second = FulfillmentNode.objects.get(is_default=False)

    answer = client.post(at("panel:node-remove", pk=first.pk))
    assert answer.status_code == 409
    assert "Make another node the default first." in answer.content.decode()

    client.post(at("panel:node-default", pk=second.pk))
    assert client.post(at("panel:node-remove", pk=first.pk)).status_code == 302


@pytest.mark.feature("CFG-09")
def test_general_settings_name_the_store_and_what_is_connected(
    merchant: Merchant, client: Client, at: Any
) -> None:
    page = at("panel:general")
    text = client.get(page).content.decode()
    assert 'value="Harrow &amp; Finch"' in text
    assert "CSV files and the API" in text
    client.post(page, {"name": "Harrow and Daughters", "time_zone": "America/Chicago"})
    merchant.refresh_from_db()
    assert (merchant.name, merchant.time_zone) == ("Harrow and Daughters", "America/Chicago")


@pytest.mark.feature("CFG-13")
def test_what_is_missing_is_named_with_the_way_to_it(merchant: Merchant, client: Client, at: Any) -> None:
    from tests.catalog.rows import make_variant

    with merchant_scope(merchant):
        kettle = make_variant(merchant)
    answer = client.post(at("catalog:publish-one", pk=kettle.pk), {"do": "upload"}, follow=True)
    assert "Enter API user and secret under Settings, Jet account." in answer.content.decode()

    text = client.get(at("panel:prerequisites")).content.decode()
    assert "No API keys for Test mode." in text
    assert f'href="{at("panel:account")}"' in text
    assert f'href="{at("panel:return-locations")}"' in text


@pytest.mark.feature("CFG-13")
def test_prerequisites_tick_off_as_they_are_met_and_can_ask_jet(
    merchant: Merchant, client: Client, at: Any, sandbox: Any
) -> None:
    page = at("panel:prerequisites")

    def states(**extra: Any) -> dict[str, str]:
        answer = client.post(page) if extra else client.get(page)
        return {row.check.key: row.finding.state for row in answer.context["checks"]}

    before = states()
    assert (before["keys"], before["nodes"], before["returns"]) == ("ok", "ok", "missing")

    with merchant_scope(merchant):
        JetAccount.objects.update(api_secret="changed-meanwhile")
    assert states()["keys"] == "ok"  # as stored
    assert states(asking=True)["keys"] == "missing"
    with merchant_scope(merchant):
        assert JetAccount.objects.get().validation == "refused"


@pytest.mark.feature("CFG-11")
def test_validate_tries_what_was_typed_names_it_and_stores_nothing(
    merchant: Merchant, client: Client, page: str, sandbox: Any
) -> None:
    url = sandbox.account.api_url
    before = (stored(merchant).api_secret, stored(merchant).validation)

    def tried(**changes: str) -> tuple[bool, str, str]:
        answer = client.post(page, keys(url, do="try", **changes))
        trial = answer.context["tried"]
        return trial.result.ok, trial.tested, answer.content.decode()

    ok, tested, text = tried(api_secret="wrong-secret")
    assert (ok, "the secret typed here" in tested) == (False, True)
    assert "Jet accepted the keys" not in text
    assert 'value="demo-user"' in text
    assert "wrong-secret" not in text

    ok, tested, text = tried(api_user="somebody-else", api_secret="")
    assert (ok, "API user “somebody-else” as typed, with the stored secret" in tested) == (False, True)
    assert 'value="somebody-else"' in text

    ok, tested, _text = tried()
    assert (ok, "Nothing of it is stored." in tested) == (True, True)
    assert (stored(merchant).api_secret, stored(merchant).validation) == before
    with merchant_scope(merchant):
        assert not LogEntry.objects.exists()

    ok, tested, _text = tried(api_secret="")
    assert (ok, tested) == (True, "Tested: the keys as they are stored.")
    assert stored(merchant).token_issued_at is not None
