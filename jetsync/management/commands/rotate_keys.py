"""`manage.py rotate_keys`: re-encrypts every stored secret with the newest key of JETSYNC_ENCRYPTION_KEYS."""

from __future__ import annotations

from typing import Any

from allauth.mfa.models import Authenticator
from cryptography.fernet import InvalidToken
from django.apps import apps
from django.core.management.base import BaseCommand, CommandError
from django.db import connection, transaction

from jetsync.fields import EncryptedTextField, seal, unseal
from jetsync.tenancy.context import across_merchants

# Keys inside allauth's JSON that hold what its adapter encrypted.
MFA_SECRETS = ("secret", "seed")


class Command(BaseCommand):
    help = "Re-encrypt stored secrets with the newest key. Afterwards older keys may be taken out of the setting."

    def handle(self, *_args: Any, **_options: Any) -> None:
        """Raises CommandError, after all others are done, when a secret fits none of the keys: it stays as it is."""
        self.lost: list[str] = []
        total = 0
        # Without this, row-level security hides every merchant's row and the command would report success over none.
        with across_merchants():
            for model in apps.get_models():
                for field in model._meta.fields:
                    if isinstance(field, EncryptedTextField):
                        total += self._column(model._meta.db_table, str(field.column))
            total += self._second_factors()
        self.stdout.write(f"Re-encrypted {total} secrets.")
        if self.lost:
            raise CommandError(
                f"No key in JETSYNC_ENCRYPTION_KEYS opens {len(self.lost)} secrets: {', '.join(self.lost[:20])}. "
                "They were left as they are. Add the key they were sealed with and run this again."
            )

    def _again(self, sealed: str, place: str) -> str | None:
        try:
            return seal(unseal(sealed))
        except InvalidToken:
            self.lost.append(place)
            return None

    @transaction.atomic
    def _column(self, table: str, column: str) -> int:
        quote = connection.ops.quote_name
        total = 0
        with connection.cursor() as cursor:
            cursor.execute(
                # names come from our own models
                f"SELECT id, {quote(column)} FROM {quote(table)} WHERE {quote(column)} <> '' FOR UPDATE"  # noqa: S608
            )
            for pk, sealed in cursor.fetchall():
                if (text := self._again(sealed, f"{table}.{column} {pk}")) is None:
                    continue
                cursor.execute(
                    f"UPDATE {quote(table)} SET {quote(column)} = %s WHERE id = %s",  # noqa: S608 -- as above
                    [text, pk],
                )
                total += 1
        return total

    @transaction.atomic
    def _second_factors(self) -> int:
        total = 0
        for row in Authenticator.objects.select_for_update():
            for name in MFA_SECRETS:
                if name not in row.data:
                    continue
                if (text := self._again(row.data[name], f"second factor {row.pk}")) is not None:
                    row.data[name] = text
                    total += 1
            row.save(update_fields=["data"])
        return total
