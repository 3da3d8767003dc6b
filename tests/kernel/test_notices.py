"""Notices under the bell: one open notice per key, which grows."""

from __future__ import annotations

from typing import Any

from django.db import connection

from jetsync.actions.log import mark_read, notify
from jetsync.models import Merchant, Notice


def numbers() -> list[tuple[str, int]]:
    return list(Notice.objects.order_by("pk").values_list("title", "count"))


def test_unread_notice_grows_and_a_read_one_is_left_alone(scoped: Merchant) -> None:
    notify(scoped, "orders", "1 new order")
    notify(scoped, "orders", "3 new orders", count=2)
    assert numbers() == [("3 new orders", 3)]
    assert mark_read(scoped) == 1
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
