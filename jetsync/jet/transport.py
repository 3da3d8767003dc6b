"""Bytes to Jet and back: timeouts, size limits, retries, the rate limit, and one event per exchange."""

from __future__ import annotations

import random
import time
from collections.abc import Callable
from contextlib import nullcontext

import requests
import urllib3.exceptions

from jetsync.jet.deadline import Deadline
from jetsync.jet.errors import JetBadAnswer, JetError, JetThrottled
from jetsync.jet.exchange import CUT_OFF, TOO_LARGE, TOO_SLOW, Answer, Call, RequestEvent
from jetsync.jet.judge import connection_failure, is_worth_repeating, judge
from jetsync.jet.ratelimit import RateLimiter
from jetsync.jet.redact import Redactor
from jetsync.jet.refusal import request_id_in
from jetsync.jet.session import TokenAuth

__all__ = ["RequestEvent", "Transport"]

USER_AGENT = "jetsync/0.1"

# First wait, doubled each time, never longer than the cap. A client of 2018 waited 5 s after a 429.
FIRST_WAIT = 0.5
FIRST_WAIT_THROTTLED = 2.0
LONGEST_WAIT = 8.0
# A longer Retry-After is not slept through: the error says how long, and the job comes back then.
LONGEST_RETRY_AFTER = 20.0
# A whole answer may take this many read timeouts; one slow byte at a time must not hold a worker for hours.
WHOLE_ANSWER_FACTOR = 4

CHUNK = 64 * 1024
# Of an answer that goes to a sink, or is too large, only the beginning is kept, for the event.
KEPT_FOR_EVENT = 8 * 1024


