"""Turns items into a letter: subject, HTML and text with the same content. Times stand in the store's zone."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from typing import Any

from django.conf import settings
from django.template.loader import render_to_string
from django.urls import reverse
from django.utils import dateformat, timezone

from jetsync.enums import Mode
from jetsync.mail.kinds import MailItem, MailKind
from jetsync.models import Merchant


@dataclass(frozen=True)
class Section:
    """What one kind has to tell; `items` are those to list, `total` counts what happened, listed or not."""

    kind: MailKind
    items: Sequence[MailItem]
    total: int

    @property
    def headline(self) -> str:
        return self.kind.headline(self.items, self.total)


@dataclass(frozen=True)
class Letter:
    subject: str
    text: str
    html: str


def absolute(path: str) -> str:
    """A path of the panel as an address that works outside of it."""
    return settings.BASE_URL.rstrip("/") + path if path.startswith("/") else path


def page_of(name: str) -> Callable[[Merchant], str]:
    """What gives a store's path of the page with this url name: for `list_url` of a kind of mail."""
    return lambda merchant: reverse(name, kwargs={"merchant_slug": merchant.slug})


def moment(merchant: Merchant, value: datetime) -> str:
    """ "Sat, Nov 28, 5:30 PM" by the store's clock."""
    return dateformat.format(value.astimezone(merchant.zone), "D, M j, g:i A")


def dollars(amount: Decimal) -> str:
    return f"${amount:,.2f}"


settings_path = page_of("panel:mail-settings")


def write_letter(merchant: Merchant, sections: Sequence[Section], *, note: str = "") -> Letter:
    """One letter about all sections. `note` stands on top ("This is a test mail.")."""
    headlines = [section.headline for section in sections]
    title = headlines[0] if len(headlines) == 1 else "Summary: " + ", ".join(headlines)
    with timezone.override(merchant.zone):
        context = {
            "merchant": merchant,
            "is_test_mode": merchant.mode == Mode.TEST,
            "title": headlines[0] if len(headlines) == 1 else "What happened in your store",
            "note": note,
            "is_summary": len(headlines) > 1,
            "panel_url": absolute(page_of("panel:home")(merchant)),
            "settings_url": absolute(settings_path(merchant)),
            "zone_name": merchant.time_zone,
        }
        return Letter(
            subject=one_line(f"[{merchant.name}] {title}")[:250],
            text=_tidy(_render("txt", merchant, sections, context)),
            html=_render("html", merchant, sections, context),
        )


def _render(ending: str, merchant: Merchant, sections: Sequence[Section], context: dict[str, Any]) -> str:
    parts = [
        {
            "headline": section.headline,
            "body": render_to_string(
                f"{section.kind.template}.{ending}", _section_context(merchant, section)
            ),
        }
        for section in sections
    ]
    return render_to_string(f"mail/letter.{ending}", {**context, "sections": parts})


def _section_context(merchant: Merchant, section: Section) -> dict[str, Any]:
    address = section.kind.list_url(merchant)
    return {
        "merchant": merchant,
        "items": section.items,
        "total": section.total,
        "more": section.total - len(section.items),
        "list_url": absolute(address) if address else "",
        "list_label": section.kind.list_label,
    }


def one_line(text: str) -> str:
    """A header must not hold a line break, wherever the words came from."""
    return " ".join(text.split())


def _tidy(text: str) -> str:
    """Template tags leave lines of blanks behind; one empty line parts paragraphs."""
    lines: list[str] = []
    for line in (line.rstrip() for line in text.strip().splitlines()):
        if line or (lines and lines[-1]):
            lines.append(line)
    return "\n".join(lines) + "\n"
