"""The list page: filters, sorting, paging, views, columns, selection; the same for every list of the panel."""

from __future__ import annotations

import re

import pytest
from django.test import Client
from django.urls import reverse

from jetsync.models import Job, SavedView, Selection
from jetsync.panel import counting, list_writes
from jetsync.tenancy.context import merchant_scope
from tests.factories import make_member, make_merchant
from tests.panel.conftest import make_job

pytestmark = pytest.mark.usefixtures("with_test_pages")


def keys(response) -> list[str]:
    return re.findall(
        r'class="row-link" href="[^"]+"><span class="code">([^<]+)</span>', response.content.decode()
    )


@pytest.mark.feature("GEN-10")
def test_list_pages_sorts_and_says_how_many(client, merchant, at):
    for number in (3, 1, 5, 2, 4):
        make_job(merchant, f"HF-{number}", attempts=number)

    first, second = client.get(at("work:list")), client.get(at("work:list", "?page=2"))

    assert keys(first) == ["HF-1", "HF-2", "HF-3"]
    assert keys(second) == ["HF-4", "HF-5"]
    assert "5 jobs" in first.content.decode()
    assert keys(client.get(at("work:list", "?sort=-attempts"))) == ["HF-5", "HF-4", "HF-3"]


@pytest.mark.feature("GEN-10")
def test_empty_list_says_what_to_do(client, at):
    page = client.get(at("work:list")).content.decode()
    assert "No work yet" in page
    assert "It appears by itself." in page
    assert "Start some" in page
    assert "<table" not in page


def test_list_without_matches_offers_to_clear_the_filters(client, merchant, at):
    make_job(merchant)
    page = client.get(at("work:list", "?q=zzz&sort=-key")).content.decode()
    assert "Nothing matches these filters" in page
    assert 'href="?sort=-key"' in page  # clears the filter, keeps the order
    assert "No work yet" not in page


def test_sort_takes_only_declared_columns(client, merchant, at):
    for number in (2, 1):
        make_job(merchant, f"HF-{number}")
    for query in ("?sort=message", "?sort=merchant__memberships", "?sort=-", "?sort=password"):
        assert keys(client.get(at("work:list", query))) == ["HF-1", "HF-2"]


def test_nonsense_in_the_address_is_no_error(client, merchant, at):
    make_job(merchant)
    for query in ("?page=x", "?page=-4", "?page=99999999999", "?attempts=many", "?state=nonsense", "?q=%00"):
        response = client.get(at("work:list", query))
        assert response.status_code in (200, 400), query


def test_page_beyond_the_end_shows_the_last_one(client, merchant, at):
    for number in range(4):
        make_job(merchant, f"HF-{number}")
    assert keys(client.get(at("work:list", "?page=40"))) == ["HF-3"]


def test_count_stops_at_its_limit(client, merchant, at, monkeypatch):
    monkeypatch.setattr(counting, "COUNT_LIMIT", 3)
    for number in range(5):
        make_job(merchant, f"HF-{number}")
    page = client.get(at("work:list")).content.decode()
    assert "3+ jobs" in page
    assert "1–3 of 3+" in page  # noqa: RUF001 -- as typeset
    assert 'rel="next"' in page
    assert keys(client.get(at("work:list", "?page=2"))) == ["HF-3", "HF-4"]


def test_filters_stay_in_the_address_and_show_as_chips(client, merchant, at):
    make_job(merchant, "HF-1", state="failed")
    make_job(merchant, "HF-2")
    response = client.get(at("work:list", "?state=failed&q=HF"))
    page = response.content.decode()
    assert keys(response) == ["HF-1"]
    assert re.findall(r'class="chip" href="([^"]+)"', page) == ["?state=failed", "?q=HF"]
    assert '<option value="failed" selected>' in page


def test_tab_of_the_current_filter_is_marked(client, merchant, at):
    make_job(merchant, "HF-1", state="failed")
    page = client.get(at("work:list", "?state=failed")).content.decode()
    assert re.findall(r'class="tab( is-active)?" href="(\?[^"]*)"', page) == [
        ("", "?"),
        (" is-active", "?state=failed"),
    ]


def test_htmx_gets_the_table_only_and_history_the_whole_page(client, merchant, at):
    make_job(merchant)
    part = client.get(at("work:list"), headers={"HX-Request": "true"})
    whole = client.get(at("work:list"), headers={"HX-Request": "true", "HX-History-Restore-Request": "true"})
    assert part.content.decode().lstrip().startswith('<div class="list-body" id="list"')
    assert whole.content.decode().startswith("<!doctype html>")
    assert "HX-Request" in part.headers["Vary"]
    assert "HX-Request" in whole.headers["Vary"]


def test_list_needs_the_same_queries_for_one_row_and_many(client, merchant, at, count_queries):
    make_job(merchant, "HF-1")
    one = count_queries(client, at("work:list"))
    for number in range(2, 4):
        make_job(merchant, f"HF-{number}")
    assert (one, count_queries(client, at("work:list"))) == (7, 7)


