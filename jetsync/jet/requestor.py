"""Address, headers, token and JSON around a call; parses the answer into its type."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from contextlib import AbstractContextManager
from dataclasses import dataclass
from functools import cached_property
from typing import IO, Any, Protocol, TypeVar
from urllib.parse import urlsplit

from pydantic import ValidationError

from jetsync.jet import errors
from jetsync.jet.codec import decode, encode
from jetsync.jet.exchange import MAX_ANSWER_BYTES, Answer, Call
from jetsync.jet.judge import bad_answer
from jetsync.jet.paths import last_segment, with_query
from jetsync.jet.redact import Redactor, public_address
from jetsync.jet.tokens import Token
from jetsync.jet.transport import Transport
from jetsync.jet.types.base import JetModel

OpenStream = Callable[[], AbstractContextManager[IO[bytes]]]
Query = Mapping[str, str | int | bool | None]
Model = TypeVar("Model", bound=JetModel)

_GONE = dict.fromkeys((401, 403, 404, 410), errors.JetNotFound)
_UPLOAD_REFUSED: dict[int, type[errors.JetError]] = dict.fromkeys(range(400, 500), errors.JetUploadRefused)
del _UPLOAD_REFUSED[429]


class TokenSource(Protocol):
    def token(self) -> Token: ...
    def forget(self, token: Token) -> None: ...


@dataclass(frozen=True)
class Reply:
    """A successful answer whose body is JSON."""

    call: Call
    answer: Answer
    redactor: Redactor

    @cached_property
    def value(self) -> Any:
        return decode(self.answer.body)

    def parse(self, model: type[Model]) -> Model:
        """Raises JetBadAnswer that names the fields, never their values."""
        return self.parse_value(model, self.value)

    def parse_value(self, model: type[Model], value: Any) -> Model:
        try:
            return model.model_validate(value)
        except ValidationError as exc:
            problem = _problems(exc)
        raise self.bad(f"not a {model.__name__} as Jet sends it: {problem}")

    def addresses(self, *names: str) -> list[str]:
        """The addresses of a list under the first of `names` that is there; a null list is empty."""
        members = self.value if isinstance(self.value, Mapping) else {}
        for name in names:
            if name in members and isinstance(members[name], list | None):
                return [str(item) for item in members[name] or [] if item is not None]
        raise self.bad(f"no list “{names[0]}”")

    def ids(self, *names: str) -> list[str]:
        """The ids at the end of the addresses, each once, in Jet's order."""
        return list(dict.fromkeys(filter(None, map(last_segment, self.addresses(*names)))))

    def bad(self, text: str) -> errors.JetError:
        return bad_answer(self.call, self.answer, self.redactor, text)


def _problems(exc: ValidationError) -> str:
    found = exc.errors(include_url=False, include_context=False, include_input=False)
    return "; ".join(f"{'.'.join(map(str, item['loc'])) or 'all of it'}: {item['msg']}" for item in found[:5])


class Requestor:
    """Calls relative to the base address with the account's token. A refused token is replaced once."""

    def __init__(self, transport: Transport, base_url: str, tokens: TokenSource) -> None:
        self._transport = transport
        self._base_url = base_url
        self._tokens = tokens

    def get(self, path: str, query: Query | None = None, *, repeatable: bool = True) -> Reply:
        """`repeatable=False` for the reads that have an effect (test returns)."""
        full = with_query(path, query or {})
        return self._reply(
            self._call("GET", full, None, repeatable=repeatable, changes=not repeatable, needs_body=True)
        )

    def put(self, path: str, body: object, *, repeatable: bool) -> None:
        """Any 2xx is success, whatever its body."""
        self._send(self._call("PUT", path, body, repeatable=repeatable, changes=True))

    def patch(self, path: str, body: object, *, repeatable: bool) -> None:
        self._send(self._call("PATCH", path, body, repeatable=repeatable, changes=True))

    def post(self, path: str, body: object, *, repeatable: bool) -> Reply:
        """A write whose answer is needed. `body=None` sends none."""
        return self._reply(
            self._call("POST", path, body, repeatable=repeatable, changes=True, needs_body=True)
        )

    def upload(
        self, url: str, open_stream: OpenStream, headers: Mapping[str, str], *, repeatable: bool
    ) -> None:
        """Streams to an address given by Jet: no token, no rate limit of the API."""
        call = Call(
            "PUT",
            public_address(url),
            url,
            headers=headers,
            open_stream=open_stream,
            repeatable=repeatable,
            changes=True,
            given_by_jet=True,
            is_limited=False,
            shown_body="(file)",
            error_classes=_UPLOAD_REFUSED,
        )
        self._transport.send(call)

    def download(
        self, url: str, sink: IO[bytes] | None = None, *, max_bytes: int = MAX_ANSWER_BYTES
    ) -> bytes:
        """The file at an address given by Jet, into `sink` or returned. The token goes to Jet's own origin only.

        Raises JetNotFound when the file is gone or its address has expired.
        """
        token = self._tokens.token().value if _origin(url) == _origin(self._base_url) else None
        call = Call(
            "GET",
            public_address(url),
            url,
            sink=sink,
            token=token,
            max_bytes=max_bytes,
            given_by_jet=True,
            is_limited=False,
            error_classes=_GONE,
        )
        return self._transport.send(call).body

    def _call(
        self,
        method: str,
        path: str,
        body: object,
        *,
        repeatable: bool,
        changes: bool,
        needs_body: bool = False,
    ) -> Call:
        try:
            data = None if body is None else encode(body)
        except (ValueError, TypeError) as exc:
            problem = str(exc)
        else:
            return Call(
                method,
                path,
                self._base_url + path,
                headers={"Accept": "application/json", "Content-Type": "application/json"},
                body=data,
                repeatable=repeatable,
                changes=changes,
                needs_body=needs_body,
            )
        raise errors.JetNotSendable(problem, method=method, path=path)

    def _reply(self, call: Call) -> Reply:
        return Reply(call, self._send(call), self._transport.redactor)

    def _send(self, call: Call) -> Answer:
        token = self._tokens.token()
        try:
            return self._transport.send(_with_token(call, token))
        except errors.JetUnauthorized:
            # Refused before it had any effect, so once more with a new token is safe for every call.
            self._tokens.forget(token)
        return self._transport.send(_with_token(call, self._tokens.token()))


def _with_token(call: Call, token: Token) -> Call:
    return Call(**{**vars(call), "token": token.value})


def _origin(url: str) -> tuple[str, str, int | None] | None:
    parts = urlsplit(url)
    try:
        port = parts.port or {"http": 80, "https": 443}.get(parts.scheme)
    except ValueError:
        return None
    return parts.scheme, parts.hostname or "", port
