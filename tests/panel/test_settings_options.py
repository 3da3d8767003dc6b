"""The options page: groups, hints, addresses, switches that depend on each other, and what a change sets in motion."""

from __future__ import annotations

from typing import Any

import pytest
from django.test import Client

from catalog.actions.deltas import push_deltas
from catalog.actions.targets import refresh_targets
from catalog.models import Variant
from jetsync.models import Job, LogEntry, Merchant, Options
from jetsync.panel.setup.forms import (
    AccountForm,
    InviteForm,
    MerchantForm,
    NodeForm,
    ReturnLocationForm,
    TokenForm,
)
from jetsync.panel.setup.mail_form import MailForm
from jetsync.panel.setup.option_groups import EDIT_SWITCHES, GROUPS, PRICING, OptionsForm
from jetsync.queries.settings import get_options
from jetsync.tenancy.context import merchant_scope
from tests.catalog.rows import make_variant, mark_listed, offered
from tests.factories import make_account

pytestmark = pytest.mark.django_db


def filled(merchant: Merchant, **changes: Any) -> dict[str, Any]:
    """What a browser posts when only `changes` were made on the page."""
    with merchant_scope(merchant):
        form = OptionsForm(instance=get_options(merchant))
        values = {name: form[name].value() for name, field in form.fields.items() if not field.disabled}
    values = {
        name: "on" if value is True else str(value)
        for name, value in values.items()
        if value is not None and value is not False
    }
    return {name: value for name, value in {**values, **changes}.items() if value is not None}


def stored(merchant: Merchant) -> Options:
    with merchant_scope(merchant):
        return Options.objects.get(merchant=merchant)


@pytest.fixture
def page(at: Any) -> str:
    return str(at("panel:options"))


@pytest.mark.feature("CFG-01")
def test_settings_come_in_tabs(client: Client, page: str) -> None:
    text = client.get(page).content.decode()
    tabs = text.split('class="tabs"')[1].split("</nav>")[0]
    for label in (
        "Jet account",
        "Return locations",
        "Orders and stock",
        "Prerequisites",
        "Pricing",
        "Schedules",
    ):
        assert f">{label}" in tabs


@pytest.mark.feature("CFG-36")
def test_every_setting_has_a_hint(merchant: Merchant, scoped: Merchant, client: Client, page: str) -> None:
    forms = [
        OptionsForm(instance=get_options(merchant)),
        MailForm(instance=get_options(merchant), merchant=merchant),
        AccountForm(),
        MerchantForm(),
        NodeForm(),
        ReturnLocationForm(),
        InviteForm(),
        TokenForm(rights=frozenset()),
    ]
    bare = [
        f"{type(form).__name__}.{name}"
        for form in forms
        for name, field in form.fields.items()
        if not field.help_text
    ]
    assert bare == []
    text = client.get(page).content.decode()
    assert all(f'id="id_{name}_helptext"' in text for name in forms[0].fields)


def test_no_option_is_lost_from_the_page(merchant: Merchant, scoped: Merchant) -> None:
    """A box that the page does not show would be stored as off by the next save."""
    form = OptionsForm(instance=get_options(merchant))
    shown = [field.name for group in form.groups() for row in group.rows for field in row]
    assert sorted(shown) == sorted(form.fields)
    assert not set(PRICING) & set(shown)
    assert {name for group in GROUPS for row in group.rows for name in row} <= set(form.fields)


