"""One search over changes, calls and mails: what is found, page by page, as a file, and what a role may read of it."""

from __future__ import annotations

import re
from collections.abc import Callable
from datetime import timedelta
from uuid import uuid4

import pytest
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from jetsync.actions.log import record
from jetsync.actions.operation import start_operation
from jetsync.enums import MailState
from jetsync.models import Attempt, LogEntry, Mail, Merchant
from jetsync.queries.trail import Place, Wanted, trail, whole_trail
from jetsync.tenancy.actor import SYSTEM, Actor
from jetsync.tenancy.context import merchant_scope
from tests import downloads
from tests.factories import make_account, make_merchant
from tests.orders.rows import make_order
from tests.panel.conftest import make_call, make_job

At = Callable[..., str]


def titles(client: Client, address: str) -> list[str]:
    html = client.get(address).content.decode()
    cells = re.findall(r'data-label="What happened">(.*?)(?:<div|</td>)', html, re.DOTALL)
    return [" ".join(re.sub(r"<[^>]+>", "", cell).split()) for cell in cells]


def make_mail(merchant: Merchant, subject: str, *named: list[object], **extra: object) -> Mail:
    values = {"to": "ann@example.com", "state": MailState.SENT, "message_id": f"<{uuid4()}@x>", **extra}
    return Mail.objects.create(
        merchant=merchant, kind="orders.new", subject=subject, named=list(named), **values
    )


@pytest.fixture
def history(scoped: Merchant, actor: Actor) -> Merchant:
    """Of order 1: a change by a person, a call, a mail that names it. Beside them the same of something else."""
    account = make_account(scoped)
    order = make_order(scoped, account)
    LogEntry.objects.all().delete()
    Attempt.objects.all().delete()
    Mail.objects.all().delete()
    record(scoped, "orders.order.noted", "Noted by a person", actor=actor, about=order)
    job = make_job(scoped, "1", object_type="orders.order", object_id=order.pk)
    make_call(scoped, job, path="/orders/x/acknowledge", status=400)
    make_mail(scoped, "New order", ["orders.order", order.pk, str(order)])
    record(scoped, "jetsync.options.saved", "Settings were changed", actor=SYSTEM)
    started = start_operation(scoped, "test.work", "Upload", actor=actor, rows=[])
    make_call(scoped, make_job(scoped, "HF 2", operation=started), path="/merchant-skus/HF%202/price")
    make_mail(scoped, "Late: Fetch orders", state=MailState.FAILED, to="ops@example.com")
    return scoped


@pytest.mark.feature("LOG-01")
def test_an_orders_number_finds_its_changes_calls_and_mails(
    history: Merchant, client: Client, at: At
) -> None:
    number = LogEntry.objects.get(message="Noted by a person").object_label
    assert titles(client, at("panel:trail", f"?q={number}")) == [
        "New order",
        "PUT /orders/x/acknowledge",
        "Noted by a person",
    ]
    assert titles(client, at("panel:trail", "?q=HF 2")) == ["PUT /merchant-skus/HF%202/price"]
    assert titles(client, at("panel:trail", "?q=no such thing")) == []
    assert titles(client, at("panel:trail", f"?q={number}&until=9999-12-31"))


@pytest.mark.feature("LOG-01")
@pytest.mark.parametrize(
    ("query", "expected"),
    [
        ("kind=mail", ["Late: Fetch orders", "New order"]),
        ("result=bad", ["Late: Fetch orders", "PUT /orders/x/acknowledge"]),
        ("result=ok&kind=call", ["PUT /merchant-skus/HF%202/price"]),
        ("person=ops@", ["Late: Fetch orders"]),
        ("person=person", ["PUT /merchant-skus/HF%202/price", "Started: Upload", "Noted by a person"]),
        ("until=2001-01-01", []),
        ("since=2001-01-01&kind=change&q=settings", ["Settings were changed"]),
    ],
)
def test_it_is_narrowed_by_kind_result_person_and_time(
    history: Merchant, client: Client, at: At, query: str, expected: list[str]
) -> None:
    assert titles(client, at("panel:trail", f"?{query}")) == expected


def test_it_is_narrowed_by_job(history: Merchant, client: Client, at: At) -> None:
    job = Attempt.objects.get(status=400).job_id
    assert titles(client, at("panel:trail", f"?job={job}")) == ["PUT /orders/x/acknowledge"]


def test_bad_filters_are_named_and_leave_the_rest(history: Merchant, client: Client, at: At) -> None:
    page = client.get(at("panel:trail", "?since=never&job=x&behind=nonsense")).content.decode()
    assert page.count("form-error") >= 2
    assert "Noted by a person" in page


