"""Everything the Jet client raises.

    JetError                    code, status, jet_message, messages, method, path, request_id, retry_after, body
    ├── JetNotSendable          the value cannot be put into a request (a SKU with a slash); nothing was sent
    ├── JetConnectionError      never reached Jet: name, connect, TLS; nothing was sent
    ├── JetAnswerLost           sent, then the connection broke: may have arrived
    │   └── JetTimeout          sent, no answer in time: may have arrived
    ├── JetThrottled            429, or the local rate limit (status None); nothing was done
    ├── JetServerError          5xx: a write may have arrived
    ├── JetBadRequest           400, `messages` holds Jet's sentences
    ├── JetUnauthorized         401 after a new login as well
    │   └── JetBadCredentials   the login itself: 400 or 401
    ├── JetForbidden            403
    ├── JetNotFound             404
    ├── JetMethodNotAllowed     405
    ├── JetConflict             409: the state moved, read again
    ├── JetUploadRefused        the file store refused a bulk file: take a new upload token
    ├── JetUnexpectedStatus     a 4xx that Jet's list does not name
    └── JetBadAnswer            an answer that is not what Jet sends: HTML, a redirect, a required field missing
        └── JetHalfAnswer       the connection broke inside the answer

`may_have_arrived` says whether the request may have had an effect at Jet; ask Jet before repeating such a write.
No error holds a key, a token, or the request: they can be logged, stored and pickled.
"""

from __future__ import annotations

import copyreg
from collections.abc import Sequence
from typing import Any

BODY_CUT = 2000


class JetError(Exception):
    """`code` is stable; `jet_message` is Jet's own sentence, or ours when Jet said nothing; `body` is cut."""

    code = "jet_error"
    may_have_arrived = False

    def __init__(
        self,
        jet_message: str = "",
        *,
        status: int | None = None,
        messages: Sequence[str] = (),
        method: str = "",
        path: str = "",
        request_id: str | None = None,
        retry_after: float | None = None,
        body: str = "",
        may_have_arrived: bool | None = None,
    ) -> None:
        self.messages: list[str] = list(messages)
        self.jet_message = jet_message or "; ".join(self.messages)
        self.status = status
        self.method = method
        self.path = path
        self.request_id = request_id
        self.retry_after = retry_after
        self.body = body[:BODY_CUT]
        if may_have_arrived is not None:
            self.may_have_arrived = may_have_arrived
        super().__init__(self.jet_message)

    def __str__(self) -> str:
        call = f"{self.method} {self.path}".strip()
        what = f"answered {self.status}" if self.status else self.code
        return " ".join(
            part for part in (call, f"{what}:" if self.jet_message else what, self.jet_message) if part
        )

    def __repr__(self) -> str:
        return f"<{type(self).__name__} {self}>"

    def __reduce__(self) -> tuple[Any, ...]:
        # Exception's own way calls __init__ with the message alone and would lose the rest.
        return copyreg.__newobj__, (type(self),), {**self.__dict__, "args": self.args}  # type: ignore[attr-defined]  # missing in typeshed

    def __setstate__(self, state: dict[str, Any]) -> None:  # type: ignore[override]  # the base takes None as well
        self.args = state.pop("args")
        self.__dict__.update(state)


class JetNotSendable(JetError):
    code = "not_sendable"


class JetConnectionError(JetError):
    code = "unreachable"


class JetAnswerLost(JetError):
    code = "answer_lost"
    may_have_arrived = True


class JetTimeout(JetAnswerLost):
    code = "timeout"


class JetThrottled(JetError):
    code = "throttled"

    @property
    def is_local(self) -> bool:
        """True when our own limit stopped the call before it was sent."""
        return self.status is None


class JetServerError(JetError):
    code = "server_error"


class JetBadRequest(JetError):
    code = "bad_request"


class JetUnauthorized(JetError):
    code = "unauthorized"


class JetBadCredentials(JetUnauthorized):
    code = "bad_credentials"


class JetForbidden(JetError):
    code = "forbidden"


class JetNotFound(JetError):
    code = "not_found"


class JetMethodNotAllowed(JetError):
    code = "method_not_allowed"


class JetConflict(JetError):
    code = "conflict"


class JetUploadRefused(JetError):
    code = "upload_refused"


class JetUnexpectedStatus(JetError):
    code = "unexpected_status"


class JetBadAnswer(JetError):
    code = "bad_answer"


class JetHalfAnswer(JetBadAnswer):
    code = "half_answer"
