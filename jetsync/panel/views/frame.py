"""What the frame asks for after the page: badges, bell, palette, merchants; and the page about Jet."""

from __future__ import annotations

from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render

from jetsync.models import Membership, User
from jetsync.panel.documents import DOCUMENTS
from jetsync.panel.items import badge_id, fresh_badges
from jetsync.panel.palette import search
from jetsync.queries.notices import unread_for
from jetsync.tenancy.rights import Right
from jetsync.tenancy.views import MerchantRequest, merchant_view

# Notices under the bell; the page has the rest.
BELL_LIMIT = 8


def _memberships(request: HttpRequest) -> list[Membership]:
    assert isinstance(request.user, User)  # noqa: S101 -- login_required
    rows = list(
        Membership.objects.filter(user=request.user, merchant__suspended_at=None)
        .select_related("merchant")
        .order_by("merchant__name")
    )
    for row in rows:
        row.mode_key = f"mode.{row.merchant.mode}"  # type: ignore[attr-defined]  # for the template
    return rows


@login_required
def merchants(request: HttpRequest) -> HttpResponse:
    """All merchants of this person."""
    return render(request, "base/merchants.html", {"memberships": _memberships(request)})


@login_required
def switcher(request: HttpRequest) -> HttpResponse:
    context = {"memberships": _memberships(request), "current_slug": request.GET.get("merchant", "")}
    return render(request, "base/switcher_list.html", context)


@merchant_view(Right.HOME_VIEW)
def badges(request: MerchantRequest) -> HttpResponse:
    """Fresh numbers for the menu and the bell as out-of-band swaps."""
    counted = [(badge_id(item), count) for item, count in fresh_badges(request.merchant, request.actor)]
    unread = unread_for(request.merchant, request.actor).count()
    return render(request, "base/badges.html", {"badges": counted, "unread": unread})


@merchant_view(Right.HOME_VIEW)
def bell(request: MerchantRequest) -> HttpResponse:
    notices = unread_for(request.merchant, request.actor).order_by("-updated_at")[:BELL_LIMIT]
    return render(request, "base/bell.html", {"notices": notices})


@merchant_view(Right.HOME_VIEW)
def palette(request: MerchantRequest) -> HttpResponse:
    """Hits for the palette; a whole page for somebody without scripts."""
    text = request.GET.get("q", "")[:80]
    context = {"hits": search(request.merchant, request.actor, text), "query": text}
    template = "base/palette_hits.html" if request.htmx else "base/palette_page.html"  # type: ignore[attr-defined]
    return render(request, template, context)


@merchant_view(Right.HOME_VIEW)
def about_jet(request: MerchantRequest) -> HttpResponse:
    """Says plainly what this installation talks to."""
    return render(request, "base/about_jet.html", {"documents": DOCUMENTS.values()})
