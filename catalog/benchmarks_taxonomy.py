"""How long an import of Jet's taxonomy takes beside the barest way of getting the same rows into the same tables."""

from __future__ import annotations

import csv
import io
import secrets
from pathlib import Path
from typing import Any

from django.db import connection

from catalog.actions.taxonomy import import_taxonomy
from catalog.models import (
    JetAttribute,
    JetAttributeValue,
    JetCategory,
    JetCategoryAttribute,
    TaxonomyVersion,
)
from catalog.taxonomy_files import KINDS, find_sources
from jetsync.benchmarks.measure import best_of
from jetsync.models import Merchant
from jetsync.tenancy.context import merchant_scope

ROUNDS = 3
LIMIT = 5.0
_MODELS = (JetCategory, JetAttribute, JetAttributeValue, JetCategoryAttribute)


def bench_taxonomy(folder: Path) -> dict[str, Any]:
    """Imports the files of `folder` and copies the same rows bare, in turns; nothing of it is left behind.

    `bare_seconds`: COPY of the stored rows, already as text, into empty tables of the same shape and indexes.
    `ratio` is import by bare. `rows_in_files` counts what was read, `rows` what was stored.
    """
    merchant = Merchant.objects.create(name="Benchmark", slug=f"bench-{secrets.token_hex(4)}")
    with merchant_scope(merchant):
        sample = import_taxonomy(folder, "Sample", owner=merchant)
        texts = [_as_text(model, sample) for model in _MODELS]
        with connection.cursor() as cursor:
            for model in _MODELS:
                table = model._meta.db_table
                cursor.execute(f'CREATE TEMP TABLE "bench_{table}" (LIKE "{table}" INCLUDING ALL)')

        def whole() -> None:
            import_taxonomy(folder, secrets.token_hex(8), owner=merchant)

        def bare() -> None:
            with connection.cursor() as cursor:
                for model, text in zip(_MODELS, texts, strict=True):
                    table = f"bench_{model._meta.db_table}"
                    cursor.execute(f'TRUNCATE "{table}"')
                    text.seek(0)
                    cursor.copy_expert(f'COPY "{table}" FROM STDIN WITH (FORMAT csv)', text)

        seconds = best_of(ROUNDS, {"import": whole, "bare": bare})
        stored = sum(model._default_manager.filter(version=sample).count() for model in _MODELS)
        _tidy_up(merchant)
    in_files = sum(source.data.count(b"\n") - 1 for source in find_sources(folder).values())
    return {
        "rows_in_files": in_files,
        "rows": stored,
        "files": len(KINDS),
        "bare_seconds": round(seconds["bare"], 3),
        "import_seconds": round(seconds["import"], 3),
        "ratio": round(seconds["import"] / seconds["bare"], 2),
        "limit": LIMIT,
    }


def _as_text(model: Any, version: TaxonomyVersion) -> io.StringIO:
    text = io.StringIO()
    rows = model._default_manager.filter(version=version).values_list(
        *(field.attname for field in model._meta.concrete_fields)
    )
    writer = csv.writer(text, quoting=csv.QUOTE_ALL)
    writer.writerows(["t" if cell is True else "f" if cell is False else cell for cell in row] for row in rows)
    return text


def _tidy_up(merchant: Merchant) -> None:
    for model in _MODELS:
        model._default_manager.filter(version__owner=merchant).delete()
        with connection.cursor() as cursor:
            cursor.execute(f'DROP TABLE "bench_{model._meta.db_table}"')
    merchant.delete()
