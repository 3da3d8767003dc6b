"""HTML of the smallest parts (icon, badge, money, time, countdown, cell), shared by tags, components and lists."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime, tzinfo
from decimal import Decimal
from functools import partial
from typing import Any

from django.templatetags.static import static
from django.utils import dateformat, timezone
from django.utils.html import format_html
from django.utils.safestring import SafeString, mark_safe
from django_scopes import get_scope

from jetsync.models import Merchant
from jetsync.panel.cells import Cell, Kind
from jetsync.panel.statuses import status_of

NOTHING = mark_safe('<span class="nothing text-secondary">–</span>')  # noqa: RUF001 -- a dash, as typeset
WHEN_FORMAT = "M j, Y, g:i A"
THIS_YEAR_FORMAT = "M j, g:i A"
# A countdown turns orange and red when this many seconds are left.
NEAR_SECONDS, URGENT_SECONDS = 600, 300


def local_zone() -> tzinfo:
    """The time zone of the active merchant; outside of one, Django's current zone."""
    merchant = get_scope().get("merchant")
    return merchant.zone if isinstance(merchant, Merchant) else timezone.get_current_timezone()


def icon(name: str, classes: str = "", label: str = "") -> SafeString:
    """A drawing from the sprite. Without `label` it is decoration and hidden from screen readers."""
    described = format_html('role="img" aria-label="{}"', label) if label else mark_safe('aria-hidden="true"')
    return format_html(
        '<svg class="icon {}" width="24" height="24" stroke="currentColor" stroke-width="1.75"'
        ' stroke-linecap="round" stroke-linejoin="round" fill="none" {}><use href="{}#{}"></use></svg>',
        classes,
        described,
        static("vendor/icons.svg"),
        name,
    )


def status_badge(key: str, *, hint: str = "", with_jet_word: bool = False) -> SafeString:
    """The badge of a status key; its explanation is the title, Jet's own word may stand beside it."""
    status = status_of(key)
    jet = (
        format_html(' <span class="jet-word">{}</span>', f"Jet: {status.jet_word}") if status.jet_word else ""
    )
    return format_html(
        '<span class="status-badge status-{}" title="{}"><span class="status-dot {}"></span>{}</span>{}',
        status.colour,
        hint or status.explanation,
        "status-dot-animated" if status.busy else "",
        status.label,
        jet if with_jet_word else "",
    )


def money(amount: Decimal | float | str | None) -> SafeString:
    """US dollars with two places; a dash for None."""
    if amount is None or amount == "":
        return NOTHING
    value = Decimal(str(amount))
    sign = "−" if value < 0 else ""  # noqa: RUF001 -- a minus, as typeset
    return format_html('<span class="money">{}${}</span>', sign, f"{abs(value):,.2f}")


def number(value: float | None) -> SafeString:
    return NOTHING if value is None else format_html('<span class="num">{}</span>', f"{value:,}")


