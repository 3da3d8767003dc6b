"""What the columns of an uploaded file are: asked where a header has names that are not ours."""

from __future__ import annotations

from itertools import islice

from django.http import HttpResponse, HttpResponseRedirect
from django.shortcuts import render

from catalog.actions.csv_upload import map_columns
from catalog.csv_reader import UnreadableRow
from catalog.enums import CsvState
from catalog.forms.csv import ColumnsForm
from catalog.models import CsvUpload
from catalog.pages import page_url
from catalog.queries.csv_header import likely_columns, node_columns
from catalog.sheet_files import has_file, open_rows
from catalog.views.csv import get_upload
from jetsync.exceptions import DomainError
from jetsync.panel.forms import put_on_form
from jetsync.panel.messages import say
from jetsync.tenancy.rights import Right
from jetsync.tenancy.views import MerchantRequest, merchant_view
from jetsync.wording import counted

# Enough to tell a price from a weight.
SAMPLE_ROWS = 3


@merchant_view(Right.PRODUCTS_EDIT)
def csv_columns(request: MerchantRequest, pk: int) -> HttpResponse:
    """One list per column of the file, the likely one chosen; after it the file is checked."""
    upload = get_upload(request.merchant, pk)
    after = page_url(request.merchant, "csv-detail", pk=upload.pk)
    if request.method != "POST" and upload.state not in {CsvState.MAPPING, CsvState.CHECKED}:
        return HttpResponseRedirect(after)
    is_first = upload.state == CsvState.MAPPING
    columns = likely_columns(request.merchant, upload.kind, upload.header) if is_first else upload.columns
    form = ColumnsForm(
        request.POST if request.method == "POST" else None,
        kind=upload.kind,
        header=upload.header,
        columns=columns,
        samples=_samples(upload),
        nodes=node_columns(request.merchant, upload.kind),
    )
    if form.is_bound and form.is_valid():
        try:
            map_columns(upload, form.columns, actor=request.actor)
        except DomainError as error:
            put_on_form(form, error)
        else:
            left = len(upload.left_out)
            words = f"; {counted(left, 'column')} left out" if left else ""
            say(request, "success", f"{upload.original_name} is being checked{words}. Nothing is stored yet.")
            return HttpResponseRedirect(after)
    context = {"form": form, "upload": upload, "guessed": sum(map(bool, columns)), "is_first": is_first}
    return render(request, "catalog/csv/mapping.html", context, status=400 if form.errors else 200)


def _samples(upload: CsvUpload) -> list[list[str]]:
    """Per column the texts that stand in the first rows."""
    found: list[list[str]] = [[] for _title in upload.header]
    if not has_file(upload):
        return found
    with open_rows(upload) as rows:
        try:
            for row in islice(rows, SAMPLE_ROWS):
                for texts, cell in zip(found, row.cells, strict=False):
                    if cell.strip():
                        texts.append(cell.strip())
        except UnreadableRow:
            pass  # told by the check
    return found
