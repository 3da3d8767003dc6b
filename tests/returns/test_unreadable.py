"""Returns that cannot be read or stored are kept, told and read again; a fetch reads a bounded number in one run."""

from __future__ import annotations

import pytest

from jetsync.enums import JobState
from jetsync.exceptions import StateConflict
from jetsync.models import Job, LogEntry, Notice
from jetsync.sync.queue import enqueue
from refunds.actions.creating import create_refund
from returns import sync
from returns.actions import sending
from returns.actions.settling import ledgers_for, resume_sending, settle_return
from returns.enums import ReturnStatus, SendState
from returns.models import Return
from returns.queries import return_lines
from returns.validators import full_decision
from tests.refunds.test_create import give


def fetched(shop) -> Job:
    job = enqueue(shop.merchant, "returns.fetch", "schedule")
    shop.run(job.pk)
    job.refresh_from_db()
    return job


def by_jet_id(return_id: str) -> Return:
    return Return.objects.get(merchant_return_authorization_id=return_id)


def test_return_that_cannot_be_read_is_kept_told_once_and_read_later(shop):
    order = shop.order(1)
    return_id = shop.open_return(order)
    shop.control.fault("html", path=f"/returns/state/{return_id}")
    job = fetched(shop)
    fetched(shop)
    kept = by_jet_id(return_id)
    assert (kept.status, kept.is_unreadable, job.message) == (
        ReturnStatus.OTHER,
        True,
        "0 new returns, 0 read from Jet, 1 could not be read.",
    )
    assert LogEntry.objects.filter(action="returns.return.unreadable").count() == 1
    notice = Notice.objects.get(key="returns.unreadable")
    assert (notice.count, notice.url) == (1, f"/m/{shop.merchant.slug}/returns/{kept.pk}/")

    shop.control.clear_faults()
    assert fetched(shop).message == "0 new returns, 1 read from Jet."
    kept.refresh_from_db()
    assert (kept.status, kept.order, kept.failure_message) == (ReturnStatus.CREATED, order, "")
    assert kept.lines.get().order_line == order.lines.get()
    assert Notice.objects.get(key="returns.new").count == 1


def test_return_that_cannot_be_stored_is_kept_and_excludes_a_refund(shop, actor, monkeypatch):
    order = shop.order(1)
    return_id = shop.open_return(order)
    real = sync.store_return

    def too_large(merchant, account, facts, **more):
        facts.fields["merchant_return_charge"] = 10**11
        return real(merchant, account, facts, **more)

    monkeypatch.setattr(sync, "store_return", too_large)
    fetched(shop)
    kept = by_jet_id(return_id)
    assert (kept.is_unreadable, kept.failure_message) == (True, "DataError while storing it.")
    with pytest.raises(StateConflict, match="has the return"):
        create_refund(order, [give(order)], actor=actor)


def test_page_and_list_say_what_is_known(client_for, shop):
    return_id = shop.open_return(shop.order(1))
    shop.control.fault("html", path=f"/returns/state/{return_id}")
    fetched(shop)
    kept = by_jet_id(return_id)
    client = client_for("owner")
    base = f"/m/{shop.merchant.slug}/returns/"
    html = client.get(f"{base}{kept.pk}/").content.decode()
    assert "Jet lists this return, but it could not be read" in html
    assert "Could not be read" in client.get(base).content.decode()


def test_fetch_reads_a_bounded_number_in_a_run_and_each_once(shop, monkeypatch):
    ids = [shop.open_return(shop.order(1)) for _ in range(3)]
    monkeypatch.setattr(sync, "BATCH", 2)
    job = fetched(shop)
    assert (job.state, Return.objects.count()) == (JobState.QUEUED, 2)
    shop.run(job.pk)
    job.refresh_from_db()
    assert (job.state, job.message) == (JobState.DONE, "3 new returns, 3 read from Jet.")
    assert set(ids) == set(Return.objects.values_list("merchant_return_authorization_id", flat=True))


def test_answer_that_moved_between_list_and_lock_keeps_none_of_the_others(shop, actor, monkeypatch):
    first, second = shop.returned(), shop.returned()
    for returned in (first, second):
        settle_return(returned, full_decision(return_lines(returned), ledgers_for(returned)), actor=actor)
    Job.objects.filter(kind="returns.complete").update(state=JobState.CANCELLED)
    real = sending.keys_at_work

    def first_arrives(merchant, kind, keys):
        Return.objects.filter(pk=first.pk).update(send_state=SendState.SENT)
        return real(merchant, kind, keys)

    monkeypatch.setattr(sending, "keys_at_work", first_arrives)
    assert resume_sending(shop.merchant) == 0
    first.refresh_from_db()
    second.refresh_from_db()
    assert (first.send_state, second.send_state) == (SendState.SENT, SendState.NONE)
