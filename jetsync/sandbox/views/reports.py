"""`/reports`: ordered, later fetched from an address without a token."""

from __future__ import annotations

from datetime import timedelta

from django.http import HttpRequest, HttpResponse

from jetsync.sandbox.clock import now
from jetsync.sandbox.files.addresses import public_url
from jetsync.sandbox.files.reporting import makers
from jetsync.sandbox.http import ApiRequest, api, errors, net_time, reply
from jetsync.sandbox.models import Report


@api("POST")
def order_report(request: ApiRequest, kind: str) -> HttpResponse:
    """Types `ProductStatus`, `SalesData`, `SettlementDetails`; the body is empty."""
    names = {name.lower(): name for name in makers}
    if kind.lower() not in names:
        return errors(404, f"Report type '{kind}' is not known.")
    moment, seconds = now(), request.switches["report_seconds"]
    report = Report.objects.create(
        merchant=request.merchant,
        kind=names[kind.lower()],
        requested_at=moment,
        starts_at=moment + timedelta(seconds=seconds / 2),
        ends_at=moment + timedelta(seconds=seconds),
        expires_at=moment + timedelta(days=request.switches["report_days"]),
    )
    return reply({"report_id": report.report_id})


@api("GET")
def report_state(request: ApiRequest, report_id: str) -> HttpResponse:
    """404 until processing has begun; every date is always there because a client insists on them."""
    report = request.merchant.reports.filter(report_id=report_id.lower()).first()
    if report is None or now() < report.starts_at:
        return errors(404, f"Report {report_id} was not found.")
    return reply(
        {
            "report_id": report.report_id,
            "merchant_id": request.merchant.merchant_id,
            "report_status": _status(report, fails=request.switches["reports_fail"]),
            "report_requested_date": net_time(report.requested_at),
            "processing_start": net_time(report.starts_at),
            "processing_end": net_time(report.ends_at),
            "report_expiration_date": net_time(report.expires_at),
            "report_url": _address(request, report),
        }
    )


def _status(report: Report, *, fails: bool) -> str:
    moment = now()
    if moment < report.ends_at:
        return "Requested"
    if fails:
        return "Failed"
    return "Ready" if moment < report.expires_at else "Expired"


def _address(request: HttpRequest, report: Report) -> str:
    return public_url(request, f"/blob/reports/{report.report_id}")