def test_list_shows_only_this_merchants_rows(client, merchant, at):
    other = make_merchant()
    make_job(other, "THEIRS")
    make_job(merchant, "MINE")
    assert keys(client.get(at("work:list"))) == ["MINE"]


def test_cells_are_escaped(client, merchant, at):
    make_job(merchant, "<b>x</b>", message="<script>alert(1)</script>")
    page = client.get(at("work:list")).content.decode()
    assert "<script>alert" not in page
    assert "<b>x</b>" not in page
    assert "&lt;script&gt;" in page


# --- columns -------------------------------------------------------------------------------------------------


def test_chosen_columns_are_remembered_and_the_primary_one_stays(client, merchant, at):
    make_job(merchant, "HF-1", message="hello")
    assert ">Queue</th>" not in re.sub(r"\s+", "", client.get(at("work:list")).content.decode())

    response = client.post(at("work:list"), {"do": "columns", "columns": ["queue", "nonsense"]})

    assert response.status_code == 302
    page = client.get(at("work:list")).content.decode()
    assert re.findall(r'data-label="(\w+)"', page) == ["Key", "Queue"]


# --- saved views -----------------------------------------------------------------------------------------------


def test_view_is_saved_shown_and_deleted(client, merchant, at, scoped):
    make_job(merchant)
    client.post(at("work:list", "?state=failed&page=3"), {"do": "save_view", "name": "  Failed ones "})
    view = SavedView.objects.get(merchant=merchant)
    assert (view.name, view.query, view.page, view.is_shared) == (
        "Failed ones",
        "state=failed",
        "work",
        False,
    )
    page = client.get(at("work:list", "?state=failed")).content.decode()
    assert "Failed ones" in page
    assert "View “Failed ones” is saved for you." in page

    client.post(at("work:list"), {"do": "change_view", "view": view.pk, "change": "delete"})
    assert SavedView.objects.filter(merchant=merchant).count() == 0


def test_view_of_the_same_name_is_replaced_and_says_so(client, merchant, at, scoped):
    client.post(at("work:list", "?state=failed"), {"do": "save_view", "name": "Mine"})
    client.post(at("work:list", "?state=done"), {"do": "save_view", "name": "Mine"})
    assert SavedView.objects.get(merchant=merchant).query == "state=done"
    page = client.get(at("work:list")).content.decode()
    assert "View “Mine” is saved in place of the one you had under this name, for you." in page


def test_view_without_a_name_is_refused(client, merchant, at, scoped):
    client.post(at("work:list"), {"do": "save_view", "name": "  "})
    assert SavedView.objects.filter(merchant=merchant).count() == 0
    assert "The view has no name." in client.get(at("work:list")).content.decode()


def test_shared_view_is_seen_by_others_who_cannot_change_it(client, client_for, merchant, at, scoped):
    colleague: Client = client_for("manager")
    client.post(at("work:list", "?state=failed"), {"do": "save_view", "name": "Private"})
    client.post(at("work:list", "?state=queued"), {"do": "save_view", "name": "Ours", "is_shared": "on"})
    page = colleague.get(at("work:list")).content.decode()
    assert "Ours" in page
    assert "Private" not in page

    ours, private = (SavedView.objects.get(merchant=merchant, name=name) for name in ("Ours", "Private"))
    for view in (ours, private):
        colleague.post(at("work:list"), {"do": "change_view", "view": view.pk, "change": "delete"})
        colleague.post(at("work:list"), {"do": "change_view", "view": view.pk, "change": "unshare"})
    assert list(SavedView.objects.filter(merchant=merchant).values_list("name", "is_shared")) == [
        ("Ours", True),
        ("Private", False),
    ]


# --- selection ---------------------------------------------------------------------------------------------------


@pytest.mark.feature("PRD-08")
def test_ticked_rows_are_frozen(client, merchant, at, scoped):
    jobs = [make_job(merchant, f"HF-{number}") for number in range(4)]
    foreign = make_job(make_merchant())
    response = client.post(
        at("work:list"), {"bulk": "cancel", "ids": [jobs[2].pk, jobs[0].pk, foreign.pk, "x", 999999]}
    )
    selection = Selection.objects.get(merchant=merchant)
    assert response.url == f"{at('work:cancel')}?selection={selection.pk}"
    assert selection.ids == [jobs[0].pk, jobs[2].pk]


@pytest.mark.feature("PRD-08")
def test_whole_view_is_frozen_at_that_moment(client, merchant, at, scoped):
    failed = [make_job(merchant, f"HF-{number}", state="failed").pk for number in range(7)]
    make_job(merchant, "HF-9")
    client.post(at("work:list", "?state=failed"), {"bulk": "cancel", "scope": "all"})
    make_job(merchant, "HF-8", state="failed")
    selection = Selection.objects.get(merchant=merchant)
    assert selection.ids == failed
    assert selection.description == "State: Failed"


def test_selecting_nothing_does_nothing(client, merchant, at, scoped):
    make_job(merchant)
    response = client.post(at("work:list"), {"bulk": "cancel"}, follow=True)
    assert Selection.objects.filter(merchant=merchant).count() == 0
    assert "No job was selected, so nothing was done." in response.content.decode()


