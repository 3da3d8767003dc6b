"""Menu, bell, palette, banners, switcher and error pages."""

from __future__ import annotations

import re
from datetime import timedelta
from html import unescape
from urllib.parse import urljoin

import pytest
from django.core.cache import cache
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from jetsync.actions.log import notify
from jetsync.exceptions import DomainError
from jetsync.models import Membership, Notice, Schedule, SupportSession
from jetsync.panel import items, palette
from jetsync.panel.items import GROUPS, MenuItem, items_for, register
from jetsync.panel.palette import PaletteHit
from jetsync.sync.schedules import ensure_schedules
from jetsync.tenancy.actor import Actor
from jetsync.tenancy.context import merchant_scope
from jetsync.tenancy.rights import Right, rights_of
from tests.catalog.rows import make_variant
from tests.factories import make_account, make_member, make_merchant, make_user
from tests.orders.rows import line, make_order
from tests.panel.conftest import make_call, make_job


def menu_addresses(page: str) -> list[str]:
    return re.findall(r'class="menu-link[^"]*" href="([^"]+)"', page)


@pytest.mark.feature("GEN-01")
def test_every_entry_of_the_menu_leads_to_a_page(client, at):
    addresses = menu_addresses(client.get(at("panel:home")).content.decode())
    assert len(addresses) == len(items._items)
    assert {address: client.get(address).status_code for address in addresses} == dict.fromkeys(
        addresses, 200
    )


def test_no_link_of_the_panel_is_dead(client, merchant, at, settings):
    """Follows every link from the home page; of addresses that differ by number or query alone, one."""
    settings.SECURE_SSL_REDIRECT = False
    job = make_job(merchant, state="failed")
    make_call(merchant, job)
    with merchant_scope(merchant):
        make_order(merchant, make_account(merchant), line(), status="acknowledged")
        make_variant(merchant)
        notify(merchant, "k", "Look", url=at("panel:job-list"))
    waiting, seen, dead = [at("panel:home"), at("panel:bell"), reverse("switcher")], set(), {}
    while waiting:
        url = waiting.pop()
        shape = re.sub(r"\d+", "1", url.partition("?")[0])
        if shape in seen:
            continue
        seen.add(shape)
        response = client.get(url, follow=True)
        if response.status_code != 200:
            dead[url] = response.status_code
        if "html" not in response.headers["Content-Type"]:
            for close in response._resource_closers:  # a download holds a file open
                close()
            continue
        # What stands in a template is no part of the page yet; scripts fill it in.
        page = re.sub(r"<template.*?</template>", "", response.content.decode(), flags=re.DOTALL)
        links = {unescape(link) for link in re.findall(r'<a [^>]*?href="([^"]*)"', page)}
        dead |= {
            link: f"no such place on {url}"
            for link in links
            if link.startswith("#") and f'id="{link[1:]}"' not in page
        }
        waiting += [
            urljoin(url, link).partition("#")[0]
            for link in links
            if not link.startswith(("#", "http", "mailto:"))
        ]
    assert dead == {}
    assert len(seen) >= 35


def test_groups_of_the_menu_are_open_until_somebody_folds_them(client, merchant, at):
    def open_groups(name: str) -> list[str]:
        page = client.get(at(name)).content.decode()
        return re.findall(r'<details open data-fold="(\w+)"', page)

    everything = open_groups("panel:home")
    assert {"Orders", "Products", "Activity", "Settings"} <= set(everything)
    client.cookies["folds"] = "Activity.Settings.<script>"
    assert open_groups("panel:home") == [name for name in everything if name not in {"Activity", "Settings"}]
    assert "Activity" in open_groups("panel:job-list"), "the group of the page in sight stays open"


def test_menu_is_in_order_and_shows_only_what_the_role_may_open(client_for, at):
    for role in ("owner", "analyst", "fulfilment"):
        allowed = items_for(Actor("x", rights=rights_of(role)))
        groups = [item.group for item in allowed]
        assert groups == sorted(groups, key=list(GROUPS).index)
        assert all(item.right in rights_of(role) for item in allowed)
    page = client_for("analyst").get(at("panel:home")).content.decode()
    assert "API tokens" not in page


