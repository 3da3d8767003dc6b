"""What was found behind an image address when it was fetched."""

from __future__ import annotations

from django.db import models

from catalog.enums import ImageState
from jetsync.tenancy.managers import TenantModel


class ImageFact(TenantModel):
    """`url_hash` is the SHA-256 of the address, `content_hash` that of the bytes: equal pictures under two addresses.

    `is_layered`: a PNG with more than one frame or layer. Sizes in pixels and bytes.
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
    created_at = models.DateTimeField(auto_now_add=True)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["merchant", "url_hash"], name="image_fact_once")]
        indexes = [
            models.Index(
                fields=["merchant", "id"], condition=models.Q(state="waiting"), name="image_fact_waiting"
            ),
            models.Index(fields=["merchant", "checked_at"], name="image_fact_age"),
        ]

    def __str__(self) -> str:
        return self.url
