"""Tables and columns of the export. All that belongs to a merchant is in it, unless somebody gives a reason.

leave_out("catalog.CsvBefore", "Values before an import, kept for its undo.")
leave_out_columns("jetsync.Job", {"lease_token": "Tells our workers apart."})
add_files("catalog.CsvUpload", "file", name="original_name", what="As it was uploaded.")
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.db.models import Field, Model
from django.utils.text import get_valid_filename

from jetsync.fields import EncryptedTextField
from jetsync.models import Merchant
from jetsync.tenancy.belongings import owner_lookups, plural_of

UNREADABLE = "A secret: nobody can read it back, here neither."
ON_DISK = "The place of a file on our disk."
IN_ZIP = "The place of a file on our disk; the file itself is in the zip."
STORE = "The store itself, the same in every row."

_tables_left_out: dict[str, str] = {}
_columns_left_out: dict[str, dict[str, str]] = {}
_added: dict[str, dict[str, str]] = {}
_units: dict[str, dict[str, str]] = {}
_files: dict[str, list[Files]] = {}
# By the end of a column's name.
_UNITS = {
    "pounds": "pounds",
    "inches": "inches",
    "percent": "percent",
    "days": "days",
    "seconds": "seconds",
    "ms": "milliseconds",
}


def leave_out(label: str, reason: str) -> None:
    """A table (`app.Model`) that is no data of the merchant."""
    _tables_left_out[label] = reason


def leave_out_columns(label: str, reasons: dict[str, str]) -> None:
    _columns_left_out.setdefault(label, {}).update(reasons)


def add_columns(label: str, **lookups: str) -> None:
    """Columns read through a relation: heading -> lookup."""
    _added.setdefault(label, {}).update(lookups)


def name_units(label: str, **units: str) -> None:
    """Units of columns whose name and type do not tell."""
    _units.setdefault(label, {}).update(units)


def add_files(label: str, field: str, *, name: str, what: str, ending: str = "") -> None:
    """The files of a FileField. `name`: the column with what people call such a file, `ending` what is put behind it."""
    _files.setdefault(label, []).append(Files(field, name, what, ending))


@dataclass(frozen=True)
class Files:
    """Files that belong to rows of a table; see `add_files`."""

    field: str
    name: str
    what: str
    ending: str

    def path_in(self, folder: str, pk: int, name: str) -> str:
        """Where one stands in the zip; a given name never leaves the folder."""
        return f"{folder}/{get_valid_filename(f'{pk}-{name}')}{self.ending}"


@dataclass(frozen=True)
class Column:
    """`heading` stands in the file, `lookup` is what is read."""

    heading: str
    lookup: str
    field: Field[Any, Any]
    unit: str

    @property
    def is_structured(self) -> bool:
        return isinstance(self.field, models.JSONField | ArrayField)


@dataclass(frozen=True, eq=False)
class Table:
    """`owner`: the lookup that leads from a row to its merchant."""

    model: type[Model]
    owner: str
    columns: tuple[Column, ...]
    left_out: dict[str, str]
    files: tuple[Files, ...] = ()

    @property
    def folder(self) -> str:
        """Where its files stand in the zip."""
        return f"{self.path.removesuffix('.csv')}_files"

    @property
    def path(self) -> str:
        """Its file in the zip."""
        return path_of(self.model)

    @property
    def title(self) -> str:
        name = plural_of(self.model)
        return name[:1].upper() + name[1:]

    @property
    def has_wide_rows(self) -> bool:
        """Structured or long texts: fewer rows are held at once."""
        return any(
            column.is_structured or isinstance(column.field, models.TextField) for column in self.columns
        )


def path_of(model: type[Model]) -> str:
    return f"{model._meta.app_label}/{model._meta.model_name}.csv"


def exported_tables() -> list[Table]:
    """In the order of their files. The store's own row comes first."""
    owned: dict[type[Model], str] = {Merchant: "pk", **owner_lookups()}
    tables = [
        _table(model, owner) for model, owner in owned.items() if model._meta.label not in _tables_left_out
    ]
    return [tables[0], *sorted(tables[1:], key=lambda table: table.path)]


def tables_left_out() -> list[tuple[str, str]]:
    """(title, reason), only of tables that there are."""
    known = {model._meta.label: model for model in owner_lookups()}
    return [
        (plural_of(known[label]), reason)
        for label, reason in sorted(_tables_left_out.items())
        if label in known
    ]


def _table(model: type[Model], owner: str) -> Table:
    label = model._meta.label
    files = tuple(_files.get(label, ()))
    reasons = {file.field: IN_ZIP for file in files} | _columns_left_out.get(label, {})
    left_out = {
        field.attname: reason
        for field in model._meta.concrete_fields
        if (reason := reasons.get(field.attname) or _why_not(field))
    }
    columns = [
        Column(field.attname, field.attname, field, _unit_of(label, field))
        for field in model._meta.concrete_fields
        if field.attname not in left_out
    ]
    columns += [
        Column(heading, lookup, _field_at(model, lookup), "")
        for heading, lookup in _added.get(label, {}).items()
    ]
    return Table(model, owner, tuple(columns), left_out, files)


def _field_at(model: type[Model], lookup: str) -> Field[Any, Any]:
    field: Any = None
    for name in lookup.split("__"):
        field = (field.related_model if field is not None else model)._meta.get_field(name)
    found: Field[Any, Any] = field
    return found


def _why_not(field: Field[Any, Any]) -> str:
    if isinstance(field, EncryptedTextField):
        return UNREADABLE
    if isinstance(field, models.FileField):
        return ON_DISK
    return STORE if field.related_model is Merchant else ""


def _unit_of(label: str, field: Field[Any, Any]) -> str:
    if known := _units.get(label, {}).get(field.attname):
        return known
    if isinstance(field, models.DateTimeField):
        return "UTC"
    ending = field.attname.rpartition("_")[2]
    if ending in _UNITS and not isinstance(field, models.CharField | models.TextField):
        return _UNITS[ending]
    return "USD" if isinstance(field, models.DecimalField) else ""


def words_of(column: Column) -> Iterable[tuple[str, str]]:
    """The closed list of values, each with what the panel calls it."""
    return [(str(value), str(label)) for value, label in column.field.flatchoices if str(value)]