def test_menu_refuses_a_group_that_does_not_exist():
    with pytest.raises(ValueError, match="no menu group"):
        register(MenuItem("Misc", "X", "panel:home", Right.HOME_VIEW, 1))


def test_current_page_is_marked_also_below_it(client, merchant, at):
    job = make_job(merchant)
    page = client.get(at("panel:job-detail", pk=job.pk)).content.decode()
    assert re.findall(r'is-current" href="([^"]+)" aria-current="page"', page) == [at("panel:job-list")]
    home = client.get(at("panel:home")).content.decode()
    assert re.findall(r'is-current" href="([^"]+)" aria-current="page"', home) == [at("panel:home")]


def test_badges_are_counted_apart_and_remembered(client, merchant, at, scoped):
    cache.clear()
    make_job(merchant, state="failed", finished_at=timezone.now())
    notify(merchant, "k", "New order")
    before = client.get(at("panel:home")).content.decode()
    assert '<span class="menu-badge" id="badge-panel-job-list" data-count="0"></span>' in before

    fresh = client.get(at("panel:badges")).content.decode()

    assert 'id="badge-panel-job-list" hx-swap-oob="true" data-count="1"' in fresh
    assert 'id="bell-count" hx-swap-oob="true" data-count="1"' in fresh
    assert 'id="badge-panel-job-list" data-count="1"' in client.get(at("panel:home")).content.decode()


def test_badges_of_one_merchant_do_not_show_at_another(client_for, merchant, at):
    cache.clear()
    other = make_merchant()
    make_job(other, state="failed")
    client_for("owner", of=other).get(reverse("panel:badges", args=[other.slug]))
    page = client_for("owner").get(at("panel:home")).content.decode()
    assert 'id="badge-panel-job-list" data-count="0"' in page


def test_page_stands_when_valkey_is_gone(client, at, monkeypatch):
    from redis.exceptions import ConnectionError as GoneError

    class Gone:
        def get_many(self, *_args):
            raise GoneError

        set_many = get_many

    monkeypatch.setattr(items, "cache", Gone())
    assert client.get(at("panel:about-jet")).status_code == 200
    assert client.get(at("panel:badges")).status_code == 200


# --- bell ------------------------------------------------------------------------------------------------------


@pytest.mark.feature("NOT-06")
def test_bell_counts_and_opening_a_notice_marks_it(client, merchant, at, scoped):
    notify(merchant, "k1", "File prices-1.json was rejected", url=at("panel:job-list"))
    notify(merchant, "k2", "Three orders failed")
    page = client.get(at("panel:home")).content.decode()
    assert 'id="bell-count" data-count="2"' in page
    assert "File prices-1.json was rejected" in client.get(at("panel:bell")).content.decode()

    notice = Notice.objects.get(merchant=merchant, key="k1")
    assert client.get(at("panel:notice-open", pk=notice.pk)).url == at("panel:job-list")
    assert 'data-count="1"' in client.get(at("panel:home")).content.decode()

    said = client.post(at("panel:notice-read-all"), follow=True).content.decode()
    assert "1 notice marked as read by you." in said
    assert 'data-count="0"' in said
    listed = client.get(at("panel:notice-list"), {"unread": "true"}).content.decode()
    assert "Three orders failed" not in listed
    assert "Three orders failed" in client.get(at("panel:notice-list"), {"unread": "false"}).content.decode()


