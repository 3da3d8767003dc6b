"""The guide is searched for by the words of a mail or a notice, as they stand there."""

from __future__ import annotations

import ast
from collections.abc import Iterator

import pytest

from jetsync.devstack.parts import PROJECT
from jetsync.mail.kinds import MailKind, all_mail_kinds
from jetsync.models import Merchant
from jetsync.panel.guide import search_topics

APPS = ("jetsync", "catalog", "orders", "returns", "refunds", "repricer")
# The functions that put something under the bell, with its title at the third place.
TELLING = {"notify", "tell_failed", "tell_changed"}


def slugs(words: str) -> list[str]:
    return [topic.slug for topic in search_topics(words)]


@pytest.mark.feature("HLP-01")
@pytest.mark.parametrize("words", ["silence", "Orders have stopped", "No order for an unusual time"])
def test_the_mail_about_a_silence_is_found(words: str) -> None:
    assert "mail" in slugs(words)


@pytest.mark.parametrize("kind", all_mail_kinds(), ids=lambda kind: kind.name)
def test_each_kind_of_mail_is_found_by_its_name_and_by_its_subject(scoped: Merchant, kind: MailKind) -> None:
    assert "mail" in slugs(kind.label)
    items = list(kind.sample(scoped))
    own = {word.strip(",.:") for item in items for word in f"{item.label} {item.side}".split()}
    own -= {"Order", "Return"}
    for total in (1, 3):
        subject = kind.headline(items, total)
        words = " ".join(word for word in subject.split() if word.strip(",.:") not in own)
        assert slugs(words), subject


def titles() -> Iterator[str]:
    """What stands in each title whatever it is about: "Order : a shipment did not get through"."""
    for app in APPS:
        for path in sorted((PROJECT / app).rglob("*.py")):
            for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
                is_told = isinstance(node, ast.Call) and getattr(node.func, "id", "") in TELLING
                if not (is_told and len(node.args) > 2):
                    continue
                title = node.args[2]
                parts = title.values if isinstance(title, ast.JoinedStr) else [title]
                words = [part.value for part in parts if isinstance(part, ast.Constant)]
                if words and isinstance(words[0], str):
                    yield " ".join(map(str, words))


def test_each_notice_is_found_by_its_title() -> None:
    found = list(titles())
    assert len(found) > 30
    assert [title for title in found if title.strip(" :“”") and not slugs(title)] == []


def test_a_title_is_found_with_the_number_of_ones_own_order_and_its_signs() -> None:
    assert "notices" in slugs("Order 303422852270: a shipment did not get through")
    assert "notices" in slugs("Orders were lost: nobody answered in time")
    assert slugs("987654321987") == []
    assert slugs("…") == []
