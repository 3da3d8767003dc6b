"""Which right an address of the panel asks for, so that nobody is led to a page that he may not open."""

from __future__ import annotations

from django.urls import Resolver404, resolve

from jetsync.tenancy.rights import Right


def right_of_page(url: str) -> Right:
    """The right of the page at this path (a query is ignored); that of the home page for none and for foreign ones."""
    try:
        view = resolve(url.partition("?")[0].partition("#")[0]).func
    except Resolver404:
        return Right.HOME_VIEW
    return Right(getattr(getattr(view, "view_class", view), "right", Right.HOME_VIEW))
