"""The way from test keys to live: what was exercised with the test keys, and how much of the catalogue went live."""

from __future__ import annotations

from django.core.validators import MaxValueValidator, MinValueValidator
from django.db import models

from jetsync.tenancy.managers import TenantModel


class Activation(TenantModel):
    """One per merchant. `sku`: the product of the rehearsal, empty = the first ready one. `went_live_at`: once set, live
    stays open. `live_share`: percent of the ready SKUs that are uploaded in live mode; the others are held back.
    """

    sku = models.CharField("SKU", max_length=100, blank=True, default="")
    went_live_at = models.DateTimeField(null=True, blank=True)
    live_share = models.PositiveSmallIntegerField(
        default=100, validators=[MinValueValidator(1), MaxValueValidator(100)]
    )
    updated_at = models.DateTimeField(auto_now=True)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["merchant"], name="activation_once")]

    def __str__(self) -> str:
        return f"Activation of merchant {self.merchant_id}"


class ActivationStep(TenantModel):
    """One exercise with one pair of test keys (`keys_mark`): other keys are another account at Jet and begin anew.

    `evidence`: the call that proves it (method, path, status, request, answer, at) and `ids` at Jet; of a failed one also
    the `code` of why. `data`: what the step has done so far, written before and after each call, so that a second try goes
    on instead of beginning again.
    """

    class State(models.TextChoices):
        NOT_RUN = "not_run", "Not run"
        RUNNING = "running", "Running"
        OK = "ok", "OK"
        FAILED = "failed", "Failed"

    keys_mark = models.CharField(max_length=64)
    key = models.CharField(max_length=40)
    state = models.CharField(max_length=8, choices=State.choices, default=State.NOT_RUN)
    message = models.CharField(max_length=1000, blank=True, default="")
    hint = models.CharField(max_length=500, blank=True, default="")
    evidence = models.JSONField(default=dict)
    data = models.JSONField(default=dict)
    operation = models.ForeignKey(
        "jetsync.Operation", on_delete=models.SET_NULL, null=True, related_name="activation_steps"
    )
    started_at = models.DateTimeField(null=True)
    finished_at = models.DateTimeField(null=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["merchant", "keys_mark", "key"], name="activation_step_once")
        ]

    def __str__(self) -> str:
        return self.key
