"""The page between a mapping and its effect: says what will be sent again before anything is stored."""

from __future__ import annotations

from collections.abc import Sequence

from django.http import HttpResponse
from django.shortcuts import render

from catalog.queries.reach import Reach
from jetsync.tenancy.views import MerchantRequest

# Not carried along: the token is made anew, and the way back stands in the page.
_OWN = {"csrfmiddlewaretoken", "cancel_url", "sure"}


def ask_first(
    request: MerchantRequest,
    reach: Reach,
    *,
    title: str,
    back: str,
    label: str = "Go on",
    names: Sequence[str] = (),
    warnings: Sequence[str] = (),
    count_words: str = "",
    can_undo: bool = False,
    takes_category: bool = False,
    always: bool = False,
) -> HttpResponse | None:
    """The page to answer with, or None to go on: it was confirmed, or nothing at Jet is concerned (unless `always`).

    The same POST comes again with `sure`, so the view decides everything anew.
    """
    if request.POST.get("sure") or not (reach.listed or always):
        return None
    carried = [(name, value) for name, values in request.POST.lists() if name not in _OWN for value in values]
    lines = [*reach.words(request.merchant, takes_category=takes_category), *warnings]
    if can_undo:
        lines.append("You can undo this from the operation's page.")
    context = {
        "page_title": title,
        "count_words": count_words or f"{reach.listed:,} listed SKU{'' if reach.listed == 1 else 's'}",
        "names": names,
        "consequences": lines,
        "confirm_label": label,
        "cancel_url": back,
        "carried": carried,
    }
    return render(request, "catalog/mapping_confirm.html", context)
