"""What goes out, what comes back, and what is told about it."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from contextlib import AbstractContextManager
from dataclasses import dataclass, field
from http import HTTPStatus
from typing import IO, NoReturn

from jetsync.jet.errors import JetError

# The largest answer that makes sense: a list of 1,000 addresses or one SKU is far below; a list of 10,000 as well.
MAX_ANSWER_BYTES = 32 * 1024 * 1024


@dataclass(frozen=True)
class RequestEvent:
    """One exchange, told to `after_request`. Texts are cut to 2,000 characters and hold no secret.

    `path` is relative to the base address, or the full address without its query when Jet gave it. `status` is None
    when no answer came; `error` is None on success; `retry_number` is 0 for the first try.
    """

    method: str
    path: str
    status: int | None
    duration_ms: int
    request_id: str | None
    error: str | None
    request_body_cut: str
    answer_cut: str
    retry_number: int


@dataclass(frozen=True)
class Call:
    """A request ready to be sent. `repeatable`: a second arrival changes nothing, so a lost answer is tried again.

    `needs_body`: the answer's JSON is needed, so without it even a 2xx is a failure. `open_stream` gives the body
    anew for every try; `sink` takes a large answer instead of memory. `given_by_jet`: the address came in an answer.
    """

    method: str
    path: str
    url: str
    headers: Mapping[str, str] = field(default_factory=dict)
    body: bytes | None = field(default=None, repr=False)
    open_stream: Callable[[], AbstractContextManager[IO[bytes]]] | None = field(default=None, repr=False)
    sink: IO[bytes] | None = field(default=None, repr=False)
    token: str | None = field(default=None, repr=False)
    repeatable: bool = True
    changes: bool = False
    needs_body: bool = False
    max_bytes: int = MAX_ANSWER_BYTES
    given_by_jet: bool = False
    is_limited: bool = True
    shown_body: str | None = None
    error_classes: Mapping[int, type[JetError]] = field(default_factory=dict, repr=False)

    def __reduce__(self) -> NoReturn:
        raise TypeError("Requests hold secrets and are not pickled.")


# Why a body ended early.
TOO_SLOW = "too slow"
CUT_OFF = "cut off"
TOO_LARGE = "too large"


@dataclass(frozen=True)
class Answer:
    """Status, headers (any case) and body; `broken` says why the body is not whole. With a sink, only its start."""

    status: int
    headers: Mapping[str, str]
    body: bytes = field(repr=False)
    broken: str | None = None

    @property
    def is_success(self) -> bool:
        return HTTPStatus.OK <= self.status < HTTPStatus.MULTIPLE_CHOICES
