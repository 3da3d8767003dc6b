"""Live is locked until every step is ok; the switch shows what changes and begins with a share of the SKUs."""

from __future__ import annotations

from collections.abc import Callable
from importlib import import_module
from typing import Any

import pytest
from allauth.mfa.totp.internal.auth import TOTP, generate_totp_secret
from django.apps import apps
from django.test import Client
from django.urls import reverse

from catalog.actions.publish import upload
from catalog.codes import Code
from catalog.models import Listing
from jetsync.actions.account import save_account, switch_mode, validate_account
from jetsync.actions.known_places import import_nodes
from jetsync.actions.log import record
from jetsync.activation.actions import start_rehearsal
from jetsync.activation.queries import open_steps
from jetsync.activation.switching import differences, go_live, widen
from jetsync.enums import Mode
from jetsync.exceptions import InvalidInput, NotAllowed, StateConflict
from jetsync.models import (
    Activation,
    ActivationStep,
    FulfillmentNode,
    JetAccount,
    Merchant,
    Operation,
    OperationRow,
    ReturnLocation,
)
from jetsync.tenancy.actor import SYSTEM, Actor
from jetsync.tenancy.context import across_merchants, merchant_scope
from jetsync.tenancy.rights import Right
from tests import factories
from tests.activation.conftest import Stage
from tests.catalog.rows import make_product, make_variant

LIVE_USER, LIVE_SECRET = "live-user", "live-secret"


@pytest.fixture
def at(merchant: Merchant) -> Callable[..., str]:
    return lambda name, **kwargs: reverse(f"panel:{name}", kwargs={"merchant_slug": merchant.slug, **kwargs})


@pytest.fixture
def live_keys(stage: Stage) -> JetAccount:
    """Accepted live keys with the node that Jet lists."""
    stage.control.add_account(LIVE_USER, LIVE_SECRET, is_live=True)
    account = save_account(
        stage.merchant,
        Mode.LIVE,
        api_url=stage.sandbox.server.api_url,
        api_user=LIVE_USER,
        api_secret=LIVE_SECRET,
        actor=SYSTEM,
    )
    assert validate_account(account, actor=SYSTEM).ok
    import_nodes(account, actor=SYSTEM)
    return account


@pytest.fixture
def ten(stage: Stage) -> Stage:
    """Ten ready SKUs of as many products."""
    for number in range(2, 11):
        make_variant(stage.merchant, make_product(stage.merchant), sku=f"KETTLE-{number}", quantity=5)
    return stage


def mode_of(merchant: Merchant) -> str:
    return Merchant.objects.values_list("mode", flat=True).get(pk=merchant.pk)


@pytest.mark.feature("API-07")
def test_live_is_locked_by_action_page_and_admin_until_every_step_is_ok(
    stage: Stage, live_keys: JetAccount, at: Any, client_for: Any
) -> None:
    with pytest.raises(StateConflict, match="Live mode is locked: 11 of 11") as refused:
        switch_mode(stage.merchant, Mode.LIVE, actor=SYSTEM)
    assert refused.value.code == "live_locked"
    assert refused.value.data["open_steps"] == [step.key for step in open_steps(stage.merchant)]
    with pytest.raises(StateConflict, match="Complete Return"):
        go_live(stage.merchant, share=10, actor=SYSTEM)
    client: Client = client_for("owner")
    for name, data in (
        (at("account-use", mode="live"), {}),
        (at("go-live"), {"do": "switch", "share": "10"}),
    ):
        assert "Live mode is locked" in client.post(name, data, follow=True).content.decode()
    staff, person = Client(), factories.make_user(is_staff=True, is_superuser=True)
    TOTP.activate(person, generate_totp_secret())
    staff.force_login(person)
    change = reverse("admin:jetsync_merchant_change", args=[stage.merchant.pk])
    assert staff.post(change, {"mode": "live"}).status_code == 403
    assert mode_of(stage.merchant) == Mode.TEST
    page = client.get(at("go-live")).content.decode()
    assert "Live is locked: 11 steps with the test keys are open." in page
    assert "<li>Complete Return</li>" in page


def test_who_was_live_before_is_not_locked_out(stage: Stage, live_keys: JetAccount) -> None:
    stage.all_ok()
    switch_mode(stage.merchant, Mode.LIVE, actor=SYSTEM)
    switch_mode(stage.merchant, Mode.TEST, actor=SYSTEM)
    ActivationStep.objects.all().delete()
    switch_mode(stage.merchant, Mode.LIVE, actor=SYSTEM)
    assert mode_of(stage.merchant) == Mode.LIVE


