"""Help: the merchant's guide, searchable."""

from __future__ import annotations

from itertools import groupby

from django.http import Http404, HttpResponse
from django.shortcuts import render

from jetsync.panel.guide import beside, render_topic, search_topics, topic_of, topics
from jetsync.tenancy.rights import Right
from jetsync.tenancy.views import MerchantRequest, merchant_view

MOST_WORDS = 100


@merchant_view(Right.HOME_VIEW)
def help_index(request: MerchantRequest) -> HttpResponse:
    """All topics by group, or those that hold every word of `?q=`."""
    words = request.GET.get("q", "").strip()[:MOST_WORDS]
    found = search_topics(words)
    groups = [(name, list(rows)) for name, rows in groupby(topics(), key=lambda topic: topic.group)]
    context = {"words": words, "found": found, "groups": groups}
    return render(request, "guide/index.html", context)


@merchant_view(Right.HOME_VIEW)
def help_topic(request: MerchantRequest, slug: str) -> HttpResponse:
    topic = topic_of(slug)
    if topic is None:
        raise Http404("The guide has no such page.")
    context = {"topic": topic, "body": render_topic(topic, request.merchant), "others": beside(topic)}
    return render(request, "guide/topic.html", context)