def ago(moment: datetime, now: datetime | None = None) -> str:
    """ "3 minutes ago", "in 2 hours"; whole units, the largest that fits."""
    seconds = ((now or timezone.now()) - moment).total_seconds()
    for size, unit in ((86_400, "day"), (3_600, "hour"), (60, "minute")):
        count = int(abs(seconds) // size)
        if count:
            words = f"{count} {unit}{'' if count == 1 else 's'}"
            return f"{words} ago" if seconds > 0 else f"in {words}"
    return "just now" if seconds >= 0 else "in a moment"


def when_text(moment: datetime) -> str:
    """The one form of a moment, in the merchant's zone: "Nov 28, 1:10 PM", with the year where it is another.

    Pages of no store name the zone, "Nov 28, 6:10 PM UTC": a person of two stores has no zone of his own.
    """
    local, now = moment.astimezone(local_zone()), timezone.now().astimezone(local_zone())
    text = dateformat.format(local, THIS_YEAR_FORMAT if local.year == now.year else WHEN_FORMAT)
    return text if get_scope().get("merchant") else f"{text}\N{NO-BREAK SPACE}{local.tzname()}"


def when(moment: datetime | None, *, relative: bool = False) -> SafeString:
    """A moment in the merchant's zone, the raw UTC value on hover; `relative` shows "3 minutes ago"."""
    if moment is None:
        return NOTHING
    # An hour that has no room in a list goes to a line of its own together with its AM or PM.
    shown = "\N{NO-BREAK SPACE}".join(when_text(moment).rsplit(" ", 1))
    iso = moment.astimezone(timezone.get_default_timezone()).isoformat(timespec="seconds")
    return format_html(
        '<time datetime="{}" title="{}"{}>{}</time>',
        iso,
        f"{shown} · {iso}" if relative else iso,
        mark_safe(" data-relative") if relative else "",
        ago(moment) if relative else shown,
    )


def countdown(moment: datetime | None) -> SafeString:
    """Time left until `moment` in colour and words, kept running by clock.js; "overdue" once it has passed."""
    if moment is None:
        return NOTHING
    left = int((moment - timezone.now()).total_seconds())
    state = "urgent" if left <= URGENT_SECONDS else "near" if left <= NEAR_SECONDS else "calm"
    return format_html(
        '<time class="countdown countdown-{}" datetime="{}" title="{}" data-countdown>{}</time>',
        state,
        moment.isoformat(timespec="seconds"),
        dateformat.format(moment.astimezone(local_zone()), WHEN_FORMAT),
        time_left(left, state),
    )


def time_left(seconds: int, state: str) -> str:
    """ "14:59 left", "2 h 05 min left", "3 d 4 h left", "4:59 left, urgent" or "overdue 2 min"."""
    if seconds < 0:
        return f"overdue {-seconds // 60} min" if seconds <= -60 else "overdue"  # noqa: PLR2004 -- a minute
    return f"{_span(seconds)} left{', urgent' if state == 'urgent' else ''}"


def _span(seconds: int) -> str:
    minutes, rest = divmod(seconds, 60)
    hours, minutes = divmod(minutes, 60)
    if hours >= 24:  # noqa: PLR2004 -- a day
        return f"{hours // 24} d {hours % 24} h"
    return f"{hours} h {minutes:02} min" if hours else f"{minutes}:{rest:02}"


def _code(value: Any) -> SafeString:
    return format_html('<span class="code">{}</span>', value)


def _address(value: Any) -> SafeString:
    return format_html('<span class="code code-long">{}</span>', value)


def _yes(value: bool | None) -> SafeString:  # noqa: FBT001 -- the value itself
    if value is None:
        return NOTHING
    name, label = ("check", "Yes") if value else ("minus", "No")
    return icon(name, "text-green" if value else "text-secondary", label)


def thumb(address: str) -> SafeString:
    """A small picture, or the sign for none."""
    if not address:
        return format_html('<span class="thumb thumb-none">{}</span>', icon("photo-off"))
    return format_html(
        '<img class="thumb" src="{}" alt="" loading="lazy" width="40" height="40" referrerpolicy="no-referrer">',
        address,
    )


_KINDS: dict[str, Callable[[Any], SafeString]] = {
    "money": money,
    "number": number,
    "when": when,
    "ago": partial(when, relative=True),
    "due": countdown,
    "image": thumb,
    "code": _code,
    "address": _address,
    "yes": _yes,
}


def _main(cell: Cell) -> SafeString:
    if cell.kind == "status":
        return status_badge(cell.value, hint=cell.hint)
    if cell.value is None or cell.value == "":
        return thumb("") if cell.kind == "image" else NOTHING
    if cell.kind in _KINDS:
        return _KINDS[cell.kind](cell.value)
    return format_html("{}", cell.value)


def cell_html(cell: Cell) -> SafeString:
    main = _main(cell)
    if cell.url:
        main = format_html('<a href="{}">{}</a>', cell.url, main)
    elif cell.hint and cell.kind != "status":
        main = format_html('<span title="{}">{}</span>', cell.hint, main)
    return format_html('{}<div class="cell-sub">{}</div>', main, cell.sub) if cell.sub else main


_KIND_OF_TYPE: tuple[tuple[type, Kind], ...] = (
    (SafeString, "html"),
    (datetime, "when"),
    (Decimal, "money"),
    (bool, "yes"),  # before int, which it is a kind of
    (int, "number"),
)


def as_cell(value: Any) -> Cell:
    """A plain attribute as a cell, by its type."""
    if isinstance(value, Cell):
        return value
    kind: Kind = next((kind for of, kind in _KIND_OF_TYPE if isinstance(value, of)), "text")
    return Cell(kind, value)
