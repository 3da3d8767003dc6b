"""Pieces that orders hold: given to one of two rivals, sent to Jet at once, and never held without being seen."""

from __future__ import annotations

import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import timedelta
from typing import Any

import pytest
from django.db import connection, transaction
from django.utils import timezone

from catalog.actions.deltas import PUSH_INVENTORY
from catalog.actions.stock import reserve
from catalog.models import NodeStock, Reservation, Variant
from catalog.queries.stock import variant_by_sku
from jetsync.models import JetAccount, Job, JobRequest, LogEntry, Merchant, Options
from jetsync.tenancy.actor import SYSTEM
from jetsync.tenancy.context import merchant_scope
from orders.actions.answer import SentAnswer, mark_answered, reject_order
from orders.actions.held import release_held
from orders.models import Order
from tests import factories
from tests.catalog.rows import make_product, make_variant, mark_listed, offered
from tests.orders import rows
from tests.orders.pages import page, text_of

pytestmark = pytest.mark.django_db


def pushes() -> int:
    """Jobs that send quantities, waiting or asked for."""
    return sum(model.objects.filter(kind=PUSH_INVENTORY).count() for model in (Job, JobRequest))


def forget_pushes() -> None:
    for model in (Job, JobRequest):
        model.objects.filter(kind=PUSH_INVENTORY).delete()


def kettle_of(merchant: Merchant) -> Variant | None:
    return variant_by_sku(merchant, "KETTLE-1")


@pytest.fixture
def last_piece(scoped: Merchant) -> JetAccount:
    """One kettle, listed at Jet; orders are answered at once."""
    account = factories.make_account(scoped)
    mark_listed(make_variant(scoped, make_product(scoped), sku="KETTLE-1", quantity=1))
    forget_pushes()
    return account


def wait_until_somebody_waits(seconds: float = 15) -> None:
    """Another connection of this database stands still before a lock."""
    until = time.monotonic() + seconds
    while time.monotonic() < until:
        with connection.cursor() as cursor:
            cursor.execute(
                "SELECT count(*) FROM pg_stat_activity WHERE datname = current_database() AND wait_event_type = 'Lock'"
            )
            if cursor.fetchone()[0]:
                return
        time.sleep(0.02)
    raise AssertionError("nobody waited")


@contextmanager
def imported_before(
    merchant: Merchant, account: JetAccount, *lines: dict[str, Any], is_kept: bool = True
) -> Iterator[None]:
    """On another connection an order is stored, and stands (or not) only once the import within waits for it."""
    stored, problems = threading.Event(), []

    def store() -> None:
        try:
            with merchant_scope(merchant), transaction.atomic():
                rows.make_order(merchant, account, *lines)
                stored.set()
                wait_until_somebody_waits()
                transaction.set_rollback(not is_kept)
        except BaseException as problem:  # noqa: BLE001 -- handed to the test below
            problems.append(problem)
        finally:
            stored.set()
            connection.close()

    thread = threading.Thread(target=store)
    thread.start()
    assert stored.wait(20)
    yield
    thread.join(20)
    assert problems == []


@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize("rival", ["commits", "rolls back"])
def test_last_piece_goes_to_one_of_two_orders_imported_at_once(
    scoped: Merchant, last_piece: JetAccount, rival: str
) -> None:
    """The second import waits for the first, and follows what became of it."""
    with imported_before(scoped, last_piece, is_kept=rival == "commits"):
        mine = rows.make_order(scoped, last_piece)

    mine.refresh_from_db()
    others = list(Order.objects.exclude(pk=mine.pk).values_list("planned_answer", flat=True))
    expected = ("", ["accepted"]) if rival == "commits" else ("accepted", [])
    assert (mine.planned_answer, others) == expected
    assert [row.quantity for row in Reservation.objects.filter(released_at=None)] == [1]


@pytest.mark.django_db(transaction=True)
def test_last_piece_goes_past_an_order_imported_at_once_that_cannot_be_delivered(
    scoped: Merchant, last_piece: JetAccount
) -> None:
    """The second waits until it is known that the first one cannot use the piece."""
    lines = rows.line("KETTLE-1"), rows.line("GHOST-1")
    with imported_before(scoped, last_piece, *lines):
        mine = rows.make_order(scoped, last_piece)

    blocked = Order.objects.exclude(pk=mine.pk).get()
    assert (mine.planned_answer, blocked.planned_answer, blocked.failure_reason) == (
        "accepted",
        "",
        "sku_unknown",
    )
    held = Reservation.objects.get(released_at=None)
    assert held.key == mine.lines.get().reservation_key


