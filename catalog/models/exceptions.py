"""How one SKU ships and returns otherwise than the account's settings at Jet."""

from __future__ import annotations

from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.db.models import Q

from catalog.enums import OverrideType, ShippingExceptionType
from jetsync.tenancy.managers import TenantModel


class ShippingException(TenantModel):
    """One entry for one node: by service level or by shipping method, never both (protocol: exceptions)."""

    variant = models.ForeignKey(
        "catalog.Variant", on_delete=models.CASCADE, related_name="shipping_exceptions"
    )
    node = models.ForeignKey("jetsync.FulfillmentNode", on_delete=models.CASCADE, related_name="+")
    service_level = models.CharField(max_length=60, blank=True, default="")
    shipping_method = models.CharField(max_length=60, blank=True, default="")
    override_type = models.CharField(max_length=20, choices=OverrideType.choices, blank=True, default="")
    shipping_charge_amount = models.DecimalField(max_digits=9, decimal_places=2, null=True, blank=True)
    exception_type = models.CharField(max_length=12, choices=ShippingExceptionType.choices)
    created_at = models.DateTimeField(auto_now_add=True)

    class Meta:
        ordering = ("node", "pk")
        constraints = [
            models.UniqueConstraint(
                fields=["merchant", "variant", "node", "service_level", "shipping_method"],
                name="shipping_exception_once",
            ),
            models.CheckConstraint(
                condition=(Q(service_level="") & ~Q(shipping_method=""))
                | (~Q(service_level="") & Q(shipping_method="")),
                name="shipping_exception_level_or_method",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.service_level or self.shipping_method}: {self.exception_type}"


class ReturnException(TenantModel):
    """`time_to_return` in days, 1 to 30; null = the account's. Locations are rows of their own."""

    variant = models.OneToOneField(
        "catalog.Variant", on_delete=models.CASCADE, related_name="return_exception"
    )
    time_to_return = models.PositiveSmallIntegerField(null=True, blank=True)
    return_shipping_methods = ArrayField(models.CharField(max_length=60), default=list, blank=True)
    created_at = models.DateTimeField(auto_now_add=True)
    updated_at = models.DateTimeField(auto_now=True)

    def __str__(self) -> str:
        return f"returns of variant {self.variant_id}"


class ReturnExceptionLocation(TenantModel):
    exception = models.ForeignKey(ReturnException, on_delete=models.CASCADE, related_name="locations")
    location = models.ForeignKey("jetsync.ReturnLocation", on_delete=models.CASCADE, related_name="+")

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["merchant", "exception", "location"], name="return_exception_location_once"
            )
        ]

    def __str__(self) -> str:
        return f"location {self.location_id} of exception {self.exception_id}"
