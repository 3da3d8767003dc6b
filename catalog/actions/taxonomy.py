"""Versions of Jet's taxonomy: stored, put to use, deleted. Older versions stay; one is in use.

A version without an owner is shared and imported by staff. A merchant's own version, while in use, wins for him alone.
"""

from __future__ import annotations

import csv
import io
from collections.abc import Iterable
from pathlib import Path
from typing import Any

from django.db import connection, models, transaction

from catalog.actions.refresh import ask_refresh
from catalog.models import (
    JetAttribute,
    JetAttributeValue,
    JetCategory,
    JetCategoryAttribute,
    Product,
    TaxonomyVersion,
)
from catalog.queries.taxonomy import current_version
from catalog.queries.taxonomy_diff import count_changes
from catalog.taxonomy_files import TaxonomyFiles, find_sources, read_taxonomy
from jetsync.actions.log import record
from jetsync.exceptions import InvalidInput, NotFound, StateConflict
from jetsync.models import Merchant
from jetsync.tenancy.actor import Actor
from jetsync.tenancy.context import merchant_scope

NAME_LENGTH = 80
_TABLES: tuple[tuple[type[models.Model], tuple[str, ...]], ...] = (
    (JetCategory, ("node_id", "name", "path", "parent_id", "level", "is_active", "tax_code")),
    (JetAttribute, ("attribute_id", "name", "description", "free_text", "is_variant")),
    (JetAttributeValue, ("attribute_id", "value", "unit")),
    (JetCategoryAttribute, ("node_id", "attribute_id")),
)


def import_taxonomy(
    folder: Path, name: str, *, make_current: bool = True, owner: Merchant | None = None
) -> TaxonomyVersion:
    """Reads the four files of `folder` and stores them as a version of this name, all or nothing.

    Without `owner` the version is shared. Raises InvalidInput when a file cannot be read or the name is taken.
    Readiness of stored products is not recomputed here: see `refresh_everyone`.
    """
    clean = check_name(name, owner)
    found = read_taxonomy(find_sources(folder))
    return store_version(found, clean, owner=owner, source=str(folder), make_current=make_current)


def check_name(name: str, owner: Merchant | None) -> str:
    """The name as it will be stored. Raises InvalidInput when it is empty, too long or taken."""
    clean = " ".join(name.split())
    message = ""
    if not clean:
        message = "The version needs a name."
    elif len(clean) > NAME_LENGTH:
        message = f"The name has {len(clean)} characters, at most {NAME_LENGTH} fit."
    elif TaxonomyVersion.objects.filter(owner=owner, name=clean).exists():
        message = f"A taxonomy version named “{clean}” exists already."
    if message:
        raise InvalidInput(message, hint="Choose another name.", fields={"name": [message]})
    return clean


@transaction.atomic
def store_version(
    found: TaxonomyFiles, name: str, *, owner: Merchant | None, source: str, make_current: bool
) -> TaxonomyVersion:
    """Writes what was read by COPY, with what is other than in the version that was in use. Raises InvalidInput
    when there is nothing to store.
    """
    if not found.categories:
        raise InvalidInput("No category could be read.", hint="See why its rows were left out.")
    before = current_version(owner)
    version = TaxonomyVersion.objects.create(
        owner=owner,
        name=name,
        source=source[-200:],
        categories=len(found.categories),
        attributes=len(found.attributes),
        attribute_values=len(found.values),
        links=len(found.links),
        dropped=dict(found.dropped),
    )
    _copy_all(version, found)
    version.diff = count_changes(before, version)
    version.save(update_fields=["diff"])
    if make_current:
        use_version(version)
    return version


@transaction.atomic
def use_version(version: TaxonomyVersion) -> None:
    """Makes this the version that pickers, checks and mappings use: of everybody, or of its owner."""
    rivals = TaxonomyVersion.objects.filter(owner=version.owner_id)
    known = rivals.select_for_update(of=("self",)).order_by("pk").values_list("pk", flat=True)
    if version.pk not in list(known):
        raise NotFound(f"“{version.name}” was deleted meanwhile.", hint="Choose another version.")
    rivals.filter(is_current=True).exclude(pk=version.pk).update(is_current=False)
    version.is_current = True
    version.save(update_fields=["is_current"])


def use_shared(version: TaxonomyVersion) -> None:
    """Staff put a shared version to use; every merchant's products are recomputed."""
    if version.owner_id is not None:
        raise StateConflict(
            f"“{version.name}” belongs to one merchant.", hint="Only he can put it to use, for himself."
        )
    use_version(version)
    refresh_everyone()


def refresh_everyone() -> None:
    """Asks for a recomputation of all products after the shared version has changed."""
    for merchant in Merchant.objects.order_by("pk").iterator():
        with merchant_scope(merchant):
            ask_refresh(merchant)


