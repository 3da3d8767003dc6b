"""Reads about a merchant's set-up."""

from __future__ import annotations

from typing import Any

from django.db.models import QuerySet

from jetsync.enums import Role
from jetsync.models import FulfillmentNode, JetAccount, Membership, Merchant, Options, ReturnLocation


def get_options(merchant: Merchant) -> Options:
    """The merchant's options; made with defaults for a tenant that has none yet."""
    options, _made = Options.objects.get_or_create(merchant=merchant)
    return options


def keeps_payloads(merchant: Merchant) -> bool:
    """Whether the bodies of calls are kept. One small query; True for a tenant without options."""
    stored = Options.objects.filter(merchant=merchant).values_list("full_payload_log", flat=True).first()
    return stored is not False


def get_account(merchant: Merchant) -> JetAccount | None:
    """The account of the merchant's current mode, or None."""
    return JetAccount.objects.filter(merchant=merchant, mode=merchant.mode).first()


def has_keys(merchant: Merchant) -> bool:
    """Whether the mode in use has API keys at all, good or not; one query."""
    account = get_account(merchant)
    return account is not None and account.has_keys


def account_in_use(merchant: Merchant) -> QuerySet[JetAccount, Any]:
    """The id of the current mode's account as a value inside a query: `filter(account=account_in_use(merchant))`.

    Unlike a condition on the account's mode it is one value, so indexes of (merchant, account, ...) give the rows in their
    order and a page reads no more than it shows.
    """
    return JetAccount.objects.filter(merchant=merchant, mode=merchant.mode).values("pk")[:1]


def current_nodes(merchant: Merchant) -> QuerySet[FulfillmentNode]:
    """Nodes of the current mode's account, default first."""
    return FulfillmentNode.objects.filter(merchant=merchant, account__mode=merchant.mode)


def default_node(merchant: Merchant) -> FulfillmentNode | None:
    return current_nodes(merchant).filter(is_default=True).first()


def current_return_locations(merchant: Merchant) -> QuerySet[ReturnLocation]:
    return ReturnLocation.objects.filter(merchant=merchant, account__mode=merchant.mode)


def owner_emails(merchant: Merchant) -> list[str]:
    """Addresses of the owners, who get the mail that nobody else is named for."""
    seats = Membership.objects.filter(merchant=merchant, role=Role.OWNER, user__is_active=True)
    return list(seats.order_by("created_at").values_list("user__email", flat=True))
