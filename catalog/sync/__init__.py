"""Where catalogue rows meet the Jet client. Importing this package registers the job handlers and schedules."""

from catalog.sync import (
    deleting,
    deltas,
    drift,
    exceptions,
    file_contents,
    files,
    images,
    imports,
    low_stock,
    profiles,
    publish,
    sheets,
    special,
    status,
    taxonomy,
    vacation,
)

__all__ = [
    "deleting",
    "deltas",
    "drift",
    "exceptions",
    "file_contents",
    "files",
    "images",
    "imports",
    "low_stock",
    "profiles",
    "publish",
    "sheets",
    "special",
    "status",
    "taxonomy",
    "vacation",
]
