"""Reads about messages to support."""

from __future__ import annotations

from django.db.models import QuerySet
from django.http import Http404

from jetsync.models import Merchant, SupportRequest
from jetsync.tenancy.actor import Actor
from jetsync.tenancy.rights import Right


def requests_seen_by(merchant: Merchant, actor: Actor) -> QuerySet[SupportRequest]:
    """Newest first: one's own; all of the store for those who manage its people."""
    rows = SupportRequest.objects.filter(merchant=merchant).order_by("-created_at", "-pk")
    return rows if actor.may(Right.MEMBERS_MANAGE) else rows.filter(user=actor.user)


def get_request(merchant: Merchant, actor: Actor, pk: int) -> SupportRequest:
    """With the merchant. Raises Http404."""
    found = requests_seen_by(merchant, actor).filter(pk=pk).select_related("merchant").first()
    if found is None:
        raise Http404("There is no such message to support.")
    return found
