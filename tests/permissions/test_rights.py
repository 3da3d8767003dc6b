"""Every right at every door, by walking the URLconf: who holds all rights but the one asked for is refused, at pages, files
and the API alike, and who holds that one alone is let in. No role of today holds such a set; tokens do.
"""

from __future__ import annotations

from itertools import count
from typing import Any

import pytest
from django.test import Client
from django.urls import reverse

from jetsync.actions.merchant import create_token
from jetsync.actions.operation import start_operation
from jetsync.activation.registry import all_steps
from jetsync.enums import JobState, OperationState, Role
from jetsync.models import Job, LogEntry, Merchant, Operation, Schedule
from jetsync.panel.lists import ListPage
from jetsync.sync.control import rights_for
from jetsync.sync.registry import JobKind, all_kinds, all_operation_kinds
from jetsync.sync.schedules import ensure_schedules
from jetsync.tenancy.actor import Actor
from jetsync.tenancy.context import merchant_scope
from jetsync.tenancy.rights import ROLE_RIGHTS, Right
from tests.factories import make_member, make_merchant
from tests.permissions.test_matrix import API_PAGES, PANEL_PAGES, address, api_right, right_of

METHODS = ("get", "post", "put", "patch", "delete")
OPENED = {200, 302, 400, 404, 405}
# These look at the role as well: no right makes an owner.
OWNERS_ALONE = {"panel:store-delete", "panel:store-keep"}


def write_right(callback: Any) -> Right | None:
    view = getattr(callback, "view_class", callback)
    return getattr(view, "write_right", None) or right_of(callback)


def has_files(callback: Any) -> bool:
    view = getattr(callback, "view_class", None)
    return isinstance(view, type) and issubclass(view, ListPage) and view.sheet is not None


@pytest.fixture(params=list(Right), ids=str)
def right(request: pytest.FixtureRequest) -> Right:
    found: Right = request.param
    return found


@pytest.fixture
def person(db: None, monkeypatch: pytest.MonkeyPatch) -> Any:
    """`person(rights)` -> (browser of a member with exactly these rights, merchant)."""

    def make(rights: frozenset[Right]) -> tuple[Client, Merchant]:
        monkeypatch.setitem(ROLE_RIGHTS, Role.ANALYST, rights)
        merchant, client = make_merchant(), Client(raise_request_exception=False)
        client.force_login(make_member(merchant, Role.ANALYST))
        return client, merchant

    return make


def test_pages_and_files_refuse_whoever_lacks_the_right_alone(person: Any, right: Right) -> None:
    client, merchant = person(frozenset(Right) - {right})
    wrong = []
    for name, callback, args in PANEL_PAGES:
        url = address(name, args, merchant.slug)
        reads, writes = right_of(callback) == right, write_right(callback) == right
        tries = [("get", url)] if reads else []
        tries += [("post", url)] if reads or writes else []
        tries += [
            ("get", f"{url}?download={kind}") for kind in ("csv", "xlsx") if reads and has_files(callback)
        ]
        for method, tried in tries:
            status = getattr(client, method)(tried).status_code
            if status not in {403, 405}:
                wrong.append(f"{method} {name}: {status}")
    assert wrong == []


def test_pages_and_files_open_to_whoever_has_the_right_alone(person: Any, right: Right) -> None:
    client, merchant = person(frozenset({right}))
    wrong = []
    for name, callback, args in PANEL_PAGES:
        if right_of(callback) != right:
            continue
        url = address(name, args, merchant.slug)
        if (status := client.get(url).status_code) not in ({403, 405} if name in OWNERS_ALONE else OPENED):
            wrong.append(f"{name}: {status}")
        for kind in ("csv", "xlsx") if has_files(callback) else ():
            answer = client.get(f"{url}?download={kind}")
            if not (answer.status_code == 200 and b"".join(answer.streaming_content)):
                wrong.append(f"{name} as {kind}: {answer.status_code}")
    assert wrong == []


def ask(secret: str, merchant: Merchant, right: Right, methods: tuple[str, ...]) -> list[tuple[str, int]]:
    """What a token is answered at every address and method that asks for this right."""
    client = Client(raise_request_exception=False, headers={"Authorization": f"Bearer {secret}"})
    return [
        (f"{method} {name}", getattr(client, method)(address(name, args, merchant.slug)).status_code)
        for name, callback, args in API_PAGES
        for method in methods
        if api_right(callback, method) == right
    ]


