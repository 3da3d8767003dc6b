"""The blob store behind upload addresses, with Azure's manners: XML errors, no authorization header needed."""

from __future__ import annotations

from django.http import HttpRequest, HttpResponse, JsonResponse
from django.views.decorators.csrf import csrf_exempt

from jetsync.sandbox.clock import now
from jetsync.sandbox.files.addresses import is_signed
from jetsync.sandbox.files.reporting import makers
from jetsync.sandbox.models import BulkFile, Report, Switches


@csrf_exempt
def blob(request: HttpRequest, file_id: str) -> HttpResponse:
    """PUT with a good signature and `x-ms-blob-type: BlockBlob` (any case) -> 201, empty."""
    if request.method != "PUT":
        return _refused(405, "UnsupportedHttpVerb", "The resource doesn't support the specified HTTP verb.")
    file = BulkFile.objects.defer("blob").filter(jet_file_id=file_id).first()
    if file is None or not is_signed(request.GET, file) or now() >= file.expires_at:
        return _refused(403, "AuthenticationFailed", "Server failed to authenticate the request.")
    kind = request.headers.get("x-ms-blob-type", "")
    if kind.lower() != "blockblob":
        return _refused(400, "MissingRequiredHeader", "An HTTP header that's mandatory is not specified.")
    # Once announced the content is being read; a late write must not change it.
    written = BulkFile.objects.filter(pk=file.pk, status="").update(blob=request.body)
    if not written:
        return _refused(409, "BlobImmutable", "The blob has been handed over and cannot be written again.")
    response = HttpResponse(status=201)
    del response.headers["Content-Type"]
    return response


def blob_errors(_request: HttpRequest, file_id: str) -> HttpResponse:
    """Every error of a processed file, in the form of its switch. The long random id is the key to it."""
    files = BulkFile.objects.defer("blob").select_related("merchant")
    file = files.filter(jet_file_id=file_id).exclude(error_url="").first()
    form = Switches.of(file.merchant)["error_list_form"] if file else "missing"
    if file is None or form == "missing":
        return _refused(404, "BlobNotFound", "The specified blob does not exist.")
    if form == "lines":
        return HttpResponse("\r\n".join(file.errors), content_type="text/plain")
    return JsonResponse(_shaped(file.errors, form), safe=False)


def _shaped(errors: list[str], form: str) -> object:
    if form == "by_sku":
        return _by_sku(errors)
    return {"errors": errors} if form == "object" else errors


def _by_sku(errors: list[str]) -> dict[str, list[str]]:
    found: dict[str, list[str]] = {}
    for error in errors:
        name, _, text = error.partition(": ")
        found.setdefault(name, []).append(text)
    return found


def _refused(status: int, code: str, text: str) -> HttpResponse:
    body = (
        f'<?xml version="1.0" encoding="utf-8"?><Error><Code>{code}</Code><Message>{text}</Message></Error>'
    )
    return HttpResponse(body, status=status, content_type="application/xml")


def report(_request: HttpRequest, report_id: str) -> HttpResponse:
    """A finished report; the long random id is the key to it."""
    moment = now()
    reports = Report.objects.filter(report_id=report_id, ends_at__lte=moment, expires_at__gt=moment)
    row = reports.select_related("merchant").first()
    if row is None or Switches.of(row.merchant)["reports_fail"]:
        return _refused(404, "BlobNotFound", "The specified blob does not exist.")
    content_type, content = makers[row.kind](row.merchant)
    return HttpResponse(content, content_type=content_type)
