"""Importing a version of Jet's taxonomy. Older versions stay; one is in use."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterable
from pathlib import Path
from typing import Any

from django.db import connection, models, transaction

from catalog.models import (
    JetAttribute,
    JetAttributeValue,
    JetCategory,
    JetCategoryAttribute,
    TaxonomyVersion,
)
from catalog.taxonomy_files import TaxonomyFiles, read_taxonomy
from jetsync.exceptions import InvalidInput


def import_taxonomy(folder: Path, name: str, *, make_current: bool = True) -> TaxonomyVersion:
    """Reads the four files of `folder` and stores them as a version of this name, by COPY, all or nothing.

    Raises InvalidInput when a file cannot be read or the name is taken. Readiness of stored products is not
    recomputed here: enqueue `catalog.refresh` for each merchant (the command does).
    """
    if TaxonomyVersion.objects.filter(name=name).exists():
        raise InvalidInput(f"A taxonomy version named “{name}” exists already.", hint="Choose another name.")
    found = read_taxonomy(folder)
    if not found.categories:
        raise InvalidInput(f"No category of {folder} could be read.")
    with transaction.atomic():
        version = TaxonomyVersion.objects.create(
            name=name,
            source=str(folder)[-200:],
            categories=len(found.categories),
            attributes=len(found.attributes),
            attribute_values=len(found.values),
            links=len(found.links),
            dropped=dict(found.dropped),
        )
        _copy_all(version, found)
        if make_current:
            use_version(version)
    return version


@transaction.atomic
def use_version(version: TaxonomyVersion) -> None:
    """Makes this the version that pickers, checks and mappings use."""
    TaxonomyVersion.objects.filter(is_current=True).exclude(pk=version.pk).update(is_current=False)
    version.is_current = True
    version.save(update_fields=["is_current"])


def _copy_all(version: TaxonomyVersion, found: TaxonomyFiles) -> None:
    pk = version.pk
    _copy(
        JetCategory,
        ("version", "node_id", "name", "path", "parent_id", "level", "is_active", "tax_code"),
        (
            (pk, c.node_id, c.name, c.path, c.parent_id, c.level, "t" if c.is_active else "f", c.tax_code)
            for c in found.categories.values()
        ),
    )
    _copy(
        JetAttribute,
        ("version", "attribute_id", "name", "description", "free_text", "is_variant"),
        (
            (pk, a.attribute_id, a.name, a.description, a.free_text, "t" if a.is_variant else "f")
            for a in found.attributes.values()
        ),
    )
    _copy(
        JetAttributeValue, ("version", "attribute_id", "value", "unit"), ((pk, *row) for row in found.values)
    )
    _copy(
        JetCategoryAttribute,
        ("version", "node_id", "attribute_id"),
        ((pk, *row) for row in sorted(found.links)),
    )


def _copy(model: type[models.Model], columns: tuple[str, ...], rows: Iterable[tuple[Any, ...]]) -> None:
    """Every cell is quoted, so that empty text stays empty text and is not read as NULL."""
    text = io.StringIO()
    csv.writer(text, quoting=csv.QUOTE_ALL).writerows(rows)
    text.seek(0)
    known = {field.name: field.column for field in model._meta.concrete_fields}
    names = ", ".join(f'"{known[name]}"' for name in columns)
    with connection.cursor() as cursor:
        cursor.copy_expert(f'COPY "{model._meta.db_table}" ({names}) FROM STDIN WITH (FORMAT csv)', text)
