"""Bars share one scale; columns fill the drawing."""

from __future__ import annotations

from jetsync.panel.charts import Bar, Series, bars_of, columns_of, stacked_of


def test_bars_share_the_scale_of_the_largest():
    assert [(bar.value, bar.most) for bar in bars_of([Bar("a", 3), Bar("b", 12)])] == [(3, 12), (12, 12)]
    assert [bar.most for bar in bars_of([Bar("a", 0)])] == [1]
    assert bars_of([]) == []


def test_columns_stand_on_the_base_line_and_the_largest_reaches_the_top():
    chart = columns_of([("Mon", 5, "5"), ("Tue", 10, "10")])
    assert [(column.x, column.y, column.width, column.height) for column in chart.columns] == [
        (37.5, 60.0, 225.0, 60.0),
        (337.5, 0.0, 225.0, 120.0),
    ]
    assert (chart.first, chart.last) == ("Mon", "Tue")


def test_columns_of_nothing_are_empty():
    assert columns_of([]).columns == []
    assert [column.height for column in columns_of([("Mon", 0, "0")]).columns] == [0.0]


def test_stacked_parts_stand_on_each_other_on_the_scale_of_the_highest_column():
    done, lost = Series("Done", "green", [1, 3]), Series("Lost", "red", [1, 0])
    chart = stacked_of(["Mon", "Tue"], [done, lost])
    assert [(column.text, column.colour, column.y, column.height) for column in chart.columns] == [
        ("Done 1", "green", 80.0, 40.0),
        ("Lost 1", "red", 40.0, 40.0),
        ("Done 3", "green", 0.0, 120.0),
    ]
    assert list(chart.legend) == [done, lost]
    assert stacked_of([], []).columns == []
