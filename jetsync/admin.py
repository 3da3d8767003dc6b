"""Staff admin: read-mostly, crosses tenants by design, every write through an action, secrets never shown."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any, ClassVar

# Each registers its own: one deletes rows without ending sessions, two would let staff take an account over.
import allauth.account.admin
import allauth.mfa.admin
import allauth.usersessions.admin  # noqa: F401
from allauth.account.models import EmailAddress
from allauth.mfa.models import Authenticator
from allauth.usersessions.models import UserSession
from django import forms
from django.contrib import admin, messages
from django.contrib.admin.helpers import ActionForm
from django.db.models import Model, QuerySet
from django.http import HttpRequest

from jetsync import models
from jetsync.actions import job as job_actions
from jetsync.actions.merchant import set_suspended, start_support
from jetsync.actions.support import mark_answered
from jetsync.exceptions import DomainError
from jetsync.tenancy.actor import Actor
from jetsync.tenancy.context import across_merchants, merchant_scope
from jetsync.tenancy.rights import Right

admin.site.site_header = "jetsync staff"
admin.site.site_title = "jetsync staff"


def staff_actor(request: HttpRequest) -> Actor:
    """Django's own permissions decide what staff may do in the admin."""
    user: Any = request.user
    return Actor(label=f"{user} (staff)", user=user, rights=frozenset(Right))


class ReadOnlyAdmin(admin.ModelAdmin):  # type: ignore[type-arg]  # not generic at run time
    """Rows of all merchants to look at. Nothing is added, changed or deleted here."""

    list_per_page = 50
    show_full_result_count = False

    def get_queryset(self, request: HttpRequest) -> QuerySet[Any]:  # noqa: ARG002 -- Django's signature
        with across_merchants():
            rows: QuerySet[Any] = self.model._base_manager.all()
            return rows

    def has_add_permission(self, _request: HttpRequest, _obj: Any = None) -> bool:
        return False

    def has_change_permission(self, _request: HttpRequest, _obj: Any = None) -> bool:
        return False

    def has_delete_permission(self, _request: HttpRequest, _obj: Any = None) -> bool:
        return False


def each_in_scope(admin_class: Any, request: HttpRequest, rows: Iterable[Any], act: Any, verb: str) -> None:
    """Runs `act(row)` in each row's own scope and reports what worked and what did not."""
    done = 0
    for row in rows:
        try:
            with merchant_scope(row.merchant):
                act(row)
            done += 1
        except DomainError as exc:
            admin_class.message_user(request, exc.message, messages.ERROR)
    admin_class.message_user(request, f"{verb}: {done}")


@admin.register(models.User)
class UserAdmin(ReadOnlyAdmin):
    list_display = ("email", "first_name", "last_name", "is_staff", "is_active", "last_login")
    search_fields = ("email",)
    exclude = ("password",)


for model in (UserSession, EmailAddress, Authenticator):
    admin.site.unregister(model)


@admin.register(EmailAddress)
class EmailAddressAdmin(ReadOnlyAdmin):
    """Whoever could confirm an address of his own for somebody would have that account."""

    list_display = ("email", "user", "verified", "primary")
    search_fields = ("email",)


@admin.register(Authenticator)
class AuthenticatorAdmin(ReadOnlyAdmin):
    """That there is a second factor, never its secret."""

    list_display = ("user", "type", "created_at", "last_used_at")
    search_fields = ("user__email",)
    exclude = ("data",)


@admin.register(UserSession)
class UserSessionAdmin(ReadOnlyAdmin):
    list_display = ("user", "created_at", "last_seen_at", "ip", "user_agent")
    list_select_related = ("user",)
    search_fields = ("user__email", "ip")
    exclude = ("session_key", "data")


class MembershipInline(admin.TabularInline):  # type: ignore[type-arg]  # not generic at run time
    model = models.Membership
    extra = 0
    can_delete = False

    def has_add_permission(self, _request: HttpRequest, _obj: Any = None) -> bool:
        return False

    def has_change_permission(self, _request: HttpRequest, _obj: Any = None) -> bool:
        return False


