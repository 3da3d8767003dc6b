"""Hands out the export of a store's data, to panel and API alike."""

from __future__ import annotations

from django.http import StreamingHttpResponse

from jetsync.actions.data_export import check_may_export, note_download
from jetsync.models import DataExport
from jetsync.panel.exports import stored_download
from jetsync.tenancy.actor import Actor

ZIP = "application/zip"


def hand_out(export: DataExport, *, actor: Actor) -> StreamingHttpResponse:
    """Raises NotAllowed for who may not see shoppers, NotFound when it is not ready or gone from the disk."""
    check_may_export(actor)
    response = stored_download(export.file, export.filename, ZIP)
    note_download(export, actor=actor)
    return response
