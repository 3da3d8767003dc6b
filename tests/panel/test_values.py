"""Stored values in words, and links from the log and from operations to what they name."""

from __future__ import annotations

from datetime import UTC, date, datetime
from decimal import Decimal

import pytest

from jetsync.actions.log import record
from jetsync.actions.operation import RowSpec, start_operation
from jetsync.models import LogEntry
from jetsync.panel.about import about_urls
from jetsync.panel.details import changes_of, timeline_for
from jetsync.panel.values import NOTHING_WORD, change_words, in_words
from jetsync.tenancy.actor import SYSTEM, Actor
from tests.catalog.rows import make_product, make_variant


@pytest.mark.parametrize(
    ("value", "name", "words"),
    [
        (None, "", NOTHING_WORD),
        ("", "", NOTHING_WORD),
        ([], "", NOTHING_WORD),
        ({}, "", NOTHING_WORD),
        (True, "", "yes"),
        (False, "agree_to_return_charge", "no"),
        (3, "quantity", "3"),
        (["a", "b"], "", "a, b"),
        ({"CAI-TNT-2": "fulfillable", "CUP-2": None}, "", "CAI-TNT-2: fulfillable, CUP-2: \u2013"),
        ({"price": "9.50", "is_sold": True}, "", "price: $9.50, is_sold: yes"),
        ("1249.90", "refund", "$1,249.90"),
        (24.5, "base_price", "$24.50"),
        (Decimal("-4.00"), "amount", "-$4.00"),
        ("1249.90", "version", "1249.90"),
        ("2026-11-21", "sold_from", "Nov 21, 2026"),
        (date(2026, 11, 21), "", "Nov 21, 2026"),
        ("2026-11-21T12:30:00+00:00", "", "Nov 21, 2026, 7:30 AM"),
        (datetime(2026, 11, 21, 12, 30, tzinfo=UTC), "", "Nov 21, 2026, 7:30 AM"),
        ("2026-99-99", "", "2026-99-99"),
        ("acknowledged", "state", "acknowledged"),
    ],
)
def test_value_is_worded_for_people(scoped, value: object, name: str, words: str) -> None:
    assert in_words(value, name=name) == words


def test_changes_say_what_became_of_what() -> None:
    row = LogEntry(
        old={"is_paused": False, "same": 1, "gone": "x"},
        new={"is_paused": True, "same": 1, "key": "order-line-16", "items": {"CAI-TNT-2": "fulfillable"}},
    )

    assert [change_words(*change) for change in changes_of(row)] == [
        "paused: no → yes",
        "gone: x → \u2013",
        "items: CAI-TNT-2: fulfillable",
    ]


def test_log_and_operation_link_what_they_name(client, client_for, merchant, at, scoped) -> None:
    variant = make_variant(merchant, make_product(merchant), sku="HF-7")
    record(merchant, "catalog.variant.changed", "Changed", actor=SYSTEM, about=variant, new={"quantity": 2})
    rows = [
        RowSpec("catalog.listing", variant.listing.pk, "HF-7"),
        RowSpec("catalog.listing", variant.listing.pk + 999, "HF-8"),
        RowSpec("test.thing", 1, "HF-9"),
    ]
    operation = start_operation(merchant, "test.upload", "Upload things", actor=SYSTEM, rows=rows)
    page = f"{at('catalog:product-detail', pk=variant.product_id)}?variant={variant.pk}"

    assert f'<a href="{page}">HF-7</a>' in client.get(at("panel:log-list")).content.decode()
    shown = client.get(at("panel:operation-detail", pk=operation.pk)).content.decode()
    assert shown.count(f'<a class="row-link" href="{page}">') == 1
    assert "HF-8" in shown
    assert timeline_for(merchant, "catalog.variant", variant.pk)[0].changes == [
        ("quantity", NOTHING_WORD, "2")
    ]


def test_without_the_right_to_the_page_nothing_is_linked(merchant, scoped) -> None:
    row = LogEntry(object_type="orders.order", object_id=7)

    assert about_urls(merchant, Actor(label="nobody"), [row]) == {}
    assert about_urls(merchant, SYSTEM, [row]) == {("orders.order", 7): f"/m/{merchant.slug}/orders/7/"}
