"""The pages of the connection: who sees what, what can be set, what is said."""

from __future__ import annotations

import re

import pytest
from django.test import Client
from django.urls import reverse

from jetsync.enums import Role
from jetsync.models import LogEntry, Notice
from jetsync.tenancy.context import merchant_scope
from jetsync.tenancy.rights import ROLE_RIGHTS, Right
from orders.models import (
    Order,
    Shipment,
    ShipStationCall,
    ShipStationCarrier,
    ShipStationConnection,
    ShipStationNotice,
)
from orders.shipstation import noticing
from orders.shipstation.connecting import add_default_carriers, note_unknown_carrier
from tests.orders.pages import page, text_of
from tests.orders.rows import line
from tests.orders.shipstation.conftest import notice

pytestmark = pytest.mark.django_db
VIEW, EDIT, SEEN, SHIP = Right.SETTINGS_VIEW, Right.SETTINGS_EDIT, Right.ORDERS_VIEW, Right.ORDERS_SHIP
# Who may open a page and who may change something on it; None: it has no such method.
PAGES: dict[str, tuple[Right | None, Right | None]] = {
    "shipstation": (VIEW, EDIT),
    "shipstation-key": (EDIT, EDIT),
    "shipstation-switch": (None, EDIT),
    "shipstation-guide": (VIEW, None),
    "shipstation-carriers": (VIEW, EDIT),
    "shipstation-carriers-usual": (None, EDIT),
    "shipstation-preview": (Right.BUYERS_VIEW, None),
    "shipstation-calls": (VIEW, None),
    "shipstation-notices": (SEEN, None),
}


def words_of(html: str) -> str:
    return " ".join(re.sub(r"<[^>]+>", " ", html).split())


def settings_data(**values: object) -> dict[str, object]:
    return {
        "export_statuses": ["acknowledged", "complete"],
        "shipped_status": "inprogress",
        "keeps_log": "",
        **{
            f"word_{name}": ""
            for name in ("ready", "acknowledged", "inprogress", "complete", "cancelled", "on_hold")
        },
        **values,
    }


@pytest.mark.feature("SST-02")
def test_key_is_made_shown_once_and_connects(merchant, client_for) -> None:
    client = client_for("owner")
    assert "ShipStation is not connected" in text_of(client, page(merchant, "shipstation"))
    asked = text_of(client, page(merchant, "shipstation-key"))
    assert "ShipStation can read orders with shoppers&#x27; names and addresses" in asked

    made = client.post(page(merchant, "shipstation-key"))

    html = made.content.decode()
    (key,) = set(re.findall(r"jsk_[\w-]{43}", html))
    assert (made.status_code, made["Cache-Control"]) == (200, "no-store")
    shown = text_of(client, page(merchant, "shipstation"))
    assert key not in shown
    assert key[:8] in shown
    with merchant_scope(merchant):
        row = ShipStationConnection.objects.get()
        assert row.is_active
        assert ShipStationCarrier.objects.count() == 15
        assert key not in str(list(LogEntry.objects.values()))
    query = {"action": "export", "start_date": "01/01/2026 00:00", "end_date": "01/02/2026 00:00"}
    headers = {"SS-UserName": row.user_name, "SS-Password": key}
    assert Client().get(f"/shipstation/{merchant.slug}/", query, headers=headers).status_code == 200


def test_renewing_warns_that_the_old_key_ends(merchant, caller, client_for) -> None:
    html = text_of(client_for("manager"), page(merchant, "shipstation-key"))
    assert "The old key stops working at once." in html
    assert caller.connection.user_name in html


@pytest.mark.feature("SST-02", "SST-03")
def test_settings_are_saved_and_the_boxes_follow(merchant, caller, client_for) -> None:
    client = client_for("owner")
    url = page(merchant, "shipstation")
    answer = client.post(
        url,
        settings_data(
            word_acknowledged=" To  pack ", export_statuses=["acknowledged", "inprogress", "complete"]
        ),
    )
    assert answer.status_code == 302
    with merchant_scope(merchant):
        row = ShipStationConnection.objects.get()
        entry = LogEntry.objects.get(action="orders.shipstation.changed")
    assert row.export_statuses == ["acknowledged", "inprogress", "complete"]
    assert (row.shipped_status, row.keeps_log, row.words) == (
        "inprogress",
        False,
        {"acknowledged": "To pack"},
    )
    assert entry.new["words"] == {"acknowledged": "To pack"}
    shown = words_of(text_of(client, url))
    assert "Awaiting Shipment Statuses To pack, inprogress" in shown
    assert "Shipped Statuses complete" in shown
    assert "Awaiting Payment Statuses leave empty: not exported" in shown
    assert "Logging is off, so calls leave no line here." in shown


