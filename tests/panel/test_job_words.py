"""Jobs and calls are named in words for people: what is done to what, without the keys of programs."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from django.test import Client

from jetsync.actions.log import record
from jetsync.actions.operation import start_operation
from jetsync.models import Job, LogEntry, Merchant
from jetsync.panel.job_words import job_names, job_words
from jetsync.queries.trail import Place, Wanted, trail
from jetsync.tenancy.actor import SYSTEM, Actor
from jetsync.tenancy.context import merchant_scope
from tests.factories import make_account, make_merchant
from tests.orders.rows import make_order
from tests.panel.conftest import make_call, make_job
from tests.panel.test_trail import make_mail

At = Callable[..., str]


@pytest.fixture
def jobs(scoped: Merchant, actor: Actor) -> dict[str, Job]:
    """About an order, of an operation, and about nothing that has a name."""
    order = make_order(scoped, make_account(scoped))
    record(scoped, "orders.order.noted", "Noted", actor=actor, about=order)
    operation = start_operation(scoped, "test.work", "Archive 54 products", actor=actor)
    made = {
        "order": make_job(scoped, str(order.pk), object_type="orders.order", object_id=order.pk),
        "operation": make_job(scoped, f"operation:{operation.pk}", operation=operation),
        "delta": make_job(scoped, "delta"),
    }
    for job in made.values():
        make_call(scoped, job)
    return made


@pytest.mark.feature("LOG-01")
def test_a_job_is_named_by_its_object_else_by_its_operation(
    scoped: Merchant, actor: Actor, jobs: dict[str, Job]
) -> None:
    number = LogEntry.objects.get(message="Noted").object_label
    names = job_names(scoped, actor, Job.objects.select_related("operation"))
    label = job_words(jobs["delta"], names)
    assert {job_words(job, names) for job in jobs.values()} == {
        f"{label}: {number}",
        f"{label}: Archive 54 products",
        label,
    }


@pytest.mark.parametrize("page", ["panel:trail", "panel:job-list", "panel:call-list"])
def test_no_page_for_people_shows_the_keys_of_programs(
    jobs: dict[str, Job], client: Client, at: At, page: str
) -> None:
    html = client.get(at(page)).content.decode()
    assert "Archive 54 products" in html
    assert "operation:" not in html
    assert "delta" not in html


def test_a_call_names_its_job_in_words(jobs: dict[str, Job], client: Client, at: At) -> None:
    call = make_call(jobs["operation"].merchant, jobs["operation"])
    html = client.get(at("panel:call-detail", pk=call.pk)).content.decode()
    assert ": Archive 54 products</a>, try" in html


def test_names_cost_the_same_for_many_jobs(
    scoped: Merchant,
    jobs: dict[str, Job],
    client: Client,
    at: At,
    count_queries: Callable[[Client, str], int],
) -> None:
    address = at("panel:job-list")
    first = count_queries(client, address)
    for number in range(3):
        record(scoped, "x", "y", actor=SYSTEM, about=jobs["delta"])
        make_job(scoped, f"n{number}", object_type="jetsync.job", object_id=jobs["delta"].pk)
    assert count_queries(client, address) == first


@pytest.mark.parametrize("words", ["robin@example.com", "ROBIN@", "Robin Harrow", "harrow"])
def test_a_person_is_found_by_name_and_by_address(scoped: Merchant, actor: Actor, words: str) -> None:
    robin = actor.user
    assert robin is not None
    robin.first_name, robin.last_name, robin.email = "Robin", "Harrow", "robin@example.com"
    robin.save()
    by_robin = Actor(label="Robin Harrow", user=robin, rights=actor.rights)
    LogEntry.objects.all().delete()
    record(scoped, "x", "Done by Robin", actor=by_robin)
    record(scoped, "x", "Done by nobody", actor=SYSTEM)
    make_call(
        scoped, make_job(scoped, "1", operation=start_operation(scoped, "test.work", "Work", actor=by_robin))
    )
    make_mail(scoped, "To Robin", to="robin@example.com")
    make_mail(scoped, "To Ann")
    other = make_merchant()
    with merchant_scope(other):
        record(other, "x", "Elsewhere", actor=by_robin)

    found = trail(scoped, Wanted(person=words), Place(), 50)[0]

    told = {"change": "message", "mail": "subject", "call": "path"}
    assert sorted(getattr(entry.row, told[entry.kind]) for entry in found) == [
        "/merchant-skus/HF-1/price",
        "Done by Robin",
        "Started: Work",
        "To Robin",
    ]
