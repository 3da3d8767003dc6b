"""Resolves the merchant in the URL, checks membership, opens the scope. Not yours is 404, so nothing leaks."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from urllib.parse import urlencode

import structlog
from django.contrib.auth.views import redirect_to_login
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.urls import Resolver404, resolve, reverse
from django.utils import timezone
from django.utils.cache import add_never_cache_headers
from django_htmx.http import HttpResponseClientRedirect

from jetsync.actions.merchant import note_support_page
from jetsync.enums import Role
from jetsync.models import ApiToken, Merchant, SupportSession, User
from jetsync.tenancy.actor import Actor
from jetsync.tenancy.context import across_merchants, merchant_scope
from jetsync.tenancy.mfa import SecondFactorMissing, with_second_factor
from jetsync.tenancy.rights import SUPPORT_RIGHTS, parse_rights
from jetsync.tenancy.tokens import find_token

log = structlog.get_logger(__name__)
GetResponse = Callable[[HttpRequest], HttpResponse]


@dataclass(frozen=True)
class Access:
    """How this request got in: `role` is empty for a support session."""

    merchant: Merchant
    actor: Actor
    role: str
    support: SupportSession | None = None

    @property
    def is_owner(self) -> bool:
        """No support session, which has no role."""
        return self.role == Role.OWNER


def _token_access(request: HttpRequest, slug: str) -> Access | None:
    scheme, _, value = request.headers.get("Authorization", "").partition(" ")
    if scheme.lower() not in {"bearer", "token"} or not value:
        return None
    token = find_token(value.strip())
    if token is None or token.merchant.slug != slug or token.merchant.suspended_at:
        return None
    membership = token.merchant.memberships.filter(user=token.user).first()
    if membership is None or not token.user.is_active:
        return None
    granted = parse_rights(token.rights) & membership.rights
    actor = Actor(label=f"{token.user} (token {token.name})", user=token.user, token=token, rights=granted)
    return Access(merchant=token.merchant, actor=actor, role=membership.role)


def _member_access(user: User, slug: str) -> Access | None:
    """Raises SecondFactorMissing. A token, in contrast, is no log-in: it goes on."""
    seats = user.memberships.select_related("merchant").annotate(has_second_factor=with_second_factor())
    membership = seats.filter(merchant__slug=slug).first()
    if membership is not None and membership.merchant.suspended_at is None:
        if membership.merchant.requires_second_factor and not membership.has_second_factor:
            raise SecondFactorMissing(membership.merchant)
        actor = Actor(label=str(user), user=user, rights=membership.rights)
        return Access(merchant=membership.merchant, actor=actor, role=membership.role)
    if not user.is_staff:
        return None
    session = (
        user.support_sessions.select_related("merchant")
        .filter(merchant__slug=slug, ended_at=None, expires_at__gt=timezone.now())
        .first()
    )
    if session is None:
        return None
    actor = Actor(label=f"{user} (support: {session.reason})"[:150], user=user, rights=SUPPORT_RIGHTS)
    return Access(merchant=session.merchant, actor=actor, role="", support=session)


def _note_support(session: SupportSession, request: HttpRequest, actor: Actor) -> None:
    """The installation's log has every request. The merchant's has every page, without the numbers of the menu, which
    refresh themselves.
    """
    log.info("support_request", method=request.method, path=request.path)
    if request.method == "GET" and resolve(request.path_info).url_name != "badges":
        note_support_page(session, request.path, actor=actor)


class MerchantMiddleware:
    """For URLs with a `merchant` slug: sets `request.merchant`, `.actor`, `.access` inside the merchant's scope."""

    def __init__(self, get_response: GetResponse) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        try:
            match = resolve(request.path_info)
        except Resolver404:
            return self.get_response(request)
        slug = match.kwargs.get("merchant_slug")
        if slug is None:
            return self.get_response(request)
        is_api = "api" in match.namespaces
        access = _token_access(request, slug) if is_api else None
        if access is None and isinstance(request.user, User):
            try:
                access = _member_access(request.user, slug)
            except SecondFactorMissing as error:
                return self._lead_to_second_factor(request, error, is_api=is_api)
        if access is None:
            return self._refuse(request, is_api=is_api)
        request.access, request.merchant, request.actor = access, access.merchant, access.actor  # type: ignore[attr-defined]
        with (
            merchant_scope(access.merchant),
            structlog.contextvars.bound_contextvars(actor=access.actor.label),
        ):
            if access.support is not None:
                _note_support(access.support, request, access.actor)
            response = self.get_response(request)
        # A shared machine must not show the pages of whoever logged out.
        if not response.has_header("Cache-Control"):
            add_never_cache_headers(response)
        return response

    def _refuse(self, request: HttpRequest, *, is_api: bool) -> HttpResponse:
        if is_api:
            request.access = None  # type: ignore[attr-defined]
            return self.get_response(request)  # the API answers 401 or 404 in its own form
        if not request.user.is_authenticated:
            return redirect_to_login(request.get_full_path())
        request.merchant_refused = True  # type: ignore[attr-defined]
        return _as_not_found(request)

    def _lead_to_second_factor(
        self, request: HttpRequest, error: SecondFactorMissing, *, is_api: bool
    ) -> HttpResponse:
        """To the page that explains it, and from there on to what was asked for; what was sent is not done."""
        if is_api:
            request.access, request.refusal = None, error  # type: ignore[attr-defined]
            return self.get_response(request)  # the API answers 403 in its own form
        slug, is_part = error.merchant.slug, bool(getattr(request, "htmx", False))
        is_page = request.method == "GET" and not is_part
        wanted = request.get_full_path() if is_page else reverse("panel:home", args=[slug])
        page = f"{reverse('second-factor', args=[slug])}?{urlencode({'next': wanted})}"
        return HttpResponseClientRedirect(page) if is_part else redirect(page)


def _as_not_found(request: HttpRequest) -> HttpResponse:
    from django.core.handlers.exception import response_for_exception  # noqa: PLC0415 -- handler module pulls urls

    return response_for_exception(request, Http404("No such merchant."))


class StaffAdminMiddleware:
    """Django admin sits behind the panel's own log-in and a second factor, and leaves a line per request."""

    def __init__(self, get_response: GetResponse) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        if not request.path_info.startswith("/admin/"):
            return self.get_response(request)
        if not request.user.is_authenticated:
            return redirect_to_login(request.get_full_path())
        if not request.user.is_staff:
            return _as_not_found(request)
        if not _has_second_factor(request.user):
            return redirect(f"{reverse('mfa_activate_totp')}?next={request.path}")
        log.info("staff_request", method=request.method, path=request.path, user_id=request.user.pk)
        with across_merchants():
            return self.get_response(request)


def _has_second_factor(user: User) -> bool:
    from allauth.mfa.utils import is_mfa_enabled  # noqa: PLC0415 -- needs the app registry

    return bool(is_mfa_enabled(user))


def used_token(request: HttpRequest) -> ApiToken | None:
    access: Access | None = getattr(request, "access", None)
    return access.actor.token if access else None
