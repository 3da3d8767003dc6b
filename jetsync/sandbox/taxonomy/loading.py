"""Puts a taxonomy read from CSV into the database, replacing what was there."""

from __future__ import annotations

from pathlib import Path

from django.db import connection, transaction

from jetsync.sandbox.models.taxonomy import (
    Attribute,
    AttributeValue,
    Category,
    CategoryAttribute,
    TaxonomyVersion,
)
from jetsync.sandbox.taxonomy.reading import Taxonomy, read_folders

SMALL = Path(__file__).resolve().parent.parent / "taxonomy_small"
# Below SQLite's limit of bound values for the widest row here.
BATCH = 4_000


def ensure_taxonomy(folders: list[Path]) -> None:
    """Load the named folders unless they stand there already; without any, the small one into an empty table."""
    newest = TaxonomyVersion.objects.order_by("-pk").first()
    if not folders and newest is not None:
        return
    folders = folders or [SMALL]
    if newest is None or newest.source != _signature(folders):
        load_folders(folders)


def load_folders(folders: list[Path]) -> TaxonomyVersion:
    """Replace the taxonomy in one transaction. Raises TaxonomyUnreadable before anything is touched."""
    taxonomy = read_folders(folders)
    with transaction.atomic():
        _empty()
        _write(taxonomy)
        return TaxonomyVersion.objects.create(
            source=_signature(folders),
            categories=len(taxonomy.categories),
            attributes=len(taxonomy.attributes),
            values=len(taxonomy.values),
            links=len(taxonomy.links),
        )


def _empty() -> None:
    with connection.cursor() as cursor:
        for model in (Category, Attribute, AttributeValue, CategoryAttribute):
            cursor.execute(f'DELETE FROM "{model._meta.db_table}"')  # noqa: S608 -- names of our own tables


def _write(taxonomy: Taxonomy) -> None:
    Category.objects.bulk_create(
        (Category(**vars(row)) for row in taxonomy.categories.values()), batch_size=BATCH
    )
    Attribute.objects.bulk_create(
        (Attribute(**vars(row)) for row in taxonomy.attributes.values()), batch_size=BATCH
    )
    AttributeValue.objects.bulk_create(
        (AttributeValue(attribute_id=key, value=value, unit=unit) for key, value, unit in taxonomy.values),
        batch_size=BATCH,
    )
    CategoryAttribute.objects.bulk_create(
        (CategoryAttribute(node_id=node_id, attribute_id=key) for node_id, key in taxonomy.links),
        batch_size=BATCH,
    )


def _signature(folders: list[Path]) -> str:
    """Names the folders and the age of their newest file, to notice a changed set."""
    newest = max((path.stat().st_mtime for folder in folders for path in folder.glob("*.csv")), default=0)
    return f"{' + '.join(str(folder.resolve()) for folder in folders)} @{newest:.0f}"[:300]
