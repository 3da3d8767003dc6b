"""Code 128 bar codes as SVG, for paper that a scanner reads (ISO/IEC 15417). Pure.

Code set C packs two figures into one symbol, B holds every other printable ASCII character; the text decides where one
ends and the other begins.
"""

from __future__ import annotations

import re
from itertools import accumulate

from django.utils.html import format_html
from django.utils.safestring import SafeString, mark_safe

# Widths of the bars and the spaces between them, in modules, by the value of a symbol.
SYMBOLS = (  # noqa: SIM905 -- as the standard prints them; 107 quoted strings are harder to compare
    "212222 222122 222221 121223 121322 131222 122213 122312 132212 221213 221312 231212 112232 122132 122231 113222 "
    "123122 123221 223211 221132 221231 213212 223112 312131 311222 321122 321221 312212 322112 322211 212123 212321 "
    "232121 111323 131123 131321 112313 132113 132311 211313 231113 231311 112133 112331 132131 113123 113321 133121 "
    "313121 211331 231131 213113 213311 213131 311123 311321 331121 312113 312311 332111 314111 221411 431111 111224 "
    "111422 121124 121421 141122 141221 112214 112412 122114 122411 142112 142211 241211 221114 413111 241112 134111 "
    "111242 121142 121241 114212 124112 124211 411212 421112 421211 212141 214121 412121 111143 111341 131141 114113 "
    "114311 411113 411311 113141 114131 311141 411131 211412 211214 211232 2331112"
).split()
TO_C, TO_B, START_B, START_C, STOP = 99, 100, 104, 105, 106
CHECK = 103
# A scanner needs so many white modules on either side.
QUIET = 10
# Of a module: what office printers draw cleanly and hand scanners read.
MODULE_MM = 0.33
HEIGHT_MM = 11
# A longer one does not fit across a page.
LONGEST = 40
_PRINTABLE = re.compile(r"[ -~]+")
_FIGURES = re.compile(r"[0-9]*")


def bar_code(text: str) -> SafeString:
    """The text as an SVG image, "" for one that has no bar code: empty, too long or not printable ASCII."""
    if len(text) > LONGEST or not _PRINTABLE.fullmatch(text):
        return mark_safe("")
    widths = [int(width) for value in symbols(text) for width in SYMBOLS[value]]
    edges = list(accumulate(widths, initial=QUIET))
    bars = "".join(
        f"M{left} 0h{width}v1h-{width}z" for left, width in zip(edges[:-1:2], widths[::2], strict=True)
    )
    modules = edges[-1] + QUIET
    return format_html(
        '<svg class="bar-code" role="img" aria-label="Bar code {}" width="{}mm" height="{}mm" viewBox="0 0 {} 1" '
        'preserveAspectRatio="none" shape-rendering="crispEdges"><path d="{}"/></svg>',
        text,
        f"{modules * MODULE_MM:.1f}",
        HEIGHT_MM,
        modules,
        bars,
    )


def symbols(text: str) -> list[int]:
    """The values of all symbols of printable ASCII text: start, contents, check, stop."""
    first = _figures_from(text, 0)
    in_c = first >= 4 or (first == len(text) == 2)  # noqa: PLR2004 -- fewer are no shorter in C
    values = [START_C if in_c else START_B]
    at = 0
    while at < len(text):
        run = _figures_from(text, at)
        if in_c and run >= 2:  # noqa: PLR2004 -- a pair
            values.append(int(text[at : at + 2]))
            at += 2
        elif in_c:
            values.append(TO_B)
            in_c = False
        elif _is_worth_it(run, is_last=at + run == len(text)) and run % 2 == 0:
            values.append(TO_C)
            in_c = True
        else:
            values.append(ord(text[at]) - ord(" "))
            at += 1
    check = (values[0] + sum(place * value for place, value in enumerate(values))) % CHECK
    return [*values, check, STOP]


def _is_worth_it(figures: int, *, is_last: bool) -> bool:
    """Whether changing to C, and back when more follows, makes the code shorter."""
    return figures >= (4 if is_last else 6)


def _figures_from(text: str, at: int) -> int:
    found = _FIGURES.match(text, at)
    return len(found[0]) if found else 0
