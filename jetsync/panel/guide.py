"""The merchant's guide: Markdown pages in docs/guide, shown under Help, searchable, and linked from the pages they explain.

A page begins with lines `name: value` up to the first empty line: `title`, `group`, `keywords` (other names that a
merchant may look for) and `pages` (url names it explains). Links lead to other topics, so that they work where the files
are read; one with a title, `[products](products.md "page:catalog:product-list")`, leads to that page of the merchant's own
panel here.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass
from functools import cache
from pathlib import Path

from django.conf import settings
from django.urls import reverse
from django.utils.safestring import SafeString, mark_safe
from markdown_it import MarkdownIt
from markdown_it.token import Token

from jetsync.models import Merchant

FOLDER = Path(settings.BASE_DIR) / "docs" / "guide"
# In the order of a merchant's first weeks.
GROUPS = ("First steps", "Products", "Mapping", "Pricing", "Orders", "Running the panel")
PAGE_LINK, TOPIC_END = "page:", ".md"
SNIPPET = 180
_LINK = re.compile(r"\[([^\]]+)\]\([^)]*\)")


@dataclass(frozen=True)
class Topic:
    slug: str
    title: str
    group: str
    keywords: tuple[str, ...]
    pages: tuple[str, ...]
    body: str

    @property
    def summary(self) -> str:
        """The first sentence or two, without markup."""
        first = next((part for part in self.body.split("\n\n") if part and not part.startswith("#")), "")
        text = " ".join(_LINK.sub(r"\1", first).replace("**", "").replace("`", "").split())
        return text if len(text) <= SNIPPET else f"{text[: SNIPPET - 1].rstrip()}…"

    def score(self, words: Iterable[str]) -> int:
        """How well the topic answers a search; 0 when one of the words is nowhere in it."""
        title, keys = self.title.casefold(), " ".join(self.keywords).casefold()
        body, total = self.body.casefold(), 0
        for word in words:
            found = 8 * (word in title) + 4 * (word in keys) + (word in body)
            if not found:
                return 0
            total += found
        return total


def _read(path: Path) -> Topic:
    head, _empty, body = path.read_text(encoding="utf-8").partition("\n\n")
    fields = dict(line.split(": ", 1) for line in head.splitlines())
    return Topic(
        slug=path.stem,
        title=fields["title"],
        group=fields["group"],
        keywords=_listed(fields.get("keywords", "")),
        pages=_listed(fields.get("pages", "")),
        body=body.strip(),
    )


def _listed(text: str) -> tuple[str, ...]:
    return tuple(part.strip() for part in text.split(",") if part.strip())


@cache
def topics() -> tuple[Topic, ...]:
    """All pages of the guide, by group and title. Read once per process."""
    found = [_read(path) for path in sorted(FOLDER.glob("*.md"))]
    return tuple(sorted(found, key=lambda topic: (GROUPS.index(topic.group), topic.title)))


def topic_of(slug: str) -> Topic | None:
    return next((topic for topic in topics() if topic.slug == slug), None)


@cache
def topic_for_page(url_name: str) -> Topic | None:
    """The topic that explains a page, by the page's url name."""
    return next((topic for topic in topics() if url_name in topic.pages), None)


def search_topics(text: str) -> list[Topic]:
    """Topics that hold every word, best first; all of them for an empty text."""
    words = text.casefold().split()
    if not words:
        return list(topics())
    scored = [(topic.score(words), topic) for topic in topics()]
    return [topic for score, topic in sorted(scored, key=lambda pair: -pair[0]) if score]


def render_topic(topic: Topic, merchant: Merchant) -> SafeString:
    """The page as HTML, with links into this merchant's panel. Raw HTML in the text is shown as text."""
    parser = MarkdownIt("commonmark", {"html": False}).enable("table")
    tokens = parser.parse(topic.body)
    for token in tokens:
        for child in token.children or ():
            _set_link(child, merchant)
    html: str = parser.renderer.render(tokens, parser.options, {})
    return mark_safe(html)  # noqa: S308 -- our own files, html off


def _set_link(token: Token, merchant: Merchant) -> None:
    if token.type != "link_open":
        return
    address, title = (str(token.attrGet(name) or "") for name in ("href", "title"))
    if title.startswith(PAGE_LINK):
        token.attrSet("href", page_address(title.removeprefix(PAGE_LINK), merchant))
        token.attrs.pop("title")
    elif address.endswith(TOPIC_END) and "/" not in address:
        token.attrSet("href", topic_address(address.removesuffix(TOPIC_END), merchant))


def page_address(name: str, merchant: Merchant) -> str:
    """Of a page by its url name, like `panel:options`."""
    return reverse(name, kwargs={"merchant_slug": merchant.slug})


def topic_address(slug: str, merchant: Merchant) -> str:
    return reverse("panel:help-topic", kwargs={"merchant_slug": merchant.slug, "slug": slug})
