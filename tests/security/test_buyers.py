"""Who may not see buyers finds them nowhere: not in Jet's JSON, not in the record of the calls."""

from __future__ import annotations

import json
import re
from copy import copy

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from jetsync.actions.log import record
from jetsync.actions.operation import RowSpec, finish_rows, start_operation
from jetsync.activation.queries import keys_mark
from jetsync.enums import JobState, Mode, Queue, Role, RowState
from jetsync.mail.kinds import Event
from jetsync.models import ActivationStep, Attempt, Job, Notice, Operation, OperationRow
from jetsync.panel.shoppers import CALLS_READ
from jetsync.sync.operations import ends_operation
from jetsync.sync.quoting import words_for_all
from jetsync.tenancy.actor import SYSTEM
from jetsync.tenancy.context import merchant_scope
from jetsync.tenancy.managers import bulk_create
from orders.actions.telling import tell_failed
from orders.mail import failed_orders
from orders.models import Order
from tests import factories
from tests.orders.rows import jet_order, store

pytestmark = pytest.mark.django_db

PERSONAL = ("Ida", "Marsh", "Quarry Lane", "2015550143", "customer.jet.com", "Montclair")


@pytest.fixture
def fetched(merchant) -> tuple[Order, Job]:
    """An order, and the job that fetched it with Jet's answer as it is recorded."""
    account = factories.make_account(merchant)
    with merchant_scope(merchant):
        data = jet_order()
        order = store(merchant, account, data)
        job = Job.objects.create(
            merchant=merchant, kind="orders.import", key="1", queue=Queue.URGENT, state=JobState.DONE
        )
        Attempt.objects.create(
            merchant=merchant,
            job=job,
            method="GET",
            path="/orders/withoutShipmentDetail/1",
            status=200,
            request_cut=json.dumps({"note": data["buyer"]}),
            answer_cut=json.dumps(data)[:2000],
        )
    return order, job


def found_in(text: str) -> list[str]:
    """As words of their own: a token of a form may hold any three letters."""
    return [word for word in PERSONAL if re.search(rf"\b{re.escape(word)}\b", text)]


@pytest.mark.parametrize(("role", "may"), [("owner", True), ("fulfilment", True), ("analyst", False)])
def test_call_bodies_name_shoppers_only_to_those_who_may_see_them_and_ask(
    merchant, fetched, client_for, role, may
) -> None:
    """The rest of the bodies stays readable, whole ones and one that was cut."""
    order, job = fetched
    client, page = client_for(role), f"/m/{merchant.slug}/jobs/{job.pk}/"

    text = client.get(page).content.decode()
    asked = client.post(page).content.decode()

    assert "/orders/withoutShipmentDetail/1" in text
    assert order.merchant_order_id in text
    assert found_in(text) == []
    assert "Shoppers are hidden" in text
    assert bool(found_in(asked)) is may


def test_job_of_an_order_hides_its_shopper_where_no_member_names_him(merchant, fetched, client_for) -> None:
    order, job = fetched
    with merchant_scope(merchant):
        Job.objects.filter(pk=job.pk).update(
            object_type="orders.order",
            object_id=order.pk,
            message="Sent for Ida Marsh",
            data={"who": "Ida Marsh"},
        )
        Attempt.objects.create(
            merchant=merchant,
            job=job,
            method="PUT",
            path="/x",
            error="Ida Marsh moved",
            answer_cut="<p>Ida Marsh",
        )

    text = client_for("analyst").get(f"/m/{merchant.slug}/jobs/{job.pk}/").content.decode()

    assert found_in(text) == []
    assert "Sent for •••" in text
    assert "••• moved" in text
    jobs, calls = (client_for("analyst").get(f"/m/{merchant.slug}/{name}/") for name in ("jobs", "calls"))
    assert found_in(jobs.content.decode() + calls.content.decode()) == []
    assert "Sent for •••" in jobs.content.decode()
    assert "••• moved" in calls.content.decode()


@pytest.mark.parametrize(("role", "sees"), [("owner", True), ("analyst", False)])
def test_rows_of_an_operation_name_shoppers_only_to_those_who_may_see_them(
    merchant, fetched, client_for, role, sees
) -> None:
    order, _job = fetched
    with merchant_scope(merchant):
        row = RowSpec("orders.order", order.pk, order.merchant_order_id)
        operation = start_operation(merchant, "test.work", "Ship orders", actor=SYSTEM, rows=[row])
        pks = list(OperationRow.objects.filter(operation=operation).values_list("pk", flat=True))
        finish_rows(operation, pks, RowState.FAILED, code="refused", message="No street for Ida Marsh.")

    def read(path: str) -> str:
        answer = client_for(role).get(path)
        assert answer.status_code == 200
        return (b"".join(answer.streaming_content) if answer.streaming else answer.content).decode()

    panel = f"/m/{merchant.slug}/operations/{operation.pk}/"
    api = f"/api/v1{panel}rows/"
    texts = [read(path) for path in (panel, f"{panel}failed.csv", api)]
    assert all("No street for" in text for text in texts)
    assert ["Marsh" in text for text in texts] == [sees] * 3
    assert ("No street for" in read(f"{panel}?q=Marsh")) is sees