@pytest.mark.feature("NOT-06")
def test_bell_of_each_person_keeps_what_others_have_read(client, merchant, at, scoped):
    colleague = Client()
    colleague.force_login(make_member(merchant, "analyst"))
    notify(merchant, "k1", "A shipment did not get through", url=at("orders:order-list"))
    colleague.post(at("panel:notice-read-all"))
    assert 'data-count="0"' in colleague.get(at("panel:home")).content.decode()
    assert 'data-count="1"' in client.get(at("panel:home")).content.decode()
    assert "A shipment did not get through" in client.get(at("panel:bell")).content.decode()

    notify(merchant, "k1", "Another one did not get through")
    assert 'data-count="1"' in colleague.get(at("panel:home")).content.decode()
    assert 'data-count="2"' in client.get(at("panel:badges")).content.decode()


@pytest.mark.feature("NOT-06")
def test_bell_leaves_out_what_a_role_may_not_see(client, merchant, at, scoped):
    packer = Client()
    packer.force_login(make_member(merchant, "fulfilment"))
    notify(merchant, "k1", "Changed settings", url=f"{at('panel:options')}#money")
    notify(merchant, "k2", "A refund waits", url=at("refunds:refund-list"), right=Right.REFUNDS_CREATE)
    assert 'data-count="2"' in client.get(at("panel:home")).content.decode()
    assert 'data-count="0"' in packer.get(at("panel:home")).content.decode()
    listed = packer.get(at("panel:notice-list")).content.decode()
    assert "Changed settings" not in listed
    assert "A refund waits" not in listed
    notice = Notice.objects.get(key="k2")
    assert packer.get(at("panel:notice-open", pk=notice.pk)).status_code == 404


def test_bell_of_a_new_colleague_begins_when_he_comes(merchant, at, scoped):
    notify(merchant, "k1", "Old news")
    newcomer = Client()
    newcomer.force_login(make_member(merchant, "manager"))
    assert 'data-count="0"' in newcomer.get(at("panel:home")).content.decode()
    assert "Old news" in newcomer.get(at("panel:notice-list")).content.decode()


def test_notice_never_leads_outside(client, merchant, at, scoped):
    notify(merchant, "k1", "Look", url="https://evil.example/")
    notice = Notice.objects.get(merchant=merchant)
    assert client.get(at("panel:notice-open", pk=notice.pk)).url == at("panel:notice-list")


# --- palette ----------------------------------------------------------------------------------------------------


def test_palette_finds_pages_by_label_and_by_old_name(client, at):
    for words in ("sched", "CRON", "activity schedules"):
        page = client.get(at("panel:palette", f"?q={words}"), headers={"HX-Request": "true"}).content.decode()
        assert at("panel:schedule-list") in page, words
        assert "<html" not in page
    nothing = client.get(at("panel:palette", "?q=zzzz"), headers={"HX-Request": "true"}).content.decode()
    assert "Nothing found for “zzzz”" in nothing
    assert "<html" in client.get(at("panel:palette", "?q=sched")).content.decode()


def test_palette_asks_providers_with_the_actor(client_for, merchant, at, monkeypatch):
    def find(of, actor, text):
        return (
            [PaletteHit(f"Order {text}", f"/m/{of.slug}/orders/1/", group="Orders")]
            if actor.may(Right.ORDERS_SHIP)
            else []
        )

    monkeypatch.setattr(palette, "_providers", [find])
    url = at("panel:palette", "?q=8fa3")
    assert "Order 8fa3" in client_for("owner").get(url).content.decode()
    assert "Order 8fa3" not in client_for("analyst").get(url).content.decode()


# --- banners and honesty ------------------------------------------------------------------------------------------


@pytest.mark.feature("GEN-08", "SCH-12")
def test_late_schedule_is_a_banner_on_every_page(client, merchant, at, scoped):
    now = timezone.now()
    schedule = Schedule.objects.create(
        merchant=merchant, kind="x.y", interval_seconds=600, next_due_at=now - timedelta(seconds=590)
    )
    pages = [at("panel:home"), at("panel:job-list"), at("panel:general")]
    assert ["banner-late" in client.get(page).content.decode() for page in pages] == [False] * 3
    Schedule.objects.filter(pk=schedule.pk).update(next_due_at=now - timedelta(seconds=660))
    assert ["1 schedule late." in client.get(page).content.decode() for page in pages] == [True] * 3
    Schedule.objects.filter(pk=schedule.pk).update(is_paused=True)
    assert "banner-late" not in client.get(pages[0]).content.decode()


