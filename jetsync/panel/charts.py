"""Charts without a library: bars are <progress>, columns are SVG; both work without scripts and in print."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any, Literal

from jetsync.panel.statuses import Colour, status_of

# The drawing's own units; CSS stretches it to the width of its card.
WIDTH, HEIGHT, GAP = 600, 120, 0.25


@dataclass(frozen=True)
class Bar:
    """One line of a bar chart. `most` is the largest value of its chart, set by `bars_of`."""

    label: str
    value: int
    url: str = ""
    colour: Colour = "secondary"
    most: int = 1


def bars_of(rows: Iterable[Bar]) -> list[Bar]:
    """The bars in the given order, all on one scale."""
    given = list(rows)
    most = max((bar.value for bar in given), default=0) or 1
    return [Bar(bar.label, bar.value, bar.url, bar.colour, most) for bar in given]


def status_bars(
    statuses: Iterable[Any],
    counts: Mapping[str, int],
    *,
    area: str,
    url: Callable[[str], str],
    always: Collection[str] = (),
    words: Mapping[str, str] | None = None,
) -> list[Bar]:
    """A bar per status that occurs or is in `always`, in the badge's colour; `url(query)` is the list behind it.

    `area` is the first part of the statuses' keys ("orders"); `words` replace the usual label of some.
    """
    return bars_of(
        Bar(
            (words or {}).get(status, str(status.label)),
            counts.get(status, 0),
            url(status.value),
            status_of(f"{area}.{status.value}").colour,
        )
        for status in statuses
        if counts.get(status) or status in always
    )


def day_label(day: date) -> str:
    """ "Sat, Oct 31"."""
    return f"{day:%a}, {day:%b} {day.day}"


@dataclass(frozen=True)
class ChartColumn:
    """`colour` "" is the accent."""

    label: str
    text: str
    x: float
    y: float
    width: float
    height: float
    colour: Colour | Literal[""] = ""


@dataclass(frozen=True)
class Series:
    """One part of every column of a stacked chart; `text` writes a value out."""

    label: str
    colour: Colour
    values: Sequence[float]
    text: Callable[[float], str] = "{:,}".format


@dataclass(frozen=True)
class ColumnChart:
    """A series over time, oldest first; `first` and `last` name its ends. `legend` names the parts of a stacked one."""

    columns: list[ChartColumn]
    first: str
    last: str
    width: int = WIDTH
    height: int = HEIGHT
    legend: Sequence[Series] = ()


def columns_of(points: Sequence[tuple[str, float, str]]) -> ColumnChart:
    """`(label, value, text)` per column; `text` is what a person reads ("$1,249.90")."""
    most = max((value for _label, value, _text in points), default=0) or 1
    step = WIDTH / max(1, len(points))
    columns = [
        ChartColumn(
            label=label,
            text=text,
            x=round(number * step + step * GAP / 2, 2),
            y=round(HEIGHT - HEIGHT * value / most, 2),
            width=round(step * (1 - GAP), 2),
            height=round(HEIGHT * value / most, 2),
        )
        for number, (label, value, text) in enumerate(points)
    ]
    return ColumnChart(columns, points[0][0] if points else "", points[-1][0] if points else "")


def stacked_of(labels: Sequence[str], series: Sequence[Series]) -> ColumnChart:
    """A column per label, made of the series in their order from the base line up."""
    heights = [sum(part.values[number] for part in series) for number in range(len(labels))]
    scale = HEIGHT / (max(heights, default=0) or 1)
    step = WIDTH / max(1, len(labels))
    columns = []
    for number, label in enumerate(labels):
        y = float(HEIGHT)
        for part in series:
            value = part.values[number]
            y -= value * scale
            if value:
                columns.append(
                    ChartColumn(
                        label=label,
                        text=f"{part.label} {part.text(value)}",
                        x=round(number * step + step * GAP / 2, 2),
                        y=round(y, 2),
                        width=round(step * (1 - GAP), 2),
                        height=round(value * scale, 2),
                        colour=part.colour,
                    )
                )
    ends = (labels[0], labels[-1]) if labels else ("", "")
    return ColumnChart(columns, *ends, legend=series)


@dataclass(frozen=True)
class ChartLine:
    """`segments`: SVG point lists, one per unbroken stretch. `key` is 1, 2, 3: its look in the drawing and the legend."""

    label: str
    key: int
    segments: list[str]
    last: str


@dataclass(frozen=True)
class LineChart:
    """Series over time on one scale from `low` to `high`; `rows` are the numbers, (when, text of each series)."""

    lines: list[ChartLine]
    rows: list[tuple[str, list[str]]]
    low: str
    high: str
    first: str
    last: str
    width: int = WIDTH
    height: int = HEIGHT


def lines_of(
    moments: Sequence[tuple[float, str]],
    series: Mapping[str, Sequence[float | None]],
    text: Callable[[float], str],
) -> LineChart:
    """`moments`: (position, label), ascending; each series has a value or None for each. A value holds until the next.

    `text` writes a value out ("$12.50").
    """
    known = [value for values in series.values() for value in values if value is not None]
    low, high = min(known, default=0), max(known, default=0)
    start, end = (moments[0][0], moments[-1][0]) if moments else (0, 0)
    xs = [round(WIDTH * (at - start) / (end - start), 2) if end > start else 0.0 for at, _label in moments]

    def y(value: float) -> float:
        return round(HEIGHT - HEIGHT * (value - low) / (high - low), 2) if high > low else HEIGHT / 2

    lines = [
        ChartLine(label, key, _segments(xs, values, y), _last_text(values, text))
        for key, (label, values) in enumerate(series.items(), start=1)
    ]
    rows = [
        (label, ["" if values[number] is None else text(values[number]) for values in series.values()])  # type: ignore[arg-type]  # not None
        for number, (_at, label) in enumerate(moments)
    ]
    ends = (moments[0][1], moments[-1][1]) if moments else ("", "")
    return LineChart(lines, rows, text(low), text(high), *ends)


def _segments(xs: Sequence[float], values: Sequence[float | None], y: Callable[[float], float]) -> list[str]:
    """Steps: a price stands until it changes, so the line goes across and then up or down."""
    found: list[list[str]] = []
    before: float | None = None
    for x, value in zip(xs, values, strict=True):
        if value is None:
            before = None
            continue
        if before is None:
            found.append([])
        elif found:
            found[-1].append(f"{x},{y(before)}")
        found[-1].append(f"{x},{y(value)}")
        before = value
    return [" ".join(points) for points in found]


def _last_text(values: Sequence[float | None], text: Callable[[float], str]) -> str:
    known = [value for value in values if value is not None]
    return text(known[-1]) if known else ""