@pytest.mark.feature("CFG-12")
def test_saving_changes_what_was_changed_and_reset_leads_back(
    merchant: Merchant, client: Client, page: str
) -> None:
    before = stored(merchant)
    assert client.post(page, filled(merchant)).status_code == 302
    after = stored(merchant)
    names = [field.name for field in Options._meta.concrete_fields if field.name != "updated_at"]
    assert [getattr(after, name) for name in names] == [getattr(before, name) for name in names]

    client.post(page, filled(merchant, transit_days="6"))
    assert stored(merchant).transit_days == 6
    with merchant_scope(merchant):
        entry = LogEntry.objects.get(action="jetsync.options.saved")
        assert (entry.old, entry.new) == ({"transit_days": 4}, {"transit_days": 6})

    refused = client.post(page, filled(merchant, transit_days="many"))
    assert refused.status_code == 400
    # Reset is a link to the stored values: after a refused save the typed ones are gone with it.
    assert f'href="{page}">Reset' in refused.content.decode().replace("\n", "")


@pytest.mark.parametrize(
    ("name", "typed", "said"),
    [
        ("days_to_return", "3650", "At most 365, not 3650."),
        ("transit_days", "5000", "At most 30, not 5000."),
        ("shipstation_delivery_days", "60", "At most 30, not 60."),
        ("refund_limit", "0", "0.01 or more, not 0."),
        ("default_carrier", "Pigeon", "Pigeon is not one of the available choices."),
    ],
)
def test_value_out_of_bounds_is_named_beside_the_field_and_at_the_top(  # noqa: PLR0917 -- the table
    merchant: Merchant, client: Client, page: str, name: str, typed: str, said: str
) -> None:
    before = getattr(stored(merchant), name)
    refused = client.post(page, filled(merchant, **{name: typed}))

    html = refused.content.decode()
    assert refused.status_code == 400
    assert said in html
    assert "Nothing was saved" in html
    assert f'href="#id_{name}"' in html
    assert getattr(stored(merchant), name) == before


@pytest.mark.feature("CFG-07")
@pytest.mark.feature("CFG-08")
def test_three_addresses_are_three_settings(merchant: Merchant, client: Client, page: str) -> None:
    client.post(
        page, filled(merchant, jet_account_email="jet@example.com", customer_email="buyer@example.com")
    )
    saved = stored(merchant)
    assert (saved.jet_account_email, saved.customer_email, saved.order_notice_emails) == (
        "jet@example.com",
        "buyer@example.com",
        "",
    )
    answer = client.post(page, filled(merchant, customer_email="no address"))
    assert list(answer.context["form"].errors) == ["customer_email"]


@pytest.mark.feature("CFG-15")
@pytest.mark.feature("CFG-16")
def test_switches_of_what_is_sent_on_edit_are_active_with_the_master_only(
    merchant: Merchant, client: Client, page: str
) -> None:
    client.post(page, filled(merchant, edit_sends_images=None))
    assert not stored(merchant).edit_sends_images
    client.post(page, filled(merchant, sync_on_edit=None))
    assert not stored(merchant).sync_on_edit

    form = client.get(page).context["form"]
    assert all(form.fields[name].disabled for name in EDIT_SWITCHES)
    assert "Nothing is sent on edit" in client.get(page).content.decode()

    # A browser does not post disabled boxes: the four keep what they were.
    client.post(page, filled(merchant, sync_on_edit="on"))
    saved = stored(merchant)
    assert [getattr(saved, name) for name in EDIT_SWITCHES] == [True, True, False, True]
    assert not client.get(page).context["form"].fields["edit_sends_price"].disabled


@pytest.mark.feature("CFG-18")
def test_a_default_quantity_at_zero_warns_and_recomputes(
    merchant: Merchant, client: Client, page: str, drain: Any
) -> None:
    with merchant_scope(merchant):
        make_account(merchant)
        kettle = make_variant(merchant, quantity=0)
        assert offered(kettle) == {"Hoboken": 0}
    assert "pieces of what you do not have" not in client.get(page).content.decode()

    client.post(page, filled(merchant, zero_quantity_default="5"))

    assert "Jet is offered 5 pieces of what you do not have" in client.get(page).content.decode()
    drain()
    with merchant_scope(merchant):
        assert offered(kettle) == {"Hoboken": 5}
    client.post(page, filled(merchant, zero_quantity_default=""))
    drain()
    with merchant_scope(merchant):
        assert offered(kettle) == {"Hoboken": 0}