def test_api_refuses_a_token_that_lacks_the_right_alone(scoped: Merchant, actor: Actor, right: Right) -> None:
    _row, secret = create_token(scoped, "script", frozenset(Right) - {right}, actor=actor)

    answers = ask(secret, scoped, right, METHODS)

    assert [answer for answer in answers if answer[1] != 403] == []


def test_api_opens_to_a_token_that_has_the_right_alone(scoped: Merchant, actor: Actor, right: Right) -> None:
    """Reading; what belongs to nobody is 404."""
    _row, secret = create_token(scoped, "script", frozenset({right}), actor=actor)

    answers = ask(secret, scoped, right, ("get",))

    assert [answer for answer in answers if answer[1] not in {200, 404}] == []


def test_every_right_that_is_a_door_is_asked_for_somewhere() -> None:
    """A right that nothing asks for would pass all of the above."""
    asked = {right_of(callback) for _n, callback, _a in PANEL_PAGES}
    asked |= {write_right(callback) for _n, callback, _a in PANEL_PAGES}
    asked |= {api_right(callback, method) for _n, callback, _a in API_PAGES for method in METHODS}
    assert set(Right) - asked == set()


# --- the door of jobs: whoever may control work in general still needs the right of the act ---------------------------

CONTROL = frozenset({Right.ACTIVITY_VIEW, Right.ACTIVITY_CONTROL})
KEYS = count(987_654_321)
PANEL_DOORS = ("retry", "cancel")
RUNNING = OperationState.RUNNING
STEP = next(step for step in all_steps() if step.right != Right.SETTINGS_EDIT)
# Housekeeping, mail, and what only follows from data that somebody with the right has changed.
OWN_WORK = {
    "catalog.forget_uploads",
    "catalog.low_stock",
    "catalog.refresh",
    "catalog.refresh_exceptions",
    "catalog.refresh_profile",
    "catalog.trim_files",
    "demo.bring_to_life",
    "mail.compose",
    "mail.send",
    "mail.send_now",
    "mail.summaries",
    "refunds.daily",
    "webhooks.gather",
}
OF_THEIR_OPERATION = {
    "catalog.apply_edit",
    "catalog.assign_profile",
    "catalog.change_categories",
    "catalog.copy_exceptions",
    "catalog.delete",
    "catalog.import_taxonomy",
    "catalog.publish",
    "catalog.publish_files",
    "catalog.take_theirs",
    "catalog.undo_csv",
    "jetsync.data_export",
    "orders.decide_many",
    "orders.ship_many",
    "repricer.undo_run",
    "returns.settle_many",
}
TESTS_ALONE = {"test.upload", "test.import", "test.work", "test.send", "test.other", "x.upload"}


def acts(right: Right) -> list[JobKind]:
    return [kind for kind in all_kinds() if kind.right == right]


def make_job(merchant: Merchant, kind: str, door: str, operation: Operation | None = None) -> Job:
    state = JobState.QUEUED if door == "cancel" else JobState.FAILED
    with merchant_scope(merchant):
        return Job.objects.create(
            merchant=merchant,
            kind=kind,
            key=str(next(KEYS)),
            queue="default",
            state=state,
            operation=operation,
        )


def make_operation(merchant: Merchant, kind: str, state: OperationState) -> Operation:
    with merchant_scope(merchant):
        return Operation.objects.create(
            merchant=merchant, kind=kind, title="Some work", state=state, failed=1, total=1
        )


