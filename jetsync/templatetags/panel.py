"""`{% load panel %}`: the smallest parts of a page. Larger ones are components (templates/components/)."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

from django import template
from django.forms.utils import ErrorList
from django.template.context import Context
from django.urls import reverse
from django.utils.html import format_html, format_html_join
from django.utils.safestring import SafeString
from django_scopes import get_scope

from jetsync.models import Merchant
from jetsync.panel import rendering
from jetsync.panel.browsers import browser_words
from jetsync.panel.documents import DOCUMENTS, JetDocument
from jetsync.panel.guide import Topic, cause_of, topic_address, topic_for_page
from jetsync.panel.json_words import pretty
from jetsync.panel.statuses import Status, status_of
from jetsync.resting import resting_reason
from jetsync.sync.control import Work, missing_rights
from jetsync.sync.schedules import interval_words
from jetsync.tenancy.rights import Right, lack, lack_of

register = template.Library()

# What any form says by itself, of a value that is missing or of another type: there is nothing more to explain.
PLAIN_CODES = frozenset({"invalid", "required"})

register.filter("browser", browser_words)
register.simple_tag(rendering.icon, name="icon")
register.simple_tag(rendering.thumb, name="thumb")
register.simple_tag(rendering.money, name="money")
register.simple_tag(rendering.number, name="number")
register.simple_tag(rendering.countdown, name="countdown")


@register.simple_tag
def when(moment: Any, relative: Any = False) -> SafeString:  # noqa: FBT002 -- template argument
    """`{% when order.created_at %}`, `{% when order.created_at True %}` for "3 minutes ago"."""
    return rendering.when(moment or None, relative=bool(relative))


@register.simple_tag
def status_badge(key: str, hint: str = "", jet: Any = False) -> SafeString:  # noqa: FBT002 -- template argument
    return rendering.status_badge(key, hint=hint, with_jet_word=bool(jet))


@register.simple_tag
def status_info(key: str) -> Status:
    return status_of(key)


@register.simple_tag
def jet_document(key: str) -> JetDocument:
    """One of Jet's documents; an unknown key is an error of the template."""
    return DOCUMENTS[key]


@register.simple_tag(takes_context=True)
def url_m(context: Context, name: str, *args: Any, **kwargs: Any) -> str:
    """`{% url_m "orders:order-detail" pk=order.pk %}`: `url` with the merchant of this page filled in."""
    merchant = context["merchant"]
    if args:
        return reverse(name, args=(merchant.slug, *args))
    return reverse(name, kwargs={"merchant_slug": merchant.slug, **kwargs})


@register.simple_tag(takes_context=True)
def may(context: Context, right: str) -> bool:
    """`{% may "orders.ship" as can_ship %}`; outside of a merchant's pages nobody may."""
    actor = context.get("actor")
    return bool(actor and actor.may(Right(right)))


def _cause_anchor(merchant: Merchant | None, code: str, *families: str) -> SafeString:
    found = cause_of(code, *families) if code else None
    if found is None or merchant is None:
        return SafeString("")
    words = '<a class="cause-link" href="{}">How to mend it<span class="visually-hidden">: {}</span></a>'
    return format_html(words, topic_address(found.slug, merchant), found.title)


@register.simple_tag(takes_context=True)
def cause_link(context: Context, code: str, *families: str) -> SafeString:
    """`{% cause_link job.code "work" %}`: a link to the guide's page of this cause; nothing where it has none."""
    return _cause_anchor(context.get("merchant"), str(code or ""), *families)


@register.simple_tag
def cause_links(errors: ErrorList) -> SafeString:
    """`{% cause_links field.errors %}`: a link for each cause among the errors of a form. Forms are rendered without the
    page's context, so it is the store whose scope is open.
    """
    merchant = get_scope().get("merchant")
    codes = [error.code for error in errors.as_data() if error.code not in PLAIN_CODES]
    links = (_cause_anchor(merchant, str(code or ""), "work", "value") for code in codes)
    return format_html_join(" ", "{}", ((link,) for link in dict.fromkeys(links) if link))


@register.filter
def lacks(actor: Any, right: str) -> str:
    """The reason to show on a disabled button: `actor|lacks:"orders.ship"`, empty when the actor may."""
    wanted = Right(right)
    return lack_of(wanted) if actor is None else lack(actor, wanted)


@register.simple_tag(takes_context=True)
def cannot_send(context: Context, right: str) -> str:
    """As `lacks`, for what Jet would be asked or told at once: `{% cannot_send "orders.ship" as reason %}`; so it names a
    store that rests as well.
    """
    return lacks(context.get("actor"), right) or resting_reason(context["merchant"])


@register.inclusion_tag("base/no_keys.html", takes_context=True)
def no_keys(context: Context) -> dict[str, Any]:
    """`{% no_keys %}` on a page about Jet: says that the mode in use has no API keys, and where to enter them. The
    frame of the page knows it already.
    """
    return {"merchant": context["merchant"], "is_missing": not context["shell"].has_keys}


@register.simple_tag(takes_context=True)
def resting(context: Context) -> str:
    """`{% resting as rests %}`: why what is on its way to Jet waits; empty for a store at work."""
    return resting_reason(context["merchant"])


@register.filter
def lacks_for(actor: Any, work: Work) -> str:
    """As `lacks`, to start, retry, cancel or undo this job, operation or schedule: `actor|lacks_for:job`."""
    if reason := lacks(actor, Right.ACTIVITY_CONTROL):
        return reason
    missing = missing_rights(actor, work)
    return lacks(actor, missing[0]) if missing else ""


@register.filter
def pretty_json(value: Any) -> str:
    """Indented JSON; text that is JSON, or begins like it, is read first, other text stays as it is."""
    return pretty(value)


@register.filter
def duration(milliseconds: float | None) -> str:
    """ "340 ms", "2.4 s", "3 min 05 s"."""
    if milliseconds is None:
        return "–"  # noqa: RUF001 -- a dash, as typeset
    if milliseconds < 1000:  # noqa: PLR2004 -- a second
        return f"{milliseconds:.0f} ms"
    seconds = milliseconds / 1000
    if seconds < 60:  # noqa: PLR2004 -- a minute
        return f"{seconds:.1f} s"
    return f"{seconds // 60:.0f} min {seconds % 60:02.0f} s"


@register.filter
def span(value: timedelta | None) -> str:
    """The same of a timedelta."""
    return duration(value.total_seconds() * 1000 if value is not None else None)


@register.filter
def interval(seconds: int) -> str:
    """ "10 minutes", "8 hours", "1 day"."""
    return interval_words(seconds)


@register.filter
def clip(text: Any, length: int) -> str:
    """The first characters of a long text with an ellipsis."""
    words = str(text)
    return words if len(words) <= length else words[: length - 1] + "…"


@register.filter
def get(mapping: Any, key: Any) -> Any:
    """`mapping|get:key`; None when it is missing."""
    return mapping.get(key) if hasattr(mapping, "get") else None


@register.simple_tag(takes_context=True)
def guide_topic(context: Context) -> Topic | None:
    """The page of the guide that explains this page; None where there is none, and outside of a merchant's pages."""
    match = getattr(context.get("request"), "resolver_match", None)
    return topic_for_page(match.view_name) if match and context.get("access") else None