@pytest.mark.parametrize(
    ("values", "said"),
    [
        ({"export_statuses": []}, "Choose at least one status, else nothing is exported."),
        ({"export_statuses": ["gone"]}, "gone is not one of the available choices."),
        ({"word_complete": "a,b"}, "No comma: ShipStation parts the words by it."),
        ({"word_complete": "acknowledged"}, "“acknowledged” stands in “Awaiting Shipment Statuses” already"),
        ({"word_complete": "READY"}, "“READY” stands in “Awaiting Payment Statuses” already"),
        ({"word_complete": "x" * 51}, "at most 50 characters"),
        ({"shipped_status": "gone"}, "gone is not one of the available choices."),
    ],
)
def test_bad_settings_are_refused_with_the_reason_and_change_nothing(
    merchant, caller, client_for, values, said
) -> None:
    answer = client_for("owner").post(page(merchant, "shipstation"), settings_data(**values))
    assert (answer.status_code, said in answer.content.decode()) == (400, True)
    with merchant_scope(merchant):
        row = ShipStationConnection.objects.get()
    assert (row.shipped_status, row.words) == ("complete", {})


def test_two_statuses_of_one_box_may_share_a_word(merchant, caller, client_for) -> None:
    data = settings_data(
        word_acknowledged="pack", word_inprogress="pack", export_statuses=["acknowledged", "inprogress"]
    )
    client = client_for("owner")
    assert client.post(page(merchant, "shipstation"), data).status_code == 302
    assert "Awaiting Shipment Statuses pack " in words_of(text_of(client, page(merchant, "shipstation")))


def test_switching_off_and_on(merchant, caller, client_for) -> None:
    client = client_for("owner")
    client.post(page(merchant, "shipstation-switch"))
    with merchant_scope(merchant):
        assert not ShipStationConnection.objects.get().is_active
    assert "Switched off" in text_of(client, page(merchant, "shipstation"))
    client.post(page(merchant, "shipstation-switch"), {"on": "1"})
    with merchant_scope(merchant):
        assert ShipStationConnection.objects.get().is_active


def test_switching_on_before_a_key_says_what_to_do(merchant, client_for) -> None:
    client = client_for("owner")
    client.post(page(merchant, "shipstation-switch"), {"on": "1"}, follow=False)
    assert "Make user name and key first; that switches it on." in text_of(
        client, page(merchant, "shipstation")
    )


@pytest.mark.feature("SST-01", "SST-03")
def test_guide_has_seven_steps_with_the_values_to_type(merchant, caller, client_for, settings) -> None:
    settings.BASE_URL = "https://panel.example"
    client = client_for("owner")
    html = words_of(text_of(client, page(merchant, "shipstation-guide")))
    positions = [html.index(f"{number}. ") for number in range(1, 8)]
    assert positions == sorted(positions)
    for text in (
        f"https://panel.example/shipstation/{merchant.slug}/",
        caller.connection.user_name,
        "Choose “Custom Store”",
        "Awaiting Shipment Statuses acknowledged, inprogress",
        "Shipped Statuses complete",
        "Cancelled Statuses cancelled",
        "On-Hold Statuses leave empty",
    ):
        assert text in html
    assert html.count("To do") == 1
    caller.export()
    assert "To do" not in text_of(client, page(merchant, "shipstation-guide"))


