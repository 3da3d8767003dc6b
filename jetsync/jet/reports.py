"""Reports (products.md section 8). Known from one client only."""

from __future__ import annotations

import tempfile
from typing import IO, Any

from pydantic import ValidationError

from jetsync.jet.codec import decode
from jetsync.jet.errors import JetBadAnswer, JetNotFound
from jetsync.jet.paths import segment
from jetsync.jet.requestor import Requestor
from jetsync.jet.types.files import ReportedStatus, ReportState
from jetsync.jet.types.products import SalesData
from jetsync.jet.words import ReportType

# A report over every SKU of a large account; it goes to disk beyond the first megabyte.
MAX_REPORT_BYTES = 512 * 1024 * 1024
IN_MEMORY_BYTES = 1024 * 1024


class ReportService:
    def __init__(self, requestor: Requestor) -> None:
        self._requestor = requestor

    def request(self, report_type: ReportType | str) -> str:
        """POST /reports/{type} without a body: the report's id. A second request makes a second report, no harm.

        Seen in one client: products.md section 8.
        """
        reply = self._requestor.post(f"/reports/{segment(str(report_type))}", None, repeatable=True)
        report_id = reply.value.get("report_id") if isinstance(reply.value, dict) else None
        if not report_id:
            raise reply.bad("no report_id")
        return str(report_id)

    def state(self, report_id: str) -> ReportState:
        """GET /reports/state/{report_id}. Raises JetNotFound until Jet has begun. products.md section 8."""
        return self._requestor.get(f"/reports/state/{segment(report_id)}").parse(ReportState)

    def download(self, state: ReportState) -> IO[bytes]:
        """The report's bytes as a temporary file at its beginning; the caller closes it. At most 512 MB.

        Raises JetNotFound when the report has no address yet, or it has expired.
        """
        if not state.report_url:
            raise JetNotFound(f"The report is {state.report_status} and has no file.")
        file = tempfile.SpooledTemporaryFile(max_size=IN_MEMORY_BYTES)  # noqa: SIM115 -- the caller closes it
        try:
            self._requestor.download(state.report_url, file, max_bytes=MAX_REPORT_BYTES)
        except BaseException:
            file.close()
            raise
        file.seek(0)
        return file

    def product_statuses(self, state: ReportState) -> dict[str, ReportedStatus]:
        """The ProductStatus report, by SKU: `{"<sku>": {"status", "sub_status"}}`. products.md section 8."""
        return {sku: _status(item) for sku, item in self._by_sku(state).items() if isinstance(item, dict)}

    def sales_data(self, state: ReportState) -> dict[str, SalesData | None]:
        """The SalesData report, by SKU, with the body of the single call (its form was not seen on the wire).

        None for a SKU whose figures cannot be read: one odd row does not spoil a report of all SKUs.
        products.md sections 8 and 9.
        """
        return {sku: _figures(item) for sku, item in self._by_sku(state).items()}

    def _by_sku(self, state: ReportState) -> dict[str, Any]:
        with self.download(state) as file:
            try:
                value = decode(file.read())
            except ValueError:
                value = None
        if not isinstance(value, dict):
            raise JetBadAnswer("The report is not a JSON object.", method="GET")
        return value


def _status(item: dict[str, Any]) -> ReportedStatus:
    """One odd row does not spoil a report of all SKUs; it reads as unknown."""
    try:
        return ReportedStatus.model_validate(item)
    except ValidationError:
        return ReportedStatus.model_construct(raw=item)


def _figures(item: Any) -> SalesData | None:
    try:
        return SalesData.model_validate(item)
    except ValidationError:
        return None