@transaction.atomic
def choose_version(merchant: Merchant, version: TaxonomyVersion, *, actor: Actor) -> TaxonomyVersion:
    """The merchant puts one of the versions he may use to use, for himself; his products are recomputed.

    Choosing the shared version that is in use ends the use of an own one. An older shared version is kept for him
    as an own copy, because what is shared may be deleted by staff. Returns the version that is in use now.
    """
    now = current_version(merchant)
    if now is not None and now.pk == version.pk:
        raise StateConflict(f"“{version.name}” is in use already.")
    if version.owner_id is None and version.is_current:
        TaxonomyVersion.objects.filter(owner=merchant, is_current=True).update(is_current=False)
        chosen = version
    else:
        chosen = version if version.owner_id else _keep_copy(merchant, version)
        use_version(chosen)
    record(
        merchant,
        "catalog.taxonomy.chosen",
        f"Jet taxonomy “{chosen.name}” is in use now",
        actor=actor,
        old={"version": now.name if now else None},
        new={"version": chosen.name},
    )
    ask_refresh(merchant)
    return chosen


@transaction.atomic
def delete_version(merchant: Merchant, version: TaxonomyVersion, *, actor: Actor) -> None:
    """Deletes an own version that is not in use. Raises StateConflict for any other."""
    if version.owner_id != merchant.pk:
        raise StateConflict(f"“{version.name}” is shared; only staff can delete it.")
    rows = TaxonomyVersion.objects.select_for_update(of=("self",)).filter(owner=merchant)
    locked = rows.filter(pk=version.pk).first()
    if locked is None:
        raise NotFound(f"“{version.name}” was deleted meanwhile.", hint="Go back to the list.")
    if locked.is_current:
        raise StateConflict(f"“{version.name}” is in use.", hint="Put another version to use first.")
    record(merchant, "catalog.taxonomy.deleted", f"Jet taxonomy “{version.name}” was deleted", actor=actor)
    for model, _columns in _TABLES:
        model._default_manager.filter(version=version).delete()
    version.delete()


def affected_products(merchant: Merchant) -> int:
    """How many products a change of the taxonomy is applied to."""
    return Product.objects.filter(merchant=merchant).count()


def _keep_copy(merchant: Merchant, version: TaxonomyVersion) -> TaxonomyVersion:
    name = version.name
    if TaxonomyVersion.objects.filter(owner=merchant, name=name).exists():
        raise InvalidInput(
            f"You have a version named “{name}” of your own.", hint="Put that one to use, or delete it first."
        )
    copy = TaxonomyVersion.objects.create(
        owner=merchant,
        name=name,
        source=f"Copy of the shared version “{name}”"[:200],
        categories=version.categories,
        attributes=version.attributes,
        attribute_values=version.attribute_values,
        links=version.links,
        dropped=version.dropped,
    )
    with connection.cursor() as cursor:
        for model, columns in _TABLES:
            table, names = model._meta.db_table, ", ".join(_columns_of(model, columns))
            cursor.execute(
                f'INSERT INTO "{table}" (version_id, {names}) '  # noqa: S608 -- names come from models
                f'SELECT %s, {names} FROM "{table}" WHERE version_id = %s',
                [copy.pk, version.pk],
            )
    copy.diff = count_changes(current_version(merchant), copy)
    copy.save(update_fields=["diff"])
    return copy


def _columns_of(model: type[models.Model], names: Iterable[str]) -> list[str]:
    known = {field.name: field.column for field in model._meta.concrete_fields}
    return [f'"{known[name]}"' for name in names]


def _copy_all(version: TaxonomyVersion, found: TaxonomyFiles) -> None:
    pk = version.pk
    rows: tuple[Iterable[tuple[Any, ...]], ...] = (
        (
            (pk, c.node_id, c.name, c.path, c.parent_id, c.level, "t" if c.is_active else "f", c.tax_code)
            for c in found.categories.values()
        ),
        (
            (pk, a.attribute_id, a.name, a.description, a.free_text, "t" if a.is_variant else "f")
            for a in found.attributes.values()
        ),
        ((pk, *row) for row in found.values),
        ((pk, *row) for row in sorted(found.links)),
    )
    for (model, columns), source in zip(_TABLES, rows, strict=True):
        copy_rows(model, ("version", *columns), source)


def copy_rows(model: type[models.Model], columns: Iterable[str], rows: Iterable[tuple[Any, ...]]) -> None:
    """COPY into the model's table. Every cell is quoted, so that empty text stays empty and is not read as NULL."""
    text = io.StringIO()
    csv.writer(text, quoting=csv.QUOTE_ALL).writerows(rows)
    text.seek(0)
    names = ", ".join(_columns_of(model, columns))
    with connection.cursor() as cursor:
        cursor.copy_expert(f'COPY "{model._meta.db_table}" ({names}) FROM STDIN WITH (FORMAT csv)', text)
