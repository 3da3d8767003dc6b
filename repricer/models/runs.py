"""The switch of the repricer, its runs, and each price that it changed with the reason."""

from __future__ import annotations

from django.core.validators import MaxValueValidator, MinValueValidator
from django.db import models
from django.db.models import Q

from jetsync.models import Operation
from jetsync.tenancy.managers import LargeTenantModel, TenantModel
from repricer.enums import ChangeState, RunKind, RunState, Why


class RepricerSetting(TenantModel):
    """One per merchant. `frozen_at`: the breaker has stopped the repricer, until a person lets it go on.

    `passes_once`: the next run may change as many SKUs as it wants.
    """

    is_on = models.BooleanField("Use Auto Repricer", default=False)
    step_percent = models.PositiveSmallIntegerField(
        default=10, validators=[MinValueValidator(1), MaxValueValidator(100)]
    )
    share_percent = models.PositiveSmallIntegerField(
        default=50, validators=[MinValueValidator(1), MaxValueValidator(100)]
    )
    always_allowed = models.PositiveIntegerField(default=10, validators=[MaxValueValidator(100_000)])
    frozen_at = models.DateTimeField(null=True)
    frozen_reason = models.CharField(max_length=300, blank=True, default="")
    passes_once = models.BooleanField(default=False)
    updated_at = models.DateTimeField(auto_now=True)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["merchant"], name="repricer_setting_once")]

    def __str__(self) -> str:
        return f"repricer of merchant {self.merchant_id}"


class RepriceRun(TenantModel):
    """`looked`, `changed`, `kept`: SKUs. `allowed`: so many it may change before the breaker stops it.

    `last_variant_id`: everything up to it is done, so a run whose worker died goes on behind it.
    """

    kind = models.CharField(max_length=8, choices=RunKind.choices, default=RunKind.REPRICE)
    state = models.CharField(max_length=8, choices=RunState.choices, default=RunState.RUNNING)
    started_at = models.DateTimeField(auto_now_add=True)
    finished_at = models.DateTimeField(null=True)
    total = models.PositiveIntegerField(default=0)
    allowed = models.PositiveIntegerField(default=0)
    step_percent = models.PositiveSmallIntegerField(default=10)
    looked = models.PositiveIntegerField(default=0)
    changed = models.PositiveIntegerField(default=0)
    last_variant_id = models.BigIntegerField(default=0)
    operation = models.ForeignKey(Operation, null=True, on_delete=models.SET_NULL, related_name="+")
    message = models.CharField(max_length=300, blank=True, default="")

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["merchant"], condition=Q(state=RunState.RUNNING), name="reprice_run_one_open"
            )
        ]
        indexes = [models.Index(fields=["merchant", "-id"], name="reprice_run_recent")]

    def __str__(self) -> str:
        return f"run {self.pk}"

    @property
    def kept(self) -> int:
        return self.looked - self.changed


class RepriceChange(LargeTenantModel):
    """One price of one run. `old_price`, `new_price`: what Jet should have before and after, USD.

    `old_value`, `new_value`: the repriced price of the SKU, null = its store price counts.
    """

    run = models.ForeignKey(RepriceRun, on_delete=models.CASCADE, related_name="changes")
    variant = models.ForeignKey("catalog.Variant", on_delete=models.CASCADE, related_name="+")
    sku = models.CharField(max_length=100)
    at = models.DateTimeField()
    old_price = models.DecimalField(max_digits=12, decimal_places=2)
    new_price = models.DecimalField(max_digits=12, decimal_places=2)
    old_value = models.DecimalField(max_digits=12, decimal_places=2, null=True)
    new_value = models.DecimalField(max_digits=12, decimal_places=2, null=True)
    why = models.CharField(max_length=10, choices=Why.choices)
    words = models.CharField(max_length=400)
    state = models.CharField(max_length=8, choices=ChangeState.choices, default=ChangeState.APPLIED)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["merchant", "run", "variant"], name="reprice_change_once")
        ]
        indexes = [
            models.Index(fields=["merchant", "variant", "-id"], name="reprice_change_of"),
            models.Index(fields=["merchant", "-id"], name="reprice_change_recent"),
        ]

    def __str__(self) -> str:
        return f"{self.sku}: {self.old_price} → {self.new_price}"
