"""Every refusal by Jet, per SKU, so that equal ones can be mended together."""

from __future__ import annotations

from django.db import models

from jetsync.tenancy.managers import TenantModel


class SkuError(TenantModel):
    """`group_key` is the same for errors of one cause: Jet's words without the SKU and the values in them.

    Open until `resolved_at`: the same step was accepted for this SKU, or a person cleared it. `file` null = direct call.
    """

    listing = models.ForeignKey("catalog.Listing", on_delete=models.CASCADE, related_name="errors")
    file = models.ForeignKey(
        "catalog.BulkFile", on_delete=models.SET_NULL, null=True, related_name="sku_errors"
    )
    step = models.CharField(max_length=12)
    code = models.CharField(max_length=60)
    message = models.CharField(max_length=1000)
    hint = models.CharField(max_length=500, blank=True, default="")
    field = models.CharField(max_length=60, blank=True, default="")
    group_key = models.CharField(max_length=64)
    group_label = models.CharField(max_length=300)
    created_at = models.DateTimeField(auto_now_add=True)
    resolved_at = models.DateTimeField(null=True)

    class Meta:
        indexes = [
            models.Index(
                fields=["merchant", "group_key"],
                condition=models.Q(resolved_at=None),
                name="sku_error_open_group",
            ),
            models.Index(
                fields=["merchant", "listing"], condition=models.Q(resolved_at=None), name="sku_error_open"
            ),
        ]

    def __str__(self) -> str:
        return self.message
