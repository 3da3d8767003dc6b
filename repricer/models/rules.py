"""What the repricer may do: per SKU, and per profile."""

from __future__ import annotations

from django.db import models
from django.db.models import F, Q

from jetsync.tenancy.managers import LargeTenantModel, TenantModel
from repricer.rules import ProfileValues, RuleValues


class RepriceRule(LargeTenantModel):
    """A SKU's own values in USD. Empty means "not set", never zero; a row with nothing set is deleted."""

    variant = models.OneToOneField("catalog.Variant", on_delete=models.CASCADE, related_name="reprice_rule")
    min_price = models.DecimalField(max_digits=12, decimal_places=2, null=True)
    max_price = models.DecimalField(max_digits=12, decimal_places=2, null=True)
    bid = models.DecimalField("bidding amount", max_digits=12, decimal_places=2, null=True)
    cost = models.DecimalField(max_digits=12, decimal_places=2, null=True)
    updated_at = models.DateTimeField(auto_now=True)

    class Meta:
        constraints = [
            models.CheckConstraint(
                condition=Q(min_price=None) | Q(max_price=None) | Q(min_price__lte=F("max_price")),
                name="reprice_rule_order",
            ),
            models.CheckConstraint(
                condition=Q(bid=None) | Q(bid__gt=0),
                name="reprice_rule_bid",
            ),
        ]
        indexes = [models.Index(fields=["merchant", "variant"], name="reprice_rule_of")]

    def __str__(self) -> str:
        return f"bounds of variant {self.variant_id}"

    @property
    def values(self) -> RuleValues:
        return RuleValues(self.min_price, self.max_price, self.bid, self.cost)


class ProfileRule(TenantModel):
    """For the products of a profile, where a SKU has no value of its own. Percent of the store's price for Jet."""

    profile = models.OneToOneField("catalog.Profile", on_delete=models.CASCADE, related_name="reprice_rule")
    min_percent = models.DecimalField(max_digits=6, decimal_places=2, null=True)
    max_percent = models.DecimalField(max_digits=6, decimal_places=2, null=True)
    bid = models.DecimalField("bidding amount", max_digits=12, decimal_places=2, null=True)
    updated_at = models.DateTimeField(auto_now=True)

    def __str__(self) -> str:
        return f"bounds of profile {self.profile_id}"

    @property
    def values(self) -> ProfileValues:
        return ProfileValues(self.min_percent, self.max_percent, self.bid)
