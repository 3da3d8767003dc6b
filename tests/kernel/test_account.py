"""Jet accounts against the sandbox over real HTTP: keys, validation, nodes, token recovery."""

from __future__ import annotations

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from jetsync.actions import account as actions
from jetsync.actions import known_places, places
from jetsync.actions.options import save_options
from jetsync.enums import FailureEnd, JobState
from jetsync.exceptions import InvalidInput, NotFound, SettingsMissing, StateConflict
from jetsync.models import (
    Attempt,
    FulfillmentNode,
    JetAccount,
    Job,
    LogEntry,
    Merchant,
    Options,
    ReturnLocation,
    Schedule,
)
from jetsync.sync.client import client_for, current_account, shared_redis
from jetsync.sync.schedules import ensure_schedules
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


def kept_tokens(merchant):
    """How many log-in tokens of the store the workers share."""
    return len(shared_redis().keys(f"jet:token:merchant:{merchant.pk}:*"))


def test_the_token_of_replaced_keys_is_removed(account, django_capture_on_commit_callbacks):
    merchant = account.merchant
    actions.validate_account(account, actor=SYSTEM)
    assert kept_tokens(merchant) == 1
    given = {"api_url": account.api_url, "api_user": account.api_user, "actor": SYSTEM}

    with django_capture_on_commit_callbacks(execute=True):
        actions.save_account(merchant, "test", api_secret=None, **given)
    assert kept_tokens(merchant) == 1  # the same keys

    with django_capture_on_commit_callbacks(execute=True):
        actions.save_account(merchant, "test", api_secret="another", **given)
    assert kept_tokens(merchant) == 0


def test_keys_that_are_only_tried_leave_no_token(account):
    merchant, secret = account.merchant, account.api_secret
    JetAccount.objects.update(api_secret="other")
    given = {"api_url": account.api_url, "api_user": account.api_user}

    assert actions.check_keys(merchant, "test", api_secret=secret, **given).ok
    assert kept_tokens(merchant) == 0

    JetAccount.objects.update(api_secret=secret)
    assert actions.check_keys(merchant, "test", api_secret=None, **given).ok
    assert kept_tokens(merchant) == 1  # the stored keys' own


def test_answer_about_keys_that_were_changed_meanwhile_is_not_stored(account, monkeypatch):
    """The rival saves other keys between Jet's answer and its storing."""
    JetAccount.objects.update(validation=JetAccount.Validation.NEVER)
    real = actions._log_in

    def log_in_then_rival(asked):
        answer = real(asked)
        actions.save_account(
            asked.merchant, "test", api_url=asked.api_url, api_user="other", api_secret="new", actor=SYSTEM
        )
        return answer

    monkeypatch.setattr(actions, "_log_in", log_in_then_rival)
    result = actions.validate_account(account, actor=SYSTEM)

    stored = JetAccount.objects.get()
    assert (result.ok, stored.validation, stored.fingerprint) == (False, JetAccount.Validation.NEVER, "")
    assert "were changed" in result.message
    assert kept_tokens(account.merchant) == 0
    assert LogEntry.objects.filter(action="jetsync.account.validated").count() == 0


def test_address_is_looked_up_before_the_transaction(scoped, monkeypatch):
    open_blocks: list[int] = []
    before = len(connection.atomic_blocks)
    monkeypatch.setattr(
        actions, "check_outside_url", lambda _url: open_blocks.append(len(connection.atomic_blocks))
    )
    actions.save_account(
        scoped, "test", api_url="http://127.0.0.1:9/api", api_user="u", api_secret="s", actor=SYSTEM
    )
    assert open_blocks == [before]


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


@pytest.mark.feature("CFG-26")
def test_calls_are_recorded_without_bodies_while_the_full_log_is_off(account, scoped):
    Options.objects.filter(merchant=scoped).update(full_payload_log=False)
    Attempt.objects.all().delete()
    client_for(account).nodes.list()
    without = list(Attempt.objects.order_by("pk"))
    assert [(call.request_cut, call.answer_cut) for call in without] == [("", "")] * len(without)
    assert {call.status for call in without} == {200}
    entries = LogEntry.objects.count()

    save_options(Options.objects.get(), old={"full_payload_log": True}, actor=SYSTEM)
    assert LogEntry.objects.count() == entries + 1  # who switched it off is told, whatever the switch says

    Options.objects.filter(merchant=scoped).update(full_payload_log=True)
    client_for(account).nodes.list()
    assert Attempt.objects.latest("pk").answer_cut != ""


