"""The pages of mails: settings, previews from real and invented events, test mail, what was sent."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta

import pytest
from django.core import mail as outbox
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from jetsync.actions.mail import post_mail, write_due
from jetsync.enums import MailPace, MailState
from jetsync.mail.kinds import all_mail_kinds
from jetsync.models import JetAccount, LogEntry, Mail, MailEvent, Merchant, Options, User
from jetsync.panel.setup.option_groups import MAIL
from jetsync.tenancy.context import merchant_scope
from orders.models import Order
from tests.factories import make_account, make_member, make_merchant
from tests.orders import rows

ClientFor = Callable[..., Client]


def url(name: str, merchant: Merchant, **kwargs: object) -> str:
    return reverse(f"panel:{name}", kwargs={"merchant_slug": merchant.slug, **kwargs})


def new_order(merchant: Merchant, *, of: str = "KETTLE-1") -> Order:
    with merchant_scope(merchant):
        Options.objects.filter(merchant=merchant).update(auto_acknowledge=False)
        account = merchant_account(merchant)
        return rows.make_order(merchant, account, rows.line(of, 2), ready_at=timezone.now())


def merchant_account(merchant: Merchant) -> JetAccount:
    return JetAccount.objects.filter(merchant=merchant).first() or make_account(merchant)


@pytest.fixture
def browser(client_for: ClientFor) -> Client:
    return client_for("owner")


def form_values(client: Client, address: str, **changes: str) -> dict[str, str]:
    """What a browser would post back, with some fields changed; an empty change leaves a box unticked."""
    form = client.get(address).context["form"]
    values = {name: form[name].value() for name in form.fields if form[name].value() not in {False, None, ""}}
    return {name: str(value) for name, value in {**values, **changes}.items() if value != ""}


@pytest.mark.feature("CFG-06", "CFG-22")
def test_empty_addresses_mean_the_owner_and_the_page_says_so(
    merchant: Merchant, owner: User, browser: Client
) -> None:
    page = browser.get(url("mail-settings", merchant)).content.decode()
    assert page.count(f"Empty: mail goes to {owner.email}") == 2
    assert "sales@test.com" not in page


@pytest.mark.feature("CFG-21", "CFG-22")
def test_settings_are_saved_logged_and_named(merchant: Merchant, browser: Client) -> None:
    address = url("mail-settings", merchant)
    values = form_values(
        browser,
        address,
        order_notice_emails="a@example.com, b@example.com; a@example.com",
        mail_pace="daily",
        mail_daily_hour="7",
        mail_new_returns="",
    )
    response = browser.post(address, values, follow=True)
    assert "The mail settings were saved." in response.content.decode()
    with merchant_scope(merchant):
        row = Options.objects.get()
        assert row.order_notice_emails == "a@example.com\nb@example.com"
        assert (row.mail_pace, row.mail_daily_hour, row.mail_new_returns) == (MailPace.DAILY, 7, False)
        assert row.mail_new_orders is True
        assert "mail_new_returns" in LogEntry.objects.get(action="jetsync.options.saved").message
    assert "To a@example.com, b@example.com" in response.content.decode()


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("not an address", "“not an address” is not an e-mail address."),
        ("a@example.com\n=HYPERLINK(1)", "“=HYPERLINK(1)” is not an e-mail address."),
        ("\n".join(f"p{number}@example.com" for number in range(21)), "at most 20 can be named"),
    ],
)
def test_wrong_addresses_are_refused_and_nothing_is_saved(
    merchant: Merchant, browser: Client, text: str, words: str
) -> None:
    address = url("mail-settings", merchant)
    response = browser.post(address, form_values(browser, address, notification_emails=text))
    assert response.status_code == 400
    assert words in response.content.decode()
    with merchant_scope(merchant):
        assert Options.objects.get().notification_emails == ""


def test_settings_are_read_only_for_support(
    merchant: Merchant, browser: Client, client_for: ClientFor
) -> None:
    address = url("mail-settings", merchant)
    assert client_for("fulfilment").get(address).status_code == 403
    assert client_for("manager").get(address).status_code == 200


# A stop that nobody hears of would be taken for a repricer at work; who takes or deletes everything is told to all owners.
ALWAYS_SENT = {"repricer.frozen", "data.export", "store.deletion", "store.deletion_soon", "support.session"}


def test_every_kind_but_the_breakers_can_be_switched_and_has_a_preview(
    merchant: Merchant, browser: Client
) -> None:
    page = browser.get(url("mail-settings", merchant)).content.decode()
    kinds = all_mail_kinds()
    assert len(kinds) >= 8
    assert {kind.name for kind in kinds if not kind.switch} == ALWAYS_SENT
    for kind in kinds:
        assert kind.name in ALWAYS_SENT or f'name="{kind.switch}"' in page
        assert kind.explanation in page.replace("&#x27;", "'")
        assert url("mail-preview", merchant, kind=kind.name) in page


def test_no_option_about_mail_is_lost_from_the_page(merchant: Merchant, browser: Client) -> None:
    """A box that the page does not show would be stored as off by the next save."""
    page = browser.get(url("mail-settings", merchant)).content.decode()
    assert [name for name in MAIL if f'name="{name}"' not in page] == []
    before, after = [], []
    for found in (before, after):
        with merchant_scope(merchant):
            found += [getattr(Options.objects.get(), name) for name in MAIL]
        browser.post(url("mail-settings", merchant), form_values(browser, url("mail-settings", merchant)))
    assert before == after


@pytest.mark.parametrize("kind", [kind.name for kind in all_mail_kinds()])
def test_preview_without_events_says_that_it_is_invented(
    merchant: Merchant, browser: Client, kind: str
) -> None:
    page = browser.get(url("mail-preview", merchant, kind=kind))
    assert page.status_code == 200
    assert "With invented content" in page.content.decode()
    letter = browser.get(url("mail-preview-frame", merchant, kind=kind)).content.decode()
    assert "The content of this mail is invented" in letter
    assert "Choose which mails are sent" in letter


def test_preview_shows_the_latest_real_orders_and_no_shopper(merchant: Merchant, browser: Client) -> None:
    order = new_order(merchant)
    page = browser.get(url("mail-preview", merchant, kind="orders.new")).content.decode()
    assert "From your own data" in page
    letter = browser.get(url("mail-preview-frame", merchant, kind="orders.new")).content.decode()
    assert f"Order {order}" in letter
    assert "2 x KETTLE-1" in letter
    with merchant_scope(merchant):
        personal = [order.buyer_name, order.ship_to_name, order.ship_to_address1, order.hash_email]
        personal += [order.buyer_phone, order.ship_to_phone, order.ship_to_zip]
    assert all(personal), "the order must have something to leak"
    assert [text for text in personal if text in letter + page] == []


def test_summary_preview_tells_of_several_kinds(merchant: Merchant, browser: Client) -> None:
    new_order(merchant)
    with merchant_scope(merchant):
        Order.objects.update(is_directed_cancel=True)
    letter = browser.get(url("mail-preview-frame", merchant, kind="summary")).content.decode()
    for words in ("What happened in your store", "New order: ", "Jet asks to cancel order "):
        assert words in letter
    assert "invented" not in letter


def test_preview_of_another_stores_data_does_not_happen(merchant: Merchant, browser: Client) -> None:
    other = make_merchant("Other Goods")
    new_order(other, of="SECRET-1")
    assert (
        "SECRET-1"
        in make_client(other).get(url("mail-preview-frame", other, kind="orders.new")).content.decode()
    )
    assert (
        "SECRET-1" not in browser.get(url("mail-preview-frame", merchant, kind="orders.new")).content.decode()
    )


def make_client(merchant: Merchant) -> Client:
    client = Client()
    client.force_login(make_member(merchant))
    return client


@pytest.mark.parametrize("name", ["mail-preview-frame", "mail-frame"])
def test_letters_are_shown_where_nothing_can_run(merchant: Merchant, browser: Client, name: str) -> None:
    if name == "mail-frame":
        new_order(merchant)
        with merchant_scope(merchant):
            write_due(merchant, kinds=["orders.new"])
            address = url(name, merchant, pk=Mail.objects.get().pk)
    else:
        address = url(name, merchant, kind="orders.new")
    response = browser.get(address)
    policy = dict(part.strip().partition(" ")[::2] for part in response["Content-Security-Policy"].split(";"))
    assert policy == {
        "default-src": "'none'",
        "style-src": "'unsafe-inline'",
        "form-action": "'none'",
        "base-uri": "'none'",
        "frame-ancestors": "'self'",
        "sandbox": "",
    }
    assert response["X-Frame-Options"] == "SAMEORIGIN"
    text = response.content.decode()
    assert "<script" not in text
    assert "<img" not in text


def test_page_with_a_letter_may_frame_only_our_own(merchant: Merchant, browser: Client) -> None:
    response = browser.get(url("mail-preview", merchant, kind="orders.new"))
    policy = response["Content-Security-Policy"]
    assert "frame-src 'self'" in policy
    assert "unsafe-inline" not in policy
    assert 'sandbox=""' in response.content.decode()
    assert "frame-src" not in browser.get(url("mail-settings", merchant))["Content-Security-Policy"]


def test_unknown_kind_is_404(merchant: Merchant, browser: Client) -> None:
    for name in ("mail-preview", "mail-preview-frame"):
        assert browser.get(url(name, merchant, kind="orders.nothing")).status_code == 404
    assert browser.post(url("mail-test", merchant, kind="orders.nothing")).status_code == 404


def test_test_mail_goes_to_the_person_who_asks_and_is_marked(
    merchant: Merchant, owner: User, browser: Client, drain: Callable[[], int]
) -> None:
    me = User.objects.get(pk=browser.session["_auth_user_id"])
    response = browser.post(url("mail-test", merchant, kind="returns.new"), follow=True)
    assert f"on its way to {me.email}" in response.content.decode()
    drain()
    (message,) = outbox.outbox
    assert message.to == [me.email]
    assert "This is a test mail, sent to you by" in message.body
    assert "invented" in message.body
    with merchant_scope(merchant):
        row = Mail.objects.get()
        assert (row.is_test, row.state, row.named) == (True, MailState.SENT, [])


def test_test_mails_are_limited(merchant: Merchant, browser: Client, monkeypatch: pytest.MonkeyPatch) -> None:
    from jetsync.actions import mail as actions

    monkeypatch.setattr(actions, "TESTS_PER_HOUR", 1)
    browser.post(url("mail-test", merchant, kind="returns.new"))
    response = browser.post(url("mail-test", merchant, kind="returns.new"), follow=True)
    assert "1 test mails were sent within the last hour." in response.content.decode()
    with merchant_scope(merchant):
        assert Mail.objects.count() == 1


def written(merchant: Merchant, count: int = 1) -> list[Mail]:
    with merchant_scope(merchant):
        make_member(merchant)
        for _ in range(count):
            new_order(merchant)
            write_due(merchant, kinds=["orders.new"])
        return list(Mail.objects.order_by("pk"))


def test_list_of_mails_costs_the_same_with_one_and_three(
    merchant: Merchant, browser: Client, count_queries: Callable[[Client, str], int]
) -> None:
    address = url("mail-list", merchant)
    browser.get(address)
    written(merchant, 1)
    one = count_queries(browser, address)
    written(merchant, 3)
    assert count_queries(browser, address) == one


def test_list_shows_state_address_and_trouble_and_filters(merchant: Merchant, browser: Client) -> None:
    (first, *_rest) = written(merchant)
    with merchant_scope(merchant):
        Mail.objects.filter(pk=first.pk).update(
            state=MailState.FAILED, message="The mail server refuses it (550).", hint="Check the address."
        )
    page = browser.get(url("mail-list", merchant) + "?state=failed").content.decode()
    for words in (first.subject.replace("&", "&amp;"), first.to, "refuses it (550)", "Check the address."):
        assert words in page
    sent = browser.get(url("mail-list", merchant) + "?state=sent").content.decode()
    assert url("mail-detail", merchant, pk=first.pk) in page
    assert url("mail-detail", merchant, pk=first.pk) not in sent


def test_list_says_what_waits_for_the_summary(merchant: Merchant, browser: Client) -> None:
    with merchant_scope(merchant):
        Options.objects.update(mail_pace=MailPace.HOURLY)
        account = merchant_account(merchant)
        order = rows.make_order(merchant, account, rows.line("KETTLE-1"), ready_at=timezone.now())
        MailEvent.objects.all().delete()
        post_mail(merchant, "orders.new", about=order)
    assert "1 event will be told at " in browser.get(url("mail-list", merchant)).content.decode()


def test_detail_shows_letter_and_links_the_order_whose_time_line_links_back(
    merchant: Merchant, browser: Client, drain: Callable[[], int]
) -> None:
    order = new_order(merchant)
    with merchant_scope(merchant):
        make_member(merchant)
        write_due(merchant, kinds=["orders.new"])
        drain()
        row = Mail.objects.order_by("pk").first()
    page = browser.get(url("mail-detail", merchant, pk=row.pk)).content.decode()
    order_page = reverse("orders:order-detail", kwargs={"merchant_slug": merchant.slug, "pk": order.pk})
    assert f'href="{order_page}"' in page
    assert row.message_id.strip("<>") in page
    timeline = browser.get(order_page).content.decode()
    assert f'<a href="{url("mail-detail", merchant, pk=row.pk)}">Mail to {row.to} sent' in timeline


def test_content_is_hidden_from_those_who_may_not_see_orders(merchant: Merchant, browser: Client) -> None:
    (row, *_rest) = written(merchant)
    with merchant_scope(merchant):
        Mail.objects.filter(pk=row.pk).update(rights=["settings.edit"])
    analyst = Client()
    analyst.force_login(make_member(merchant, "analyst"))
    page = analyst.get(url("mail-detail", merchant, pk=row.pk)).content.decode()
    assert "Not shown to your role" in page
    assert "KETTLE-1" not in page
    assert analyst.get(url("mail-frame", merchant, pk=row.pk)).status_code == 403
    assert browser.get(url("mail-frame", merchant, pk=row.pk)).status_code == 200


def test_failed_mail_is_sent_again_from_its_page(
    merchant: Merchant, browser: Client, drain: Callable[[], int]
) -> None:
    (row, *_rest) = written(merchant)
    with merchant_scope(merchant):
        Mail.objects.filter(pk=row.pk).update(
            state=MailState.UNSURE, not_after=timezone.now() - timedelta(hours=1)
        )
    assert "Send again" in browser.get(url("mail-detail", merchant, pk=row.pk)).content.decode()
    browser.post(url("mail-again", merchant, pk=row.pk))
    drain()
    assert row.to in [message.to[0] for message in outbox.outbox]
    with merchant_scope(merchant):
        assert Mail.objects.get(pk=row.pk).state == MailState.SENT
    assert "Send again" not in browser.get(url("mail-detail", merchant, pk=row.pk)).content.decode()
    assert browser.post(url("mail-again", merchant, pk=row.pk)).status_code == 409
