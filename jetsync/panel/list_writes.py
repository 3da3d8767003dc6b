"""What a list page's own forms do: choose columns, keep and share views, freeze the ticked rows for an action."""

from __future__ import annotations

from typing import TYPE_CHECKING

from django.http import HttpResponse
from django.shortcuts import redirect
from django.urls import reverse

from jetsync.actions.saved_view import delete_view, freeze_selection, save_view, share_view
from jetsync.exceptions import DomainError, NotAllowed
from jetsync.models import Selection
from jetsync.panel.list_parts import int_or
from jetsync.panel.messages import say
from jetsync.queries.saved_view import get_saved_view
from jetsync.tenancy.views import check_right

if TYPE_CHECKING:
    from jetsync.panel.lists import ListPage

# One operation, one frozen set; ids take 8 bytes each.
MAX_SELECTION = 200_000


def choose_columns(page: ListPage) -> HttpResponse:
    known = {column.key for column in page.get_columns()}
    chosen = [key for key in page.request.POST.getlist("columns") if key in known]
    page.request.session[page.columns_key] = chosen
    shown = len(chosen) or "the usual"
    say(
        page.request,
        "success",
        f"“{page.get_title()}” shows {shown} column{'' if shown == 1 else 's'} to you now.",
    )
    return page.back()


def _check_member(page: ListPage) -> None:
    if page.request.access.support is not None:
        raise NotAllowed("A support session changes nothing.")


def save_current_view(page: ListPage) -> HttpResponse:
    _check_member(page)
    post, user = page.request.POST, page.user()
    assert user is not None  # noqa: S101 -- panel pages have a signed-in user
    query = page.first_page.urlencode()
    view, is_replaced = save_view(
        page.request.merchant,
        page.page_key,
        user=user,
        name=post.get("name", ""),
        query=query,
        is_shared=post.get("is_shared") == "on",
    )
    who = "everybody here" if view.is_shared else "you"
    how = "saved in place of the one you had under this name," if is_replaced else "saved"
    say(page.request, "success", f"View “{view.name}” is {how} for {who}.")
    return page.back()


def change_saved_view(page: ListPage) -> HttpResponse:
    _check_member(page)
    post, user = page.request.POST, page.user()
    assert user is not None  # noqa: S101 -- panel pages have a signed-in user
    view = get_saved_view(page.request.merchant, page.page_key, int_or(post.get("view"), 0), user)
    if post.get("change") == "delete":
        delete_view(view, user=user)
        say(page.request, "success", f"View “{view.name}” is deleted.")
    else:
        share_view(view, user=user, is_shared=post.get("change") == "share")
        state = "visible to everybody here" if post.get("change") == "share" else "visible to you only"
        say(page.request, "success", f"View “{view.name}” is {state}.")
    return page.back()


def select_rows(page: ListPage) -> HttpResponse:
    """Freezes the ticked rows, or the whole view, and goes on to the action's confirm page."""
    actions = {action.key: action for action in page.get_bulk_actions()}
    action = actions.get(page.request.POST.get("bulk", ""))
    if action is None:
        say(page.request, "error", "This action is not known on this page.")
        return page.back()
    check_right(page.request, action.right)
    selection = _freeze(page)
    if selection is None:
        say(
            page.request,
            "warning",
            f"No {page.noun[0]} was selected, so nothing was done. Tick some rows first.",
        )
        return page.back()
    url = reverse(action.url_name, kwargs={"merchant_slug": page.request.merchant.slug})
    return redirect(f"{url}?selection={selection.pk}")


def _freeze(page: ListPage) -> Selection | None:
    post, user = page.request.POST, page.user()
    assert user is not None  # noqa: S101 -- panel pages have a signed-in user
    if post.get("scope") == "all":
        queryset, description = page.ordered(page.filtered()), _describe(page)
    else:
        wanted = [int_or(value, 0) for value in post.getlist("ids")]
        queryset, description = (
            page.ordered(page.get_queryset().filter(pk__in=wanted)),
            "Ticked one by one",
        )
    ids = list(queryset.values_list("pk", flat=True)[: MAX_SELECTION + 1])
    if len(ids) > MAX_SELECTION:
        text = f"This view holds more than {MAX_SELECTION:,} {page.noun[1]}."
        raise DomainError(text, hint="Narrow it with a filter and act in parts.", code="selection_too_large")
    if not ids:
        return None
    return freeze_selection(page.request.merchant, page.page_key, user=user, ids=ids, description=description)


def _describe(page: ListPage) -> str:
    chips = page.filterset.chips(page.query) if page.filterset else []
    return "; ".join(f"{chip.label}: {chip.value}" for chip in chips) or f"All {page.noun[1]}"
