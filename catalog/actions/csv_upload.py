"""Taking a CSV file in: checked at once as far as the header goes, imported by a job row by row."""

from __future__ import annotations

import secrets
from pathlib import PurePath

from django.conf import settings
from django.core.files.uploadedfile import UploadedFile
from django.db import transaction

from catalog.csv_reader import inspect_csv
from catalog.enums import CsvKind
from catalog.models import CsvUpload
from jetsync.actions.operation import start_operation
from jetsync.enums import Priority
from jetsync.exceptions import InvalidInput
from jetsync.models import Merchant
from jetsync.sync.queue import enqueue
from jetsync.tenancy.actor import Actor

IMPORT_JOB = "catalog.import_csv"
IMPORT_KIND = "catalog.csv_import"


def start_upload(
    merchant: Merchant, kind: CsvKind, file: UploadedFile[bytes], *, is_on_jet: bool = False, actor: Actor
) -> CsvUpload:
    """Stores the file and starts its import as an operation. Nothing of it is written to products yet.

    Raises InvalidInput when it is empty, too large, not text or its header is wrong; `message` tells every fault.
    `is_on_jet` lets product rows pass with the minimum of columns ("**").
    """
    name = PurePath(file.name or "file.csv").name[:200]
    _check_size(name, file.size or 0)
    facts = inspect_csv(file, kind)
    file.seek(0)
    with transaction.atomic():
        title = f"Import {kind.label.lower()} from {name}"
        operation = start_operation(merchant, IMPORT_KIND, title, actor=actor)
        upload = CsvUpload(
            merchant=merchant,
            kind=kind,
            operation=operation,
            token=secrets.token_hex(16),
            original_name=name,
            encoding=facts.encoding,
            delimiter=facts.delimiter,
            columns=list(facts.columns),
            is_on_jet=is_on_jet,
            byte_count=file.size or 0,
        )
        upload.file.save(name, file, save=False)
        upload.save()
        operation.data = {"csv_upload": upload.pk}
        operation.save(update_fields=["data"])
        _enqueue(upload)
    return upload


def _check_size(name: str, size: int) -> None:
    if size == 0:
        raise InvalidInput(f"“{name}” is empty.", hint="Download the template and fill it.")
    if size > settings.CSV_MAX_BYTES:
        limit = settings.CSV_MAX_BYTES // 2**20
        raise InvalidInput(
            f"“{name}” has {size / 2**20:,.1f} MB, at most {limit} MB are taken.",
            hint="Split it into several files.",
        )


def _enqueue(upload: CsvUpload) -> None:
    enqueue(
        upload.merchant,
        IMPORT_JOB,
        f"upload-{upload.pk}",
        priority=Priority.NORMAL,
        operation=upload.operation,
        about=upload,
        data={"upload": upload.pk},
    )
