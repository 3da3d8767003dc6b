"""Bulk files and reports (products.md sections 8 and 10)."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Annotated

from pydantic import Field

from jetsync.jet.types.base import AsList, JetModel, OptionalMoment, Texts, spelled
from jetsync.jet.words import FileStatus, FileType, ListingStatus, ListingSubStatus, ReportStatus

FINAL_FILE_STATUSES = frozenset({FileStatus.PROCESSED_WITH_ERRORS, FileStatus.PROCESSED_SUCCESSFULLY})


class UploadToken(JetModel):
    """Where to put one file. The address carries the right to write, so `repr` hides it."""

    url: str = Field(repr=False, min_length=1)
    jet_file_id: str
    expires_in_seconds: int = 0

    def expires_at(self, received_at: datetime) -> datetime:
        return received_at + timedelta(seconds=self.expires_in_seconds)


class FileRecord(JetModel):
    """`error_excerpt` holds the first 20 errors at most, `error_url` the address of all of them."""

    jet_file_id: str
    status: Annotated[str, spelled(FileStatus)]
    url: str | None = Field(default=None, repr=False)
    file_type: Annotated[str | None, spelled(FileType)] = None
    file_name: str | None = None
    received: OptionalMoment = None
    processing_start: OptionalMoment = None
    processing_end: OptionalMoment = None
    error_count: int = 0
    error_url: str | None = Field(default=None, repr=False)
    error_excerpt: Texts = []

    @property
    def is_final(self) -> bool:
        return self.status in FINAL_FILE_STATUSES


class ReportState(JetModel):
    report_status: Annotated[str, spelled(ReportStatus)]
    merchant_id: str | None = None
    report_requested_date: OptionalMoment = None
    processing_start: OptionalMoment = None
    processing_end: OptionalMoment = None
    report_expiration_date: OptionalMoment = None
    report_url: str | None = Field(default=None, repr=False)


class ReportedStatus(JetModel):
    """One SKU of the ProductStatus report."""

    status: Annotated[str | None, spelled(ListingStatus)] = None
    sub_status: Annotated[list[Annotated[str, spelled(ListingSubStatus)]], AsList] = []