@pytest.mark.feature("SCH-01", "SCH-12")
def test_paused_fetch_of_orders_is_a_banner_on_every_page(client, merchant, at, scoped):
    """A pause that was forgotten would lose every order after 15 minutes."""
    ensure_schedules(scoped)
    pages = [at("panel:home"), at("orders:order-list"), at("panel:general")]

    def banners() -> list[int]:
        return [client.get(page).content.decode().count("is paused.</strong>") for page in pages]

    Schedule.objects.filter(kind="catalog.special_prices").update(is_paused=True)
    assert banners() == [0, 0, 0]
    Schedule.objects.filter(kind="orders.fetch").update(is_paused=True)
    assert banners() == [1, 1, 1]
    assert "within 15 minutes" in client.get(pages[0]).content.decode()
    Schedule.objects.filter(kind="returns.fetch").update(is_paused=True)
    assert banners() == [2, 2, 2]
    Schedule.objects.update(is_paused=False)
    assert banners() == [0, 0, 0]


@pytest.mark.feature("CFG-34")
def test_mode_is_always_visible(client, merchant, at):
    assert 'class="mode mode-test"' in client.get(at("panel:job-list")).content.decode()
    merchant.mode = "live"
    merchant.save(update_fields=["mode"])
    assert 'class="mode mode-live"' in client.get(at("panel:job-list")).content.decode()


def test_page_says_that_jet_closed_and_whether_this_is_the_sandbox(client, merchant, at, settings):
    from tests.factories import make_account

    assert "Jet.com closed in 2020" in client.get(at("panel:home")).content.decode()
    settings.SANDBOX_URL = "http://127.0.0.1:9/"
    make_account(merchant)
    assert "You talk to the <strong>sandbox</strong>" in client.get(at("panel:home")).content.decode()
    assert "the sandbox of this installation" in client.get(at("panel:about-jet")).content.decode()


def test_support_session_is_announced_on_every_page(merchant, at):
    staff = make_user(is_staff=True)
    ends = timezone.now() + timedelta(hours=1)
    SupportSession.objects.create(merchant=merchant, user=staff, reason="ticket 12", expires_at=ends)
    visitor = Client()
    visitor.force_login(staff)
    page = visitor.get(at("panel:job-list")).content.decode()
    assert "Support session." in page
    assert "ticket 12" in page
    assert visitor.post(at("panel:notice-read-all")).status_code == 403


def test_frame_costs_four_queries(client, merchant, at, count_queries):
    """Session, user, membership with merchant, and one for late schedules, unread notices and the account."""
    assert count_queries(client, at("panel:about-jet")) == 4


# --- merchants --------------------------------------------------------------------------------------------------


def test_switcher_lists_only_memberships(merchant):
    user = make_member(merchant, "owner")
    second, foreign = make_merchant("Northside"), make_merchant("Foreign")
    Membership.objects.create(merchant=second, user=user, role="analyst")
    client = Client()
    client.force_login(user)
    for url in (reverse("switcher") + f"?merchant={merchant.slug}", reverse("merchants")):
        page = client.get(url).content.decode()
        assert merchant.slug in page
        assert "Northside" in page
        assert foreign.slug not in page
    assert Client().get(reverse("merchants")).status_code == 302


def test_log_out_is_a_post_of_the_user_menu(client, at):
    page = client.get(at("panel:home")).content.decode()
    assert f'<form method="post" action="{reverse("account_logout")}">' in page


# --- errors -----------------------------------------------------------------------------------------------------


