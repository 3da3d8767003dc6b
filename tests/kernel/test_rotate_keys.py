"""Rotating the encryption keys: every merchant's secrets open with the new key alone afterwards."""

from __future__ import annotations

from io import StringIO
from typing import Any

import pytest
from cryptography.fernet import Fernet
from django.core.management import CommandError, call_command

from jetsync.models import JetAccount
from jetsync.tenancy.context import merchant_scope
from tests import factories

pytestmark = pytest.mark.django_db


def secret_of(account: JetAccount) -> str:
    with merchant_scope(account.merchant):
        return JetAccount.objects.get(pk=account.pk).api_secret


def test_secrets_of_all_merchants_open_with_the_new_key_alone(settings: Any) -> None:
    old, new = settings.ENCRYPTION_KEYS[0], Fernet.generate_key().decode()
    accounts = [
        factories.make_account(factories.make_merchant(), api_secret=f"secret-of-{name}")
        for name in ("the-first", "the-second")
    ]

    settings.ENCRYPTION_KEYS = [new, old]
    said = StringIO()
    call_command("rotate_keys", stdout=said)

    assert said.getvalue() == "Re-encrypted 4 secrets.\n"  # user and secret of each
    settings.ENCRYPTION_KEYS = [new]
    assert [secret_of(account) for account in accounts] == [
        "secret-of-the-first",
        "secret-of-the-second",
    ]


def test_secret_that_no_key_opens_is_named_and_left(settings: Any) -> None:
    old, new = settings.ENCRYPTION_KEYS[0], Fernet.generate_key().decode()
    account = factories.make_account(factories.make_merchant(), api_secret="kept-as-it-is")

    settings.ENCRYPTION_KEYS = [new]
    with pytest.raises(
        CommandError, match=rf"opens 2 secrets: .*jetsync_jetaccount\.api_secret {account.pk}\."
    ):
        call_command("rotate_keys", stdout=StringIO())

    settings.ENCRYPTION_KEYS = [old]
    assert secret_of(account) == "kept-as-it-is"
