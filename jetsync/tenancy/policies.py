"""The third lock: PostgreSQL's row-level security on every tenant table, also for the owner of the tables.

Policies are put in place after each migration, so that a new table cannot be without one.
"""

from __future__ import annotations

from typing import Any

from django.apps import apps
from django.core.checks import CheckMessage, Error, Tags, register
from django.db import DEFAULT_DB_ALIAS, connections

from jetsync.tenancy.backend.base import DatabaseWrapper
from jetsync.tenancy.managers import TenantModel

POLICY = "tenant"
# Sub-selects, so that the setting is read once per statement and not once per row.
_SEES = (
    "(SELECT current_setting('jetsync.merchant', true)) = '*' OR merchant_id = "
    "(SELECT nullif(nullif(current_setting('jetsync.merchant', true), ''), '*')::bigint)"
)


def tenant_tables() -> list[str]:
    return sorted(model._meta.db_table for model in apps.get_models() if issubclass(model, TenantModel))


def unlocked_tables(using: str = DEFAULT_DB_ALIAS) -> list[str]:
    """Tenant tables of this database that are there and not locked."""
    with connections[using].cursor() as cursor:
        cursor.execute(
            "SELECT c.relname FROM pg_class c WHERE c.relname = ANY(%s) AND c.relkind IN ('r', 'p')"
            " AND NOT (c.relrowsecurity AND c.relforcerowsecurity AND EXISTS"
            " (SELECT 1 FROM pg_policy p WHERE p.polrelid = c.oid AND p.polname = %s))",
            [tenant_tables(), POLICY],
        )
        return sorted(row[0] for row in cursor.fetchall())


def _connection(using: str) -> DatabaseWrapper:
    connection = connections[using]
    assert isinstance(connection, DatabaseWrapper)  # noqa: S101 -- settings name our backend
    return connection


def open_tables(using: str = DEFAULT_DB_ALIAS, **_rest: Any) -> None:
    """Receiver of `pre_migrate`: while migrations run, this connection sees all rows."""
    _connection(using).sees_everything = True


def lock_tables(using: str = DEFAULT_DB_ALIAS, **_rest: Any) -> None:
    """Receiver of `post_migrate`. Safe to repeat."""
    _connection(using).sees_everything = False
    tables = unlocked_tables(using)
    with connections[using].cursor() as cursor:
        for table in tables:
            cursor.execute(f'ALTER TABLE "{table}" ENABLE ROW LEVEL SECURITY')
            cursor.execute(f'ALTER TABLE "{table}" FORCE ROW LEVEL SECURITY')
            cursor.execute(f'DROP POLICY IF EXISTS {POLICY} ON "{table}"')
            cursor.execute(f'CREATE POLICY {POLICY} ON "{table}" USING ({_SEES}) WITH CHECK ({_SEES})')


@register(Tags.database)
def check_locks(databases: Any = None, **_rest: Any) -> list[CheckMessage]:
    """`manage.py check --database default`, and before each migration: is the third lock on this database closed?"""
    found: list[CheckMessage] = []
    for using in databases or ():
        with connections[using].cursor() as cursor:
            cursor.execute("SELECT rolsuper OR rolbypassrls FROM pg_roles WHERE rolname = current_user")
            (passes_by,) = cursor.fetchone()
        if passes_by:
            found.append(
                Error(
                    f"The role of database “{using}” passes by row-level security.",
                    hint="Use an ordinary role that owns the database: no superuser, no BYPASSRLS.",
                    id="jetsync.E001",
                )
            )
        found += [
            Error(
                f"Table {table} of database “{using}” is not locked by row-level security.",
                hint="Run manage.py migrate; it locks every tenant table.",
                id="jetsync.E002",
            )
            for table in unlocked_tables(using)
        ]
    return found
