"""The dry run of an action over a selection of products, and sending exactly what it showed."""

from __future__ import annotations

from typing import Any

from django.http import HttpResponse, HttpResponseRedirect
from django.shortcuts import render

from catalog.actions import publish
from catalog.actions.publish import ACTIONS
from catalog.actions.sending import Way
from catalog.pages import page_url
from catalog.queries.dry_run import MOST_EXACT, STEP_WORDS, unpacked
from catalog.sync.dry_run import SHOWN, Rehearsal, rehearse
from jetsync.exceptions import DomainError, InvalidInput, NotFound
from jetsync.ids import parse_id
from jetsync.models import Selection
from jetsync.panel.confirm import operation_url
from jetsync.panel.messages import say
from jetsync.queries.saved_view import get_selection
from jetsync.tenancy.rights import Right
from jetsync.tenancy.views import MerchantRequest, merchant_view

KINDS = {
    "upload": publish.UPLOAD,
    "sync": publish.SYNC,
    "archive": publish.ARCHIVE,
    "unarchive": publish.UNARCHIVE,
}


@merchant_view(Right.PRODUCTS_PUBLISH)
def dry_run(request: MerchantRequest) -> HttpResponse:
    """GET shows the calls of `do` over `?selection=`; POST sends exactly them, or says what moved."""
    selection, do = _selection(request), request.GET.get("do", "upload")
    if do not in KINDS:
        raise NotFound("There is no such action.", hint="Begin from the list of products.")
    way = Way(request.GET["way"]) if request.GET.get("way") in list(Way) else Way.AUTO
    error = None
    if request.method == "POST":
        try:
            return _send(request, selection, do, way)
        except DomainError as raised:
            error = raised
    try:
        found: Rehearsal | None = rehearse(request.merchant, KINDS[do], selection.ids, way=way)
    except DomainError as raised:
        found, error = None, error or raised
    context = _context(request, found, selection, do)
    return render(
        request,
        "catalog/publish/dry_run.html",
        {**context, "error": error},
        status=error.status if error else 200,
    )


def _selection(request: MerchantRequest) -> Selection:
    number, user = parse_id(request.GET.get("selection")), request.actor.user
    if not number or user is None:
        raise NotFound("Nothing is selected.", hint="Go back to the list and tick some rows.")
    return get_selection(request.merchant, "products", number, user)


def _send(request: MerchantRequest, selection: Selection, do: str, way: Way) -> HttpResponse:
    expects = unpacked(request.POST.get("expects", ""))
    if expects is None or expects.fingerprint != request.POST.get("fingerprint"):
        raise InvalidInput(
            "The dry run on this page is not whole.", hint="Look at it again; it is shown below."
        )
    operation = ACTIONS[KINDS[do]](
        request.merchant, selection.ids, actor=request.actor, way=way, expects=expects
    )
    say(request, "success", f"Started, exactly as shown: {operation.title}.")
    return HttpResponseRedirect(operation_url(operation))


def _context(
    request: MerchantRequest, found: Rehearsal | None, selection: Selection, do: str
) -> dict[str, Any]:
    confirm = f"{page_url(request.merchant, f'publish-{do}')}?selection={selection.pk}"
    context: dict[str, Any] = {"run": found, "do": do, "confirm_url": confirm, "most_exact": MOST_EXACT}
    if found is not None:
        context |= {
            "expects": found.expected.packed() if found.expected else "",
            "fingerprint": found.expected.fingerprint if found.expected else "",
            "step_words": [STEP_WORDS[step] for step in found.steps],
            "more": max(0, found.sent - len(found.skus)),
            "shown": SHOWN,
        }
    return context
