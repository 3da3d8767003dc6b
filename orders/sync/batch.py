"""Work on many rows, most often reading them from Jet, in which one bad row never keeps the others."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import TypeVar

import structlog

from jetsync.exceptions import DomainError
from jetsync.jet import errors
from orders.sync.reading import NOT_THIS_ROW, THIS_ROW

log = structlog.get_logger(__name__)

# After so many reads failed in a row it is Jet that is unwell, not a row.
FAILURES_IN_A_ROW = 3

T = TypeVar("T")


def each(items: Iterable[T], work: Callable[[T], object]) -> None:
    """Does `work`, which sees to one row in a transaction of its own, for every item.

    1. A Jet that fails on one item is asked for the next; three failures in a row end the run. A failure is raised
       again at the end: what succeeded is kept, and the retry sees to the rest.
    2. An item that Jet lost, shows unreadably, or that cannot be stored is logged and left for the next run.
    3. A lost lease or database, and a Jet that asks for a pause, ends the run at once.
    """
    in_a_row, last = 0, None
    for item in items:
        try:
            work(item)
        except (errors.JetServerError, errors.JetTimeout) as exc:
            in_a_row, last = in_a_row + 1, exc
            if in_a_row >= FAILURES_IN_A_ROW:
                raise
            continue
        except NOT_THIS_ROW:
            raise
        except (DomainError, errors.JetBadAnswer):
            log.warning("row_left", item=repr(item), exc_info=True)
        except THIS_ROW:
            log.exception("row_left", item=repr(item))  # ours to mend, as a job that crashed
        in_a_row = 0
    if last is not None:
        raise last
