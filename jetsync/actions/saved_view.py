"""Named filters of list pages and frozen selections. They are a person's tools, not business: nothing is logged."""

from __future__ import annotations

from collections.abc import Sequence

from django.db import transaction

from jetsync.exceptions import InvalidInput, NotAllowed
from jetsync.models import Merchant, SavedView, Selection, User

MAX_VIEWS = 50


@transaction.atomic
def save_view(
    merchant: Merchant, page: str, *, user: User, name: str, query: str, is_shared: bool
) -> tuple[SavedView, bool]:
    """Stores the query string under a name; the same person's view of that name is replaced. Returns it, and whether
    it took the place of another.

    Raises InvalidInput for an empty name or beyond 50 views of one person on one page.
    """
    name = name.replace("\x00", "").strip()[:60]
    if not name:
        raise InvalidInput("The view has no name.", hint="Give it a short name such as “Out of stock”.")
    mine = SavedView.objects.filter(merchant=merchant, page=page, user=user)
    if mine.exclude(name=name).count() >= MAX_VIEWS:
        raise InvalidInput(f"You already keep {MAX_VIEWS} views here.", hint="Delete one first.")
    view, is_new = SavedView.objects.update_or_create(
        merchant=merchant,
        page=page,
        user=user,
        name=name,
        defaults={"query": query[:1000], "is_shared": is_shared},
    )
    return view, not is_new


def _check_own(view: SavedView, user: User) -> None:
    if view.user_id != user.pk:
        raise NotAllowed(
            f"“{view.name}” belongs to {view.user}.", hint="Only its owner changes a shared view."
        )


def share_view(view: SavedView, *, user: User, is_shared: bool) -> None:
    """Shows the view to all members, or only to its owner again. Raises NotAllowed for another person's view."""
    _check_own(view, user)
    SavedView.objects.filter(pk=view.pk, merchant=view.merchant_id).update(is_shared=is_shared)


def delete_view(view: SavedView, *, user: User) -> None:
    """Raises NotAllowed for another person's view."""
    _check_own(view, user)
    SavedView.objects.filter(pk=view.pk, merchant=view.merchant_id).delete()


def freeze_selection(
    merchant: Merchant, page: str, *, user: User, ids: Sequence[int], description: str
) -> Selection:
    """Keeps exactly these objects, in this order, for the confirm page that follows."""
    return Selection.objects.create(
        merchant=merchant, page=page, user=user, ids=list(ids), description=description[:200]
    )