class ReasonForm(ActionForm):
    """Beside the list of actions; a support session is opened for a reason only."""

    reason = forms.CharField(
        label="Reason (for a support session; the merchant reads it)", required=False, max_length=200
    )


@admin.register(models.Merchant)
class MerchantAdmin(ReadOnlyAdmin):
    list_display = ("name", "slug", "mode", "created_at", "suspended_at", "deletion_due_at")
    search_fields = ("name", "slug")
    inlines = (MembershipInline,)
    action_form = ReasonForm
    actions = ("suspend", "resume", "open_support_session")

    @admin.action(description="Suspend: members are locked out, schedules stop")
    def suspend(self, request: HttpRequest, merchants: QuerySet[models.Merchant]) -> None:
        for merchant in merchants:
            set_suspended(merchant, suspended=True, actor=staff_actor(request))
        self.message_user(request, f"Suspended: {len(merchants)}")

    @admin.action(description="Resume")
    def resume(self, request: HttpRequest, merchants: QuerySet[models.Merchant]) -> None:
        for merchant in merchants:
            set_suspended(merchant, suspended=False, actor=staff_actor(request))
        self.message_user(request, f"Resumed: {len(merchants)}")

    @admin.action(description="Open a support session (2 hours, read only, written to the merchant's log)")
    def open_support_session(self, request: HttpRequest, merchants: QuerySet[models.Merchant]) -> None:
        for merchant in merchants:
            try:
                session = start_support(merchant, staff=request.user, reason=request.POST.get("reason", ""))  # type: ignore[arg-type]
            except DomainError as error:
                self.message_user(request, f"{merchant}: {error.message}", messages.ERROR)
                continue
            self.message_user(
                request, f"{merchant}: until {session.expires_at:%H:%M} UTC at /m/{merchant.slug}/"
            )


@admin.register(models.JetAccount)
class JetAccountAdmin(ReadOnlyAdmin):
    list_display = ("merchant", "mode", "api_url", "validation", "validated_at")
    list_filter = ("mode", "validation")
    fields = (
        "merchant",
        "mode",
        "api_url",
        "masked_user",
        "validation",
        "validation_message",
        "validated_at",
        "token_issued_at",
        "token_expires_at",
    )
    readonly_fields = ("masked_user",)


@admin.register(models.Activation)
class ActivationAdmin(ReadOnlyAdmin):
    """The lock of live mode stands in the action that switches; it is not opened here."""

    list_display = ("merchant", "went_live_at", "live_share", "sku", "updated_at")
    list_select_related = ("merchant",)


@admin.register(models.ActivationStep)
class ActivationStepAdmin(ReadOnlyAdmin):
    list_display = ("merchant", "key", "state", "message", "started_at", "finished_at")
    list_filter = ("state", "key")
    list_select_related = ("merchant",)
    exclude = ("keys_mark",)


class AttemptInline(admin.TabularInline):  # type: ignore[type-arg]  # not generic at run time
    model = models.Attempt
    extra = 0
    can_delete = False
    fields = ("try_number", "started_at", "duration_ms", "method", "path", "status", "error")

    def get_queryset(self, _request: HttpRequest) -> QuerySet[models.Attempt]:
        with across_merchants():
            return models.Attempt._base_manager.all()

    def has_add_permission(self, _request: HttpRequest, _obj: Model | None = None) -> bool:
        return False

    def has_change_permission(self, _request: HttpRequest, _obj: Model | None = None) -> bool:
        return False


@admin.register(models.Job)
class JobAdmin(ReadOnlyAdmin):
    list_display = (
        "id",
        "merchant",
        "kind",
        "key",
        "queue",
        "state",
        "failure_end",
        "attempts",
        "not_before",
        "message",
    )
    list_filter = ("state", "queue", "failure_end", "kind")
    search_fields = ("key", "message")
    list_select_related = ("merchant",)
    exclude = ("lease_token",)
    inlines = (AttemptInline,)
    actions = ("retry", "cancel")

    @admin.action(description="Retry")
    def retry(self, request: HttpRequest, jobs: QuerySet[models.Job]) -> None:
        actor = staff_actor(request)
        each_in_scope(self, request, jobs, lambda row: job_actions.retry_job(row, actor=actor), "Retried")

    @admin.action(description="Cancel (only waiting jobs)")
    def cancel(self, request: HttpRequest, jobs: QuerySet[models.Job]) -> None:
        actor = staff_actor(request)
        each_in_scope(self, request, jobs, lambda row: job_actions.cancel(row, actor=actor), "Cancelled")