@pytest.mark.feature("API-07", "API-09", "CFG-34")
def test_guided_switch_asks_for_keys_shows_changes_and_begins_with_a_share(
    ten: Stage, at: Any, client_for: Any
) -> None:
    ten.all_ok()
    ten.send_all()
    client: Client = client_for("owner")
    ten.control.add_account(LIVE_USER, LIVE_SECRET, is_live=True)
    before = client.get(at("go-live")).content.decode()
    assert "There are no live keys yet." in before
    keys = {"do": "keys", "api_url": ten.sandbox.server.api_url, "api_user": LIVE_USER}
    wrong = client.post(at("go-live"), {**keys, "api_secret": "wrong"})
    assert (wrong.status_code, JetAccount.objects.filter(mode="live").count()) == (400, 0)
    own = client.post(
        at("go-live"),
        {**keys, "api_user": ten.sandbox.account.api_user, "api_secret": ten.sandbox.account.api_secret},
    )
    assert (own.status_code, JetAccount.objects.filter(mode="live").count()) == (400, 0)
    assert "These are this store&#x27;s test keys." in own.content.decode()
    client.post(at("go-live"), {**keys, "api_secret": LIVE_SECRET})
    page = client.get(at("go-live")).content.decode()
    assert "Keys accepted by Jet" in page
    assert "10 % of 10 begin with 1 SKU" in page
    which = client.post(at("go-live"), {"do": "switch", "share": "25", "preview": "1"}).content.decode()
    assert "25 % of 10 begin with 3 SKUs" in which
    assert '<span class="code">KETTLE-3</span>' in which
    assert mode_of(ten.merchant) == Mode.TEST
    account = JetAccount.objects.get(mode="live")
    assert (account.nodes.count(), account.return_locations.count()) == (1, 1)
    shown = {row.label: (row.test, row.live) for row in differences(ten.merchant)}
    assert shown["SKUs that Jet has from jetsync"] == ("1", "None: all begin as not uploaded")
    assert shown["Orders in the lists"] == ("0", "0")
    answer = client.post(at("go-live"), {"do": "switch", "share": "10"}, follow=True)
    assert "is live. Upload 1 product: started." in answer.content.decode()
    ten.work()
    sent = Listing.objects.exclude(content_sent_at=None).values_list("variant__sku", flat=True)
    assert list(sent) == [ten.variant.sku]
    assert not Listing.objects.filter(archived_target=True).exists()
    after = client.get(at("activation")).content.decode()
    assert "Live: 10 % of the ready SKUs" in after
    assert "9 SKUs held back, not archived." in after
    assert "Order API" in after


@pytest.mark.feature("API-09", "CFG-11")
def test_switch_names_places_of_the_live_account_that_jet_does_not_know(
    stage: Stage, live_keys: JetAccount, at: Any, client_for: Any
) -> None:
    stage.all_ok()
    client: Client = client_for("owner")
    node = live_keys.nodes.get()
    ReturnLocation.objects.create(
        merchant=stage.merchant, account=live_keys, return_id="f" * 32, address1="9 Dock Street", city="Reno",
        state="NV", zip_code="89501", is_at_jet=False,
    )  # fmt: skip
    page = client.get(at("go-live")).content.decode()
    assert "Jet does not know" in page
    assert "9 Dock Street" in page.split("Jet does not know", 1)[1][:200]
    assert "There are no live keys" not in page
    FulfillmentNode.objects.filter(pk=node.pk).update(node_id="0" * 32)
    refused = client.post(at("go-live"), {"do": "switch", "share": "10"}).content.decode()
    assert "Jet knows none of the live account&#x27;s fulfilment nodes" in refused
    assert mode_of(stage.merchant) == Mode.TEST


@pytest.fixture
def on_air(ten: Stage, live_keys: JetAccount) -> Stage:
    factories.open_live(ten.merchant)
    go_live(ten.merchant, share=20, actor=SYSTEM)
    ten.work()
    return ten


def uploaded() -> int:
    return Listing.objects.exclude(content_sent_at=None).count()


