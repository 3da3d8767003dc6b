"""The merchant's accounts at Jet, their fulfilment nodes and return locations."""

from __future__ import annotations

from django.db import models

from jetsync.enums import Mode
from jetsync.fields import EncryptedTextField
from jetsync.tenancy.managers import TenantModel

UNKNOWN_TO_JET = "Jet does not know this"


class JetAccount(TenantModel):
    """One key pair. Test and live keys reach the same address but separate data (protocol: conventions)."""

    class Validation(models.TextChoices):
        NEVER = "never", "Not validated yet"
        OK = "ok", "Keys accepted by Jet"
        REFUSED = "refused", "Keys refused by Jet"
        UNREACHABLE = "unreachable", "Address did not answer"
        TAKEN = "taken", "Used by another store"

    mode = models.CharField(max_length=4, choices=Mode.choices)
    api_url = models.CharField(max_length=300)
    api_user = EncryptedTextField(default="")
    api_secret = EncryptedTextField(default="")
    jet_merchant_id = models.CharField(max_length=64, blank=True, default="")
    validation = models.CharField(max_length=12, choices=Validation.choices, default=Validation.NEVER)
    validation_message = models.CharField(max_length=500, blank=True, default="")
    validated_at = models.DateTimeField(null=True, blank=True)
    token_issued_at = models.DateTimeField(null=True, blank=True)
    token_expires_at = models.DateTimeField(null=True, blank=True)
    # Set once Jet has accepted the keys: two stores on one Jet account would answer each other's orders.
    fingerprint = models.CharField(max_length=64, blank=True, default="", editable=False)
    created_at = models.DateTimeField(auto_now_add=True)
    updated_at = models.DateTimeField(auto_now=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["merchant", "mode"], name="account_per_mode"),
            models.UniqueConstraint(
                fields=["fingerprint"], condition=~models.Q(fingerprint=""), name="account_linked_once"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.get_mode_display()} account"

    @property
    def has_keys(self) -> bool:
        return bool(self.api_user and self.api_secret and self.api_url)

    @property
    def masked_user(self) -> str:
        shown = f"{self.api_user[:4]}…{self.api_user[-2:]}"
        return shown if len(self.api_user) > len(shown) else "•" * len(self.api_user)


class Place(TenantModel):
    """What nodes and return locations share: whether Jet lists the id, as it stood when Jet was last asked."""

    # None: not compared yet, or Jet gives no list.
    is_at_jet = models.BooleanField(null=True, editable=False)

    class Meta:
        abstract = True

    @property
    def marked(self) -> str:
        """Its name, for a list to choose from, with what speaks against choosing it."""
        return f"{self} ({UNKNOWN_TO_JET})" if self.is_at_jet is False else str(self)


class FulfillmentNode(Place):
    """A warehouse as Jet knows it. Exactly one node of an account is the default.

    `buffer_quantity`: pieces of each SKU held back here; null = the merchant's buffer. `cutoff`: until then orders
    leave on the same day, in `time_zone` ("" = the store's); null = all day.
    """

    account = models.ForeignKey(JetAccount, on_delete=models.CASCADE, related_name="nodes")
    node_id = models.CharField("Jet fulfilment node id", max_length=64)
    name = models.CharField(max_length=120)
    zip_code = models.CharField(max_length=5, blank=True, default="")
    is_default = models.BooleanField(default=False)
    buffer_quantity = models.PositiveIntegerField(null=True, blank=True)
    cutoff = models.TimeField("cut-off time", null=True, blank=True)
    time_zone = models.CharField(max_length=64, blank=True, default="")
    position = models.PositiveSmallIntegerField(default=0)

    class Meta:
        ordering = ("-is_default", "position", "pk")
        constraints = [
            models.UniqueConstraint(fields=["merchant", "account", "node_id"], name="node_once"),
            models.UniqueConstraint(
                fields=["merchant", "account"], condition=models.Q(is_default=True), name="node_one_default"
            ),
        ]

    def __str__(self) -> str:
        return self.name


class ReturnLocation(Place):
    account = models.ForeignKey(JetAccount, on_delete=models.CASCADE, related_name="return_locations")
    return_id = models.CharField("Jet return location id", max_length=64)
    address1 = models.CharField(max_length=120)
    address2 = models.CharField(max_length=120, blank=True, default="")
    city = models.CharField(max_length=80)
    state = models.CharField(max_length=2)
    zip_code = models.CharField(max_length=5)
    is_default = models.BooleanField(default=False)

    class Meta:
        ordering = ("-is_default", "pk")
        constraints = [
            models.UniqueConstraint(fields=["merchant", "account", "return_id"], name="return_location_once"),
            models.UniqueConstraint(
                fields=["merchant", "account"],
                condition=models.Q(is_default=True),
                name="return_location_one_default",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.address1}, {self.city}, {self.state} {self.zip_code}"
