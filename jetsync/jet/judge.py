"""Decides whether an exchange succeeded, and makes the error when it did not. No text of it holds a secret."""

from __future__ import annotations

import ssl
from collections.abc import Mapping
from http import HTTPStatus
from urllib.parse import urlsplit

import requests
import urllib3.exceptions

from jetsync.jet import errors
from jetsync.jet.codec import decode
from jetsync.jet.exchange import CUT_OFF, TOO_SLOW, Answer, Call
from jetsync.jet.redact import Redactor
from jetsync.jet.refusal import error_class, looks_like_page, messages_in, request_id_in, retry_after_in

# What `requests` wraps, and the little that it lets through (an unusable host name).
Failure = requests.RequestException | urllib3.exceptions.HTTPError

# TLS failures that can only happen before the request is sent.
_HANDSHAKE = (
    "CERTIFICATE",
    "WRONG_VERSION",
    "UNSUPPORTED_PROTOCOL",
    "HANDSHAKE",
    "HTTP_REQUEST",
    "PROTOCOL_VERSION",
)


def judge(call: Call, answer: Answer, redactor: Redactor) -> errors.JetError | None:
    """The error of an answer, or None when it is a success."""
    if not answer.is_success:
        return _refusal(call, answer, redactor)
    if answer.broken and (call.needs_body or not call.changes):
        return _broken(call, answer, redactor)
    if call.needs_body:
        return _judge_json(call, answer, redactor)
    if call.changes and answer.body and not answer.broken:
        return _hidden_refusal(call, answer, redactor)
    return None


def _refusal(call: Call, answer: Answer, redactor: Redactor) -> errors.JetError:
    kind = call.error_classes.get(answer.status) or error_class(answer.status)
    messages = [redactor.clean(message) for message in messages_in(answer.body)]
    text = "; ".join(messages)
    if kind is errors.JetBadAnswer:
        text = f"the address answers with a redirect to {_host(answer.headers.get('location', ''))}"
    arrived = call.changes and kind is errors.JetServerError
    return _error(kind, call, answer, redactor, text, messages=messages, may_have_arrived=arrived)


def _broken(call: Call, answer: Answer, redactor: Redactor) -> errors.JetError:
    if answer.broken == TOO_SLOW:
        return _error(errors.JetTimeout, call, answer, redactor, "the answer did not arrive in full in time")
    kind = errors.JetHalfAnswer if answer.broken == CUT_OFF else errors.JetBadAnswer
    text = f"the answer is {answer.broken}"
    return _error(kind, call, answer, redactor, text, may_have_arrived=call.changes)


def _judge_json(call: Call, answer: Answer, redactor: Redactor) -> errors.JetError | None:
    arrived = call.changes
    if looks_like_page(answer.body):
        title = "; ".join(redactor.clean(message) for message in messages_in(answer.body))
        text = f"a page instead of JSON: {title}" if title else "a page instead of JSON"
        return _error(errors.JetBadAnswer, call, answer, redactor, text, may_have_arrived=arrived)
    try:
        decode(answer.body)
    except ValueError:
        text = "the answer is not JSON" if answer.body.strip() else "the answer is empty"
        return _error(errors.JetBadAnswer, call, answer, redactor, text, may_have_arrived=arrived)
    return None


def _hidden_refusal(call: Call, answer: Answer, redactor: Redactor) -> errors.JetError | None:
    """A write's 2xx is empty. Clients of the time took a body as a refusal; we do when it lists errors."""
    try:
        value = decode(answer.body)
    except ValueError:
        return None  # accepted; what came along is not needed
    if not isinstance(value, Mapping) or not (value.get("errors") or value.get("error")):
        return None
    messages = [redactor.clean(message) for message in messages_in(answer.body)]
    return _error(errors.JetBadRequest, call, answer, redactor, "; ".join(messages), messages=messages)