@pytest.mark.feature("CFG-05")
def test_nodes_are_read_from_jet_once(account, sandbox):
    FulfillmentNode.objects.all().delete()
    added = known_places.import_nodes(account, actor=SYSTEM)
    assert [node.node_id for node in added] == [sandbox.node_id]
    assert added[0].is_default is True
    assert known_places.import_nodes(account, actor=SYSTEM) == []


@pytest.mark.feature("CFG-05")
def test_merchant_id_is_refused_as_node_id(scoped):
    account = make_account(scoped, jet_merchant_id="b" * 32)
    with pytest.raises(InvalidInput) as caught:
        places.add_node(account, node_id="b" * 32, name="Hoboken", actor=SYSTEM)
    assert "merchant id" in caught.value.message


@pytest.mark.feature("GEN-03")
def test_exactly_one_default_node(scoped):
    account = make_account(scoped)
    second = places.add_node(account, node_id="c" * 32, name="Reno", actor=SYSTEM)
    first = FulfillmentNode.objects.get(node_id="a" * 32)
    with pytest.raises(StateConflict):
        places.remove_node(first, actor=SYSTEM)
    places.make_default_node(second, actor=SYSTEM)
    assert list(FulfillmentNode.objects.filter(is_default=True).values_list("name", flat=True)) == ["Reno"]


def test_only_node_may_be_removed_and_the_next_becomes_the_default(scoped):
    account = make_account(scoped)
    places.remove_node(FulfillmentNode.objects.get(), actor=SYSTEM)
    assert FulfillmentNode.objects.count() == 0
    assert places.add_node(account, node_id="c" * 32, name="Reno", actor=SYSTEM).is_default is True


def test_node_that_became_the_default_meanwhile_is_not_removed(scoped):
    """The page was loaded before another member made this node the default."""
    account = make_account(scoped)
    shown = places.add_node(account, node_id="c" * 32, name="Reno", actor=SYSTEM)
    places.make_default_node(FulfillmentNode.objects.get(pk=shown.pk), actor=SYSTEM)
    with pytest.raises(StateConflict):
        places.remove_node(shown, actor=SYSTEM)
    assert FulfillmentNode.objects.count() == 2


def test_removed_node_does_not_become_the_default(scoped):
    account = make_account(scoped)
    shown = places.add_node(account, node_id="c" * 32, name="Reno", actor=SYSTEM)
    places.remove_node(FulfillmentNode.objects.get(pk=shown.pk), actor=SYSTEM)
    with pytest.raises(NotFound):
        places.make_default_node(shown, actor=SYSTEM)
    assert FulfillmentNode.objects.get().is_default is True


def test_places_of_an_account_are_decided_under_its_lock(scoped):
    account = make_account(scoped)
    with CaptureQueriesContext(connection) as queries:
        places.add_node(account, node_id="c" * 32, name="Reno", actor=SYSTEM)
    reads = [query["sql"] for query in queries if query["sql"].startswith("SELECT")]
    assert '"jetsync_jetaccount"' in reads[0]
    assert "FOR UPDATE" in reads[0]


ADDRESS = {"address1": "9 Dock Street", "address2": "", "city": "Hoboken", "state": "NJ", "zip_code": "07030"}


def test_exactly_one_default_return_location(scoped):
    account = make_account(scoped)
    first = places.save_return_location(account, {"return_id": "d" * 32, **ADDRESS}, actor=SYSTEM)
    second = places.save_return_location(account, {"return_id": "e" * 32, **ADDRESS}, actor=SYSTEM)
    assert (first.is_default, second.is_default) == (True, False)
    with pytest.raises(StateConflict):
        places.save_return_location(account, {"return_id": "d" * 32, **ADDRESS}, actor=SYSTEM)
    with pytest.raises(StateConflict):
        places.remove_return_location(first, actor=SYSTEM)
    places.make_default_location(second, actor=SYSTEM)
    places.remove_return_location(first, actor=SYSTEM)
    assert list(ReturnLocation.objects.values_list("return_id", "is_default")) == [("e" * 32, True)]


