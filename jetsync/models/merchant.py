"""Who uses the panel and what they may do."""

from __future__ import annotations

from datetime import UTC, tzinfo
from typing import Any, ClassVar
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from django.contrib.auth.models import AbstractUser, BaseUserManager
from django.db import models
from django.utils import timezone

from jetsync.enums import Mode, Role
from jetsync.tenancy.rights import Right, rights_of_person


class UserManager(BaseUserManager["User"]):
    def create_user(self, email: str, password: str | None = None, **extra: Any) -> User:
        user = self.model(email=self.normalize_email(email).lower(), **extra)
        user.set_password(password)
        user.save(using=self._db)
        return user

    def create_superuser(self, email: str, password: str | None = None, **extra: Any) -> User:
        return self.create_user(email, password, **{**extra, "is_staff": True, "is_superuser": True})


class User(AbstractUser):
    """Logs in by e-mail address; there is no separate user name."""

    username = None  # type: ignore[assignment]  # AbstractUser's field is taken away, e-mail replaces it
    email = models.EmailField("e-mail address", unique=True)

    USERNAME_FIELD = "email"
    REQUIRED_FIELDS: ClassVar[list[str]] = []
    objects: ClassVar[UserManager] = UserManager()  # type: ignore[assignment]  # no user name argument

    def __str__(self) -> str:
        return self.get_full_name() or self.email


class Merchant(models.Model):
    """The tenant. `mode` picks which of its Jet accounts (test or live) the panel works on."""

    name = models.CharField(max_length=120)
    slug = models.SlugField(max_length=60, unique=True)
    time_zone = models.CharField(max_length=64, default="America/New_York")
    mode = models.CharField(max_length=4, choices=Mode.choices, default=Mode.TEST)
    created_at = models.DateTimeField(auto_now_add=True)
    suspended_at = models.DateTimeField(null=True, blank=True)
    # Members whose log-in asks for no second factor are led to set one up before a page of this store opens.
    requires_second_factor = models.BooleanField(default=False)
    # Set while its deletion waits: nothing is sent to Jet or fetched.
    deletion_due_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        ordering = ("name",)

    def __str__(self) -> str:
        return self.name

    @property
    def zone(self) -> tzinfo:
        """Where the store's clock hangs; UTC for a name that this machine does not know."""
        try:
            return ZoneInfo(self.time_zone)
        except (ZoneInfoNotFoundError, ValueError):
            return UTC


class Membership(models.Model):
    merchant = models.ForeignKey(Merchant, on_delete=models.CASCADE, related_name="memberships")
    user = models.ForeignKey(User, on_delete=models.CASCADE, related_name="memberships")
    role = models.CharField(max_length=12, choices=Role.choices)
    # Names of rights by which this person differs from the role.
    granted = models.JSONField(default=list, blank=True)
    withheld = models.JSONField(default=list, blank=True)
    created_at = models.DateTimeField(auto_now_add=True)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["merchant", "user"], name="membership_once")]

    def __str__(self) -> str:
        return f"{self.user} ({self.get_role_display()})"

    @property
    def rights(self) -> frozenset[Right]:
        """What this person may do here: the one answer that pages, API and tokens go by."""
        return rights_of_person(self.role, self.granted, self.withheld)


class Invitation(models.Model):
    """An open seat, taken by whoever opens the mailed link. Only the hash of the link's token is kept."""

    merchant = models.ForeignKey(Merchant, on_delete=models.CASCADE, related_name="invitations")
    email = models.EmailField()
    role = models.CharField(max_length=12, choices=Role.choices)
    token_hash = models.CharField(max_length=64, unique=True)
    invited_by = models.ForeignKey(User, on_delete=models.SET_NULL, null=True, related_name="+")
    created_at = models.DateTimeField(auto_now_add=True)
    expires_at = models.DateTimeField()
    accepted_at = models.DateTimeField(null=True, blank=True)
    revoked_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        indexes = [models.Index(fields=["merchant", "email"], name="invitation_email")]

    def __str__(self) -> str:
        return f"{self.email} as {self.get_role_display()}"


class ApiToken(models.Model):
    """A key for programs. The token itself is shown once; `rights` never exceed those of its user's role."""

    merchant = models.ForeignKey(Merchant, on_delete=models.CASCADE, related_name="api_tokens")
    user = models.ForeignKey(User, on_delete=models.CASCADE, related_name="api_tokens")
    name = models.CharField(max_length=80)
    prefix = models.CharField(max_length=12)
    token_hash = models.CharField(max_length=64, unique=True)
    rights = models.JSONField(default=list)
    created_at = models.DateTimeField(auto_now_add=True)
    last_used_at = models.DateTimeField(null=True, blank=True)
    expires_at = models.DateTimeField(null=True, blank=True)
    revoked_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        ordering = ("name", "pk")

    def __str__(self) -> str:
        return f"{self.name} ({self.prefix}…)"

    @property
    def is_expired(self) -> bool:
        return self.expires_at is not None and self.expires_at <= timezone.now()


class SupportSession(models.Model):
    """Staff looking into a tenant: who, why, until when. Every request in it carries the mark."""

    merchant = models.ForeignKey(Merchant, on_delete=models.CASCADE, related_name="support_sessions")
    user = models.ForeignKey(User, on_delete=models.CASCADE, related_name="support_sessions")
    reason = models.CharField(max_length=200)
    started_at = models.DateTimeField(auto_now_add=True)
    expires_at = models.DateTimeField()
    ended_at = models.DateTimeField(null=True, blank=True)

    def __str__(self) -> str:
        return f"{self.user} in {self.merchant}: {self.reason}"

    @property
    def is_open(self) -> bool:
        return self.ended_at is None and self.expires_at > timezone.now()
