"""CSV files a merchant gave us, and how far their import has come."""

from __future__ import annotations

from django.db import models

from catalog.enums import ENCODING_NAMES, CsvKind, CsvState
from jetsync.tenancy.managers import TenantModel


def upload_path(instance: CsvUpload, filename: str) -> str:  # noqa: ARG001 -- a merchant's file name never becomes a path
    return f"csv/{instance.merchant_id}/{instance.kind}-{instance.token}.csv"


class CsvUpload(TenantModel):
    """`rows_done` is where an interrupted import goes on; rows before it are committed.

    `preview`: what the check found before anything was written, see `catalog.csv_preview`. `is_on_jet`: the merchant says
    that these products exist at Jet already, so the minimum of columns is enough. `confirms_prices`: and that changes of
    prices which would be held back as slips are right. `header`: the file's own names; `columns`: ours for each of them, ""
    for one that is left out.
    """

    kind = models.CharField(max_length=16, choices=CsvKind.choices)
    operation = models.OneToOneField(
        "jetsync.Operation", on_delete=models.SET_NULL, null=True, related_name="csv_upload"
    )
    token = models.CharField(max_length=32)
    file = models.FileField(upload_to=upload_path)
    original_name = models.CharField(max_length=200)
    encoding = models.CharField(max_length=20, default="utf-8")
    delimiter = models.CharField(max_length=1, default=",")
    header = models.JSONField(default=list)
    columns = models.JSONField(default=list)
    is_on_jet = models.BooleanField(default=False)
    confirms_prices = models.BooleanField(default=False)
    state = models.CharField(max_length=10, choices=CsvState.choices, default=CsvState.IMPORTING)
    preview = models.JSONField(default=dict)
    byte_count = models.PositiveBigIntegerField(default=0)
    row_count = models.PositiveIntegerField(null=True)
    rows_done = models.PositiveIntegerField(default=0)
    created_count = models.PositiveIntegerField(default=0)
    updated_count = models.PositiveIntegerField(default=0)
    unchanged_count = models.PositiveIntegerField(default=0)
    failed_count = models.PositiveIntegerField(default=0)
    created_at = models.DateTimeField(auto_now_add=True)
    finished_at = models.DateTimeField(null=True)

    class Meta:
        indexes = [models.Index(fields=["merchant", "-created_at"], name="csv_upload_recent")]

    def __str__(self) -> str:
        return self.original_name

    @property
    def read_as(self) -> str:
        """ "UTF-8", "Excel workbook"."""
        return ENCODING_NAMES.get(self.encoding, self.encoding.upper())

    @property
    def left_out(self) -> list[str]:
        """The file's names of the columns that nothing is read of."""
        pairs = zip(self.header, self.columns, strict=False)
        return [title or f"column {n}" for n, (title, name) in enumerate(pairs, 1) if not name]

    @property
    def renamed(self) -> list[tuple[str, str]]:
        """The file's names of columns that we call otherwise, with ours."""
        pairs = zip(self.header, self.columns, strict=False)
        return [(title, name) for title, name in pairs if name and title.lower() != name.lower()]

    @property
    def is_begun(self) -> bool:
        """Rows may be stored; its operation is gone once that is not kept any more."""
        return self.operation_id is not None or self.state in {CsvState.IMPORTING, CsvState.DONE}


class CsvBefore(TenantModel):
    """What one batch of an import has changed, for the way back; gone once it is written back, or after the file is.

    `rows`: variant pk -> `old` values by name, marks of the `new` ones, and under `own` a count of the default node that
    gave way to the file's. A node's value has the node's pk in its name, see `catalog.node_columns`.
    Of a variations file: the parent's pk -> its group as it was and became, see `catalog.actions.csv_groups`.
    """

    upload = models.ForeignKey(CsvUpload, on_delete=models.CASCADE, related_name="befores")
    upto = models.PositiveIntegerField()
    rows = models.JSONField(default=dict)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["merchant", "upload", "upto"], name="csv_before_once")]

    def __str__(self) -> str:
        return f"{self.upload_id} up to row {self.upto}"