def test_missing_object_keeps_the_navigation_and_foreign_one_looks_the_same(client, merchant, at):
    foreign = make_job(make_merchant())
    missing = client.get(at("panel:job-detail", pk=99999999))
    other = client.get(at("panel:job-detail", pk=foreign.pk))
    for response in (missing, other):
        assert response.status_code == 404
        assert 'id="sidebar"' in response.content.decode()
        assert "There is nothing here" in response.content.decode()
    assert "HF-1" not in other.content.decode()


def test_foreign_merchant_is_404_without_navigation(client):
    response = client.get(reverse("panel:home", args=[make_merchant().slug]))
    assert response.status_code == 404
    assert 'id="sidebar"' not in response.content.decode()


def test_missing_right_is_403_and_names_it(client_for, merchant, at):
    response = client_for("fulfilment").get(at("panel:general"))
    assert response.status_code == 403
    assert "You do not have the right: See settings." in response.content.decode()


@pytest.mark.parametrize("path", ["panel:notice-read-all", "account_login"])
def test_expired_form_says_that_nothing_changed_and_what_to_do(merchant, path, at):
    strict = Client(enforce_csrf_checks=True)
    strict.force_login(make_member(merchant, "owner"))
    response = strict.post(reverse(path) if path == "account_login" else at(path))
    page = response.content.decode()
    assert response.status_code == 403
    assert "403_csrf.html" in [template.name for template in response.templates]
    assert "Please send that again" in page
    assert "Nothing was changed." in page
    assert "Go back, reload the page and repeat. If it happens again, allow cookies for this site." in page
    assert 'href="/"' in page


def test_api_errors_are_json(client):
    response = client.get("/api/v1/nothing-here/")
    assert response.status_code == 404
    assert response.json() == {
        "code": "not_found",
        "message": "There is nothing at this address.",
        "hint": "",
        "help": "",
        "fields": {},
    }


def test_server_error_page_needs_no_database(db, rf, django_assert_num_queries):
    from jetsync.panel.errors import server_error

    with django_assert_num_queries(0):
        response = server_error(rf.get("/x/"))
    assert response.status_code == 500
    assert "An error on our side" in response.content.decode()
    assert server_error(rf.get("/api/v1/x/")).headers["Content-Type"] == "application/json"


def test_domain_error_is_a_page_a_toast_or_json(client, merchant, at, rf):
    from jetsync.panel.errors import DomainErrorMiddleware

    job = make_job(merchant, state="done")
    page = client.post(at("panel:job-retry", pk=job.pk))
    assert page.status_code == 409
    assert "only failed or waiting ones can be retried" in page.content.decode()
    toast = client.post(at("panel:job-retry", pk=job.pk), headers={"HX-Request": "true"})
    assert toast.status_code == 409
    assert "only failed or waiting ones can be retried" in toast.headers["HX-Trigger"]
    assert toast.content == b""

    edge = DomainErrorMiddleware(lambda _request: None)  # type: ignore[arg-type, return-value]
    answer = edge.process_exception(rf.get("/api/x"), DomainError("No.", hint="Wait.", code="c"))
    assert answer is not None
    assert answer.content == b'{"code": "c", "message": "No.", "hint": "Wait.", "help": "", "fields": {}}'
    assert edge.process_exception(rf.get("/x"), KeyError("x")) is None


def test_pattern_book_is_for_staff(db, client_for):
    assert Client().get("/ui/").status_code == 404
    assert client_for("owner").get("/ui/").status_code == 404
    staff = Client()
    staff.force_login(make_user(is_staff=True))
    page = staff.get("/ui/").content.decode()
    assert page.count("book-item") > 20
    make = re.sub(r"<code>.*?</code>", "", page, flags=re.DOTALL)
    assert "<c-" not in make
    assert "&lt;c-" not in make


def test_calls_page_links_to_the_job(client, merchant, at):
    job = make_job(merchant)
    call = make_call(merchant, job)
    assert (
        f"{at('panel:job-detail', pk=job.pk)}#call-{call.pk}"
        in client.get(at("panel:call-list")).content.decode()
    )
