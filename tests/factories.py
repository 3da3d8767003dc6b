"""Rows for tests: small functions without surprises. Each returns what it made."""

from __future__ import annotations

from itertools import count
from typing import Any

from allauth.mfa.totp.internal.auth import TOTP, generate_totp_secret
from django.utils import timezone

from jetsync.enums import Role
from jetsync.models import Activation, FulfillmentNode, JetAccount, Membership, Merchant, Options, User
from jetsync.tenancy.context import merchant_scope

_numbers = count(1)


def make_user(email: str | None = None, **extra: Any) -> User:
    return User.objects.create_user(email or f"person{next(_numbers)}@example.com", "pass-word-12", **extra)


def make_merchant(name: str | None = None, **extra: Any) -> Merchant:
    number = next(_numbers)
    merchant = Merchant.objects.create(
        name=name or f"Harrow Goods {number}", slug=f"harrow-{number}", **extra
    )
    with merchant_scope(merchant):
        Options.objects.create(merchant=merchant)
    return merchant


def make_member(merchant: Merchant, role: str = Role.OWNER, **extra: Any) -> User:
    user = make_user(**extra)
    Membership.objects.create(merchant=merchant, user=user, role=role)
    return user


def add_second_factor(user: User) -> User:
    TOTP.activate(user, generate_totp_secret())
    return user


def make_account(merchant: Merchant, api_url: str = "http://127.0.0.1:9/api", **extra: Any) -> JetAccount:
    """A test-mode account with one default node."""
    with merchant_scope(merchant):
        values = {"mode": merchant.mode, "api_user": "user-1234567", "api_secret": "secret-1234567", **extra}
        account = JetAccount.objects.create(merchant=merchant, api_url=api_url, **values)
        FulfillmentNode.objects.create(
            merchant=merchant,
            account=account,
            node_id="a" * 32,
            name="Hoboken",
            zip_code="07030",
            is_default=True,
        )
    return account


def open_live(merchant: Merchant) -> None:
    """As if the merchant had been live before: the steps with the test keys do not lock him out."""
    with merchant_scope(merchant):
        Activation.objects.update_or_create(merchant=merchant, defaults={"went_live_at": timezone.now()})
