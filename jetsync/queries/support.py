"""Reads about messages to support, and about its sessions."""

from __future__ import annotations

from django.db.models import QuerySet
from django.http import Http404

from jetsync.models import Merchant, SupportRequest, SupportSession
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


def sessions_of(merchant: Merchant) -> QuerySet[SupportSession]:
    """Newest first, with the person."""
    return SupportSession.objects.filter(merchant=merchant).select_related("user").order_by("-pk")


def get_session(merchant: Merchant, pk: int) -> SupportSession:
    """With the merchant. Raises Http404."""
    found = sessions_of(merchant).filter(pk=pk).select_related("user", "merchant").first()
    if found is None:
        raise Http404("There is no such support session.")
    return found
