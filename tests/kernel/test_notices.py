"""Notices under the bell: one open notice per key, which grows."""

from __future__ import annotations

from typing import Any

from django.db import connection

from jetsync.actions.log import end_notice, mark_read, notify
from jetsync.models import Merchant, Notice, NoticeRead
from jetsync.queries.notices import unread_for
from jetsync.tenancy.actor import member_actor
from jetsync.tenancy.pages import right_of_page
from jetsync.tenancy.rights import Right, rights_of
from tests.factories import make_member


def numbers() -> list[tuple[str, int]]:
    return list(Notice.objects.order_by("pk").values_list("title", "count"))


def test_unread_notice_grows_and_a_read_one_is_left_alone(scoped: Merchant) -> None:
    owner = member_actor(make_member(scoped, "owner"), rights_of("owner"))
    notify(scoped, "orders", "1 new order")
    notify(scoped, "orders", "3 new orders", count=2)
    assert numbers() == [("3 new orders", 3)]
    assert mark_read(scoped, owner) == 1
    assert mark_read(scoped, owner) == 0
    notify(scoped, "orders", "1 new order")
    assert numbers() == [("3 new orders", 3), ("1 new order", 1)]


def test_notice_of_a_rival_made_meanwhile_grows(scoped: Merchant) -> None:
    """Both found none open; the rival's was made first."""
    pending = [1]

    def rival_first(execute: Any, sql: str, *call: Any) -> Any:
        if sql.startswith("SELECT") and "jetsync_notice" in sql and pending:
            pending.pop()
            Notice.objects.create(merchant=scoped, key="orders", title="1 new order", count=1)
        return execute(sql, *call)

    with connection.execute_wrapper(rival_first):
        notify(scoped, "orders", "2 new orders", count=2)
    assert numbers() == [("2 new orders", 3)]


def test_notice_of_something_over_is_unread_for_nobody(scoped: Merchant) -> None:
    owner = member_actor(make_member(scoped, "owner"), rights_of("owner"))
    notify(scoped, "waiting.1", "A refund waits for a second person")
    assert unread_for(scoped, owner).count() == 1
    end_notice(scoped, "waiting.1")
    assert unread_for(scoped, owner).count() == 0
    assert not NoticeRead.objects.exists()
    notify(scoped, "waiting.1", "It waits again")
    assert unread_for(scoped, owner).count() == 1


def test_notice_asks_for_the_right_of_the_page_it_leads_to() -> None:
    assert right_of_page("/m/some-shop/orders/?view=ready") == Right.ORDERS_VIEW
    assert right_of_page("/m/some-shop/settings/options/#money") == Right.SETTINGS_VIEW
    assert right_of_page("/m/some-shop/refunds/") == Right.REFUNDS_VIEW
    assert right_of_page("https://elsewhere.example/orders/") == Right.HOME_VIEW
    assert right_of_page("") == Right.HOME_VIEW
