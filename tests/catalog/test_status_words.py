"""Every status and sub-status of Jet has an explanation and says whose move it is."""

from __future__ import annotations

import pytest

from catalog.enums import ListingStatus
from catalog.status_map import status_for
from catalog.status_words import MOVER_WORDS, UNKNOWN, status_word, sub_status_word
from catalog.views.product import SECTION_FORMS
from jetsync.jet.words.products import ListingStatus as JetStatus
from jetsync.jet.words.products import ListingSubStatus


@pytest.mark.feature("SIM-04", "PRD-16")
@pytest.mark.parametrize("status", ListingStatus)
def test_every_local_status_is_explained(status: ListingStatus) -> None:
    word = status_word(status)

    assert word.meaning.endswith(".")
    assert word.mover in MOVER_WORDS
    assert bool(word.todo) or word.mover != "you"


@pytest.mark.parametrize("jet_word", JetStatus)
def test_every_status_of_jet_has_a_local_one(jet_word: JetStatus) -> None:
    assert status_for(str(jet_word)) != ListingStatus.OTHER


@pytest.mark.feature("SIM-04")
@pytest.mark.parametrize("text", ListingSubStatus)
def test_every_sub_status_is_explained_and_leads_to_its_section(text: ListingSubStatus) -> None:
    word = sub_status_word(str(text))

    assert word is not UNKNOWN
    assert word.section in SECTION_FORMS
    assert sub_status_word(f"  {str(text).upper()} ") is word


def test_a_word_jet_never_used_is_said_to_be_unknown() -> None:
    assert sub_status_word("Missing unicorn") is UNKNOWN