def test_saving_a_location_again_leaves_the_default_alone(scoped):
    account = make_account(scoped)
    shown = places.save_return_location(account, {"return_id": "d" * 32, **ADDRESS}, actor=SYSTEM)
    other = places.save_return_location(account, {"return_id": "e" * 32, **ADDRESS}, actor=SYSTEM)
    places.make_default_location(other, actor=SYSTEM)
    changed = {"return_id": "d" * 32, **ADDRESS, "city": "Newark"}
    places.save_return_location(account, changed, actor=SYSTEM, location=shown)
    rows = set(ReturnLocation.objects.values_list("city", "is_default"))
    assert rows == {("Newark", False), ("Hoboken", True)}


def test_saving_options_leaves_what_another_member_changed_meanwhile(scoped):
    shown = Options.objects.get()
    Options.objects.update(buffer_quantity=7)
    shown.days_to_return = 14
    save_options(shown, old={"days_to_return": 30}, actor=SYSTEM)
    stored = Options.objects.get()
    assert (stored.days_to_return, stored.buffer_quantity) == (14, 7)
    assert LogEntry.objects.get(action="jetsync.options.saved").new == {"days_to_return": 14}


def test_live_mode_needs_accepted_keys(scoped):
    make_account(scoped)
    with pytest.raises(StateConflict):
        actions.switch_mode(scoped, "live", actor=SYSTEM)
    scoped.refresh_from_db()
    assert scoped.mode == "test"


@pytest.mark.feature("GEN-03")
def test_one_jet_account_belongs_to_one_store(account, sandbox):
    """Two stores on one account would answer each other's orders."""
    assert actions.validate_account(account, actor=SYSTEM).ok
    other = make_merchant("Mira Wares")
    keys = {"api_url": sandbox.server.api_url, "api_user": "demo-user", "api_secret": "demo-secret"}
    with merchant_scope(other):
        tried = actions.check_keys(other, "test", **keys)
        assert (tried.ok, tried.code) == (False, "jet_account_taken")
        assert not actions.check_keys(other, "test", **keys | {"api_secret": "guessed"}).message.count(
            "store"
        )
        theirs = make_account(other, sandbox.server.api_url, api_user="demo-user", api_secret="demo-secret")
        result = actions.validate_account(theirs, actor=SYSTEM)
        assert (result.ok, theirs.validation) == (False, JetAccount.Validation.TAKEN)
        assert "another store" in result.message
        with pytest.raises(SettingsMissing):
            current_account(other)
    assert actions.validate_account(account, actor=SYSTEM).ok


def ended(merchant, kind, end) -> Schedule:
    """The schedule of this kind after a run that ended so."""
    schedule = Schedule.objects.get(kind=kind)
    Job.objects.create(
        merchant=merchant,
        kind=kind,
        key="schedule",
        queue="default",
        schedule=schedule,
        state=JobState.FAILED,
        failure_end=end,
        finished_at=timezone.now(),
    )
    Schedule.objects.filter(pk=schedule.pk).update(last_ok=False, last_finished_at=timezone.now())
    return schedule


def test_accepted_keys_start_at_once_what_failed_for_the_old_ones(account, scoped):
    ensure_schedules(scoped)
    for kind in ("orders.fetch", "returns.fetch", "refunds.status"):
        ended(scoped, kind, FailureEnd.SETTINGS)
    Schedule.objects.filter(kind="refunds.status").update(is_paused=True)
    ended(scoped, "orders.sweep", FailureEnd.RETRY)

    account.api_secret = "wrong-secret"
    account.save()
    assert not actions.validate_account(account, actor=SYSTEM).ok
    assert not Job.objects.filter(state=JobState.QUEUED).exists()

    account.api_secret = "demo-secret"
    account.save()
    assert actions.validate_account(account, actor=SYSTEM).ok
    started = Job.objects.filter(state=JobState.QUEUED)
    assert set(started.values_list("kind", "schedule__kind")) == {
        ("orders.fetch", "orders.fetch"),
        ("returns.fetch", "returns.fetch"),
    }


def test_accepted_keys_of_the_other_mode_start_nothing_before_the_switch(account, scoped):
    ensure_schedules(scoped)
    ended(scoped, "orders.fetch", FailureEnd.SETTINGS)
    type(scoped).objects.filter(pk=scoped.pk).update(mode="live")
    account.refresh_from_db()
    assert actions.validate_account(account, actor=SYSTEM).ok
    assert not Job.objects.filter(state=JobState.QUEUED).exists()

    actions.switch_mode(Merchant.objects.get(pk=scoped.pk), "test", actor=SYSTEM)
    assert Job.objects.filter(state=JobState.QUEUED, kind="orders.fetch").exists()