@pytest.mark.feature("SST-04")
def test_page_shows_state_times_error_and_last_calls(merchant, order_of, caller, client_for) -> None:
    order = order_of(status="acknowledged")
    client, url = client_for("owner"), page(merchant, "shipstation")
    assert "No call yet" in text_of(client, url)
    caller.export()
    caller.post(notice(order))
    caller.post(b"", order_number="77")
    shown = words_of(text_of(client, url))
    assert "State Last call failed" in shown
    assert "Last error" in shown
    assert "There is no order 77 in this store." in shown
    assert "Orders asked for Page 1 of 1 Answered 1" in shown
    assert "Store name Harrow &amp; Finch" in shown
    caller.export()
    assert "State Working" in words_of(text_of(client, url))
    listed = words_of(text_of(client, page(merchant, "shipstation-calls")))
    assert f"Shipment reported Order {order} Answered 1" in listed
    only = words_of(text_of(client, f"{page(merchant, 'shipstation-calls')}?result=failed"))
    assert "Order 77" in only
    assert "Page 1 of 1" not in only


@pytest.mark.parametrize("name", ["shipstation-calls", "shipstation-notices"])
def test_lists_ask_as_often_for_one_row_as_for_three(
    order_of, caller, client_for, count_queries, name
) -> None:
    client, merchant = client_for("owner"), caller.merchant
    caller.post(notice(order_of(status="acknowledged")))
    text_of(client, page(merchant, name))
    one = count_queries(client, page(merchant, name))
    for _ in range(3):
        caller.post(notice(order_of(status="acknowledged")))
    assert count_queries(client, page(merchant, name)) == one <= 12


def test_waiting_shipments_are_told_while_sending_is_off(merchant, order_of, caller, client_for) -> None:
    from jetsync.models import Options

    order = order_of(status="acknowledged")
    client, url = client_for("owner"), page(merchant, "shipstation")
    assert "Shipments are stored and wait" not in text_of(client, url)
    with merchant_scope(merchant):
        Options.objects.update(send_tracking=False)
        caller.post(notice(order))
        noticing.apply_notice(merchant, ShipStationNotice.objects.get().pk)
    assert "Shipments are stored and wait: 1 now" in words_of(text_of(client, url))


# --- carriers -------------------------------------------------------------------------------------------------


@pytest.mark.feature("SST-05")
def test_carriers_are_chosen_removed_and_added(merchant, caller, client_for) -> None:
    with merchant_scope(merchant):
        note_unknown_carrier(merchant, "RoyalMail")
        rows = {str(row): row.pk for row in ShipStationCarrier.objects.all()}
    client, url = client_for("owner"), page(merchant, "shipstation-carriers")
    html = text_of(client, url)
    assert "Carrier without translation: RoyalMail" in words_of(html)
    assert "Carrier without translation: RoyalMail" in words_of(
        text_of(client, page(merchant, "shipstation"))
    )
    data = {
        f"line-{pk}": "" if name == "RoyalMail" else value_of(html, f"line-{pk}") for name, pk in rows.items()
    }

    client.post(url, data)  # nobody decided: it stays open
    assert "Carrier without translation: RoyalMail" in words_of(text_of(client, url))

    data |= {
        f"line-{rows['RoyalMail']}": "DHL",
        f"line-{rows['UPS']}": "UPS Freight",
        f"remove-{rows['endicia']}": "on",
    }
    data |= {"carrier-1": "GSO", "service-1": "Ground", "added-1": "GSO"}
    assert client.post(url, data).status_code == 302
    with merchant_scope(merchant):
        now = {str(row): row.jet_carrier for row in ShipStationCarrier.objects.all()}
        entry = LogEntry.objects.get(action="orders.shipstation.carriers_changed")
        assert not ShipStationCarrier.objects.filter(is_open=True).exists()
    assert (now["RoyalMail"], now["UPS"], now["GSO Ground"], "endicia" in now) == (
        "DHL",
        "UPS Freight",
        "GSO",
        False,
    )
    assert "RoyalMail is DHL" in entry.message

    client.post(page(merchant, "shipstation-carriers-usual"))
    with merchant_scope(merchant):
        now = {str(row): row.jet_carrier for row in ShipStationCarrier.objects.all()}
    assert (now["endicia"], now["UPS"]) == ("USPS", "UPS Freight")


def value_of(html: str, name: str) -> str:
    select = re.search(rf'<select name="{name}".*?</select>', html, re.DOTALL)
    assert select is not None
    chosen = re.search(r'value="([^"]*)" selected', select.group())
    assert chosen is not None
    return chosen.group(1)


