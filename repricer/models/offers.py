"""What Jet told of each SKU's offers: the latest, and how it was before."""

from __future__ import annotations

from django.db import models

from jetsync.tenancy.managers import LargeTenantModel
from repricer.figures import Price


class _Offers(LargeTenantModel):
    """Item and shipping price of our best offer and of the marketplace's, USD; null where Jet shows none."""

    my_price = models.DecimalField(max_digits=12, decimal_places=2, null=True)
    my_shipping = models.DecimalField(max_digits=12, decimal_places=2, null=True)
    best_price = models.DecimalField(max_digits=12, decimal_places=2, null=True)
    best_shipping = models.DecimalField(max_digits=12, decimal_places=2, null=True)

    class Meta:
        abstract = True

    @property
    def mine(self) -> Price | None:
        if self.my_price is None or self.my_shipping is None:
            return None
        return Price(self.my_price, self.my_shipping)

    @property
    def best(self) -> Price | None:
        if self.best_price is None or self.best_shipping is None:
            return None
        return Price(self.best_price, self.best_shipping)


class SalesData(_Offers):
    """The latest figures of a SKU. `gap`: our landed price less the best one. `read_at`: when Jet was asked last.

    `acted_on`: the `read_at` of the figures that the repricer has used, so that none are used twice.

    `has_data` false: Jet had none. `error`: why its answer could not be used; the figures of before stay.
    """

    variant = models.OneToOneField("catalog.Variant", on_delete=models.CASCADE, related_name="sales_data")
    has_data = models.BooleanField(default=False)
    my_noted_at = models.DateTimeField(null=True)
    best_noted_at = models.DateTimeField(null=True)
    gap = models.DecimalField(max_digits=12, decimal_places=2, null=True)
    rank = models.PositiveIntegerField("sales rank", null=True)
    units_sold = models.PositiveIntegerField("units sold in 30 days", null=True)
    read_at = models.DateTimeField()
    error = models.CharField(max_length=300, blank=True, default="")
    acted_on = models.DateTimeField(null=True)

    class Meta:
        indexes = [
            models.Index(fields=["merchant", "read_at", "id"], name="sales_data_age"),
            models.Index(fields=["merchant", "gap", "id"], name="sales_data_gap"),
        ]

    def __str__(self) -> str:
        return f"sales data of variant {self.variant_id}"


class OfferReading(_Offers):
    """Figures that differed from those before, kept for half a year: what charts and the simulator are drawn from."""

    variant = models.ForeignKey("catalog.Variant", on_delete=models.CASCADE, related_name="+")
    at = models.DateTimeField()

    class Meta:
        indexes = [
            models.Index(fields=["merchant", "variant", "-at"], name="offer_reading_of"),
            models.Index(fields=["merchant", "at"], name="offer_reading_age"),
        ]

    def __str__(self) -> str:
        return f"offers of variant {self.variant_id} at {self.at:%Y-%m-%d %H:%M}"