@pytest.mark.parametrize(("role", "finds"), [("owner", True), ("analyst", False)])
def test_search_in_jobs_finds_no_words_that_are_hidden(merchant, fetched, client_for, role, finds) -> None:
    order, job = fetched
    with merchant_scope(merchant):
        Job.objects.filter(pk=job.pk).update(
            object_type="orders.order", object_id=order.pk, message="Sent for Ida Marsh"
        )

    def is_found(words: str) -> bool:
        page = client_for(role).get(f"/m/{merchant.slug}/jobs/", {"q": words}).content.decode()
        return f"/jobs/{job.pk}/" in page

    assert (is_found("Marsh"), is_found(job.key)) == (finds, True)


def test_answer_that_is_no_json_and_of_no_known_order_is_hidden_whole(merchant, fetched, client_for) -> None:
    _order, job = fetched
    with merchant_scope(merchant):
        Attempt.objects.create(merchant=merchant, job=job, method="GET", path="/x", answer_cut="<p>Dora Vane")

    text = client_for("analyst").get(f"/m/{merchant.slug}/jobs/{job.pk}/").content.decode()

    assert "Dora" not in text
    assert "Dora Vane" in client_for("owner").post(f"/m/{merchant.slug}/jobs/{job.pk}/").content.decode()


@pytest.mark.parametrize("path", ["orders/", "orders/{pk}/", "search/?q=Ida", "log/", ""])
def test_pages_hide_buyers_from_analysts(merchant, fetched, client_for, path) -> None:
    order, _job = fetched

    response = client_for("analyst").get(f"/m/{merchant.slug}/" + path.format(pk=order.pk))

    assert response.status_code == 200
    text = response.content.decode().replace('value="Ida"', "").replace("?q=Ida", "").replace("“Ida”", "")
    assert found_in(text) == []


@pytest.mark.parametrize("path", ["", "{pk}/"])
def test_api_hides_buyers_from_analysts(merchant, fetched, client_for, path) -> None:
    order, _job = fetched

    response = client_for("analyst").get(f"/api/v1/m/{merchant.slug}/orders/" + path.format(pk=order.pk))

    assert response.status_code == 200
    assert found_in(response.content.decode()) == []


@pytest.fixture
def untied(merchant) -> Job:
    """A job about no object we know of: its words quote the shopper whom the answer it got names."""
    with merchant_scope(merchant):
        job = Job.objects.create(
            merchant=merchant,
            kind="orders.import",
            key="7",
            queue=Queue.URGENT,
            state=JobState.FAILED,
            finished_at=timezone.now(),
            message="Jet refused: no street for Ida Marsh.",
            hint="Ask Ida Marsh.",
        )
        Attempt.objects.create(
            merchant=merchant,
            job=job,
            method="GET",
            path="/orders/withoutShipmentDetail/7",
            status=400,
            error="no street for Ida Marsh",
            answer_cut=json.dumps({"buyer": {"name": "Ida Marsh"}}),
        )
    return job


@pytest.mark.parametrize(("role", "sees"), [("owner", True), ("fulfilment", True), ("analyst", False)])
def test_what_no_known_object_is_about_names_shoppers_only_to_those_who_may_see_them(
    merchant, untied, client_for, role, sees
) -> None:
    panel = f"/m/{merchant.slug}"
    doors = [f"{panel}/{path}" for path in ("jobs/", f"jobs/{untied.pk}/", "calls/", "log/search/")]
    doors += [f"{panel}/log/search/?download=csv", f"/api/v1{panel}/jobs/{untied.pk}/"]

    for door in doors:
        answer = client_for(role).get(door)
        text = (b"".join(answer.streaming_content) if answer.streaming else answer.content).decode()

        assert "no street for" in text, door
        assert (found_in(text) != []) is sees, door


def test_calls_of_one_job_do_not_uncover_the_words_of_another(merchant, untied, client_for) -> None:
    with merchant_scope(merchant):
        busy = Job.objects.create(
            merchant=merchant,
            kind="orders.status",
            key="schedule",
            queue=Queue.DEFAULT,
            message="Jet is slow.",
        )
        call = {"merchant": merchant, "job": busy, "method": "GET", "path": "/orders/x", "status": 200}
        bulk_create(Attempt, [Attempt(**call, answer_cut='{"status": "ready"}') for _number in range(501)])
        bulk_create(Attempt, [Attempt(**call, error="Jet is slow.", answer_cut="{}")])

    panel = f"/m/{merchant.slug}"
    for door in ("jobs/", "calls/?result=refused", "log/search/?result=bad", "log/search/?download=csv"):
        answer = client_for("analyst").get(f"{panel}/{door}")
        text = (b"".join(answer.streaming_content) if answer.streaming else answer.content).decode()

        assert "no street for •••" in text, door
        assert found_in(text) == [], door


