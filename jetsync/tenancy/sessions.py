"""Where people are signed in: allauth's user sessions, noted every few minutes instead of with every request."""

from __future__ import annotations

import time
from typing import Any

from allauth.account.adapter import get_adapter
from allauth.mfa.models import Authenticator
from allauth.usersessions import app_settings
from allauth.usersessions.adapter import get_adapter as get_usersessions_adapter
from allauth.usersessions.middleware import UserSessionsMiddleware
from allauth.usersessions.models import UserSession
from django.http import HttpRequest, HttpResponse

from jetsync.models import User

# "Last seen" is for people. In the session itself, which is read anyway: between two notes a request costs nothing.
NOTED_AT, NOTED_FROM = "seen_noted_at", "seen_noted_from"
STEP_SECONDS = 5 * 60


class SeenMiddleware(UserSessionsMiddleware):  # type: ignore[misc]  # allauth ships no types
    """A page that refreshes itself is nobody being there, and would keep the log-in alive for ever.

    Another address is noted at once, whatever is asked for: a log-in that was taken away must not stay out of sight by
    asking for parts of pages alone, or by being quick.
    """

    def __call__(self, request: HttpRequest) -> HttpResponse:
        if app_settings.TRACK_ACTIVITY and request.session.session_key and request.user.is_authenticated:
            address = get_adapter().get_client_ip(request)
            if self._is_due(request) or request.session.get(NOTED_FROM) != address:
                request.session[NOTED_AT], request.session[NOTED_FROM] = int(time.time()), address
                answer: HttpResponse = super().__call__(request)
                return answer
        answer = self.get_response(request)
        return answer

    def _is_due(self, request: HttpRequest) -> bool:
        if getattr(request, "htmx", False):
            return False
        return bool(time.time() - request.session.get(NOTED_AT, 0) >= STEP_SECONDS)


def end_other_sessions(
    request: HttpRequest, user: User, authenticator: Authenticator, **_signal: Any
) -> None:
    """When a second factor was added: whoever is signed in by the password alone does not come along.

    A store that asks for a factor asks whether the person has one, so it would open to older log-ins as well.
    """
    if authenticator.type == Authenticator.Type.RECOVERY_CODES:
        return
    others = UserSession.objects.filter(user=user).exclude(session_key=request.session.session_key)
    get_usersessions_adapter().end_sessions(others)
