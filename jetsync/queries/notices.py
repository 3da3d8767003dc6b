"""Notices as one person sees them: within his rights, with his own read marks."""

from __future__ import annotations

from django.db.models import Exists, OuterRef, QuerySet, Subquery
from django.db.models.functions import Coalesce
from django.http import Http404

from jetsync.models import Membership, Merchant, Notice, NoticeRead
from jetsync.tenancy.actor import Actor


def notices_for(merchant: Merchant, actor: Actor) -> QuerySet[Notice]:
    """What this person may see, with `seen_at`: when he read it, or when it was over."""
    read = NoticeRead.objects.filter(notice=OuterRef("pk"), user=actor.user)
    rows = Notice.objects.filter(merchant=merchant, right__in=sorted(actor.rights))
    return rows.annotate(seen_at=Coalesce(Subquery(read.values("read_at")[:1]), "done_at"))


def unread_for(merchant: Merchant, actor: Actor) -> QuerySet[Notice]:
    """What the bell counts: not over, not read by this person, told since he is here.

    Who is no member, such as support, has nothing unread.
    """
    read = NoticeRead.objects.filter(notice=OuterRef("pk"), user=actor.user)
    joined = Membership.objects.filter(merchant=merchant, user=actor.user).values("created_at")
    rows = Notice.objects.filter(merchant=merchant, right__in=sorted(actor.rights), done_at=None)
    return rows.filter(~Exists(read), updated_at__gte=Subquery(joined[:1]))


def get_notice(merchant: Merchant, actor: Actor, pk: int) -> Notice:
    """Raises Http404, also for one about what this person may not see."""
    row = notices_for(merchant, actor).filter(pk=pk).first()
    if row is None:
        raise Http404("There is no such notice; it may have been trimmed by age.")
    return row
