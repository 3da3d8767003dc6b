"""Reads about the people of a store."""

from __future__ import annotations

from django.db.models import Q, QuerySet
from django.utils import timezone

from jetsync.models import ApiToken, Membership, Merchant
from jetsync.tenancy.mfa import with_second_factor


def members_of(merchant: Merchant) -> QuerySet[Membership]:
    """The seats with their people, oldest first; each knows `has_second_factor`."""
    seats = Membership.objects.filter(merchant=merchant).select_related("user")
    return seats.annotate(has_second_factor=with_second_factor()).order_by("created_at", "pk")


def members_without_factor(merchant: Merchant) -> QuerySet[Membership]:
    return members_of(merchant).filter(~with_second_factor())


def working_tokens(merchant: Merchant) -> QuerySet[ApiToken]:
    """Tokens that are neither revoked nor expired."""
    is_valid = Q(expires_at=None) | Q(expires_at__gt=timezone.now())
    return ApiToken.objects.filter(is_valid, merchant=merchant, revoked_at=None)
