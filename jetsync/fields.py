"""Text encrypted at rest with rotating Fernet keys."""

from __future__ import annotations

from functools import lru_cache
from typing import Any

from cryptography.fernet import Fernet, InvalidToken, MultiFernet
from django.conf import settings
from django.core.exceptions import ImproperlyConfigured
from django.db import models


@lru_cache(maxsize=4)
def _fernet_for(keys: tuple[str, ...]) -> MultiFernet:
    if not keys:
        raise ImproperlyConfigured("JETSYNC_ENCRYPTION_KEYS is empty: give at least one Fernet key.")
    return MultiFernet([Fernet(key) for key in keys])


def fernet() -> MultiFernet:
    """The installation's keys; the first encrypts, all decrypt."""
    return _fernet_for(tuple(settings.ENCRYPTION_KEYS))


def seal(text: str) -> str:
    return fernet().encrypt(text.encode()).decode()


def unseal(token: str) -> str:
    """Raises `cryptography.fernet.InvalidToken` when no configured key fits."""
    return fernet().decrypt(token.encode()).decode()


class EncryptedTextField(models.TextField):  # type: ignore[type-arg]  # Django fields are not generic at run time
    """Stores the sealed text. A value that no key opens reads as empty, so a lost key shows as "keys missing"."""

    def get_prep_value(self, value: Any) -> Any:
        value = super().get_prep_value(value)
        return seal(value) if value else value

    def from_db_value(self, value: str | None, _expression: object, _connection: object) -> str | None:
        if not value:
            return value
        try:
            return unseal(value)
        except InvalidToken:
            return ""
