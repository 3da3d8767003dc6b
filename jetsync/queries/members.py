"""Reads about the people of a store."""

from __future__ import annotations

from allauth.usersessions.models import UserSession
from django.db.models import F, OuterRef, Q, QuerySet, Subquery
from django.db.models.functions import Greatest
from django.utils import timezone

from jetsync.models import ApiToken, Membership, Merchant
from jetsync.tenancy.mfa import with_second_factor


def members_of(merchant: Merchant) -> QuerySet[Membership]:
    """The seats with their people, oldest first; each knows `has_second_factor` and `seen_at`.

    `seen_at`: the last page opened in a log-in that is still open, to some minutes, else the last logging in; in whatever
    store. None for who never logged in.
    """
    newest = (
        UserSession.objects.filter(user=OuterRef("user")).order_by("-last_seen_at").values("last_seen_at")[:1]
    )
    seats = Membership.objects.filter(merchant=merchant).select_related("user", "merchant")
    return seats.annotate(
        has_second_factor=with_second_factor(),
        seen_at=Greatest(Subquery(newest), F("user__last_login")),
    ).order_by("created_at", "pk")


def members_without_factor(merchant: Merchant) -> QuerySet[Membership]:
    return members_of(merchant).filter(~with_second_factor())


def working_tokens(merchant: Merchant) -> QuerySet[ApiToken]:
    """Tokens that are neither revoked nor expired."""
    is_valid = Q(expires_at=None) | Q(expires_at__gt=timezone.now())
    return ApiToken.objects.filter(is_valid, merchant=merchant, revoked_at=None)