def test_import_lowers_the_quantity_at_jet_in_its_own_transaction(
    scoped: Merchant, last_piece: JetAccount, monkeypatch: pytest.MonkeyPatch
) -> None:
    kettle = kettle_of(scoped)

    def broken(*_args: object) -> None:
        raise ValueError("no bell")

    with monkeypatch.context() as patched:
        patched.setattr("orders.actions.importing.tell_new", broken)
        with pytest.raises(ValueError, match="no bell"):
            rows.make_order(scoped, last_piece)
    assert (pushes(), offered(kettle), Reservation.objects.count()) == (0, {"Hoboken": 1}, 0)

    rows.make_order(scoped, last_piece)
    assert (pushes(), offered(kettle)) == (1, {"Hoboken": 0})


def test_sale_of_the_last_piece_is_sent_although_edits_wait_for_sync(
    scoped: Merchant, last_piece: JetAccount
) -> None:
    Options.objects.update(sync_on_edit=False)
    rows.make_order(scoped, last_piece)
    assert pushes() == 1


def test_rejecting_gives_the_piece_back_to_jet(scoped: Merchant, last_piece: JetAccount) -> None:
    Options.objects.update(auto_acknowledge=False)
    order = rows.make_order(scoped, last_piece)
    forget_pushes()
    NodeStock.objects.update(quantity_sent=0)  # Jet was told
    reject_order(order, answer="rejected - other", items={}, actor=SYSTEM)
    mark_answered(scoped, order.pk, SentAnswer("rejected - other", {}))
    assert (pushes(), offered(kettle_of(scoped))) == (1, {"Hoboken": 1})


@pytest.fixture
def held(merchant: Merchant, account: JetAccount) -> dict[str, Order]:
    """Three orders that hold pieces: a fresh one, one of three weeks ago, one that has ended all the same."""
    with merchant_scope(merchant):
        orders = {
            name: rows.make_order(merchant, account, rows.line(quantity=2))
            for name in ("fresh", "old", "ended")
        }
        line = orders["old"].lines.get()
        Reservation.objects.filter(key=line.reservation_key).update(
            created_at=timezone.now() - timedelta(days=21)
        )
        Order.objects.filter(pk=orders["ended"].pk).update(state="complete")
    return orders


def test_list_of_held_stock_names_what_is_held_too_long_and_why(
    merchant: Merchant, held: dict[str, Order], client_for: Any, count_queries: Any
) -> None:
    with merchant_scope(merchant):
        kettle = kettle_of(merchant)
        reserve(merchant, kettle, node=None, quantity=1, key="by hand")
    client, address = client_for("owner"), page(merchant, "held-stock")
    every, late = text_of(client, address), text_of(client, f"{address}?held=long")
    assert all(str(order) in every for order in held.values())
    assert (str(held["fresh"]) in late, str(held["old"]) in late, str(held["ended"]) in late) == (
        False,
        True,
        True,
    )
    for why in ("Held for 21 days.", "Its order has ended."):
        assert why in late
    four = count_queries(client, address)
    with merchant_scope(merchant):
        release_held(merchant, Reservation.objects.values_list("pk", flat=True)[:2], actor=SYSTEM)
    assert count_queries(client, address) == four


def test_held_stock_without_rows_says_what_would_stand_here(
    merchant: Merchant, account: JetAccount, client_for: Any
) -> None:
    client, address = client_for("owner"), page(merchant, "held-stock")
    assert "No pieces are held" in text_of(client, address)


def test_held_pieces_are_given_back_after_a_page_that_says_what_follows(
    merchant: Merchant, held: dict[str, Order], client_for: Any
) -> None:
    client, address = client_for("owner"), page(merchant, "held-stock")
    with merchant_scope(merchant):
        pks = {
            name: Reservation.objects.get(key=order.lines.get().reservation_key).pk
            for name, order in held.items()
        }
    answer = client.post(address, {"bulk": "release", "ids": [pks["old"], pks["ended"]]})
    asked = text_of(client, answer["Location"])
    assert "1 of them belong to orders that are still open" in asked
    assert "KETTLE-1: 2 pieces" in asked
    said = client.post(answer["Location"], follow=True).content.decode()
    assert "Gave back the pieces of 2 held SKUs." in said
    with merchant_scope(merchant):
        assert [row.pk for row in Reservation.objects.filter(released_at=None)] == [pks["fresh"]]
        told = LogEntry.objects.filter(action="orders.order.pieces_released")
        assert {entry.object_id for entry in told} == {held["old"].pk, held["ended"].pk}
        assert release_held(merchant, list(pks.values()), actor=SYSTEM) == 1
        assert release_held(merchant, list(pks.values()), actor=SYSTEM) == 0


def test_held_pieces_of_another_merchant_stay(merchant: Merchant, held: dict[str, Order]) -> None:
    other = factories.make_merchant()
    with merchant_scope(merchant):
        pks = list(Reservation.objects.values_list("pk", flat=True))
    with merchant_scope(other):
        assert release_held(other, pks, actor=SYSTEM) == 0
    with merchant_scope(merchant):
        assert Reservation.objects.filter(released_at=None).count() == 3
