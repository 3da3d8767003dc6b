"""Jet's errors in the merchant's words, each with its end and what to do."""

from __future__ import annotations

from datetime import timedelta

from jetsync.exceptions import DomainError
from jetsync.jet import errors
from jetsync.sync.failures import PermanentFailure, RetryLater, SettingsFailure

# A local queue for the rate limit drains in seconds.
THROTTLE_WAIT = timedelta(seconds=10)


def jet_words(exc: errors.JetError) -> str:
    """What Jet itself said, or the bare status; without its full stop, because a sentence goes on around it."""
    words = exc.jet_message or (f"status {exc.status}" if exc.status else type(exc).__name__)
    return words.rstrip(".")


def explain_jet_error(exc: errors.JetError) -> DomainError:  # noqa: PLR0911 -- one return per class reads as the table it is
    """The DomainError for a JetError: RetryLater, SettingsFailure or PermanentFailure."""
    if isinstance(exc, errors.JetBadCredentials):
        return SettingsFailure(
            f"Jet refused the API keys: {jet_words(exc)}.",
            hint="Check API user and secret under Settings, Jet account, and press Validate.",
            code="jet_keys_refused",
        )
    if isinstance(exc, errors.JetForbidden):
        return SettingsFailure(
            f"Jet does not allow this account to {exc.method} {exc.path}: {jet_words(exc)}.",
            hint="Test keys and live keys have different rights. Check the mode under Settings, Jet account.",
            code="jet_forbidden",
        )
    if isinstance(exc, errors.JetBadAnswer):
        return RetryLater(
            f"The address did not answer like Jet ({jet_words(exc)}).",
            hint="Check the API address under Settings, Jet account. A page of HTML often means a wrong address.",
            code="jet_bad_answer",
            maybe_arrived=exc.may_have_arrived,
        )
    if isinstance(exc, errors.JetThrottled):
        wait = timedelta(seconds=exc.retry_after) if exc.retry_after else THROTTLE_WAIT
        return RetryLater("Jet asked for a pause (too many calls).", after=wait, code="jet_throttled")
    if isinstance(exc, errors.JetServerError):
        return RetryLater(
            f"Jet has a problem of its own ({jet_words(exc)}).",
            code="jet_unwell",
            maybe_arrived=exc.may_have_arrived,
        )
    if isinstance(exc, errors.JetAnswerLost | errors.JetTimeout):
        return RetryLater(
            "The connection broke before Jet's answer. It may have arrived; jetsync checks before repeating.",
            code="jet_answer_lost",
            maybe_arrived=True,
        )
    if isinstance(exc, errors.JetConnectionError):
        return RetryLater(
            "Jet cannot be reached at the moment.",
            hint="If this stays, check the API address under Settings, Jet account.",
            code="jet_unreachable",
        )
    if isinstance(exc, errors.JetUnauthorized):
        return RetryLater("Jet did not accept the session; a new one is made.", code="jet_unauthorized")
    return PermanentFailure(f"Jet refused {exc.method} {exc.path}: {jet_words(exc)}.", code="jet_refused")
