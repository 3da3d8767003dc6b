"""“Your data”: the export of everything, and the way to the deletion of the store."""

from __future__ import annotations

from django.http import HttpResponse, HttpResponseBase
from django.views.decorators.http import require_GET, require_POST

from jetsync.actions.data_export import start_export
from jetsync.panel.closing import left_open
from jetsync.panel.data_file import hand_out
from jetsync.panel.setup.answers import act, back_to, settings_page
from jetsync.panel.setup.deletion import RESTS
from jetsync.queries.data_export import exports_of, get_export
from jetsync.tenancy.rights import Right
from jetsync.tenancy.views import MerchantRequest, merchant_view


@require_GET
@merchant_view(Right.DATA_EXPORT)
def data(request: MerchantRequest) -> HttpResponseBase:
    rows = list(exports_of(request.merchant))
    running = next((row for row in rows if not row.is_ready), None)
    context = {
        "exports": [row for row in rows if row.is_ready],
        "running": running,
        "left_open": left_open(request.merchant) if request.merchant.deletion_due_at else [],
        "rests": RESTS,
        "why_not": "An export is being made." if running else "",
    }
    return settings_page(request, "settings/data.html", "data", context)


@require_POST
@merchant_view(Right.DATA_EXPORT)
def export(request: MerchantRequest) -> HttpResponse:
    act(
        request,
        lambda: start_export(request.merchant, actor=request.actor),
        f"The export of {request.merchant} has begun. You get a mail when it is ready; you may leave this page.",
    )
    return back_to(request, "data")


@require_GET
@merchant_view(Right.DATA_EXPORT)
def download(request: MerchantRequest, pk: int) -> HttpResponseBase:
    return hand_out(get_export(request.merchant, pk), actor=request.actor)
