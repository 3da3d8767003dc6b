"""Where a person is signed in: ending one of one's own sessions, and all of a member's."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from allauth.usersessions.models import UserSession
from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponseBase
from django.shortcuts import get_object_or_404, redirect
from django.views.decorators.http import require_POST

from jetsync.actions.people import end_sessions
from jetsync.models import Membership
from jetsync.panel.browsers import browser_words
from jetsync.panel.messages import say
from jetsync.panel.setup.lookups import get_membership
from jetsync.panel.setup.removals import Removal
from jetsync.tenancy.rights import Right


@require_POST
@login_required
def end_session(request: HttpRequest, pk: int) -> HttpResponseBase:
    """Ends another session of the same person. All others at once are ended by allauth's own page."""
    row = get_object_or_404(UserSession, user=request.user, pk=pk)
    if row.is_current():
        say(request, "error", "This is the session you are using. Log out to end it.")
    else:
        row.end()
        say(request, "success", f"{browser_words(row.user_agent)} is logged out.")
    return redirect("usersessions_list")


class EndSessions(Removal):
    right = write_right = Right.MEMBERS_MANAGE
    noun = ("person", "people")
    confirm_label = "Log out everywhere"

    def get_target(self, **kwargs: Any) -> Membership:
        return get_membership(self.request.merchant, kwargs["pk"])

    def get_title(self, target: Membership) -> str:
        return f"Log {target.user} out everywhere"

    def get_consequences(self, target: Membership) -> Sequence[str]:
        return [
            f"Every browser in which {target.user} is logged in asks for the password again, in other stores, too.",
            "What is typed there and not saved is lost.",
            "Logging in again works: to keep the person out of this store, remove the member.",
            "API tokens go on. Revoke those that should not.",
        ]

    def get_blockers(self, target: Membership) -> Sequence[str]:
        if target.user_id == self.request.user.pk:
            return ("This is you. End your other sessions under your account, Signed in.",)
        return ()

    def get_cancel_url(self, target: Membership) -> str:
        return self.page("member", pk=target.pk)

    def perform(self, target: Membership, form: Any) -> str:  # noqa: ARG002 -- no form
        count = end_sessions(target, actor=self.request.actor)
        ended = f"{count} session{'' if count == 1 else 's'} ended"
        say(self.request, "success", f"{target.user} is logged out everywhere: {ended}.")
        return self.page("member", pk=target.pk)
