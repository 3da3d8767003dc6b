"""`Idempotency-Key`: the first answer is kept for a day and replayed; a request still at work answers 409."""

from __future__ import annotations

import hashlib
import json
from datetime import timedelta
from typing import Any

from django.core.files.uploadedfile import UploadedFile
from django.db import IntegrityError, transaction
from django.utils import timezone
from django.utils.encoding import force_bytes
from rest_framework.permissions import SAFE_METHODS
from rest_framework.renderers import JSONRenderer
from rest_framework.request import Request
from rest_framework.response import Response

from jetsync.exceptions import InvalidInput, StateConflict
from jetsync.models import IdempotencyKey, Merchant
from jetsync.tenancy.actor import Actor

MAX_KEY_LENGTH = 120
# Longer than any request may run: the process that took the key was killed.
ABANDONED_AFTER = timedelta(minutes=5)


def _fingerprint(request: Request) -> str:
    """Of what is asked and of who asks with which rights: an answer may hold what only the first caller may see."""
    actor: Actor = request._request.actor  # type: ignore[attr-defined]
    who = [actor.user.pk if actor.user else 0, actor.token.pk if actor.token else 0, *sorted(actor.rights)]
    asked = [request.method, request.get_full_path(), json.dumps(who)]
    is_form = (request.content_type or "").startswith("multipart/")
    body = _form_content(request) if is_form else force_bytes(request._request.body)
    return hashlib.sha256(b"\0".join([*map(force_bytes, asked), body])).hexdigest()


def _form_content(request: Request) -> bytes:
    """Fields and files of a form. Its bytes will not do: each try has another boundary, and a file is never in memory."""
    form: Any = request.data  # a QueryDict, as the parser of such forms makes it
    fields = ((name, [_part(value) for value in values]) for name, values in form.lists())
    return json.dumps(sorted(fields)).encode()


def _part(value: Any) -> list[str]:
    if not isinstance(value, UploadedFile):
        return [str(value)]
    digest = hashlib.sha256()
    for chunk in value.chunks():
        digest.update(chunk)
    value.seek(0)
    return [value.name or "", digest.hexdigest()]


def _is_abandoned(known: IdempotencyKey) -> bool:
    return known.status is None and timezone.now() - known.created_at > ABANDONED_AFTER


class IdempotentWrites:
    """Mixin for view sets: honours the header on POST, PUT, PATCH and DELETE."""

    _key_row: IdempotencyKey | None = None

    def initial(self, request: Request, *args: Any, **kwargs: Any) -> None:
        super().initial(request, *args, **kwargs)  # type: ignore[misc]  # mixin
        key = request.headers.get("Idempotency-Key", "")
        if not key or request.method in SAFE_METHODS:
            return
        if len(key) > MAX_KEY_LENGTH:
            raise InvalidInput(
                f"Idempotency-Key has {len(key)} characters, at most {MAX_KEY_LENGTH} are allowed."
            )
        merchant: Merchant = request._request.merchant  # type: ignore[attr-defined]
        self._take(merchant, key, _fingerprint(request))

    def _take(self, merchant: Merchant, key: str, fingerprint: str) -> None:
        try:
            with transaction.atomic():
                self._key_row = IdempotencyKey.objects.create(
                    merchant=merchant, key=key, fingerprint=fingerprint
                )
        except IntegrityError:
            known = IdempotencyKey.objects.filter(merchant=merchant, key=key).first()
            if known is None or _is_abandoned(
                known
            ):  # None: the first request has just crashed and left it free
                if known is not None:
                    known.delete()
                self._take(merchant, key, fingerprint)
                return
            if known.fingerprint != fingerprint:
                raise InvalidInput(
                    "This Idempotency-Key was used for a different request or by somebody else.",
                    code="idempotency_key_reused",
                ) from None
            if known.status is None:
                raise StateConflict(
                    "A request with this Idempotency-Key is still at work.",
                    code="in_progress",
                    data={"retry_after": 2},
                ) from None
            raise Replay(known) from None

    def handle_exception(self, exc: Exception) -> Response:
        if isinstance(exc, Replay):
            return Response(
                exc.row.answer, status=exc.row.status or 200, headers={"Idempotent-Replayed": "true"}
            )
        try:
            return super().handle_exception(exc)  # type: ignore[misc, no-any-return]  # mixin
        except Exception:  # a crash leaves no answer to replay: the key must be free again
            if self._key_row is not None:
                self._key_row.delete()
            raise

    def finalize_response(self, request: Request, response: Response, *args: Any, **kwargs: Any) -> Response:
        final: Response = super().finalize_response(request, response, *args, **kwargs)  # type: ignore[misc]
        if self._key_row is not None:
            self._keep(final)
        if (
            final.status_code == StateConflict.status
            and isinstance(final.data, dict)
            and final.data.get("code") == "in_progress"
        ):
            final.headers["Retry-After"] = "2"
        return final

    def _keep(self, response: Response) -> None:
        row = self._key_row
        assert row is not None  # noqa: S101 -- narrowed by the caller
        if response.status_code >= 500:  # noqa: PLR2004 -- an unknown outcome may be tried again
            row.delete()
            return
        answer = JSONRenderer().render(response.data) if response.data is not None else b"null"
        IdempotencyKey.objects.filter(pk=row.pk).update(
            status=response.status_code, answer=json.loads(answer)
        )


class Replay(Exception):
    def __init__(self, row: IdempotencyKey) -> None:
        super().__init__(row.key)
        self.row = row
