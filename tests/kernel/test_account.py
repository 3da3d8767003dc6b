"""Jet accounts against the sandbox over real HTTP: keys, validation, nodes, token recovery."""

from __future__ import annotations

import pytest

from jetsync.actions import account as actions
from jetsync.exceptions import InvalidInput, SettingsMissing, StateConflict
from jetsync.models import Attempt, FulfillmentNode, JetAccount, LogEntry
from jetsync.sync.client import client_for, current_account
from jetsync.tenancy.actor import SYSTEM
from jetsync.tenancy.context import merchant_scope
from tests.factories import make_account, make_merchant


@pytest.fixture
def account(sandbox, scoped):
    return sandbox.account


@pytest.mark.feature("CFG-11")
def test_good_keys_are_accepted_and_the_token_is_dated(account):
    result = actions.validate_account(account, actor=SYSTEM)
    assert (result.ok, account.validation) == (True, JetAccount.Validation.OK)
    assert account.token_expires_at > account.token_issued_at


@pytest.mark.feature("CFG-11")
def test_wrong_keys_are_refused_with_a_way_out(account):
    account.api_secret = "wrong-secret"
    account.save()
    result = actions.validate_account(account, actor=SYSTEM)
    assert (result.ok, account.validation) == (False, JetAccount.Validation.REFUSED)
    assert "refused the API keys" in result.message
    assert "user and secret" in result.hint
    assert "user and secret" in account.validation_message


def test_unreachable_address_says_so(account):
    account.api_url = "http://127.0.0.1:9/api"
    account.save()
    result = actions.validate_account(account, actor=SYSTEM)
    assert (result.ok, account.validation) == (False, JetAccount.Validation.UNREACHABLE)
    assert "cannot be reached" in result.message


def test_html_instead_of_json_says_so(account, sandbox):
    sandbox.control.fault("html", path="token")
    result = actions.validate_account(account, actor=SYSTEM)
    sandbox.control.clear_faults()
    assert result.ok is False
    assert "did not answer like Jet" in result.message


def test_half_a_body_says_so(account, sandbox):
    sandbox.control.fault("half_body", path="token")
    result = actions.validate_account(account, actor=SYSTEM)
    sandbox.control.clear_faults()
    assert (result.ok, account.validation) == (False, JetAccount.Validation.UNREACHABLE)


def test_inside_address_is_refused_before_anything_is_stored(scoped, settings):
    settings.PRIVATE_HOSTS = []
    with pytest.raises(InvalidInput) as caught:
        actions.save_account(
            scoped, "test", api_url="http://169.254.169.254/api", api_user="u", api_secret="s", actor=SYSTEM
        )
    assert JetAccount.objects.count() == 0
    assert list(caught.value.fields) == ["api_url"]


@pytest.mark.feature("CFG-04")
def test_keys_are_stored_encrypted_and_kept_when_left_empty(scoped):
    saved = actions.save_account(
        scoped,
        "test",
        api_url="http://127.0.0.1:9/api/",
        api_user="user-1",
        api_secret="hush-hush",
        actor=SYSTEM,
    )
    again = actions.save_account(
        scoped, "test", api_url="http://127.0.0.1:9/api", api_user="user-1", api_secret=None, actor=SYSTEM
    )
    assert (saved.pk, again.api_secret) == (again.pk, "hush-hush")
    from django.db import connection

    with connection.cursor() as cursor:
        cursor.execute("SELECT api_user, api_secret FROM jetsync_jetaccount")
        stored = " ".join(cursor.fetchone())
    assert "hush-hush" not in stored
    assert "user-1" not in stored
    assert "hush-hush" not in str(list(LogEntry.objects.values()))


def test_changed_keys_must_be_validated_anew(account):
    actions.validate_account(account, actor=SYSTEM)
    saved = actions.save_account(
        account.merchant, "test", api_url=account.api_url, api_user="other", api_secret=None, actor=SYSTEM
    )
    assert saved.validation == JetAccount.Validation.NEVER


def test_revoked_token_is_replaced_in_mid_run(account, sandbox):
    jet = client_for(account)
    assert jet.nodes.list()[0].node_id == sandbox.node_id
    sandbox.control.revoke_tokens()
    assert jet.nodes.list()[0].node_id == sandbox.node_id


def test_calls_are_recorded_without_secrets(account):
    client_for(account).nodes.list()
    calls = list(Attempt.objects.values("method", "path", "status", "request_cut", "answer_cut"))
    assert len(calls) >= 2
    assert "demo-secret" not in str(calls)
    assert "eyJ" not in str(calls)


@pytest.mark.feature("CFG-05")
def test_nodes_are_read_from_jet_once(account, sandbox):
    FulfillmentNode.objects.all().delete()
    added = actions.import_nodes(account, actor=SYSTEM)
    assert [node.node_id for node in added] == [sandbox.node_id]
    assert added[0].is_default is True
    assert actions.import_nodes(account, actor=SYSTEM) == []


@pytest.mark.feature("CFG-05")
def test_merchant_id_is_refused_as_node_id(scoped):
    account = make_account(scoped, jet_merchant_id="b" * 32)
    with pytest.raises(InvalidInput) as caught:
        actions.add_node(account, node_id="b" * 32, name="Hoboken", actor=SYSTEM)
    assert "merchant id" in caught.value.message


def test_exactly_one_default_node(scoped):
    account = make_account(scoped)
    second = actions.add_node(account, node_id="c" * 32, name="Reno", actor=SYSTEM)
    first = FulfillmentNode.objects.get(node_id="a" * 32)
    with pytest.raises(StateConflict):
        actions.remove_node(first, actor=SYSTEM)
    actions.make_default_node(second, actor=SYSTEM)
    assert list(FulfillmentNode.objects.filter(is_default=True).values_list("name", flat=True)) == ["Reno"]


def test_live_mode_needs_accepted_keys(scoped):
    make_account(scoped)
    with pytest.raises(StateConflict):
        actions.switch_mode(scoped, "live", actor=SYSTEM)
    scoped.refresh_from_db()
    assert scoped.mode == "test"


def test_one_jet_account_belongs_to_one_store(account, sandbox):
    """Two stores on one account would answer each other's orders."""
    assert actions.validate_account(account, actor=SYSTEM).ok
    other = make_merchant("Mira Wares")
    with merchant_scope(other):
        theirs = make_account(other, sandbox.server.api_url, api_user="demo-user", api_secret="demo-secret")
        result = actions.validate_account(theirs, actor=SYSTEM)
        assert (result.ok, theirs.validation) == (False, JetAccount.Validation.TAKEN)
        assert "another store" in result.message
        with pytest.raises(SettingsMissing):
            current_account(other)
    assert actions.validate_account(account, actor=SYSTEM).ok
