"""Where the page of a thing is that the log or an operation names. Apps register theirs in `panel_items`.

register_about("orders.order", Right.ORDERS_VIEW, page_by_id("orders:order-detail"))
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Mapping
from dataclasses import dataclass
from typing import Protocol

from django.urls import reverse

from jetsync.models import Merchant
from jetsync.tenancy.actor import Actor
from jetsync.tenancy.rights import Right

# Addresses by id, for ids of one kind; an id without a page is left out. At most one query.
Addresses = Callable[[Merchant, Collection[int]], Mapping[int, str]]


class Named(Protocol):
    """A row of the log or of an operation."""

    @property
    def object_type(self) -> str: ...
    @property
    def object_id(self) -> int | None: ...


@dataclass(frozen=True)
class _Pages:
    right: Right
    addresses: Addresses


_pages: dict[str, _Pages] = {}


def register_about(label: str, right: Right, addresses: Addresses) -> None:
    """`label` is the model's in lower case; the link is shown to those who hold `right`, the page's own."""
    _pages[label] = _Pages(right, addresses)


def page_by_id(url_name: str) -> Addresses:
    """For things whose page is found by their own id."""

    def addresses(merchant: Merchant, ids: Collection[int]) -> dict[int, str]:
        return {pk: reverse(url_name, kwargs={"merchant_slug": merchant.slug, "pk": pk}) for pk in ids}

    return addresses


def about_urls(merchant: Merchant, actor: Actor, rows: Iterable[Named]) -> dict[tuple[str, int], str]:
    """`(object type, id) -> address` for what the rows name and the actor may open. A query per kind at most."""
    wanted: dict[str, set[int]] = {}
    for row in rows:
        if row.object_id is not None:
            wanted.setdefault(row.object_type, set()).add(row.object_id)
    return {
        (label, pk): address
        for label, ids in wanted.items()
        if (pages := _pages.get(label)) is not None and actor.may(pages.right)
        for pk, address in pages.addresses(merchant, ids).items()
    }