class Transport:
    """Sends a Call, again when that is safe, and returns the Answer of a success or raises a JetError."""

    def __init__(
        self,
        *,
        session: requests.Session,
        redactor: Redactor,
        connect_timeout: float = 5.0,
        read_timeout: float = 30.0,
        max_retries: int = 2,
        limiter: RateLimiter | None = None,
        limiter_key: str = "",
        before_request: Callable[[str, str], None] | None = None,
        after_request: Callable[[RequestEvent], None] | None = None,
        verify_url: Callable[[str], None] | None = None,
    ) -> None:
        self.redactor = redactor
        self._session = session
        self._timeouts = (connect_timeout, read_timeout)
        self._max_retries = max_retries
        self._limiter, self._limiter_key = limiter, limiter_key
        self._before, self._after, self._verify_url = before_request, after_request, verify_url

    def send(self, call: Call) -> Answer:
        """Raises the JetError of the last try; whatever `before_request`, `after_request` or, for the base
        address, `verify_url` raise passes through unchanged."""
        retry_number = 0
        while True:
            outcome = self._try(call, retry_number)
            if isinstance(outcome, Answer):
                return outcome
            wait = self.wait_before_retry(call, outcome, retry_number)
            if wait is None:
                # Raised outside any `except`: an exception of `requests` in the context would carry the headers.
                raise outcome
            self.sleep(wait)
            retry_number += 1

    def wait_before_retry(self, call: Call, error: JetError, retry_number: int) -> float | None:
        """Seconds until the next try, or None when there is none. Retry-After is a floor, never shortened."""
        if retry_number >= self._max_retries or not is_worth_repeating(call, error):
            return None
        if error.retry_after is not None and error.retry_after > LONGEST_RETRY_AFTER:
            return None
        first = FIRST_WAIT_THROTTLED if isinstance(error, JetThrottled) else FIRST_WAIT
        wait = self.jitter(min(LONGEST_WAIT, first * 2**retry_number))
        return max(wait, error.retry_after or 0.0)

    def jitter(self, seconds: float) -> float:
        """Between half and all of it, so that workers do not come back together. A method: tests pin it."""
        return seconds * random.uniform(0.5, 1.0)

    def sleep(self, seconds: float) -> None:
        time.sleep(seconds)

    def _try(self, call: Call, retry_number: int) -> Answer | JetError:
        if self._before is not None:
            self._before(call.method, call.path)
        self._verify(call)
        if call.is_limited and self._limiter is not None:
            throttled = self._wait_for_turn(call)
            if throttled is not None:
                return throttled
        started = time.monotonic()
        outcome = self._exchange(call)
        duration_ms = int((time.monotonic() - started) * 1000)
        error = outcome if isinstance(outcome, JetError) else judge(call, outcome, self.redactor)
        if self._after is not None:
            self._after(self._event(call, outcome, error, duration_ms, retry_number))
        return outcome if error is None else error

    def _wait_for_turn(self, call: Call) -> JetThrottled | None:
        try:
            if self._limiter is not None:
                self._limiter.acquire(self._limiter_key)
        except JetThrottled as exc:
            exc.method, exc.path = call.method, call.path
            return exc
        return None

    def _verify(self, call: Call) -> None:
        """Names may point elsewhere tomorrow, so every address is checked before every try."""
        if self._verify_url is None:
            return
        if not call.given_by_jet:
            self._verify_url(call.url)
            return
        refused = False
        try:
            self._verify_url(call.url)
        except Exception:  # noqa: BLE001 -- the check is the caller's; an address from Jet is Jet's mistake, not a setting
            refused = True
        if refused:
            raise JetBadAnswer("Jet gave an address that may not be used", method=call.method, path=call.path)

    def _exchange(self, call: Call) -> Answer | JetError:
        seconds = self._timeouts[1] * WHOLE_ANSWER_FACTOR
        with Deadline(seconds, from_answer=call.open_stream is not None) as deadline:
            try:
                response = self._open(call)
            except (requests.RequestException, urllib3.exceptions.HTTPError) as exc:
                # However an end of ours looked to the reader.
                failure = requests.ReadTimeout() if deadline.is_over else exc
                return connection_failure(call, failure, self._timeouts[0])
            with response:
                return self._read(call, response, deadline)

    def _open(self, call: Call) -> requests.Response:
        stream = call.open_stream() if call.open_stream is not None else nullcontext(call.body)
        with stream as data:
            return self._session.request(
                call.method,
                call.url,
                data=data,
                headers={"User-Agent": USER_AGENT, **call.headers},
                auth=TokenAuth(call.token),
                timeout=self._timeouts,
                allow_redirects=False,
                stream=True,
            )

    def _read(self, call: Call, response: requests.Response, deadline: Deadline) -> Answer:
        """Reads what is there, piece by piece: within the size limit, and within a time for the whole."""
        sink = call.sink if response.ok else None
        if sink is not None:
            sink.seek(0)
            sink.truncate()
        body, size, broken = bytearray(), 0, None
        try:
            while chunk := response.raw.read1(CHUNK, decode_content=True):
                size += len(chunk)
                if size > call.max_bytes:
                    broken = TOO_LARGE
                    del body[KEPT_FOR_EVENT:]
                    break
                if sink is not None:
                    sink.write(chunk)
                    chunk = chunk[: max(0, KEPT_FOR_EVENT - len(body))]
                body += chunk
                if deadline.is_over:
                    break
        except urllib3.exceptions.TimeoutError:
            broken = TOO_SLOW
        except urllib3.exceptions.HTTPError:
            broken = CUT_OFF
        if deadline.is_over:
            broken = TOO_SLOW  # the end was ours, however it looked
        return Answer(response.status_code, response.headers, bytes(body), broken)

    def _event(
        self,
        call: Call,
        outcome: Answer | JetError,
        error: JetError | None,
        duration_ms: int,
        retry_number: int,
    ) -> RequestEvent:
        answer = outcome if isinstance(outcome, Answer) else None
        shown = call.shown_body if call.shown_body is not None else self.redactor.cut(call.body or b"")
        return RequestEvent(
            method=call.method,
            path=call.path,
            status=answer.status if answer else None,
            duration_ms=duration_ms,
            request_id=request_id_in(answer.headers) if answer else None,
            error=f"{error.code}: {error.jet_message}"[:300] if error else None,
            request_body_cut=shown,
            answer_cut=self.redactor.cut(answer.body) if answer else "",
            retry_number=retry_number,
        )
