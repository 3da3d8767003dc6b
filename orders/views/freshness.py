"""The line above a list that says when Jet was last asked, and what came of it. Read again with the list."""

from __future__ import annotations

from typing import Any

from django.urls import reverse
from django.utils.html import format_html
from django.utils.safestring import SafeString

from jetsync.models import Job, Merchant
from jetsync.panel.lists import ListPage
from jetsync.panel.rendering import when
from jetsync.queries.schedules import LastRun, last_run, trouble_of
from jetsync.queries.settings import has_keys


def last_look(merchant: Merchant, kind: str, *, never: str, brought: str = "") -> SafeString:
    """ "Last look at Jet 2 minutes ago (by schedule). 3 new orders in the last hour."

    `kind` is the schedule's; `brought` replaces what the last run itself said, `never` stands until there was one.
    """
    found = last_run(merchant, kind)
    if (found is None or found.schedule.last_ok is False) and not has_keys(merchant):
        return _without_keys(merchant)
    trouble = trouble_of(merchant, kind) if found is None or found.is_trying else None
    words = _told(found, brought) if found else format_html("{}", never)
    return format_html("{}{}", _trying(trouble), words) if trouble else words


def _told(found: LastRun, brought: str) -> SafeString:
    schedule = found.schedule
    moment = when(schedule.last_finished_at, relative=True)
    if schedule.last_ok is False:
        return format_html("The last look at Jet failed {}: {} {}", moment, schedule.last_message, brought)
    return format_html("Last look at Jet {} ({}). {}", moment, found.by, brought or schedule.last_message)


def _trying(trouble: Job) -> SafeString:
    return format_html(
        '<strong class="text-danger">{} It has been tried since {}, the next try is {}.</strong> ',
        trouble.message,
        when(trouble.created_at),
        when(trouble.not_before, relative=True),
    )


def _without_keys(merchant: Merchant) -> SafeString:
    url = reverse("panel:account", kwargs={"merchant_slug": merchant.slug})
    return format_html(
        '<strong class="text-danger">There are no API keys for {} mode: nothing is fetched from Jet.</strong> '
        '<a href="{}">Enter the keys</a>',
        merchant.get_mode_display().lower(),
        url,
    )


def switched_off_words(merchant: Merchant) -> SafeString:
    """Stands in place of `last_look` while no order can come in."""
    url = reverse("panel:options", kwargs={"merchant_slug": merchant.slug})
    return format_html(
        '<strong class="text-danger">Fetching orders is switched off: no order comes in from Jet.</strong> '
        '<a href="{}#orders">Switch it on</a>',
        url,
    )


class FreshList(ListPage):
    """A list of what a schedule fetches, with the line of `last_look` above it."""

    template_name = "orders/list.html"
    fragment_name = "orders/list_body.html"

    def get_freshness(self) -> SafeString | str:
        """Hook."""
        return ""

    def extra_context(self) -> dict[str, Any]:
        return {**super().extra_context(), "freshness": self.get_freshness()}
