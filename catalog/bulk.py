"""Many rows in one statement. Few travel as one JSON text that PostgreSQL unfolds, many by COPY: no per-row round trip.

Tenant rows only: every statement names the merchant, and the merchant must be the active one.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from functools import lru_cache
from typing import Any

from django.db import connection, transaction
from django.db.backends.utils import CursorWrapper
from django.db.models import Field, GeneratedField
from django.utils import timezone

from catalog.staging import encode, stage
from jetsync.models import Merchant
from jetsync.tenancy.context import active_merchant
from jetsync.tenancy.managers import ForeignTenantWrite, TenantModel

Row = Mapping[str, Any]
# For fewer rows the temporary table costs more than it saves.
COPIED_FROM = 200


def _check_merchant(merchant: Merchant) -> None:
    if active_merchant().pk != merchant.pk:
        raise ForeignTenantWrite(f"Rows of merchant {merchant.pk} written while another one is active.")


def _field(model: type[TenantModel], name: str) -> Field[Any, Any]:
    field = model._meta.get_field(name)
    if not isinstance(field, Field):
        raise TypeError(f"{model.__name__}.{name} is no column.")
    return field


@lru_cache(maxsize=256)
def _column_types(model: type[TenantModel], columns: tuple[str, ...]) -> str:
    """`"sku" varchar(100), ...`: the record that the JSON is read as, by field names."""
    parts = []
    for name in columns:
        field = _field(model, name)
        kind = str(field.rel_db_type(connection) if name == "id" else field.db_type(connection)).split(
            " GENERATED"
        )[0]
        parts.append(f'"{name}" {kind}')
    return ", ".join(parts)


def _column(model: type[TenantModel], name: str) -> str:
    return f'"{_field(model, name).column}"'


@lru_cache(maxsize=64)
def _fixed_columns(model: type[TenantModel], given: tuple[str, ...]) -> list[tuple[str, Any]]:
    """Columns that the rows do not carry, with the model's own defaults: Django keeps none in the database."""
    fixed = []
    for field in model._meta.concrete_fields:
        if field.primary_key or field.name in {*given, "merchant"} or isinstance(field, GeneratedField):
            continue
        is_stamp = getattr(field, "auto_now", False) or getattr(field, "auto_now_add", False)
        fixed.append((f'"{field.column}"', _STAMP if is_stamp else field.get_default()))
        if not is_stamp:
            fixed[-1] = (fixed[-1][0], field.get_db_prep_save(fixed[-1][1], connection))
    return fixed


_STAMP = object()


def _source(
    cursor: CursorWrapper, model: type[TenantModel], given: tuple[str, ...], rows: Sequence[Row]
) -> tuple[str, list[str]]:
    """What stands behind FROM for these rows, named s, with its parameters. Inside a transaction."""
    if len(rows) < COPIED_FROM:
        return f"json_to_recordset(%s::json) AS s({_column_types(model, given)})", [encode(list(rows))]
    columns = {name: _field(model, name) for name in given}
    table = stage(cursor, f"stage_{model._meta.db_table}", _whole_record(model), columns, rows)
    return f"{table} AS s", []


@lru_cache(maxsize=64)
def _whole_record(model: type[TenantModel]) -> str:
    names = [field.name for field in model._meta.concrete_fields if not isinstance(field, GeneratedField)]
    return _column_types(model, tuple(names))


def reserve_ids(model: type[TenantModel], count: int) -> list[int]:
    """Fresh primary keys, so that children can name parents before both are written."""
    if not count:
        return []
    with connection.cursor() as cursor:
        # The name of the sequence is looked up once, not once for every number.
        cursor.execute(
            "WITH ids AS MATERIALIZED (SELECT pg_get_serial_sequence(%s, 'id')::regclass AS name) "
            "SELECT nextval(ids.name) FROM ids, generate_series(1, %s)",
            [model._meta.db_table, count],
        )
        return [row[0] for row in cursor.fetchall()]


def insert_rows(
    model: type[TenantModel],
    merchant: Merchant,
    columns: Sequence[str],
    rows: Sequence[Row],
    *,
    skip_known: bool = False,
) -> int:
    """Inserts rows given as dicts of `columns` (relations by their field name, value = pk). Returns how many.

    `skip_known` leaves rows alone that meet a unique constraint.
    """
    if not rows:
        return 0
    _check_merchant(merchant)
    given = tuple(columns)
    fixed = _fixed_columns(model, given)
    names = ", ".join(
        [*(_column(model, name) for name in given), '"merchant_id"', *(name for name, _ in fixed)]
    )
    values = ", ".join([*(f's."{name}"' for name in given), "%s", *("%s" for _ in fixed)])
    now = timezone.now()
    params = [merchant.pk, *(now if value is _STAMP else value for _, value in fixed)]
    conflict = " ON CONFLICT DO NOTHING" if skip_known else ""
    with transaction.atomic(savepoint=False), connection.cursor() as cursor:
        source, more = _source(cursor, model, given, rows)
        cursor.execute(
            f'INSERT INTO "{model._meta.db_table}" ({names}) SELECT {values} FROM {source}{conflict}',  # noqa: S608 -- names come from models
            [*params, *more],
        )
        return int(cursor.rowcount)


def update_rows(
    model: type[TenantModel],
    merchant: Merchant,
    columns: Sequence[str],
    rows: Sequence[Row],
    *,
    touch: str = "",
) -> int:
    """Writes `columns` of the rows named by "id". `touch` names a column set to now. Returns how many were found."""
    if not rows:
        return 0
    _check_merchant(merchant)
    given = ("id", *columns)
    sets = [f'{_column(model, name)} = s."{name}"' for name in columns]
    params: list[Any] = []
    if touch:
        sets.append(f"{_column(model, touch)} = %s")
        params.append(timezone.now())
    with transaction.atomic(savepoint=False), connection.cursor() as cursor:
        source, more = _source(cursor, model, given, rows)
        cursor.execute(
            f'UPDATE "{model._meta.db_table}" AS t SET {", ".join(sets)} FROM {source} '  # noqa: S608 -- names come from models
            "WHERE t.id = s.id AND t.merchant_id = %s",
            [*params, *more, merchant.pk],
        )
        return int(cursor.rowcount)


def batches(values: Iterable[Any], size: int) -> Iterable[list[Any]]:
    batch: list[Any] = []
    for value in values:
        batch.append(value)
        if len(batch) >= size:
            yield batch
            batch = []
    if batch:
        yield batch
