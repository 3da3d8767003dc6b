"""Bar codes of order ids: what a scanner would read is what was meant."""

from __future__ import annotations

import re
from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from jetsync.tenancy.context import merchant_scope
from orders.barcode import LONGEST, QUIET, SYMBOLS, bar_code, symbols
from tests.orders.pages import page, text_of
from tests.orders.rows import line

PRINTABLE = st.text(st.characters(min_codepoint=32, max_codepoint=126), min_size=1, max_size=LONGEST)


def scanned(svg: str) -> str:
    """What a scanner makes of the image: edges to widths, widths to symbols, symbols to text. Checks the check digit."""
    edges = [
        edge
        for left, width in re.findall(r"M(\d+) 0h(\d+)v1h-\2z", svg)
        for edge in (int(left), int(left) + int(width))
    ]
    modules = int(re.search(r'viewBox="0 0 (\d+) 1"', svg)[1])
    assert (edges[0], modules - edges[-1]) == (QUIET, QUIET)
    widths = "".join(str(right - left) for left, right in pairwise(edges))
    assert widths.endswith(SYMBOLS[106])
    body = widths[: -len(SYMBOLS[106])]
    values = [SYMBOLS.index(body[at : at + 6]) for at in range(0, len(body), 6)]
    *values, check = values
    assert check == (values[0] + sum(at * value for at, value in enumerate(values))) % 103
    return read(values)


def read(values: list[int]) -> str:
    in_c, text = {104: False, 105: True}[values[0]], ""
    for value in values[1:]:
        if value == (100 if in_c else 99):
            in_c = not in_c
        else:
            text += f"{value:02d}" if in_c else chr(value + 32)
    return text


@given(PRINTABLE)
def test_every_printable_text_is_read_back(text: str) -> None:
    assert scanned(bar_code(text)) == text


def test_symbols_are_those_of_the_standard() -> None:
    """Every symbol is 11 modules wide, its bars an even number of them; no two look alike."""
    assert len(set(SYMBOLS)) == 107
    for symbol in SYMBOLS[:106]:
        widths = [int(width) for width in symbol]
        assert (sum(widths), sum(widths[::2]) % 2) == (11, 0)
    assert symbols("PJJ123C") == [104, 48, 42, 42, 17, 18, 19, 35, 55, 106]


def test_figures_are_packed_in_pairs() -> None:
    assert symbols("301755224861") == [105, 30, 17, 55, 22, 48, 61, 101, 106]
    assert symbols("A1234567") == [104, 33, 17, 99, 23, 45, 67, 54, 106]


@pytest.mark.parametrize("text", ["", "é", "1\n2", "x" * (LONGEST + 1)])
def test_text_without_a_bar_code_gives_none(text: str) -> None:
    assert bar_code(text) == ""


def test_text_is_escaped() -> None:
    assert 'aria-label="Bar code &lt;&quot;&amp;"' in bar_code('<"&')


@pytest.mark.django_db
def test_slip_and_pick_list_carry_the_order_id_as_bar_code(merchant, order_of, client_for) -> None:
    first = order_of(line(), line("CUP-2", 2), status="acknowledged")
    second = order_of(line(quantity=2), status="acknowledged")
    client = client_for("owner")

    slip = text_of(client, page(merchant, "order-slip", pk=first.pk))
    ticked = {"bulk": "pick", "ids": [first.pk, second.pk]}
    picked = client.post(page(merchant, "order-list"), ticked, follow=True).content.decode()

    assert [scanned(svg) for svg in re.findall(r"<svg class=\"bar-code\".*?</svg>", slip)] == [str(first)]
    codes = [scanned(svg) for svg in re.findall(r"<svg class=\"bar-code\".*?</svg>", picked)]
    assert sorted(codes) == sorted([str(first), str(second)])
    with merchant_scope(merchant):
        found = text_of(client, f"{page(merchant, 'order-list')}?q={codes[0]}")
    assert codes[0] in found
