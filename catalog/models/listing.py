"""What Jet should have (target), has accepted (sent) and shows (live) of one SKU."""

from __future__ import annotations

from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.db.models import Case, F, Q, Value, When

from catalog.enums import ListingStatus, Readiness
from catalog.models.fields import DirtyField, DriftField, ShownOtherwise
from catalog.status_map import shown_readiness
from jetsync.tenancy.managers import LargeTenantModel


def _later(live: str, sent: str) -> Q:
    """Read after the acceptance; values accepted by an older version carry no time."""
    return Q(**{f"{live}__gt": F(sent)}) | Q(**{sent: None})


# Where Jet shows something else than it accepted: read after it accepted ours, and no newer value waits to be sent. An
# archived SKU has no quantity at Jet, whatever it accepted.
DRIFTS: dict[str, Q] = {
    "price": Q(ShownOtherwise(F("price_live"), F("price_sent")), price_target=F("price_sent"))
    & _later("price_live_at", "price_sent_at"),
    "quantity": Q(stock_drift=True) & (Q(archived_live=False) | Q(archived_live=None)),
    "archived": Q(ShownOtherwise(F("archived_live"), F("archived_sent")), archived_target=F("archived_sent"))
    & _later("status_read_at", "archived_sent_at"),
    "content": ~Q(content_drift=[]) & Q(content_target=F("content_sent"), live_body__isnull=False),
}


class Listing(LargeTenantModel):
    """`is_wanted`: the merchant asked for this SKU to be on Jet. Content is compared by hash of the payload.

    The `*_dirty` columns are computed by PostgreSQL and carry partial indexes: the delta query costs what changed.
    `shipping_*` and `returns_*` hold hashes of the SKU's exceptions, empty when it has none. `gap_keys` repeats the gaps
    as "level:field:rule" for grouping; `content_drift` names the members where Jet shows something else than it accepted,
    `stock_drift` says that it does so at a node in use (kept by `catalog.actions.stock_drift`). `drifts`: any facet of
    the SKU is other at Jet; `drift_since` since when.
    """

    variant = models.OneToOneField("catalog.Variant", on_delete=models.CASCADE, related_name="listing")
    is_wanted = models.BooleanField(default=False)
    readiness = models.CharField(max_length=10, choices=Readiness.choices, default=Readiness.NOT_READY)
    gaps = models.JSONField(default=list)
    gap_keys = ArrayField(models.CharField(max_length=80), default=list, blank=True)

    content_target = models.CharField(max_length=64, blank=True, default="")
    content_sent = models.CharField(max_length=64, blank=True, default="")
    content_sent_at = models.DateTimeField(null=True)
    content_sent_body = models.JSONField(null=True)
    content_dirty = DirtyField("content_target", "content_sent")
    content_drift = ArrayField(models.CharField(max_length=60), default=list, blank=True)

    price_target = models.DecimalField(max_digits=12, decimal_places=2, null=True)
    price_sent = models.DecimalField(max_digits=12, decimal_places=2, null=True)
    price_sent_at = models.DateTimeField(null=True)
    price_live = models.DecimalField(max_digits=12, decimal_places=2, null=True)
    price_live_at = models.DateTimeField(null=True)
    price_dirty = DirtyField("price_target", "price_sent")
    price_drift = DriftField("price_live", "price_sent")

    archived_target = models.BooleanField(default=False)
    archived_sent = models.BooleanField(default=False)
    archived_sent_at = models.DateTimeField(null=True)
    archived_live = models.BooleanField(null=True)
    archived_dirty = DirtyField("archived_target", "archived_sent")
    archived_drift = DriftField("archived_live", "archived_sent")

    shipping_target = models.CharField(max_length=64, blank=True, default="")
    shipping_sent = models.CharField(max_length=64, blank=True, default="")
    shipping_sent_at = models.DateTimeField(null=True)
    shipping_dirty = DirtyField("shipping_target", "shipping_sent")

    returns_target = models.CharField(max_length=64, blank=True, default="")
    returns_sent = models.CharField(max_length=64, blank=True, default="")
    returns_sent_at = models.DateTimeField(null=True)
    returns_dirty = DirtyField("returns_target", "returns_sent")

    status = models.CharField(
        max_length=14, choices=ListingStatus.choices, default=ListingStatus.NOT_UPLOADED
    )
    jet_status = models.CharField(max_length=60, blank=True, default="")
    jet_sub_status = models.JSONField(default=list)
    status_since = models.DateTimeField(null=True)
    status_read_at = models.DateTimeField(null=True)
    stock_drift = models.BooleanField(default=False)
    drifts = models.GeneratedField(
        expression=Case(
            When(
                Q(content_sent_at__isnull=False)
                & (DRIFTS["price"] | DRIFTS["quantity"] | DRIFTS["archived"] | DRIFTS["content"]),
                then=Value(True),
            ),
            default=Value(False),
        ),
        output_field=models.BooleanField(),
        db_persist=True,
    )
    drift_since = models.DateTimeField(null=True)
    live_body = models.JSONField(null=True)

    error_code = models.CharField(max_length=60, blank=True, default="")
    error_message = models.CharField(max_length=1000, blank=True, default="")
    error_hint = models.CharField(max_length=500, blank=True, default="")
    error_at = models.DateTimeField(null=True)
    created_at = models.DateTimeField(auto_now_add=True)

    class Meta:
        indexes = [
            # The last column is read from the index when a part is counted.
            models.Index(fields=["merchant", "status", "id", "readiness"], name="listing_status"),
            models.Index(fields=["merchant", "readiness", "id"], name="listing_readiness"),
            models.Index(fields=["merchant", "status_read_at"], name="listing_read_age"),
            models.Index(
                fields=["merchant", "id"],
                condition=models.Q(price_dirty=True, content_sent_at__isnull=False),
                name="listing_price_dirty",
            ),
            models.Index(
                fields=["merchant", "id"],
                condition=models.Q(content_dirty=True, is_wanted=True),
                name="listing_content_dirty",
            ),
            models.Index(
                fields=["merchant", "id"],
                condition=models.Q(archived_dirty=True),
                name="listing_archived_dirty",
            ),
            models.Index(
                fields=["merchant", "id"],
                condition=models.Q(shipping_dirty=True),
                name="listing_shipping_dirty",
            ),
            models.Index(
                fields=["merchant", "id"],
                condition=models.Q(returns_dirty=True),
                name="listing_returns_dirty",
            ),
            models.Index(
                fields=["merchant", "id"], condition=models.Q(error_code__gt=""), name="listing_errors"
            ),
            models.Index(
                fields=["merchant", "-drift_since", "-id"],
                condition=models.Q(drifts=True),
                name="listing_drifts",
            ),
        ]

    def __str__(self) -> str:
        return f"listing of variant {self.variant_id}"

    @property
    def shown_readiness(self) -> str:
        return shown_readiness(self.readiness, self.status, is_dirty=self.content_dirty)
