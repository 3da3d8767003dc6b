"""Accounts named on the command line, with ids derived from the user name so that tests know them beforehand."""

from __future__ import annotations

import hashlib
import secrets
from dataclasses import dataclass

from django.apps import apps
from django.conf import settings
from django.db import connection, transaction

from jetsync.sandbox import clock, dice, faults, request_log, switches, throttle
from jetsync.sandbox.marketplace.words import METHOD_NAMES
from jetsync.sandbox.models.account import LIVE, TEST, MerchantAccount, Node, ReturnLocation
from jetsync.sandbox.models.base import hex_id

# Tables a reset leaves alone: the taxonomy is data of the marketplace, not of a test.
KEPT_ON_RESET = {"TaxonomyVersion", "Category", "Attribute", "AttributeValue", "CategoryAttribute"}
SERVICE_LEVELS = ("Standard", "Expedited", "Second Day", "Next Day")


@dataclass(frozen=True)
class AccountKeys:
    user: str
    secret: str


def derived_id(kind: str, user: str) -> str:
    """The fixed id of a seeded thing: 32 hex digits made of its kind and the account's user name."""
    return hashlib.sha256(f"{kind}:{user}".encode()).hexdigest()[:32]


def parse_accounts(text: str) -> list[AccountKeys]:
    """Read "user:secret" pairs separated by blanks. Raises ValueError."""
    pairs = [part.partition(":") for part in text.split()]
    if any(not (user and secret) for user, _, secret in pairs):
        raise ValueError("An account is written USER:SECRET.")
    return [AccountKeys(user, secret) for user, _, secret in pairs]


def seed_accounts() -> None:
    """Make the accounts of the settings that are not there yet; both modes share the merchant id."""
    for keys in parse_accounts(settings.SANDBOX_ACCOUNTS):
        make_account(keys.user, keys.secret, is_live=settings.SANDBOX_LIVE, name=settings.SANDBOX_NAME)


@transaction.atomic
def make_account(user: str, secret: str, *, is_live: bool = False, name: str = "") -> MerchantAccount:
    """One merchant with a test and a live account, each with a node and a return location.

    The given pair is the test pair, or with `is_live` the live pair; the other pair is derived from it. A known
    merchant takes a new `name`, when one is given.
    """
    other_user, other_secret = derived_id("other-user", user), derived_id("other-secret", user + secret)
    given, other = (LIVE, TEST) if is_live else (TEST, LIVE)
    shown = name or f"Merchant {user[:12]}"
    _make_mode(other, other_user, other_secret, owner=user, name=shown)
    account = _make_mode(given, user, secret, owner=user, name=shown)
    if name and account.name != name:
        MerchantAccount.objects.filter(merchant_id=account.merchant_id).update(name=name)
        account.name = name
    return account


def open_account(name: str) -> MerchantAccount:
    """The test account of a merchant who opens his at the portal, with keys that nobody can guess."""
    return make_account(secrets.token_hex(20), secrets.token_urlsafe(32), name=name)


def reset(dice_seed: int | None = None) -> None:
    """Empty everything but the taxonomy and make the accounts of the settings again.

    With a seed the shoppers to come are those that came after the last reset with it.
    """
    models = [
        model for model in apps.get_app_config("sandbox").get_models() if model.__name__ not in KEPT_ON_RESET
    ]
    with transaction.atomic(), connection.cursor() as cursor:
        # Foreign keys are checked at the end of the transaction, so the order does not matter.
        for model in models:
            cursor.execute(f'DELETE FROM "{model._meta.db_table}"')  # noqa: S608 -- names of our own tables
    forget_all()
    dice.start_over(dice_seed)
    seed_accounts()


def forget_all() -> None:
    """Drop what the process remembers of the database."""
    clock.forget()
    faults.start_over()
    switches.forget()
    throttle.forget()
    request_log.clear()


def _make_mode(mode: str, user: str, secret: str, *, owner: str, name: str) -> MerchantAccount:
    account, is_new = MerchantAccount.objects.get_or_create(
        merchant_id=derived_id("merchant", owner),
        mode=mode,
        defaults={
            "name": name,
            "user": user,
            "secret": secret,
            "portal_user_id": derived_id("portal", owner),
        },
    )
    if is_new:
        make_node(account, "Main warehouse", node_id=derived_id(f"node-{mode}", owner))
        make_return_location(account, "Returns desk", location_id=derived_id(f"returns-{mode}", owner))
    return account


def make_node(account: MerchantAccount, name: str, *, node_id: str = "") -> Node:
    """A fulfilment node that ships by every method; without an id it gets a random one."""
    return Node.objects.create(
        merchant=account,
        node_id=node_id or hex_id(),
        name=name,
        ship_methods=list(METHOD_NAMES),
        service_levels=list(SERVICE_LEVELS),
    )


def make_return_location(account: MerchantAccount, name: str, *, location_id: str = "") -> ReturnLocation:
    """A return location; without an id it gets a random one."""
    return ReturnLocation.objects.create(merchant=account, location_id=location_id or hex_id(), name=name)
