"""How long an import of Jet's taxonomy takes beside the barest way of getting the same rows into the same tables."""

from __future__ import annotations

import csv
import io
import secrets
from pathlib import Path
from typing import Any

from django.db import connection, transaction

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

    `bare_seconds`: COPY of the stored rows, text ready in memory, into the same tables with their indexes and keys.
    `ratio` is import by bare. `rows_in_files` counts what was read, `rows` what was stored.
    """
    merchant = Merchant.objects.create(name="Benchmark", slug=f"bench-{secrets.token_hex(4)}")
    with merchant_scope(merchant):
        sample = import_taxonomy(folder, "Sample", owner=merchant)
        stored = sum(model._default_manager.filter(version=sample).count() for model in _MODELS)
        # Made before the clock runs, one set of texts per round.
        targets = [_empty_version(merchant, number) for number in range(ROUNDS)]
        rounds = [[_as_text(model, sample, target) for model in _MODELS] for target in targets]

        def whole() -> None:
            import_taxonomy(folder, secrets.token_hex(8), owner=merchant)

        def bare() -> None:
            texts = rounds.pop()
            with transaction.atomic(), connection.cursor() as cursor:
                for model, text in zip(_MODELS, texts, strict=True):
                    names = ", ".join(f'"{column}"' for column in _columns(model))
                    table = model._meta.db_table
                    cursor.copy_expert(f'COPY "{table}" ({names}) FROM STDIN WITH (FORMAT csv)', text)

        seconds = best_of(ROUNDS, {"import": whole, "bare": bare})
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


def _empty_version(merchant: Merchant, number: int) -> TaxonomyVersion:
    return TaxonomyVersion.objects.create(owner=merchant, name=f"Bare {number}")


def _columns(model: Any) -> list[str]:
    return [field.column for field in model._meta.concrete_fields if not field.primary_key]


def _as_text(model: Any, source: TaxonomyVersion, target: TaxonomyVersion) -> io.StringIO:
    """The rows of `source` as COPY takes them, as rows of `target`."""
    text = io.StringIO()
    writer = csv.writer(text, quoting=csv.QUOTE_ALL)
    rows = model._default_manager.filter(version=source).values_list(*_columns(model)[1:])
    flags = {True: "t", False: "f"}
    for row in rows:
        writer.writerow([target.pk, *(flags[cell] if isinstance(cell, bool) else cell for cell in row)])
    text.seek(0)
    return text


def _tidy_up(merchant: Merchant) -> None:
    for model in _MODELS:
        model._default_manager.filter(version__owner=merchant).delete()
    TaxonomyVersion.objects.filter(owner=merchant).delete()
    merchant.delete()
