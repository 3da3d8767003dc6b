"""Reads of saved views and selections."""

from __future__ import annotations

from django.db.models import Q, QuerySet

from jetsync.exceptions import NotFound
from jetsync.models import Merchant, SavedView, Selection, User


def saved_views(merchant: Merchant, page: str, user: User) -> QuerySet[SavedView]:
    """The person's own views of a page and those others share, with their owners."""
    mine_or_shared = Q(user=user) | Q(is_shared=True)
    return SavedView.objects.filter(mine_or_shared, merchant=merchant, page=page).select_related("user")


def get_saved_view(merchant: Merchant, page: str, pk: int, user: User) -> SavedView:
    """Raises NotFound for a view of another page or person that is not shared."""
    view = saved_views(merchant, page, user).filter(pk=pk).first()
    if view is None:
        raise NotFound("This view no longer exists.")
    return view


def get_selection(merchant: Merchant, page: str, pk: int, user: User) -> Selection:
    """The frozen selection a confirm page acts on. Raises NotFound unless this person made it on that page."""
    selection = Selection.objects.filter(merchant=merchant, page=page, pk=pk, user=user).first()
    if selection is None:
        raise NotFound("This selection no longer exists.", hint="Go back to the list and select again.")
    return selection
