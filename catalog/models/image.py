"""What was found behind an image address when it was fetched."""

from __future__ import annotations

from django.db import models

from catalog.enums import ImageState
from jetsync.tenancy.managers import LargeTenantModel


class ImageFact(LargeTenantModel):
    """`url_hash` is the SHA-256 of the address, `content_hash` that of the bytes: equal pictures under two addresses.

    `is_layered`: a PNG with more than one frame or layer. Sizes in pixels and bytes. `tries`: looks since the last success
    or request; a refusal counts from the second one. `due_at`: the next look, null = not by itself. `verdict`: the worst
    finding in one word.
    """

    url_hash = models.CharField(max_length=64)
    url = models.CharField(max_length=1000)
    state = models.CharField(max_length=12, choices=ImageState.choices, default=ImageState.WAITING)
    width = models.PositiveIntegerField(null=True)
    height = models.PositiveIntegerField(null=True)
    byte_count = models.PositiveIntegerField(null=True)
    format = models.CharField(max_length=12, blank=True, default="")
    is_layered = models.BooleanField(default=False)
    content_hash = models.CharField(max_length=64, blank=True, default="")
    message = models.CharField(max_length=300, blank=True, default="")
    checked_at = models.DateTimeField(null=True)
    tries = models.PositiveSmallIntegerField(default=0)
    due_at = models.DateTimeField(null=True)
    verdict = models.CharField(max_length=12, default="waiting")
    created_at = models.DateTimeField(auto_now_add=True)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["merchant", "url_hash"], name="image_fact_once")]
        indexes = [
            models.Index(fields=["merchant", "id"], name="image_fact_list"),
            models.Index(
                fields=["merchant", "verdict", "id"],
                condition=models.Q(due_at__isnull=False),
                name="image_fact_verdict",
            ),
            models.Index(
                fields=["merchant", "due_at"],
                condition=models.Q(due_at__isnull=False),
                name="image_fact_due",
            ),
        ]

    def __str__(self) -> str:
        return self.url


class ImageUse(LargeTenantModel):
    """Which SKU shows which picture: slot 0 is the main image, 1 to 8 the alternates. Kept by `refresh_targets`."""

    fact = models.ForeignKey(ImageFact, on_delete=models.CASCADE, related_name="uses")
    variant = models.ForeignKey("catalog.Variant", on_delete=models.CASCADE, related_name="image_uses")
    slot = models.PositiveSmallIntegerField(default=0)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["merchant", "variant", "slot"], name="image_use_once")]

    def __str__(self) -> str:
        return f"slot {self.slot} of variant {self.variant_id}"