def _error(
    kind: type[errors.JetError],
    call: Call,
    answer: Answer,
    redactor: Redactor,
    text: str,
    *,
    messages: list[str] | None = None,
    may_have_arrived: bool | None = None,
) -> errors.JetError:
    return kind(
        text,
        status=answer.status,
        messages=messages or (),
        method=call.method,
        path=call.path,
        request_id=request_id_in(answer.headers),
        retry_after=retry_after_in(answer.headers),
        body=redactor.cut(answer.body),
        may_have_arrived=may_have_arrived,
    )


def bad_answer(call: Call, answer: Answer, redactor: Redactor, text: str) -> errors.JetError:
    """JSON, but not what this call answers with."""
    return _error(errors.JetBadAnswer, call, answer, redactor, text, may_have_arrived=call.changes)


def _host(location: str) -> str:
    try:
        return urlsplit(location).hostname or "another path"
    except ValueError:
        return "an unreadable address"


def connection_failure(call: Call, exc: Failure, connect_timeout: float) -> errors.JetError:
    """The error of an exchange without an answer. The exception's own text may hold an address or a header."""
    kind, text = _what_broke(exc, connect_timeout)
    return kind(text, method=call.method, path=call.path)


def _what_broke(exc: Failure, connect_timeout: float) -> tuple[type[errors.JetError], str]:
    # ConnectTimeout is a ConnectionError and a Timeout, SSLError and ProxyError are ConnectionErrors: narrow ones first.
    if isinstance(exc, requests.ConnectTimeout):
        found = errors.JetConnectionError, f"no connection within {connect_timeout:g} s"
    elif isinstance(exc, requests.exceptions.ProxyError):
        found = errors.JetConnectionError, "the proxy cannot be reached"
    elif isinstance(exc, requests.exceptions.SSLError) and _in_handshake(exc):
        found = errors.JetConnectionError, "no secure connection could be made"
    elif isinstance(exc, requests.Timeout):
        return errors.JetTimeout, "no answer in time"
    elif isinstance(exc, requests.ConnectionError) and _never_connected(exc):
        found = errors.JetConnectionError, "no connection could be made"
    elif isinstance(exc, requests.ConnectionError):
        return errors.JetAnswerLost, "the connection broke before the answer"
    else:
        found = errors.JetConnectionError, f"the request could not be sent ({type(exc).__name__})"
    return found


def _causes(exc: BaseException) -> list[BaseException]:
    """The exception and what it wraps; `requests` and urllib3 wrap in `args` and `reason`, not in `__cause__`."""
    found: list[BaseException] = []
    waiting = [exc]
    while waiting:
        current = waiting.pop()
        if current in found:
            continue
        found.append(current)
        inner = [*current.args, getattr(current, "reason", None), current.__cause__]
        waiting.extend(item for item in inner if isinstance(item, BaseException))
    return found


def _never_connected(exc: BaseException) -> bool:
    early = (urllib3.exceptions.NewConnectionError, urllib3.exceptions.ConnectTimeoutError)
    return any(isinstance(cause, early) for cause in _causes(exc))


def _in_handshake(exc: BaseException) -> bool:
    for cause in _causes(exc):
        if isinstance(cause, ssl.CertificateError | urllib3.util.ssl_match_hostname.CertificateError):
            return True
        if isinstance(cause, ssl.SSLError) and any(
            word in (cause.reason or "").upper() for word in _HANDSHAKE
        ):
            return True
    return False


def is_worth_repeating(call: Call, error: errors.JetError) -> bool:
    """The retry table.

    | what happened                             | read or harmless write | other write |
    | ----------------------------------------- | ---------------------- | ----------- |
    | nothing was sent (JetConnectionError)     | again                  | again       |
    | 429 from Jet                              | again                  | again       |
    | answer lost, timeout, half a body         | again                  | raise       |
    | 5xx except 501                            | again                  | raise       |
    | everything else, and our own rate limit   | raise                  | raise       |
    """
    if isinstance(error, errors.JetConnectionError):
        return True
    if isinstance(error, errors.JetThrottled):
        return not error.is_local
    if isinstance(error, errors.JetServerError):
        return call.repeatable and error.status != HTTPStatus.NOT_IMPLEMENTED
    return call.repeatable and isinstance(error, errors.JetAnswerLost | errors.JetHalfAnswer)
