"""Questions before something is stored: what a mapping will send again, which SKUs a profile sells below its MAP price."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from typing import Any

from django.db.models import QuerySet
from django.http import HttpResponse
from django.shortcuts import render

from catalog.models import Product, Profile
from catalog.price_guard import CONFIRMED, Slip, asked_about
from catalog.queries.map_price import assigned_slip
from catalog.queries.reach import Reach
from catalog.queries.rules import price_guard
from jetsync.panel.confirm import ConfirmPage
from jetsync.tenancy.views import MerchantRequest
from jetsync.wording import counted

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
        "count_words": count_words or counted(reach.listed, "listed SKU"),
        "names": names,
        "consequences": lines,
        "confirm_label": label,
        "cancel_url": back,
        "carried": carried,
    }
    return render(request, "catalog/mapping_confirm.html", context)


class AsksAboutMapPrice(ConfirmPage):
    """Shows the tick for SKUs that a profile would have sold below its MAP price, once `asked_of` has looked."""

    template_name = "catalog/profile/assign.html"
    slip: Slip | None = None

    def asked_of(self, products: QuerySet[Product] | Collection[int], profile: Profile | None) -> str:
        """Returns the mark of the tick that came with the request, for the action."""
        self.slip = assigned_slip(self.request.merchant, products, profile)
        return str(self.request.POST.get(CONFIRMED, ""))

    def extra_context(self, target: Any) -> dict[str, Any]:  # noqa: ARG002 -- hook
        percent = price_guard(self.request.merchant).percent
        return {"asked": asked_about([self.slip], percent) if self.slip else None}