@pytest.mark.parametrize(
    ("values", "said"),
    [
        ({"carrier-1": "ups", "added-1": "UPS"}, "“ups” is in the table already."),
        ({"carrier-0": "GSO"}, "“” is none of Jet&#x27;s carriers."),
        ({"added-0": "GSO"}, "Give ShipStation&#x27;s carrier, a word of the service, or both."),
    ],
)
def test_bad_carrier_lines_are_refused_beside_the_line(merchant, caller, client_for, values, said) -> None:
    client, url = client_for("owner"), page(merchant, "shipstation-carriers")
    html = text_of(client, url)
    with merchant_scope(merchant):
        before = list(ShipStationCarrier.objects.values())
    data = {f"line-{row['id']}": value_of(html, f"line-{row['id']}") for row in before}
    answer = client.post(url, data | values)
    assert said in answer.content.decode()
    with merchant_scope(merchant):
        assert list(ShipStationCarrier.objects.values()) == before


def test_usual_carriers_can_be_brought_back_twice(merchant, caller) -> None:
    with merchant_scope(merchant):
        add_default_carriers(merchant)
        assert ShipStationCarrier.objects.count() == 15


# --- a look at what is exported -------------------------------------------------------------------------------


def test_preview_shows_the_very_xml_and_whether_it_is_exported(
    merchant, order_of, caller, client_for
) -> None:
    order = order_of(line(product_title="Tea & <kettle>"), status="acknowledged")
    ready = order_of(status="ready")
    client = client_for("owner")
    shown = client.get(page(merchant, "shipstation-preview"), {"order": str(order)})
    assert f"ShipStation gets order {order} as “acknowledged”" in shown.content.decode()
    exported = caller.get(**caller.window()).content.decode()
    assert shown.context["xml"] == exported
    assert "Tea &amp; &lt;kettle&gt;" in shown.content.decode()

    newest = text_of(client, page(merchant, "shipstation-preview"))
    assert f"ShipStation does not get order {ready} now" in newest
    assert "No order 123" in words_of(text_of(client, f"{page(merchant, 'shipstation-preview')}?order=123"))


def test_preview_says_why_an_order_is_left_out(merchant, order_of, caller, client_for) -> None:
    order = order_of(status="acknowledged")
    with merchant_scope(merchant):
        order.lines.update(sku="")
    html = text_of(client_for("owner"), page(merchant, "shipstation-preview"))
    assert "cannot be sent to ShipStation" in html


# --- parcels --------------------------------------------------------------------------------------------------


@pytest.fixture
def without_number(merchant, order_of, caller) -> ShipStationNotice:
    order = order_of(line(quantity=2), status="acknowledged")
    caller.post(notice(order, ("KETTLE-1", 2), tracking=""))
    with merchant_scope(merchant):
        return noticing.apply_notice(merchant, ShipStationNotice.objects.get().pk)


@pytest.mark.feature("SST-05")
def test_missing_number_is_filled_in_on_the_page(merchant, without_number, client_for) -> None:
    client, pk = client_for("fulfilment"), without_number.pk
    url = page(merchant, "shipstation-notice", pk=pk)
    order_page = text_of(client, page(merchant, "order-detail", pk=without_number.order_id))
    assert f'href="{url}"' in order_page
    assert "without a tracking number. Jet needs one." in order_page
    shown = text_of(client, url)
    assert "Jet is then told of 2 × KETTLE-1." in words_of(shown)  # noqa: RUF001 -- as typeset
    assert value_of(shown, "jet_carrier") == "UPS"

    bad = client.post(url, {"tracking_number": " ", "jet_carrier": "UPS"})
    assert (bad.status_code, "Give the tracking number" in bad.content.decode()) == (400, True)
    answer = client.post(url, {"tracking_number": "1Z 55", "jet_carrier": "UPS"})
    assert answer.status_code == 302
    with merchant_scope(merchant):
        report = noticing.apply_notice(merchant, pk)
        assert (report.state, Shipment.objects.get().tracking_number) == ("shipped", "1Z55")
        assert LogEntry.objects.get(action="orders.shipstation.tracking_given").actor is not None
    late = client.post(url, {"tracking_number": "1Z66", "jet_carrier": "UPS"}, follow=True)
    assert "is done: shipment made" in late.content.decode()
    with merchant_scope(merchant):
        assert Shipment.objects.get().tracking_number == "1Z55"


