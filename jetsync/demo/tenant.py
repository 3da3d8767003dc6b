"""The demo tenant: people, account, node, return location. Safe to run at every start."""

from __future__ import annotations

import os
from dataclasses import dataclass

from allauth.account.models import EmailAddress
from django.conf import settings
from django.db import transaction

from jetsync.actions.account import save_account, validate_account
from jetsync.actions.known_places import import_nodes, import_return_locations
from jetsync.actions.merchant import create_merchant
from jetsync.demo.catalogue import add_goods
from jetsync.demo.sandbox import set_pace
from jetsync.enums import Mode, Role
from jetsync.models import JetAccount, Membership, Merchant, User
from jetsync.sync.queue import enqueue
from jetsync.tenancy.actor import SYSTEM
from jetsync.tenancy.context import merchant_scope

EMAIL, PASSWORD = "demo@example.com", "harrow-and-finch"
PACKER_EMAIL = "packer@example.com"
SLUG, NAME = "harrow-finch", "Harrow & Finch"
LIFE_JOB = "demo.bring_to_life"


@dataclass(frozen=True)
class Demo:
    merchant: Merchant
    email: str
    password: str
    is_new: bool


def ensure_demo() -> Demo:
    """Makes what is missing and points the account at the sandbox of this start."""
    with transaction.atomic():
        merchant = Merchant.objects.filter(slug=SLUG).first()
        is_new = merchant is None
        if merchant is None:
            merchant = create_merchant(NAME, owner=_person(EMAIL, "Robin", "Harrow"))
            Membership.objects.create(
                merchant=merchant, user=_person(PACKER_EMAIL, "Kim", "Packer"), role=Role.FULFILMENT
            )
    with merchant_scope(merchant):
        account = _account(merchant)
        if is_new:
            add_goods(merchant)
        if account is not None:
            set_pace(account.api_user)
            enqueue(merchant, LIFE_JOB, "demo")
    return Demo(merchant, EMAIL, PASSWORD, is_new)


def _person(email: str, first: str, last: str) -> User:
    user = User.objects.filter(email=email).first()
    if user is None:
        user = User.objects.create_user(email, PASSWORD, first_name=first, last_name=last)
    EmailAddress.objects.get_or_create(user=user, email=email, defaults={"verified": True, "primary": True})
    return user


def _account(merchant: Merchant) -> JetAccount | None:
    """The sandbox's address may change with its port; the keys stay those of the state folder."""
    user, secret = os.environ.get("JETSYNC_DEMO_USER", ""), os.environ.get("JETSYNC_DEMO_SECRET", "")
    if not (settings.SANDBOX_URL and user and secret):
        return None
    address = f"{settings.SANDBOX_URL}/api"
    account = JetAccount.objects.filter(merchant=merchant, mode=Mode.TEST).first()
    if (
        account is None
        or (account.api_url, account.api_user) != (address, user)
        or account.validation != "ok"
    ):
        account = save_account(
            merchant, Mode.TEST, api_url=address, api_user=user, api_secret=secret, actor=SYSTEM
        )
        validate_account(account, actor=SYSTEM)
    if account.validation == JetAccount.Validation.OK:
        import_nodes(account, actor=SYSTEM)
        import_return_locations(account, actor=SYSTEM)
    return account
