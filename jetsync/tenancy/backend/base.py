"""Tells PostgreSQL which merchant's rows this connection may see, before every statement that needs it.

The policies of `jetsync.tenancy.policies` compare each row's merchant with the setting `jetsync.merchant`: a merchant's
id, `*` for work across merchants, or nothing. The setting follows the scope that is open in Python. It is made for the
session, and a rollback takes it back, so it is made again after each of those; nothing relies on it surviving.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from django.conf import settings
from django.db.backends.postgresql import base
from django_scopes import get_scope

from jetsync.tenancy.backend.operations import DatabaseOperations

EVERYTHING = "*"
NOTHING = ""
FIRST_WITH_TRANSACTION_TIMEOUT = 170_000


def wanted_rows() -> str:
    """What the open scope allows: a merchant's id, `*` where scopes are disabled, or nothing."""
    scope = get_scope()
    if not scope.get("_enabled", True):
        return EVERYTHING
    merchant = scope.get("merchant")
    return NOTHING if merchant is None else str(merchant.pk)


class DatabaseWrapper(base.DatabaseWrapper):
    ops_class = DatabaseOperations

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self._told: str | None = None
        self._is_rolling_back = False
        # Migrations move rows of all merchants, with models that know no scope.
        self.sees_everything = False
        self.execute_wrappers.append(self._tell)

    def get_new_connection(self, conn_params: dict[str, Any]) -> Any:
        self._told = None
        return super().get_new_connection(conn_params)

    def init_connection_state(self) -> None:
        """Adds the bounds of this process (settings.DATABASE_BOUNDS): nobody's transaction may hold up the others."""
        super().init_connection_state()
        bounds = dict(settings.DATABASE_BOUNDS)
        if self.pg_version < FIRST_WITH_TRANSACTION_TIMEOUT:
            bounds.pop("transaction_timeout", None)
        if bounds:
            with self.wrap_database_errors, self.connection.cursor() as cursor:
                for name, value in bounds.items():
                    cursor.execute("SELECT set_config(%s, %s, false)", [name, value])

    def _rollback(self) -> None:
        self._told = None
        super()._rollback()  # type: ignore[misc]  # not in the stubs

    def _savepoint_rollback(self, sid: str) -> None:
        # In a failed transaction PostgreSQL takes nothing but the rollback itself.
        self._is_rolling_back = True
        try:
            super()._savepoint_rollback(sid)  # type: ignore[misc]  # as above
        finally:
            self._is_rolling_back, self._told = False, None

    def _tell(
        self,
        execute: Callable[..., Any],
        sql: str,
        params: Any,
        many: bool,  # noqa: FBT001 -- Django's signature
        context: dict[str, Any],
    ) -> Any:
        wanted = EVERYTHING if self.sees_everything else wanted_rows()
        if wanted != self._told and not self.needs_rollback and not self._is_rolling_back:
            with self.wrap_database_errors, self.connection.cursor() as cursor:
                cursor.execute("SELECT set_config('jetsync.merchant', %s, false)", [wanted])
            self._told = wanted
        return execute(sql, params, many, context)