def test_bulk_action_needs_its_right(client_for, merchant, at, scoped):
    analyst: Client = client_for("analyst")
    job = make_job(merchant)
    page = analyst.get(at("work:list")).content.decode()
    assert page.count("You do not have the right: Run, retry and cancel operations and schedules.") >= 2
    assert analyst.post(at("work:list"), {"bulk": "cancel", "ids": [job.pk]}).status_code == 403
    assert Selection.objects.filter(merchant=merchant).count() == 0


def test_unknown_bulk_action_is_refused(client, merchant, at, scoped):
    job = make_job(merchant)
    client.post(at("work:list"), {"bulk": "explode", "ids": [job.pk]})
    assert Selection.objects.filter(merchant=merchant).count() == 0


def test_selection_is_bounded(client, merchant, at, scoped, monkeypatch):
    monkeypatch.setattr(list_writes, "MAX_SELECTION", 2)
    for number in range(3):
        make_job(merchant, f"HF-{number}")
    response = client.post(at("work:list"), {"bulk": "cancel", "scope": "all"}, follow=True)
    assert "This view holds more than 2 jobs." in response.content.decode()
    assert Selection.objects.filter(merchant=merchant).count() == 0


# --- confirm page ------------------------------------------------------------------------------------------------


def select(client: Client, address: str, ids: list[int]) -> str:
    return client.post(address, {"bulk": "cancel", "ids": ids}).url


def test_confirm_names_count_and_consequences_then_acts(client, merchant, at, scoped):
    jobs = [make_job(merchant, f"HF-{number}") for number in range(2)]
    untouched = make_job(merchant, "HF-9")
    url = select(client, at("work:list"), [job.pk for job in jobs])
    page = client.get(url).content.decode()
    assert "Cancel 2 jobs" in page
    assert "They are not sent." in page
    assert "confirm-danger" in page

    response = client.post(url, {"reason": "not wanted"})

    assert response.status_code == 302
    states = dict(Job.objects.filter(merchant=merchant).values_list("key", "state"))
    assert states == {"HF-0": "cancelled", "HF-1": "cancelled", "HF-9": "queued"}
    assert untouched.state == "queued"


def test_confirm_shows_form_and_domain_errors_and_changes_nothing(client, merchant, at, scoped):
    job = make_job(merchant)
    url = select(client, at("work:list"), [job.pk])
    missing = client.post(url, {"reason": ""})
    refused = client.post(url, {"reason": "impossible"})
    assert missing.status_code == 400
    assert "This field is required." in missing.content.decode()
    assert refused.status_code == 409
    assert "One of them runs already." in refused.content.decode()
    assert "Wait a minute." in refused.content.decode()
    job.refresh_from_db()
    assert job.state == "queued"


def test_selection_belongs_to_the_person_who_made_it(client, client_for, merchant, at, scoped):
    job = make_job(merchant)
    url = select(client, at("work:list"), [job.pk])
    assert client.get(url).status_code == 200
    colleague = client_for("owner")
    assert colleague.get(url).status_code == 404
    assert colleague.post(url, {"reason": "x"}).status_code == 404
    assert client.get(at("work:cancel")).status_code == 404
    job.refresh_from_db()
    assert job.state == "queued"


def test_support_session_leaves_no_views_behind(merchant, at):
    from datetime import timedelta

    from django.utils import timezone

    from jetsync.models import SupportSession

    staff = make_member(make_merchant(), is_staff=True)
    ends = timezone.now() + timedelta(hours=1)
    SupportSession.objects.create(merchant=merchant, user=staff, reason="ticket 12", expires_at=ends)
    visitor = Client()
    visitor.force_login(staff)
    page = visitor.get(at("work:list")).content.decode()
    assert "Support session." in page
    visitor.post(at("work:list"), {"do": "save_view", "name": "Mine", "is_shared": "on"})
    with merchant_scope(merchant):
        assert SavedView.objects.filter(merchant=merchant).count() == 0


def test_each_end_of_a_range_says_which_it_is(client, merchant):
    page = client.get(f"/m/{merchant.slug}/catalog/products/").content.decode()

    for name, label in (("price_min", "Price in USD, from"), ("price_max", "Price in USD, to")):
        box = re.search(rf'<input[^>]*name="{name}"[^>]*>', page)
        assert box is not None
        assert f'aria-label="{label}"' in box[0]


def test_tab_without_rows_is_no_filter_that_could_be_cleared(client, merchant):
    make_job(merchant)
    page = client.get(reverse_jobs(merchant, "?state=failed")).content.decode()
    assert "Nothing in this part" in page
    assert "Nothing matches these filters" not in page

    page = client.get(reverse_jobs(merchant, "?state=failed&q=zzz")).content.decode()
    assert "Nothing matches these filters" in page


def reverse_jobs(merchant, query: str) -> str:
    return reverse("panel:job-list", kwargs={"merchant_slug": merchant.slug}) + query
