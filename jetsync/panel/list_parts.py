"""The parts a list page is described with (Column, Tab, BulkAction, ...) and what its templates are given."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any, Literal

from django.db.models import QuerySet
from django.utils.safestring import SafeString

from jetsync.models import SavedView
from jetsync.panel.filters import Chip, PanelFilterSet
from jetsync.tenancy.rights import Right

# Columns of buttons.
ACTION_KEYS = frozenset({"action", "actions"})


@dataclass(frozen=True)
class Column:
    """`cell`: "" for the attribute `key`, a template path (gets `row`), or a callable `row -> Cell or text`.

    `sort` lists the ORM fields behind the heading. The primary column carries the link to the row's page and
    stays in sight on a phone. Columns with `default_on=False` are offered in the column menu.
    """

    key: str
    label: str
    cell: str | Callable[[Any], Any] = ""
    sort: tuple[str, ...] | None = None
    align: Literal["start", "center", "end"] = "start"
    default_on: bool = True
    is_primary: bool = False
    hint: str = ""

    @property
    def kind(self) -> str:
        """Its class in the table: the primary column and the one of the buttons stay in sight."""
        if self.is_primary:
            return "col-primary"
        return "col-action" if self.key in ACTION_KEYS else ""


@dataclass(frozen=True)
class BulkAction:
    """A button over ticked rows. It freezes them and opens `url_name` (a ConfirmPage) with `?selection=<id>`."""

    key: str
    label: str
    url_name: str
    right: Right
    style: str = ""
    icon: str = ""


@dataclass(frozen=True)
class PageAction:
    """A button of the page. `method="post"` makes it a form; `url` wins over `url_name`."""

    label: str
    url: str = ""
    url_name: str = ""
    right: Right | None = None
    primary: bool = False
    method: Literal["get", "post"] = "get"
    icon: str = ""
    reason: str = ""


@dataclass(frozen=True)
class Tab:
    """`query` is a query string such as "status=ready"; "" is the tab of everything.

    `rows` are the rows behind the tab, for its number: the list counts those of all tabs in one query. A number that
    is known already stands in `count`.
    """

    label: str
    query: str = ""
    count: int | None = None
    rows: QuerySet[Any] | None = None


@dataclass(frozen=True)
class EmptyState:
    """What a list says before it has its first row: what belongs here and how it gets here."""

    title: str
    text: str = ""
    icon: str = "inbox"
    action: PageAction | None = None


@dataclass(frozen=True)
class Button:
    """A PageAction or BulkAction made ready for one actor: `reason` disables it."""

    label: str
    url: str = ""
    method: str = "get"
    primary: bool = False
    style: str = ""
    icon: str = ""
    key: str = ""
    reason: str = ""


@dataclass(frozen=True)
class Heading:
    column: Column
    sort_url: str
    direction: str

    @property
    def aria_sort(self) -> str:
        return {"asc": "ascending", "desc": "descending"}.get(self.direction, "")


@dataclass(frozen=True)
class ListCell:
    column: Column
    html: SafeString | str

    @property
    def has_link(self) -> bool:
        """Such a cell is not wrapped into the row's link: anchors do not nest."""
        return "<a " in self.html


@dataclass(frozen=True)
class ListRow:
    pk: int
    url: str
    label: str
    cells: list[ListCell]


@dataclass(frozen=True)
class ShownTab:
    """`names`: the filters that the tab itself stands for; its address may keep others."""

    label: str
    url: str
    count: Count | None
    is_active: bool
    names: frozenset[str] = frozenset()


@dataclass(frozen=True)
class ShownView:
    view: SavedView
    url: str
    is_active: bool
    is_mine: bool


@dataclass(frozen=True)
class Count:
    """`is_bounded` means "at least this many"."""

    value: int
    is_bounded: bool

    def __str__(self) -> str:
        return f"{self.value:,}{'+' if self.is_bounded else ''}"


@dataclass(frozen=True)
class Paging:
    number: int
    first_row: int
    last_row: int
    previous_url: str
    next_url: str
    numbered: list[tuple[str, str, bool]] = field(default_factory=list)
    is_end: bool = False

    @property
    def shown(self) -> int:
        return self.last_row - self.first_row + 1 if self.last_row else 0


@dataclass
class ListState:
    """Everything the list templates show."""

    page_key: str
    noun: tuple[str, str]
    headings: list[Heading]
    rows: list[ListRow]
    count: Count
    paging: Paging
    tabs: list[ShownTab]
    chips: list[Chip]
    views: list[ShownView]
    bulk: list[Button]
    all_columns: list[tuple[Column, bool]]
    filterset: PanelFilterSet | None
    query: str
    sort: str
    clear_url: str
    empty: EmptyState
    empty_action: Button | None
    live_seconds: int = 0
    downloads: list[tuple[str, str]] = field(default_factory=list)
    is_filtered: bool = False

    @property
    def count_words(self) -> str:
        exactly_one = self.count.value == 1 and not self.count.is_bounded
        return f"{self.count} {self.noun[0] if exactly_one else self.noun[1]}"


def int_or(value: object, default: int) -> int:
    """A number from an address or a form, or the default: what people type there is never an error."""
    try:
        return int(str(value))
    except ValueError:
        return default
