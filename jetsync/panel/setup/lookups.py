"""One carefully written lookup per type: not this merchant's means 404."""

from __future__ import annotations

from django.http import Http404
from django.shortcuts import get_object_or_404

from jetsync.enums import Mode
from jetsync.models import (
    ApiToken,
    FulfillmentNode,
    Invitation,
    JetAccount,
    Membership,
    Merchant,
    ReturnLocation,
)


def get_account_of_mode(merchant: Merchant, mode: str) -> JetAccount | None:
    if mode not in Mode.values:
        return None
    return JetAccount.objects.filter(merchant=merchant, mode=mode).first()


def require_account(merchant: Merchant, mode: str) -> JetAccount:
    """404 for a mode that does not exist, too, whatever characters it is made of."""
    if mode not in Mode.values:
        raise Http404("There is no such mode.")
    return get_object_or_404(JetAccount, merchant=merchant, mode=mode)


def get_node(merchant: Merchant, pk: int) -> FulfillmentNode:
    return get_object_or_404(
        FulfillmentNode.objects.select_related("account", "merchant"), merchant=merchant, pk=pk
    )


def get_return_location(merchant: Merchant, pk: int) -> ReturnLocation:
    return get_object_or_404(
        ReturnLocation.objects.select_related("account", "merchant"), merchant=merchant, pk=pk
    )


def get_membership(merchant: Merchant, pk: int) -> Membership:
    return get_object_or_404(Membership.objects.select_related("user", "merchant"), merchant=merchant, pk=pk)


def get_invitation(merchant: Merchant, pk: int) -> Invitation:
    return get_object_or_404(Invitation.objects.select_related("merchant"), merchant=merchant, pk=pk)


def get_token(merchant: Merchant, pk: int) -> ApiToken:
    return get_object_or_404(ApiToken.objects.select_related("merchant"), merchant=merchant, pk=pk)