def test_pages_follow_each_other_without_gap_or_double(scoped: Merchant) -> None:
    """Rows of one moment in all three tables, read three at a time."""
    now = timezone.now()
    for number in range(5):
        make_call(scoped, path=f"/{number}", started_at=now)
        make_mail(scoped, f"Mail {number}")
        record(scoped, "x", f"Change {number}", actor=SYSTEM)
    Mail.objects.update(created_at=now)
    LogEntry.objects.update(created_at=now - timedelta(seconds=1))

    seen, place = [], Place()
    while place is not None:
        entries, after = trail(scoped, Wanted(), place, 3)
        seen += [(entry.kind, entry.row.pk) for entry in entries]
        place = Place.parse(str(after)) if after else None

    assert len(seen) == len(set(seen)) == 15
    assert [kind for kind, _pk in seen[-5:]] == ["change"] * 5
    assert sum(map(len, whole_trail(scoped, Wanted(), 7, batch=2))) == 7


def test_queries_do_not_grow_with_rows(
    scoped: Merchant, client: Client, at: At, count_queries: Callable[[Client, str], int]
) -> None:
    def add(number: int) -> None:
        make_call(scoped, make_job(scoped, f"HF-{number}"))
        make_mail(scoped, f"Mail {number}")
        record(scoped, "x", f"Change {number}", actor=SYSTEM)

    add(1)
    address = at("panel:trail")
    first = count_queries(client, address)
    for number in (2, 3):
        add(number)
    assert count_queries(client, address) == first


@pytest.mark.parametrize("kind", ["csv", "xlsx"])
def test_it_comes_as_a_file_and_the_log_says_so(history: Merchant, client: Client, at: At, kind: str) -> None:
    read = {"csv": downloads.csv_rows, "xlsx": downloads.workbook_rows}[kind]

    found = read(client, at("panel:trail", f"?kind=call&download={kind}"))

    assert [row["What happened"] for row in found] == [
        "PUT /merchant-skus/HF%202/price",
        "PUT /orders/x/acknowledge",
    ]
    assert [row["Result"] for row in found] == ["204", "400"]
    with merchant_scope(history):
        assert LogEntry.objects.filter(action="jetsync.log.exported").count() == 1


def test_roles_that_may_not_see_shoppers_read_the_log_without_them(
    merchant: Merchant, client_for: Callable[..., Client], at: At
) -> None:
    account = make_account(merchant)
    with merchant_scope(merchant):
        order = make_order(merchant, account)
        name = order.buyer_name
        record(
            merchant, "orders.order.noted", f"Called {name}", actor=SYSTEM, about=order, new={"note": name}
        )
    addresses = [
        at("panel:trail"),
        at("panel:log-list"),
        at("panel:trail", "?download=csv"),
    ]

    def text(role: str, address: str) -> str:
        response = client_for(role).get(address)
        body = b"".join(response.streaming_content) if response.streaming else response.content
        return body.decode()

    assert [name in text("owner", address) for address in addresses] == [True] * 3
    assert [name in text("analyst", address) for address in addresses] == [False] * 3
    assert "Called •••" in text("analyst", addresses[0])
    assert titles(client_for("owner"), at("panel:trail", f"?q={name}")) == [f"Called {name}"]
    assert titles(client_for("analyst"), at("panel:trail", f"?q={name}")) == []


def test_another_stores_entries_are_not_found(
    history: Merchant, client_for: Callable[..., Client], at: At
) -> None:
    other = make_merchant()
    call = make_call(other, path="/secret")
    with merchant_scope(other):
        record(other, "x", "Secret change", actor=SYSTEM)
    page = client_for("owner").get(at("panel:trail")).content.decode()
    assert "Noted by a person" in page
    assert "ecret" not in page
    assert client_for("owner").get(at("panel:call-detail", pk=call.pk)).status_code == 404


@pytest.mark.feature("LOG-01")
def test_each_entry_of_the_api_links_its_object_and_its_bodies(
    history: Merchant, client: Client, at: At
) -> None:
    """As the page does; what has no page of its own links nothing."""
    call, order = (
        Attempt.objects.get(path="/orders/x/acknowledge"),
        LogEntry.objects.get(message="Noted by a person"),
    )
    found = client.get(f"/api/v1/m/{history.slug}/log/").json()["results"]
    of = {row["title"]: (row["url"], row["object_url"]) for row in found}

    def whole(name: str, pk: int | None) -> str:
        return f"http://testserver{reverse(name, kwargs={'merchant_slug': history.slug, 'pk': pk})}"

    assert of["PUT /orders/x/acknowledge"] == (
        whole("panel:call-detail", call.pk),
        whole("panel:job-detail", call.job_id),
    )
    assert of["Noted by a person"] == ("", whole("orders:order-detail", order.object_id))
    assert of["New order"] == (whole("panel:mail-detail", Mail.objects.get(subject="New order").pk), "")
    assert of["Settings were changed"] == ("", "")