def test_held_skus_are_left_out_of_other_uploads_until_the_share_is_widened(
    on_air: Stage, at: Any, client_for: Any
) -> None:
    assert uploaded() == 2
    everything = list(Listing.objects.values_list("variant_id", flat=True))
    operation = upload(on_air.merchant, everything, actor=SYSTEM)
    on_air.work()
    rows = OperationRow.objects.filter(operation=operation)
    assert (rows.filter(state="done").count(), rows.filter(state="skipped", code=Code.HELD_BACK).count()) == (
        2,
        8,
    )
    assert uploaded() == 2
    client: Client = client_for("owner")
    answer = client.post(at("go-live-widen"), {"share": "50"}, follow=True)
    assert "50 % of the ready SKUs may be live. Upload 3 products: started." in answer.content.decode()
    on_air.work()
    assert uploaded() == 5
    assert "50 % are live already" in client.post(at("go-live-widen"), {"share": "40"}).content.decode()
    widen(on_air.merchant, share=100, actor=SYSTEM)
    on_air.work()
    assert uploaded() == 10
    make_variant(on_air.merchant, make_product(on_air.merchant), sku="KETTLE-NEW", quantity=5)
    fresh = Listing.objects.get(variant__sku="KETTLE-NEW")
    upload(on_air.merchant, [fresh.variant_id], actor=SYSTEM)
    on_air.work()
    assert uploaded() == 11


def test_second_press_of_the_switch_changes_nothing(on_air: Stage) -> None:
    before = Operation.objects.count()
    stale = Merchant.objects.get(pk=on_air.merchant.pk)
    stale.mode = Mode.TEST
    with pytest.raises(StateConflict, match="is live already"):
        go_live(stale, share=100, actor=SYSTEM)
    assert (Operation.objects.count(), Activation.objects.get().live_share) == (before, 20)


def test_skus_of_one_product_go_live_together(stage: Stage, live_keys: JetAccount) -> None:
    for number in range(2, 5):
        make_variant(stage.merchant, stage.variant.product, sku=f"KETTLE-{number}", quantity=5)
    make_variant(stage.merchant, make_product(stage.merchant), sku="POT-1", quantity=5)
    factories.open_live(stage.merchant)
    operation = go_live(stage.merchant, share=10, actor=SYSTEM)
    assert operation is not None
    assert operation.total == 4


def test_switch_waits_while_steps_run_with_the_test_keys(stage: Stage, live_keys: JetAccount) -> None:
    factories.open_live(stage.merchant)
    start_rehearsal(stage.merchant, actor=SYSTEM)
    for switch in (lambda: go_live(stage.merchant, share=10, actor=SYSTEM), lambda: to_live(stage.merchant)):
        with pytest.raises(StateConflict, match="is running with the test keys"):
            switch()
    assert mode_of(stage.merchant) == Mode.TEST


def to_live(merchant: Merchant) -> None:
    switch_mode(merchant, Mode.LIVE, actor=SYSTEM)


@pytest.mark.parametrize("share", [0, 101, -5])
def test_share_outside_of_one_to_a_hundred_is_refused(stage: Stage, share: int) -> None:
    with pytest.raises(InvalidInput, match="Between 1 and 100"):
        go_live(stage.merchant, share=share, actor=SYSTEM)
    assert mode_of(stage.merchant) == Mode.TEST


def test_live_keys_that_jet_takes_back_stop_the_switch(
    stage: Stage, live_keys: JetAccount, at: Any, client_for: Any
) -> None:
    factories.open_live(stage.merchant)
    JetAccount.objects.filter(pk=live_keys.pk).update(api_secret=JetAccount(api_secret="old").api_secret)
    answer = client_for("owner").post(at("go-live"), {"do": "switch", "share": "10"})
    assert answer.status_code == 400
    assert "Jet refused the API keys" in answer.content.decode()
    assert mode_of(stage.merchant) == Mode.TEST


def test_switch_needs_the_right_to_upload(stage: Stage, live_keys: JetAccount) -> None:
    factories.open_live(stage.merchant)
    actor = Actor(label="token", rights=frozenset({Right.SETTINGS_EDIT}))
    with pytest.raises(NotAllowed, match="uploads products"):
        go_live(stage.merchant, share=10, actor=actor)
    assert mode_of(stage.merchant) == Mode.TEST


def test_activation_of_another_merchant_is_not_seen(stage: Stage) -> None:
    stage.all_ok()
    assert open_steps(stage.merchant) == []
    other = factories.make_merchant()
    with merchant_scope(other):
        assert len(open_steps(other)) == 11


def test_upgrade_keeps_live_open_for_those_who_sell_or_sold_there(db: None) -> None:
    module = import_module("jetsync.migrations.0007_activation")
    live, was_live, never = (factories.make_merchant(mode=mode) for mode in ("live", "test", "test"))
    with merchant_scope(was_live):
        record(was_live, "jetsync.merchant.mode", "Switched.", actor=SYSTEM, new={"mode": "live"})
    with across_merchants():
        module.keep_live_open(apps, None)
        free = set(Activation._base_manager.exclude(went_live_at=None).values_list("merchant", flat=True))
    assert free == {live.pk, was_live.pk}
    assert never.pk not in free
