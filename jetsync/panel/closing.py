"""What a store leaves open, named before it is deleted and while it waits. Apps register theirs in `panel_items`."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

from jetsync.models import Merchant

# Names shown before "and N more".
SHOWN = 20


@dataclass(frozen=True)
class LeftOpen:
    """`things`: (name, address, what about it) of the first ones; `total` counts all. `more_url`: where all of them are."""

    title: str
    explanation: str
    total: int
    things: Sequence[tuple[str, str, str]] = ()
    more_url: str = ""
    more_label: str = ""
    level: str = "warning"

    @property
    def more(self) -> int:
        return self.total - len(self.things) if self.things else 0


# None where nothing is open.
FindOpen = Callable[[Merchant], LeftOpen | None]
_finders: dict[str, tuple[int, FindOpen]] = {}


def register_left_open(key: str, position: int, find: FindOpen) -> None:
    _finders[key] = (position, find)


def left_open(merchant: Merchant) -> list[LeftOpen]:
    """In order; a few queries of each app."""
    ordered = sorted(_finders.values(), key=lambda pair: pair[0])
    return [found for _position, find in ordered if (found := find(merchant)) is not None]