@pytest.mark.parametrize("name", ["buffer_quantity", "sync_on_edit", "send_price"])
def test_options_that_change_targets_ask_for_a_recomputation(
    merchant: Merchant, client: Client, page: str, name: str
) -> None:
    client.post(page, filled(merchant, **{name: "7" if name == "buffer_quantity" else None}))
    with merchant_scope(merchant):
        assert Job.objects.filter(kind="catalog.refresh", state="queued").count() == 1


@pytest.mark.feature("CFG-33")
def test_quantities_are_held_back_while_sending_them_is_off(
    merchant: Merchant, client: Client, page: str, drain: Any
) -> None:
    with merchant_scope(merchant):
        make_account(merchant)
        kettle = make_variant(merchant, quantity=9)
        mark_listed(kettle)
    client.post(page, filled(merchant, send_inventory=None))
    drain()
    with merchant_scope(merchant):
        Variant.objects.filter(pk=kettle.pk).update(quantity=4)
        refresh_targets(merchant, [kettle.pk])
        assert offered(kettle) == {"Hoboken": 4}
        assert not Job.objects.filter(kind="catalog.push_inventory").exists()

    client.post(page, filled(merchant, send_inventory="on"))
    with merchant_scope(merchant):
        refresh_targets(merchant, [kettle.pk])
        Job.objects.filter(kind="catalog.refresh").delete()
        push_deltas(merchant)
        assert Job.objects.filter(kind="catalog.push_inventory").count() == 1


def test_other_options_recompute_nothing(merchant: Merchant, client: Client, page: str) -> None:
    client.post(page, filled(merchant, transit_days="6"))
    with merchant_scope(merchant):
        assert not Job.objects.filter(kind="catalog.refresh").exists()


@pytest.mark.feature("CFG-17")
@pytest.mark.feature("CFG-19")
@pytest.mark.feature("CFG-20")
@pytest.mark.feature("CFG-31")
@pytest.mark.feature("CFG-32")
def test_single_settings_are_stored_and_bounded(merchant: Merchant, client: Client, page: str) -> None:
    client.post(
        page,
        filled(
            merchant,
            archive_children=None,
            shipstation_delivery_days="7",
            low_stock_alert="on",
            low_stock_limit="9",
            pull_orders=None,
            send_tracking=None,
        ),
    )
    saved = stored(merchant)
    assert (saved.archive_children, saved.shipstation_delivery_days) == (False, 7)
    assert (saved.low_stock_alert, saved.low_stock_limit) == (True, 9)
    assert (saved.pull_orders, saved.send_tracking) == (False, False)

    for name, wrong in (
        ("shipstation_delivery_days", "0"),
        ("shipstation_delivery_days", "61"),
        ("low_stock_limit", "-1"),
        ("skus_per_file", "29"),
        ("skus_per_file", "20001"),
        ("zero_quantity_default", "1001"),
        ("buffer_quantity", "1.5"),
        ("direct_upload_limit", "=1+1"),
    ):
        answer = client.post(page, filled(merchant, **{name: wrong}))
        assert list(answer.context["form"].errors) == [name], name


def test_who_may_not_edit_gets_no_page_of_settings(merchant: Merchant, client_for: Any, page: str) -> None:
    client = client_for("analyst")
    assert client.get(page).status_code == 403
    assert client.post(page, {"transit_days": "9"}).status_code == 403
    assert stored(merchant).transit_days == 4


def test_page_says_when_a_second_person_is_asked(merchant: Merchant, scoped: Merchant) -> None:
    words = OptionsForm(instance=get_options(merchant)).fields["refund_limit"].help_text
    assert "what one person gives back on one order within a day" in words
    assert "whoever raises it or switches it off keeps the lower one for a day" in words
