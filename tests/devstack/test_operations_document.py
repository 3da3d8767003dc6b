"""What docs/operations.md tells an operator to type exists and works."""

from __future__ import annotations

import re

import pytest
from django.core.management import get_commands
from django.db import connection

from jetsync.devstack.parts import PROJECT

DOCUMENT = (PROJECT / "docs" / "operations.md").read_text(encoding="utf-8")
[QUERIES] = re.findall(r"```sql\n(.*?)```", DOCUMENT, re.DOTALL)


@pytest.mark.django_db
def test_queries_fit_the_tables() -> None:
    queries = [query for query in QUERIES.split(";") if query.strip()]
    assert len(queries) == 2

    with connection.cursor() as cursor:
        for query in queries:
            cursor.execute(query)
            assert cursor.fetchall() == []


def test_commands_exist() -> None:
    named = set(re.findall(r"manage\.py (\w+)", DOCUMENT))

    assert named == {"check", "migrate", "createsuperuser", "rotate_keys"}
    assert named <= set(get_commands())


def test_variables_exist() -> None:
    named = set(re.findall(r"`([A-Z]+(?:_[A-Z]+)+)[`=]", DOCUMENT))
    places = [PROJECT / ".env.example", PROJECT / "jetsync" / "devstack" / "runtime.py"]
    known = " ".join(place.read_text(encoding="utf-8") for place in places)

    assert {name for name in named if name not in known} == set()


def test_retention_is_told_as_it_is() -> None:
    from jetsync.actions import retention
    from jetsync.actions.webhook import DELIVERIES_FOR
    from jetsync.models import Options
    from orders.shipstation.calls import CALLS_FOR
    from repricer.actions.offers import KEEP_READINGS

    kept_days = Options._meta.get_field("calls_kept_days")
    assert f"call records {kept_days.default} days" in DOCUMENT
    assert f"choice, 7 to {retention.JOBS_FOR.days})" in DOCUMENT  # a call goes with its job
    assert f"mails {retention.MAILS_FOR.days} days" in DOCUMENT
    assert f"finished jobs {retention.JOBS_FOR.days} days" in DOCUMENT
    assert f"with\ntheir rows {retention.OPERATIONS_FOR.days} days" in DOCUMENT
    assert f"read notices and mails {retention.NOTICES_FOR.days} days" in DOCUMENT
    assert retention.MAILS_FOR == retention.NOTICES_FOR
    assert f"events of webhooks {DELIVERIES_FOR.days} days" in DOCUMENT
    assert DELIVERIES_FOR == CALLS_FOR
    assert f"readings of sales data {KEEP_READINGS.days} days" in DOCUMENT
