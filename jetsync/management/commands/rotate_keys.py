"""`manage.py rotate_keys`: re-encrypts every stored secret with the newest key of JETSYNC_ENCRYPTION_KEYS."""

from __future__ import annotations

from typing import Any

from allauth.mfa.models import Authenticator
from django.apps import apps
from django.core.management.base import BaseCommand
from django.db import connection, transaction

from jetsync.fields import EncryptedTextField, seal, unseal

# Keys inside allauth's JSON that hold what its adapter encrypted.
MFA_SECRETS = ("secret", "seed")


class Command(BaseCommand):
    help = "Re-encrypt stored secrets with the newest key. Afterwards older keys may be taken out of the setting."

    def handle(self, *_args: Any, **_options: Any) -> None:
        total = 0
        for model in apps.get_models():
            for field in model._meta.fields:
                if isinstance(field, EncryptedTextField):
                    total += self._column(model._meta.db_table, str(field.column))
        total += self._second_factors()
        self.stdout.write(f"Re-encrypted {total} secrets.")

    @transaction.atomic
    def _column(self, table: str, column: str) -> int:
        quote = connection.ops.quote_name
        with connection.cursor() as cursor:
            cursor.execute(
                # names come from our own models
                f"SELECT id, {quote(column)} FROM {quote(table)} WHERE {quote(column)} <> '' FOR UPDATE"  # noqa: S608
            )
            rows = cursor.fetchall()
            for pk, sealed in rows:
                cursor.execute(
                    f"UPDATE {quote(table)} SET {quote(column)} = %s WHERE id = %s",  # noqa: S608 -- as above
                    [seal(unseal(sealed)), pk],
                )
        return len(rows)

    @transaction.atomic
    def _second_factors(self) -> int:
        total = 0
        for row in Authenticator.objects.select_for_update():
            for name in MFA_SECRETS:
                if name in row.data:
                    row.data[name] = seal(unseal(row.data[name]))
                    total += 1
            row.save(update_fields=["data"])
        return total
