"""Where people are signed in: allauth's user sessions, noted every few minutes instead of with every request."""

from __future__ import annotations

import time

from allauth.usersessions import app_settings
from allauth.usersessions.middleware import UserSessionsMiddleware
from django.http import HttpRequest, HttpResponse

# "Last seen" is for people. In the session itself, which is read anyway: between two notes a request costs nothing.
NOTED_AT = "seen_noted_at"
STEP_SECONDS = 5 * 60


class SeenMiddleware(UserSessionsMiddleware):  # type: ignore[misc]  # allauth ships no types
    """A page that refreshes itself is nobody being there, and would keep the log-in alive for ever."""

    def __call__(self, request: HttpRequest) -> HttpResponse:
        if self._is_due(request):
            request.session[NOTED_AT] = int(time.time())
            answer: HttpResponse = super().__call__(request)
            return answer
        answer = self.get_response(request)
        return answer

    def _is_due(self, request: HttpRequest) -> bool:
        is_noted = app_settings.TRACK_ACTIVITY and request.session.session_key
        if not is_noted or getattr(request, "htmx", False):
            return False
        return bool(time.time() - request.session.get(NOTED_AT, 0) >= STEP_SECONDS)