def every_door(client: Client, merchant: Merchant, right: Right) -> dict[str, int]:
    """What is answered to whoever presses a button of work that needs this right: "retry orders.ship" -> 403."""
    answers: dict[str, int] = {}

    def press(name: str, page: str, pk: int) -> None:
        url = reverse(f"panel:{page}", kwargs={"merchant_slug": merchant.slug, "pk": pk})
        answers[name] = client.post(url, {"paused": "1", "minutes": ""}).status_code

    for kind in acts(right):
        for door in PANEL_DOORS:
            job = make_job(merchant, kind.name, door)
            press(f"{door} {kind.name}", f"job-{door}", job.pk)
    for of in [kind for kind in all_operation_kinds() if kind.right == right and not kind.also]:
        for door, state in (("cancel", "running"), ("retry", "partly"), ("undo", "partly")):
            operation = make_operation(merchant, of.name, OperationState(state))
            press(f"{door} {of.name}", f"operation-{door}", operation.pk)
        job = make_job(merchant, "catalog.refresh", "cancel", make_operation(merchant, of.name, RUNNING))
        press(f"cancel a job of {of.name}", "job-cancel", job.pk)
    with merchant_scope(merchant):
        ensure_schedules(merchant)
        rows = [row for row in Schedule.objects.filter(merchant=merchant) if right in rights_for(row)]
    for row in rows:
        for page in ("schedule-run", "schedule-pause", "schedule-detail", "schedule-address"):
            press(f"{page} {row.kind}", page, row.pk)
        api = f"/api/v1/m/{merchant.slug}/schedules/{row.pk}/"
        answers[f"api run {row.kind}"] = client.post(f"{api}run/").status_code
        answers[f"api pause {row.kind}"] = client.post(f"{api}pause/").status_code
        answers[f"api interval {row.kind}"] = client.patch(
            api, {"minutes": None}, content_type="application/json"
        ).status_code
    return answers


def test_every_kind_of_work_names_its_right() -> None:
    """`handler` and `operation_kind` take none that says nothing; what needs none is the system's own, named here."""
    assert {kind.name for kind in all_kinds() if kind.right is None} == OWN_WORK | OF_THEIR_OPERATION
    assert {kind.name for kind in all_operation_kinds() if kind.right is None} == TESTS_ALONE


def test_work_is_not_controlled_without_the_right_of_its_act(person: Any, right: Right) -> None:
    client, merchant = person(frozenset(Right) - {right})

    answers = every_door(client, merchant, right)

    assert {name: status for name, status in answers.items() if status != 403} == {}
    with merchant_scope(merchant):
        assert not LogEntry.objects.filter(merchant=merchant, action__startswith="jetsync.job").exists()
        assert not LogEntry.objects.filter(merchant=merchant, action__startswith="jetsync.operation").exists()
        assert not Schedule.objects.filter(merchant=merchant, is_paused=True).exists()


def test_work_is_controlled_with_the_right_of_its_act(person: Any, right: Right) -> None:
    """Whether it can be done just then is another matter; what these jobs are for is nowhere."""
    client, merchant = person(CONTROL | {right})

    answers = every_door(client, merchant, right)

    assert {name: status for name, status in answers.items() if status in {403, 404}} == {}


def test_an_unknown_kind_of_work_needs_every_right(person: Any) -> None:
    client, merchant = person(frozenset(Right) - {Right.HOME_VIEW})
    job = make_job(merchant, "gone.kind", "cancel")

    answer = client.post(reverse("panel:job-cancel", kwargs={"merchant_slug": merchant.slug, "pk": job.pk}))

    assert answer.status_code == 403


def test_no_operation_of_an_undeclared_kind_starts(scoped: Merchant, actor: Actor) -> None:
    with pytest.raises(LookupError, match=r"orders\.new_kind"):
        start_operation(scoped, "orders.new_kind", "Work", actor=actor)


def test_a_rehearsal_is_retried_by_whoever_may_do_its_steps(person: Any) -> None:
    client, merchant = person(CONTROL | {Right.SETTINGS_EDIT})
    operation = make_operation(merchant, "jetsync.rehearsal", OperationState.PARTLY)
    with merchant_scope(merchant):
        Operation.objects.filter(merchant=merchant, pk=operation.pk).update(data={"steps": [STEP.key]})

    answer = client.post(
        reverse("panel:operation-retry", kwargs={"merchant_slug": merchant.slug, "pk": operation.pk})
    )

    assert answer.status_code == 403
    assert STEP.right in answer.content.decode()


def test_a_page_of_work_says_which_right_is_missing(person: Any) -> None:
    client, merchant = person(CONTROL)
    job = make_job(merchant, "refunds.create", "retry")

    page = client.get(reverse("panel:job-detail", kwargs={"merchant_slug": merchant.slug, "pk": job.pk}))

    assert "You do not have the right: Create refunds." in page.content.decode()
