"""The third lock: what gets past the query and past the scope, PostgreSQL itself refuses."""

from __future__ import annotations

import pytest
from django.core.management import call_command
from django.db import DatabaseError, IntegrityError, connection, transaction

from jetsync.models import LogEntry, Merchant
from jetsync.tenancy.context import across_merchants, merchant_scope
from jetsync.tenancy.policies import check_locks, lock_tables, tenant_tables, unlocked_tables
from tests.factories import make_merchant

pytestmark = pytest.mark.django_db
TABLE = "jetsync_logentry"


@pytest.fixture
def two(db) -> tuple[Merchant, Merchant]:
    """Two merchants with look-alike rows."""
    merchants = (make_merchant("Harrow & Finch"), make_merchant("Miller"))
    for merchant in merchants:
        with merchant_scope(merchant):
            LogEntry.objects.create(merchant=merchant, action="test.look_alike", message="Alike")
    return merchants


def raw_merchants() -> list[int]:
    """Read past the ORM, its managers and scopes."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT merchant_id FROM jetsync_logentry WHERE action = 'test.look_alike' ORDER BY 1")
        return [row[0] for row in cursor.fetchall()]


def test_every_tenant_table_is_locked_for_its_owner_too(db):
    assert len(tenant_tables()) > 30
    assert unlocked_tables() == []
    with connection.cursor() as cursor:
        cursor.execute("SELECT rolsuper OR rolbypassrls FROM pg_roles WHERE rolname = current_user")
        assert cursor.fetchone() == (False,)


def test_raw_sql_sees_the_rows_of_the_open_scope_only(two):
    first, second = two
    with across_merchants():
        assert raw_merchants() == sorted([first.pk, second.pk])
    with merchant_scope(first):
        assert raw_merchants() == [first.pk]
        with merchant_scope(second):
            assert raw_merchants() == [second.pk]
        assert raw_merchants() == [first.pk]
    assert raw_merchants() == []


def test_the_unguarded_manager_sees_nothing_without_a_scope(two):
    assert LogEntry._base_manager.count() == 0
    with merchant_scope(two[0]):
        assert {row.merchant_id for row in LogEntry._base_manager.filter(action="test.look_alike")} == {
            two[0].pk
        }


@pytest.mark.parametrize(
    "statement",
    [
        "UPDATE jetsync_logentry SET message = 'taken' WHERE merchant_id = %s",
        "DELETE FROM jetsync_logentry WHERE merchant_id = %s",
    ],
)
def test_rows_of_another_merchant_cannot_be_changed(two, statement):
    first, second = two
    with merchant_scope(first), connection.cursor() as cursor:
        cursor.execute(statement, [second.pk])
        assert cursor.rowcount == 0
    with merchant_scope(second):
        assert LogEntry.objects.get(action="test.look_alike").message == "Alike"


def test_a_row_cannot_be_given_to_another_merchant(two):
    first, second = two
    with merchant_scope(first), connection.cursor() as cursor:
        with pytest.raises(DatabaseError, match="row-level security"), transaction.atomic():
            cursor.execute("UPDATE jetsync_logentry SET merchant_id = %s", [second.pk])
        assert raw_merchants() == [first.pk]


def test_the_lock_follows_the_scope_through_rollbacks(two):
    """A rollback takes the setting of the session back to what it was before."""
    first, second = two
    with merchant_scope(first):
        assert raw_merchants() == [first.pk]
    with transaction.atomic(), merchant_scope(second):
        assert raw_merchants() == [second.pk]
        transaction.set_rollback(True)
    with merchant_scope(second):
        assert raw_merchants() == [second.pk]
    with pytest.raises(IntegrityError), transaction.atomic(), merchant_scope(first):
        Merchant.objects.create(name="Twice", slug=second.slug)
    with merchant_scope(second):
        assert raw_merchants() == [second.pk]


def test_a_streamed_read_keeps_to_its_merchant(two):
    with merchant_scope(two[1]):
        found = {row.merchant_id for row in LogEntry.objects.iterator(chunk_size=1)}
    assert found == {two[1].pk}


def test_a_table_without_its_policy_is_found_and_locked_again(db):
    with connection.cursor() as cursor:
        cursor.execute("DROP POLICY tenant ON jetsync_logentry")
        cursor.execute("ALTER TABLE jetsync_logentry NO FORCE ROW LEVEL SECURITY")
    (fault,) = check_locks(["default"])
    assert TABLE in fault.msg

    lock_tables()

    assert check_locks(["default"]) == []
    call_command("check", databases=["default"])