@admin.register(models.Schedule)
class ScheduleAdmin(ReadOnlyAdmin):
    list_display = (
        "merchant",
        "kind",
        "interval_seconds",
        "next_due_at",
        "last_finished_at",
        "last_ok",
        "is_paused",
    )
    list_filter = ("kind", "last_ok", "is_paused")
    list_select_related = ("merchant",)


@admin.register(models.Operation)
class OperationAdmin(ReadOnlyAdmin):
    list_display = ("id", "merchant", "title", "state", "total", "done", "failed", "created_at")
    list_filter = ("state", "kind")
    list_select_related = ("merchant",)


@admin.register(models.LogEntry)
class LogEntryAdmin(ReadOnlyAdmin):
    list_display = ("created_at", "merchant", "action", "message", "actor_label")
    list_filter = ("action",)
    search_fields = ("message", "object_label")
    list_select_related = ("merchant",)
    date_hierarchy = "created_at"


@admin.register(models.Mail)
class MailAdmin(ReadOnlyAdmin):
    """For the operator of the mail server: what arrives and what does not. The letters are the merchant's."""

    list_display = (
        "id",
        "merchant",
        "kind",
        "to",
        "state",
        "attempts",
        "code",
        "message",
        "created_at",
        "sent_at",
    )
    list_filter = ("state", "kind", "code")
    search_fields = ("to", "message")
    list_select_related = ("merchant",)
    exclude = ("text", "html", "named")


@admin.register(models.Webhook)
class WebhookAdmin(ReadOnlyAdmin):
    list_display = ("merchant", "url", "topics", "is_active", "created_at")
    list_filter = ("is_active",)
    list_select_related = ("merchant",)
    exclude = ("secret",)


@admin.register(models.SupportRequest)
class SupportRequestAdmin(ReadOnlyAdmin):
    """What merchants ask, with their case files. The answer goes by mail; here it is marked as given."""

    list_display = ("reference", "merchant", "subject", "sender", "email", "created_at", "answered_at")
    list_filter = (("answered_at", admin.EmptyFieldListFilter),)
    search_fields = ("reference", "subject", "email")
    list_select_related = ("merchant",)
    actions = ("mark_answered",)

    @admin.action(description="Mark as answered (the merchant sees it)")
    def mark_answered(self, request: HttpRequest, rows: QuerySet[models.SupportRequest]) -> None:
        actor = staff_actor(request)
        each_in_scope(self, request, rows, lambda row: mark_answered(row, actor=actor), "Answered")


@admin.register(models.SupportSession)
class SupportSessionAdmin(ReadOnlyAdmin):
    list_display = ("merchant", "user", "reason", "started_at", "expires_at", "ended_at")


@admin.register(models.ApiToken)
class ApiTokenAdmin(ReadOnlyAdmin):
    list_display = ("merchant", "user", "name", "prefix", "last_used_at", "expires_at", "revoked_at")
    exclude: ClassVar[tuple[str, ...]] = ("token_hash",)


@admin.register(models.StoreDeletion)
class StoreDeletionAdmin(ReadOnlyAdmin):
    """Deletions that wait, and the line that stays of each store that is gone."""

    list_display = (
        "store_number",
        "store",
        "asked_by_role",
        "asked_at",
        "due_at",
        "warned_at",
        "kept_at",
        "begun_at",
        "finished_at",
        "row_count",
    )
    list_filter = (("kept_at", admin.EmptyFieldListFilter), ("finished_at", admin.EmptyFieldListFilter))

    @admin.display(description="Store, while there is one")
    def store(self, row: models.StoreDeletion) -> str:
        found = models.Merchant.objects.filter(pk=row.store_number).first()
        return f"{found.name} ({found.slug})" if found else ""
