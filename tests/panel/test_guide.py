"""The guide: every page of the menu is explained, every link leads somewhere, and a search finds by other names."""

from __future__ import annotations

import re

import pytest
from django.urls import NoReverseMatch, reverse
from django.utils.html import escape

from jetsync.panel.guide import FOLDER, GROUPS, page_address, render_topic, search_topics, topics
from jetsync.panel.items import items_for
from jetsync.tenancy.actor import SYSTEM

pytestmark = pytest.mark.django_db
ARGUMENTS: tuple[dict[str, object], ...] = (
    {},
    {"pk": 1},
    {"mode": "test"},
    {"slug": "x"},
    {"key": "x"},
    {"node_id": 1},
    {"pk": 1, "section": "details"},
)


def test_topics_are_complete_and_in_known_groups():
    assert [topic.slug for topic in topics()]
    for topic in topics():
        assert topic.group in GROUPS
        assert topic.summary, topic.slug


def test_every_explained_page_exists():
    for topic in topics():
        for name in topic.pages:
            if not any(_reverses(name, kwargs) for kwargs in ARGUMENTS):
                raise AssertionError(f"{topic.slug} explains {name}, which is no page")


def _reverses(name: str, kwargs: dict[str, object]) -> bool:
    try:
        reverse(name, kwargs={"merchant_slug": "x", **kwargs})
    except NoReverseMatch:
        return False
    return True


def test_every_link_leads_to_a_file_of_the_guide_and_to_a_page_of_the_panel(merchant):
    """The files are read on code hosts as well, where only the first of the two works."""
    explains = {name: f"{topic.slug}.md" for topic in topics() for name in topic.pages}
    found = 0
    for path in FOLDER.glob("*.md"):
        for target, page in re.findall(r'\]\(([^) ]+)(?: "page:([^"]+)")?\)', path.read_text()):
            found += 1
            assert (FOLDER / target).is_file(), f"{path.name}: {target}"
            if page:
                assert page_address(page, merchant).startswith(f"/m/{merchant.slug}/")
                assert target == explains[page], f"{path.name}: {target} does not explain {page}"
    assert found > 50


def test_a_link_of_a_topic_leads_into_the_merchants_own_panel(merchant):
    (topic,) = [topic for topic in topics() if topic.slug == "start"]
    html = render_topic(topic, merchant)
    assert f'href="/m/{merchant.slug}/' in html
    assert "page:" not in html
    assert ".md" not in html


def test_every_menu_page_has_its_topic(scoped):
    explained = {name for topic in topics() for name in topic.pages}
    own = {"panel:help", "panel:notice-list", "panel:general"}
    missing = {item.url_name for item in items_for(SYSTEM)} - explained - own
    assert missing == set()


@pytest.mark.feature("HLP-01")
def test_the_guide_is_searched_by_any_of_its_words(merchant, client_for):
    client = client_for("analyst")
    address = reverse("panel:help", kwargs={"merchant_slug": merchant.slug})

    page = client.get(address, {"q": "fill or kill"}).content.decode()
    assert "Answering orders in time" in page
    assert "Making a refund" not in page
    assert "Nothing holds all these words" in client.get(address, {"q": "zebra"}).content.decode()

    everything = client.get(address).content.decode()
    assert [topic.title for topic in topics() if escape(topic.title) not in everything] == []


def test_a_page_links_the_topic_that_explains_it(merchant, client_for):
    page = client_for("owner").get(f"/m/{merchant.slug}/orders/").content.decode()
    assert f'href="/m/{merchant.slug}/help/answering-orders/"' in page


def test_an_unknown_topic_is_not_found(merchant, client_for):
    assert client_for("owner").get(f"/m/{merchant.slug}/help/nothing/").status_code == 404


def test_words_in_the_title_come_first():
    assert search_topics("refund")[0].slug == "refunds"


def test_summaries_are_plain_words() -> None:
    """The index shows them as text, so links and emphasis of the page must not stand in them."""
    for topic in topics():
        assert not set("[]*`") & set(topic.summary), topic.slug
