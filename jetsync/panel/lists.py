"""The list page: columns, filters, tabs, saved views, selection and paging, the same on every list.

    class OrderList(ListPage):
        right = Right.ORDERS_VIEW
        page_key = "orders"
        title = "Orders"
        noun = ("order", "orders")
        columns = [
            Column("order_id", "Order", cell=lambda o: cells.code(o.alt_order_id), is_primary=True),
            Column("due", "Acknowledge by", cell="orders/cells/due.html", sort=("ack_due_at",)),
            Column("total", "Total", sort=("total",), align="end"),
        ]
        filter_class = OrderFilter
        default_sort = "-due"
        bulk_actions = [BulkAction("ack", "Acknowledge", "orders:acknowledge", Right.ORDERS_ACKNOWLEDGE)]

        def get_queryset(self):
            return orders_of(self.request.merchant)

Four queries whatever the number of rows: count, page, saved views, and the frame's one; a fifth where tabs have numbers.
"""

from __future__ import annotations

from collections.abc import Sequence
from functools import cached_property
from typing import Any, ClassVar

from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse, HttpResponseBase, HttpResponseRedirect, QueryDict
from django.middleware.csrf import get_token
from django.shortcuts import render
from django.template.loader import render_to_string
from django.urls import reverse
from django.utils import timezone
from django.utils.cache import patch_vary_headers
from django.utils.safestring import SafeString

from jetsync.exceptions import DomainError
from jetsync.models import User
from jetsync.panel import list_sheets, list_writes, rendering
from jetsync.panel.cells import Cell
from jetsync.panel.counting import bounded_count, bounded_counts
from jetsync.panel.filters import PanelFilterSet, with_values, without
from jetsync.panel.list_parts import (
    BulkAction,
    Button,
    Column,
    Count,
    EmptyState,
    Heading,
    ListCell,
    ListRow,
    ListState,
    PageAction,
    ShownTab,
    ShownView,
    Tab,
    int_or,
)
from jetsync.panel.messages import say_error, with_toasts
from jetsync.panel.paging import MAX_PAGE, paging_of
from jetsync.queries.saved_view import get_selection, saved_views
from jetsync.tenancy.rights import lack_of
from jetsync.tenancy.views import MerchantView

NOTHING_IN_TAB = EmptyState("Nothing in this part", "Another part of the list may hold something.", "inbox")


def as_button(action: PageAction, request: HttpRequest) -> Button:
    """The action for this request's actor, disabled with the reason when the right is missing."""
    merchant, actor = request.merchant, request.actor  # type: ignore[attr-defined]  # set by the middleware
    url = action.url or reverse(action.url_name, kwargs={"merchant_slug": merchant.slug})
    reason = action.reason
    if action.right is not None and not actor.may(action.right):
        reason = lack_of(action.right)
    return Button(
        label=action.label,
        url=url,
        method=action.method,
        primary=action.primary,
        icon=action.icon,
        reason=reason,
    )