@pytest.mark.parametrize("number_of_calls", [0, 1, CALLS_READ + 1])
def test_words_are_hidden_whole_where_the_bodies_do_not_say_whom_they_are_about(
    merchant, untied, client_for, number_of_calls
) -> None:
    """No call is kept any more, none with its bodies, or more of them than are read."""
    with merchant_scope(merchant):
        Attempt.objects.all().delete()
        call = Attempt(
            merchant=merchant, job=untied, method="GET", path="/o", status=400, error="For Ida Marsh"
        )
        calls = [copy(call) for _number in range(number_of_calls)]
        for one in calls[1:]:
            one.answer_cut = '{"errors": ["For somebody"]}'
        bulk_create(Attempt, calls)

    for door in ("jobs/", f"jobs/{untied.pk}/", f"/api/v1/m/{merchant.slug}/jobs/{untied.pk}/", "calls/"):
        url = door if door.startswith("/") else f"/m/{merchant.slug}/{door}"
        seen, hidden = (client_for(role).get(url).content.decode() for role in ("owner", "analyst"))
        assert ("Ida Marsh" in seen) is (door != "calls/" or number_of_calls > 0)
        assert "no street for" not in hidden
        if number_of_calls < 2:
            assert found_in(hidden) == [], door


def test_words_of_jobs_without_shoppers_stay_readable(merchant, untied, client_for) -> None:
    """A product's data is all that they can quote; so are words about a call that got no answer."""
    with merchant_scope(merchant):
        Job.objects.filter(pk=untied.pk).update(kind="catalog.push_prices", message="HF-1 has no price.")
        Attempt.objects.filter(job=untied).update(answer_cut="", error="HF-1: price missing")
        Attempt.objects.create(
            merchant=merchant, method="GET", path="/x", error="No answer within 30 seconds."
        )

    texts = [
        client_for("analyst").get(f"/m/{merchant.slug}/{page}/").content.decode()
        for page in ("jobs", "calls")
    ]

    assert "HF-1 has no price." in texts[0]
    assert "HF-1: price missing" in texts[1]
    assert "No answer within 30 seconds." in texts[1]


@pytest.mark.parametrize("page", ["jobs/", "calls/", "log/search/"])
def test_hiding_costs_the_same_for_one_row_and_for_three(merchant, untied, client_for, page) -> None:
    def count() -> int:
        with CaptureQueriesContext(connection) as queries:
            assert client_for("analyst").get(f"/m/{merchant.slug}/{page}").status_code == 200
        return len(queries)

    count()
    first = count()
    for number in (8, 9):
        with merchant_scope(merchant):
            job = Job.objects.create(
                merchant=merchant,
                kind="orders.import",
                key=str(number),
                queue=Queue.URGENT,
                message="Refused.",
            )
            call = {"method": "GET", "path": "/o", "status": 400, "error": "Refused.", "answer_cut": "{}"}
            Attempt.objects.create(merchant=merchant, job=job, **call)
    assert count() == first


@pytest.mark.parametrize(("role", "finds"), [("owner", True), ("analyst", False)])
def test_search_finds_no_hidden_words_of_a_job_of_no_known_object(
    merchant, untied, client_for, role, finds
) -> None:
    def is_found(words: str) -> bool:
        page = client_for(role).get(f"/m/{merchant.slug}/jobs/", {"q": words}).content.decode()
        return f"/jobs/{untied.pk}/" in page

    assert (is_found("Marsh"), is_found(untied.key)) == (finds, True)


@pytest.mark.parametrize(("role", "sees"), [("owner", True), ("fulfilment", True), ("analyst", False)])
def test_given_cells_of_failed_rows_name_shoppers_only_to_those_who_may_see_them(
    merchant, fetched, client_for, role, sees
) -> None:
    """The rest of the file stays as it was given, so that it can be mended and given again."""
    order, _job = fetched
    given = [{"order": order.merchant_order_id, "tracking": "1Z9", "method": "To Ida Marsh, 48 Quarry Lane"}]
    with merchant_scope(merchant):
        row = RowSpec("orders.order", order.pk, order.merchant_order_id, data={"given": given})
        operation = start_operation(merchant, "test.work", "Ship orders", actor=SYSTEM, rows=[row])
        pks = list(OperationRow.objects.filter(operation=operation).values_list("pk", flat=True))
        finish_rows(operation, pks, RowState.FAILED, code="refused", message="No.", hint="Ask Ida Marsh.")

    answer = client_for(role).get(f"/m/{merchant.slug}/operations/{operation.pk}/failed.csv")
    text = b"".join(answer.streaming_content).decode()

    assert order.merchant_order_id in text
    assert ',"To ' in text
    assert ",1Z9," in text
    assert (found_in(text) != []) is sees


