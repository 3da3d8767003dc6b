"""Seconds, memory and queries of a piece of work, and the verdict on its budget."""

from __future__ import annotations

import resource
import time
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from django.db import connection
from django.test.utils import CaptureQueriesContext

MEGABYTE = 1024 * 1024


@dataclass(frozen=True)
class Budget:
    """A measured number beside the most it may be."""

    name: str
    measured: float
    limit: float
    unit: str = ""

    @property
    def is_kept(self) -> bool:
        return self.measured <= self.limit

    def __str__(self) -> str:
        verdict = "pass" if self.is_kept else "FAIL"
        return f"{verdict}  {self.name}: {self.measured:.3f}{self.unit} (budget {self.limit:.3f}{self.unit})"


def best_of(rounds: int, works: dict[str, Callable[[], object]]) -> dict[str, float]:
    """Fewest seconds of each work. They take turns, so that a busy spell of the machine meets all of them."""
    best = dict.fromkeys(works, float("inf"))
    for _round in range(rounds):
        for name, work in works.items():
            start = time.perf_counter()
            work()
            best[name] = min(best[name], time.perf_counter() - start)
    return best


class Statements:
    """Counts what is asked of the database, savepoints included: `with connection.execute_wrapper(statements): ...`"""

    def __init__(self) -> None:
        self.count = 0

    def __call__(
        self,
        execute: Callable[..., Any],
        sql: str,
        params: Any,
        many: bool,  # noqa: FBT001 -- Django's signature
        context: dict[str, Any],
    ) -> Any:
        self.count += 1
        return execute(sql, params, many, context)


def count_queries(work: Callable[[], object]) -> int:
    with CaptureQueriesContext(connection) as queries:
        work()
    return len(queries)


def memory_over_idle(work: Callable[[], object]) -> float:
    """Peak resident megabytes while `work` runs, over what was resident before it. For a process of its own."""
    idle = _resident("VmRSS")
    # 5 resets the high-water mark; where that is not allowed the peak since the start of the process is an upper bound.
    with suppress(OSError):
        Path("/proc/self/clear_refs").write_text("5", encoding="ascii")
    work()
    return (_resident("VmHWM") - idle) / MEGABYTE


def _resident(field: str) -> int:
    """Bytes by the kernel's own books; elsewhere than on Linux the peak since the start of the process."""
    try:
        status = Path("/proc/self/status").read_text(encoding="ascii")
    except OSError:
        return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    line = next(line for line in status.splitlines() if line.startswith(f"{field}:"))
    return int(line.split()[1]) * 1024
