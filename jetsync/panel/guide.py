"""The merchant's guide: Markdown pages in docs/guide, shown under Help, searchable, and linked from the pages they explain.

A page begins with lines `name: value` up to the first empty line: `title`, `group`, `keywords` (other names that a
merchant may look for) and `pages` (url names it explains). Links lead to other topics, so that they work where the files
are read; one with a title, `[products](products.md "page:catalog:product-list")`, leads to that page of the merchant's own
panel here.

A page with `causes: family` has a section for each cause of trouble: its heading, a line of codes, the text. Each is a page
of its own here, which the error with that code leads to.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass, replace
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
GROUPS = (
    "First steps",
    "Products",
    "Mapping",
    "Pricing",
    "Orders",
    "When something fails",
    "Running the panel",
)
PAGE_LINK, TOPIC_END = "page:", ".md"
SNIPPET = 180
_CODE = re.compile(r"`([^`]+)`")
_DIGIT = re.compile(r"\d")
_SIGNS = ".,:;!?…“”\"'()[]"
_LINK = re.compile(r"\[([^\]]+)\]\([^)]*\)")


@dataclass(frozen=True)
class Topic:
    slug: str
    title: str
    group: str
    keywords: tuple[str, ...]
    pages: tuple[str, ...]
    body: str
    family: str = ""
    codes: tuple[str, ...] = ()

    @property
    def summary(self) -> str:
        """The first sentence or two, without markup."""
        first = next((part for part in self.body.split("\n\n") if part and not part.startswith("#")), "")
        text = " ".join(_LINK.sub(r"\1", first).replace("**", "").replace("`", "").split())
        return text if len(text) <= SNIPPET else f"{text[: SNIPPET - 1].rstrip()}…"

    def score(self, words: Iterable[str]) -> int:
        """How well the topic answers a search; 0 when one of the words is nowhere in it."""
        title, keys = self.title.casefold(), " ".join((*self.keywords, *self.codes)).casefold()
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
        family=fields.get("causes", ""),
    )


def _listed(text: str) -> tuple[str, ...]:
    return tuple(part.strip() for part in text.split(",") if part.strip())


@cache
def _files() -> tuple[Topic, ...]:
    return tuple(_read(path) for path in sorted(FOLDER.glob("*.md")))


@cache
def topics() -> tuple[Topic, ...]:
    """All pages of the guide but those of single causes, by group and title. Read once per process."""
    found = [_with_list(topic) if topic.family else topic for topic in _files()]
    return tuple(sorted(found, key=lambda topic: (GROUPS.index(topic.group), topic.title)))


@cache
def causes() -> tuple[Topic, ...]:
    """A page for each cause, in the order of their files."""
    return tuple(cause for topic in _files() if topic.family for cause in _causes_in(topic))


def _causes_in(topic: Topic) -> list[Topic]:
    found = []
    for section in topic.body.split("\n## ")[1:]:
        title, codes, body = section.split("\n", 2)
        names = _CODE.findall(codes)
        slug = f"{topic.family}-{names[0]}".replace("_", "-")
        found.append(
            Topic(slug, title, topic.title, topic.keywords, (), body.strip(), topic.family, tuple(names))
        )
    return found


def _with_list(topic: Topic) -> Topic:
    """The introduction and links to the causes, each of which is a page of its own here."""
    intro = topic.body.split("\n## ", 1)[0]
    links = "\n".join(f"- [{cause.title}]({cause.slug}{TOPIC_END})" for cause in _causes_in(topic))
    return replace(topic, body=f"{intro}\n\n{links}")


@cache
def cause_of(code: str, *families: str) -> Topic | None:
    """The page of the cause with this code, of the first of the families that has it."""
    known = {(cause.family, name): cause for cause in causes() for name in cause.codes}
    return next((known[family, code] for family in families if (family, code) in known), None)


def topic_of(slug: str) -> Topic | None:
    return next((topic for topic in (*topics(), *causes()) if topic.slug == slug), None)


def beside(topic: Topic) -> list[Topic]:
    """The other pages of its group, or the other causes of its family."""
    return [
        other for other in (*topics(), *causes()) if other.group == topic.group and other.slug != topic.slug
    ]


@cache
def topic_for_page(url_name: str) -> Topic | None:
    """The topic that explains a page, by the page's url name."""
    return next((topic for topic in topics() if url_name in topic.pages), None)


def search_topics(text: str) -> list[Topic]:
    """Topics that hold every word, best first; all of them for an empty text.

    Whoever looks for the title of a mail or a notice takes it over as it stands: signs at the ends of words do not count,
    nor do numbers that the guide has nowhere, as those of an order.
    """
    words = [word for part in text.casefold().split() if (word := part.strip(_SIGNS))]
    if not words:
        return [] if text.strip() else list(topics())
    known = (*topics(), *causes())
    words = [word for word in words if not _DIGIT.search(word) or any(topic.score([word]) for topic in known)]
    scored = [(topic.score(words), topic) for topic in known] if words else []
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


def cause_address(merchant: Merchant, code: str, *families: str) -> str:
    """Where the guide explains this code; "" where it has no page for it."""
    found = cause_of(code, *families) if code else None
    return topic_address(found.slug, merchant) if found else ""


def error_address(merchant: Merchant, code: str) -> str:
    """As `cause_address`, of an error that stopped a person or a program."""
    return cause_address(merchant, code, "work", "value")