class ListPage(MerchantView):
    """Base of every list. See the module's docstring for the shape of a subclass."""

    page_key: ClassVar[str]
    title: str = ""
    subtitle: str = ""
    noun: tuple[str, str] = ("row", "rows")
    columns: Sequence[Column] = ()
    filter_class: type[PanelFilterSet] | None = None
    default_sort: str = ""
    per_page = 50
    # Rows that change by themselves (fetched orders, results of Jet) are read again while the page is looked at.
    live_seconds = 0
    bulk_actions: Sequence[BulkAction] = ()
    page_actions: Sequence[PageAction] = ()
    # What the list gives as a file; None offers none.
    sheet: list_sheets.Sheet | None = None
    empty = EmptyState("Nothing here yet")
    # Whether a tab keeps the filters that are set beside it; its numbers must then count with them.
    tabs_keep_filters: ClassVar[bool] = False
    # Whether `get_empty` knows the tab that is open; the others say the same of every tab without rows.
    empty_by_tab: ClassVar[bool] = False
    template_name = "generic/list.html"
    fragment_name = "generic/list_body.html"

    # --- hooks ---------------------------------------------------------------------------------------------

    def get_queryset(self) -> QuerySet[Any]:
        """All rows of this merchant, with what the cells need selected or prefetched."""
        raise TypeError(f"{type(self).__name__} defines no get_queryset")

    def get_rows(self, rows: list[Any]) -> list[Any]:
        """Hook: decorate the rows of one page (a second bounded query, computed attributes)."""
        return rows

    def row_url(self, row: Any) -> str:
        """The page a row opens; "" for none."""
        return str(row.get_absolute_url()) if hasattr(row, "get_absolute_url") else ""

    def row_label(self, row: Any) -> str:
        """How a screen reader names the row's checkbox."""
        return str(row)

    def get_columns(self) -> Sequence[Column]:
        return self.columns

    def get_tabs(self) -> Sequence[Tab]:
        return ()

    def get_page_actions(self) -> Sequence[PageAction]:
        return self.page_actions

    def get_bulk_actions(self) -> Sequence[BulkAction]:
        return self.bulk_actions

    def get_title(self) -> str:
        return self.title

    def get_subtitle(self) -> str:
        return self.subtitle

    def get_empty(self) -> EmptyState:
        """Of the whole list; with `empty_by_tab` of the open tab."""
        return self.empty

    def extra_context(self) -> dict[str, Any]:
        return {}

    # --- answering -----------------------------------------------------------------------------------------

    def dispatch(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        with timezone.override(rendering.local_zone()):  # date filters mean the merchant's days
            return super().dispatch(request, *args, **kwargs)

    def get(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:  # noqa: ARG002 -- Django's signature
        if self.sheet is not None and list_sheets.PARAMETER in self.query:
            return list_sheets.download(self, self.sheet)
        wants_part = bool(getattr(request, "htmx", False)) and not request.htmx.history_restore_request  # type: ignore[attr-defined]
        context = {"list": self.state(), "page_title": self.get_title(), **self.extra_context()}
        if wants_part:
            response: HttpResponseBase = with_toasts(request, render(request, self.fragment_name, context))
        else:
            context |= {
                "page_subtitle": self.get_subtitle(),
                "page_actions": [as_button(action, request) for action in self.get_page_actions()],
            }
            response = render(request, self.template_name, context)
        patch_vary_headers(response, ["HX-Request"])
        return response

    def post(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:  # noqa: ARG002 -- Django's signature
        """Bulk selection, saved views and column choice, told apart by the field `do`."""
        handlers = {
            "columns": list_writes.choose_columns,
            "save_view": list_writes.save_current_view,
            "change_view": list_writes.change_saved_view,
        }
        handler = handlers.get(request.POST.get("do", ""), list_writes.select_rows)
        try:
            return handler(self)
        except DomainError as error:
            say_error(request, error)
            return self.back()

    # --- reading -------------------------------------------------------------------------------------------

    @cached_property
    def query(self) -> QueryDict:
        return self.request.GET

    @cached_property
    def filterset(self) -> PanelFilterSet | None:
        if self.filter_class is None:
            return None
        merchant = self.request.merchant
        return self.filter_class(self.query, self.get_queryset(), merchant=merchant, request=self.request)

    def filtered(self) -> QuerySet[Any]:
        """The rows of this view, unsorted. Filters with errors are left out; the form shows the error."""
        return self.filterset.qs if self.filterset else self.get_queryset()

    def countable(self) -> QuerySet[Any]:
        """As many rows as `filtered`, where another way to count them is cheaper."""
        return self.filtered()

    @cached_property
    def sort(self) -> str:
        """The sort in force, "key" or "-key"; anything but a declared column falls back to the default."""
        wanted = self.query.get("sort", "")
        keys = {column.key for column in self.get_columns() if column.sort}
        return wanted if wanted.removeprefix("-") in keys else self.default_sort

    def ordered(self, queryset: QuerySet[Any]) -> QuerySet[Any]:
        descending, key = self.sort.startswith("-"), self.sort.removeprefix("-")
        fields = next(
            (column.sort for column in self.get_columns() if column.key == key and column.sort), None
        )
        if fields is None:
            return queryset if queryset.ordered else queryset.order_by("-pk")
        flipped = [_flip(name) if descending else name for name in fields]
        if not {"pk", "-pk", "id", "-id"} & set(flipped):
            flipped.append("-pk" if descending else "pk")  # equal rows keep their place from page to page
        return queryset.order_by(*flipped)

    @cached_property
    def chosen_columns(self) -> list[Column]:
        chosen = self.request.session.get(self.columns_key)
        if chosen is None:
            return [column for column in self.get_columns() if column.default_on]
        return [column for column in self.get_columns() if column.is_primary or column.key in chosen]

    @property
    def columns_key(self) -> str:
        return f"columns:{self.page_key}"

    def state(self) -> ListState:
        queryset = self.filtered()
        count = bounded_count(self.countable())
        number = min(max(int_or(self.query.get("page"), 1), 1), MAX_PAGE)
        if not count.is_bounded:
            number = min(number, max(1, -(-count.value // self.per_page)))
        start = (number - 1) * self.per_page
        rows = list(self.ordered(queryset)[start : start + self.per_page + 1])
        has_next, rows = len(rows) > self.per_page, self.get_rows(rows[: self.per_page])
        chips = self.filterset.chips(self.query) if self.filterset else []
        tabs = self._tabs()
        in_tab = _tab_filters(tabs)
        is_filtered = any(chip.name not in in_tab for chip in chips)
        empty = self.get_empty() if self.empty_by_tab or not in_tab else NOTHING_IN_TAB
        return ListState(
            page_key=self.page_key,
            noun=self.noun,
            headings=[self._heading(column) for column in self.chosen_columns],
            rows=[self._row(row) for row in rows],
            count=count,
            paging=paging_of(
                self.query, number, per_page=self.per_page, shown=len(rows), count=count, has_next=has_next
            ),
            tabs=tabs,
            chips=chips,
            views=self._views(),
            bulk=[self._bulk_button(action) for action in self.get_bulk_actions()],
            all_columns=[(column, column in self.chosen_columns) for column in self.get_columns()],
            filterset=self.filterset,
            query=without(self.query, []).removeprefix("?"),
            sort=self.sort,
            clear_url=self._clear_url(),
            empty=empty,
            empty_action=as_button(empty.action, self.request) if empty.action else None,
            live_seconds=self.live_seconds,
            downloads=list_sheets.download_links(self),
            is_filtered=is_filtered,
        )

    def _heading(self, column: Column) -> Heading:
        if not column.sort:
            return Heading(column, "", "")
        direction = {column.key: "asc", f"-{column.key}": "desc"}.get(self.sort, "")
        wanted = f"-{column.key}" if direction == "asc" else column.key
        return Heading(column, with_values(self.first_page, sort=wanted), direction)

    @cached_property
    def first_page(self) -> QueryDict:
        copy = self.query.copy()
        copy.pop("page", None)
        return copy

    def _row(self, row: Any) -> ListRow:
        cells = [ListCell(column, self._cell_html(column, row)) for column in self.chosen_columns]
        return ListRow(pk=row.pk, url=self.row_url(row), label=self.row_label(row), cells=cells)

    def _cell_html(self, column: Column, row: Any) -> SafeString | str:
        if callable(column.cell):
            return rendering.cell_html(rendering.as_cell(column.cell(row)))
        if column.cell:
            return render_to_string(column.cell, {**self._cell_context, "row": row})
        value = row
        for name in column.key.split("__"):
            value = getattr(value, name, None)
        return rendering.cell_html(rendering.as_cell(value))

    @cached_property
    def _cell_context(self) -> dict[str, Any]:
        """For cell templates, which may hold forms; without a request, so that no context processor runs per cell."""
        request = self.request
        return {"merchant": request.merchant, "actor": request.actor, "csrf_token": get_token(request)}

    def _tabs(self) -> list[ShownTab]:
        tabs = self.get_tabs()
        wanted = [set(QueryDict(tab.query).items()) for tab in tabs]
        current = set(self.query.items())
        fitting = [pairs for pairs in wanted if pairs <= current]
        best = max(fitting, key=len, default=None)
        counts = {tab.query: Count(tab.count, is_bounded=False) for tab in tabs if tab.count is not None}
        parts = {tab.query: tab.rows for tab in tabs if tab.rows is not None}
        counts |= bounded_counts(self.request.merchant, parts)
        names = [frozenset(name for name, _value in pairs) for pairs in wanted]
        kept = self._kept_by_tabs(frozenset().union(*names)) if self.tabs_keep_filters else ""
        return [
            ShownTab(
                tab.label,
                "?" + "&".join(part for part in (tab.query, kept) if part),
                counts.get(tab.query),
                pairs == best,
                own,
            )
            for tab, pairs, own in zip(tabs, wanted, names, strict=True)
        ]

    def _kept_by_tabs(self, names: frozenset[str]) -> str:
        """The query without the page and what any of the tabs stands for."""
        return without(self.first_page, sorted(names)).removeprefix("?")

    def _views(self) -> list[ShownView]:
        user = self.user()
        if user is None:
            return []
        current = _normal(self.query)
        return [
            ShownView(
                view, f"?{view.query}", _normal(QueryDict(view.query)) == current, view.user_id == user.pk
            )
            for view in saved_views(self.request.merchant, self.page_key, user)
        ]

    def _bulk_button(self, action: BulkAction) -> Button:
        missing = not self.request.actor.may(action.right)
        reason = lack_of(action.right) if missing else ""
        return Button(label=action.label, key=action.key, style=action.style, icon=action.icon, reason=reason)

    def _clear_url(self) -> str:
        filterset = self.filterset
        keys = filterset.form.fields if filterset else ()
        return without(self.query, [name for key in keys for name in filterset.names_of(key)])  # type: ignore[union-attr]

    def user(self) -> User | None:
        return self.request.actor.user

    def back(self) -> HttpResponseRedirect:
        return self.back_to(f"?{self.query.urlencode()}")

    def back_to(self, query: str) -> HttpResponseRedirect:
        """This list with another query string; "?" for none."""
        return HttpResponseRedirect(self.request.path + query.removesuffix("?"))


def _tab_filters(tabs: Sequence[ShownTab]) -> frozenset[str]:
    """Names of the filters that the open tab stands for; a list narrowed by nothing else is not filtered."""
    return frozenset(name for tab in tabs if tab.is_active for name in tab.names)


def _flip(name: str) -> str:
    return name.removeprefix("-") if name.startswith("-") else f"-{name}"


def _normal(query: QueryDict) -> set[tuple[str, str]]:
    return {(key, value) for key, values in query.lists() for value in values if value and key != "page"}


__all__ = [
    "BulkAction",
    "Cell",
    "Column",
    "EmptyState",
    "ListPage",
    "PageAction",
    "Tab",
    "bounded_count",
    "get_selection",
]