def test_words_of_an_operation_and_of_a_schedule_name_no_shopper(merchant, untied) -> None:
    """They are read by everybody, beside no object that would say whom to hide."""
    with merchant_scope(merchant):
        operation = start_operation(merchant, "test.work", "Fetch", actor=SYSTEM, rows=[])
        Job.objects.filter(pk=untied.pk).update(operation=operation)
        ends_operation()(Job.objects.get(pk=untied.pk))

        assert Operation.objects.get(pk=operation.pk).message == "Jet refused: no street for •••."
        assert words_for_all(untied, untied.message) == "Jet refused: no street for •••."


def test_words_about_answers_that_were_not_kept_say_only_where_to_read_them(merchant, untied) -> None:
    """With the full log switched off nothing tells whom Jet quotes."""
    with merchant_scope(merchant):
        Attempt.objects.filter(job=untied).update(request_cut="", answer_cut="", status=400)
        told = words_for_all(untied, untied.message)
        assert f"Job {untied.pk} says what failed." in told
        assert found_in(told) == []

        # Nobody answered: the words are our own.
        Attempt.objects.filter(job=untied).update(status=None)
        assert words_for_all(untied, "Jet cannot be reached.") == "Jet cannot be reached."
        # No shopper is ever handled: Jet's words are shown.
        Attempt.objects.filter(job=untied).update(status=400)
        untied.kind = "catalog.push_prices"
        assert words_for_all(untied, "Jet refused the price.") == "Jet refused the price."


def test_notices_and_mails_of_an_order_name_no_shopper(merchant, fetched) -> None:
    """More people read them than may see buyers, and a mail can be forwarded to anybody."""
    order, _job = fetched
    with merchant_scope(merchant):
        order.failure_message = "No street for Ida Marsh"
        order.failure_reason = "shipment_refused"
        order.save(update_fields=["failure_message", "failure_reason"])
        tell_failed(order, "orders.lost", "An order was lost", body=order.failure_message)

        assert Notice.objects.get(key="orders.lost").body == "No street for •••"
        (item,) = failed_orders(merchant, [Event(order.pk)])
        assert item.notes[0] == "No street for •••"


@pytest.mark.parametrize(("role", "sees"), [("owner", True), ("fulfilment", True), ("analyst", False)])
def test_log_entries_about_no_object_tell_and_find_shoppers_for_those_alone_who_may_see_them(
    merchant, untied, client_for, role, sees
) -> None:
    with merchant_scope(merchant):
        record(merchant, "orders.import.failed", "No street for Ida Marsh.", actor=SYSTEM, job=untied)
    doors = [f"/m/{merchant.slug}/log/", f"/m/{merchant.slug}/log/search/", f"/api/v1/m/{merchant.slug}/log/"]

    def found(door: str, words: str) -> bool:
        text = client_for(role).get(door, {"q": words}).content.decode()
        return "No street for" in text

    assert [found(door, "street") for door in doors] == [sees] * 3
    assert [found(door, "orders.import.f") for door in doors] == [True] * 3
    shown = [client_for(role).get(door).content.decode() for door in doors]
    assert [found_in(text) != [] for text in shown] == [sees] * 3


@pytest.mark.parametrize("sees", [True, False])
def test_evidence_of_activation_names_the_buyer_to_those_alone_who_may_see_him(merchant, sees) -> None:
    account = factories.make_account(merchant, mode=Mode.TEST)
    body = json.dumps({"merchant_order_id": "77", "buyer": {"name": "Ida Marsh"}})
    call = {"method": "PUT", "path": "/orders/77/shipped", "status": 400, "error": "Ida Marsh moved."}
    with merchant_scope(merchant):
        ActivationStep.objects.create(
            merchant=merchant,
            keys_mark=keys_mark(account),
            key="order_ship",
            state=ActivationStep.State.FAILED,
            message="Jet refused: Ida Marsh moved.",
            evidence={"ids": {}, **call, "request": body, "answer": "Ida Marsh moved."},
        )
    user = factories.make_member(merchant, Role.MANAGER)
    user.memberships.update(withheld=[] if sees else ["buyers.view"])
    client = Client()
    client.force_login(user)

    for door in (f"/m/{merchant.slug}/settings/activation/", f"/api/v1/m/{merchant.slug}/activation/"):
        text = client.get(door).content.decode()
        assert "/orders/77/shipped" in text, door
        assert (found_in(text) != []) is sees, door