def test_report_can_be_closed_and_the_list_forgets_it(merchant, without_number, client_for) -> None:
    client = client_for("fulfilment")
    waiting = f"{page(merchant, 'shipstation-notices')}?state=needs_tracking"
    assert str(without_number.order) in text_of(client, waiting)
    close = page(merchant, "shipstation-notice-close", pk=without_number.pk)
    asked = text_of(client, close)
    assert "Jet is not told of this parcel." in asked
    assert "A closed report cannot be opened again." in asked
    with merchant_scope(merchant):
        assert ShipStationNotice.objects.get().state == "needs_tracking"
    client.post(close)
    assert "Closed by" in text_of(client, page(merchant, "shipstation-notice", pk=without_number.pk))
    with merchant_scope(merchant):
        from orders.shipstation.queries import waiting_notices

        assert waiting_notices(merchant).count() == 0


def test_refused_report_is_tried_again(merchant, order_of, caller, client_for) -> None:
    order = order_of(status="acknowledged")
    with merchant_scope(merchant):
        Order.objects.filter(pk=order.pk).update(state="rejected")
        caller.post(notice(order))
        report = noticing.apply_notice(merchant, ShipStationNotice.objects.get().pk)
        Order.objects.filter(pk=order.pk).update(state="acknowledged")
    client = client_for("fulfilment")
    assert "Try again" in text_of(client, page(merchant, "shipstation-notice", pk=report.pk))
    client.post(page(merchant, "shipstation-notice-retry", pk=report.pk))
    with merchant_scope(merchant):
        assert noticing.apply_notice(merchant, report.pk).state == "shipped"


def test_menu_counts_what_waits(merchant, without_number) -> None:
    from orders.panel_items import _reports_waiting

    with merchant_scope(merchant):
        assert _reports_waiting(merchant) == 1
        Order.objects.update(state="complete")  # shipped here by hand meanwhile
        assert _reports_waiting(merchant) == 0
        assert Notice.objects.filter(key__startswith="orders.shipstation_tracking").count() == 1


# --- rights and other merchants -------------------------------------------------------------------------------


@pytest.mark.parametrize("role", Role.values)
def test_roles_see_and_change_what_they_may(merchant, caller, client_for, role) -> None:
    client, rights = client_for(role), ROLE_RIGHTS[role]
    for name, (see, change) in PAGES.items():
        url = reverse(f"orders:{name}", kwargs={"merchant_slug": merchant.slug})
        if see is not None:
            assert (client.get(url).status_code == 200) == (see in rights), name
        if change is not None and change not in rights:
            assert client.post(url).status_code == 403, name
    if Right.SETTINGS_EDIT not in rights and Right.SETTINGS_VIEW in rights:
        assert "disabled" in text_of(client, page(merchant, "shipstation"))


def test_who_may_not_see_buyers_makes_no_key(merchant, actor) -> None:
    from dataclasses import replace

    from jetsync.exceptions import NotAllowed
    from orders.shipstation.connecting import renew_key

    blind = replace(actor, rights=actor.rights - {Right.BUYERS_VIEW})
    with merchant_scope(merchant), pytest.raises(NotAllowed, match="See buyers"):
        renew_key(merchant, actor=blind)
    with merchant_scope(merchant):
        assert not ShipStationConnection.objects.exists()


def test_rows_of_another_merchant_are_not_found(merchant, without_number, caller, client_for) -> None:
    from tests.factories import make_member, make_merchant

    other = make_merchant()
    client = Client()
    client.force_login(make_member(other, "owner"))
    for name in ("shipstation-notice", "shipstation-notice-retry", "shipstation-notice-close"):
        url = page(other, name, pk=without_number.pk)
        assert client.post(url).status_code == 404
    with merchant_scope(other):
        for model in (ShipStationConnection, ShipStationNotice, ShipStationCarrier, ShipStationCall):
            assert not model.objects.exists()
    with merchant_scope(merchant):
        assert ShipStationNotice.objects.get().state == "needs_tracking"
