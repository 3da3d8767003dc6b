"""What happened to a SKU as one of many in a file is found by its SKU: in its time line and in the search of the log."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from django.test import Client

from catalog.actions import publish
from catalog.actions.vacation import end_vacation, plan_vacation
from catalog.models import BulkFile, Vacation
from catalog.views.timeline import product_timeline
from jetsync.models import LogEntry, Merchant, Operation, Options
from jetsync.panel.trail import shown_entries
from jetsync.queries.trail import Place, Wanted, trail
from jetsync.tenancy.actor import SYSTEM, Actor
from jetsync.tenancy.context import merchant_scope
from tests.catalog.publishing.steps import finish, listing_of
from tests.factories import make_merchant

pytestmark = pytest.mark.django_db


@pytest.fixture
def away(shop: Merchant, sandbox: Any, kettle: Callable[..., Any], drain: Callable[..., int], actor: Actor):
    """Three kettles went on vacation and came back, by files."""
    variants = [kettle(f"HF-{number}") for number in (1, 2, 3)]
    publish.upload(shop, [row.pk for row in variants], actor=SYSTEM)
    drain()
    Options.objects.update(direct_upload_limit=1)
    plan_vacation(shop, starts_at=None, ends_at=None, actor=actor)
    finish(drain, sandbox)
    end_vacation(Vacation.objects.get(), actor=actor)
    finish(drain, sandbox)
    return variants


@pytest.mark.feature("LOG-01")
def test_a_vacation_by_files_is_found_by_sku(
    shop: Merchant, away: list[Any], actor: Actor, client_for: Callable[..., Client]
) -> None:
    assert not LogEntry.objects.filter(object_label="HF-2", action__contains="archive").exists()

    entries, _more = trail(shop, Wanted(words="HF-2", kind="change"), Place(), 50)
    found = {row.title: row for row in shown_entries(shop, actor, entries)}

    leaving, returning = Operation.objects.filter(title__contains="rchive").order_by("pk")
    for operation, title in (
        (leaving, "Archive 3 products (vacation)"),
        (returning, "Un-archive 3 products (vacation)"),
    ):
        row = found[title]
        assert (row.object_label, row.changes, row.actor) == ("HF-2", "Accepted by Jet.", actor.label)
        assert row.url == f"/m/{shop.slug}/operations/{operation.pk}/"
        assert f"variant={away[1].pk}" in row.object_url
    files = {
        row.object_url for title, row in found.items() if title.endswith("3 accepted, 0 refused by Jet.")
    }
    assert files == {f"/m/{shop.slug}/catalog/files/{row.pk}/" for row in BulkFile.objects.all()}

    page = client_for("analyst").get(f"/m/{shop.slug}/log/search/?q=HF-2").content.decode()
    assert "Archive 3 products (vacation)" in page
    assert "HF-3" not in page


def test_the_time_line_names_the_vacation_and_which_way_a_file_went(shop: Merchant, away: list[Any]) -> None:
    first = away[0]
    told = [row.title for row in product_timeline(shop, first.product, first, listing_of(first))]
    assert [title for title in told if "rchive" in title] == [
        "Un-archive 3 products (vacation)",
        "Un-archive in a bulk file",
        "Archive 3 products (vacation)",
        "Archive in a bulk file",
    ]


def test_the_time_line_which_shows_the_newest_leads_to_all_of_it(
    shop: Merchant, kettle: Callable[..., Any], client_for: Callable[..., Client]
) -> None:
    variant = kettle("HF 1/A&B")
    page = f"/m/{shop.slug}/catalog/products/{variant.product_id}/?variant={variant.pk}"
    html = client_for("analyst").get(page).content.decode()
    assert f'href="/m/{shop.slug}/log/search/?q=HF%201%2FA%26B"' in html


def test_an_upload_that_wrote_its_own_line_is_found_once(shop: Merchant, away: list[Any]) -> None:
    entries, _more = trail(shop, Wanted(words="HF-1"), Place(), 50)
    uploads = [
        entry for entry in entries if entry.kind in {"change", "operation"} and "Sent:" in str(entry.row)
    ]
    assert [entry.kind for entry in uploads] == ["change"]
    assert not [e for e in entries if e.kind == "operation" and e.row.operation.title.startswith("Upload")]


def test_it_is_narrowed_and_paged_like_the_rest(shop: Merchant, away: list[Any], actor: Actor) -> None:
    def kinds(**wanted: Any) -> list[str]:
        return [entry.kind for entry in trail(shop, Wanted(words="HF-1", **wanted), Place(), 50)[0]]

    assert kinds().count("operation") == 2
    assert kinds(result="ok").count("operation") == 2
    assert kinds(result="bad") == []
    assert kinds(person=actor.label).count("operation") == 2
    assert kinds(person="nobody") == []
    assert kinds(kind="call").count("operation") == 0

    seen, place = [], Place()
    while place is not None:
        entries, after = trail(shop, Wanted(words="HF-1"), place, 2)
        seen += [(entry.kind, entry.row.pk) for entry in entries]
        place = Place.parse(str(after)) if after else None
    assert len(seen) == len(set(seen)) == len(kinds())


def test_another_stores_sku_of_the_same_name_is_not_told(
    shop: Merchant, away: list[Any], actor: Actor
) -> None:
    other = make_merchant()
    with merchant_scope(other):
        assert trail(other, Wanted(words="HF-1"), Place(), 50)[0] == []


def test_queries_do_not_grow_with_the_skus_found(
    shop: Merchant,
    away: list[Any],
    client_for: Callable[..., Client],
    count_queries: Callable[[Client, str], int],
) -> None:
    client = client_for("analyst")
    address = f"/m/{shop.slug}/log/search/?q="
    count_queries(client, f"{address}HF-1")
    assert count_queries(client, f"{address}HF-1") == count_queries(client, f"{address}HF-")
