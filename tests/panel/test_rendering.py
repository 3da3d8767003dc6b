"""Money, times, countdowns, badges, cells and forms as HTML."""

from __future__ import annotations

import json
from datetime import UTC, datetime, timedelta
from decimal import Decimal

import pytest
import time_machine
from django import forms
from django.template import engines

from jetsync.panel import cells, rendering
from jetsync.panel.exports import safe_cell
from jetsync.panel.forms import ReadOnlyForm
from jetsync.panel.statuses import Status, register_statuses, status_of
from jetsync.panel.views.book import compiled
from jetsync.templatetags.panel import duration, interval, pretty_json

NOON = datetime(2026, 3, 14, 16, 0, tzinfo=UTC)


def render(code: str, **context: object) -> str:
    return engines["django"].from_string("{% load panel %}" + compiled(code)).render(context)


@pytest.mark.parametrize(
    ("amount", "text"),
    [(Decimal("1249.9"), "$1,249.90"), (Decimal(0), "$0.00"), (Decimal("-3.5"), "−$3.50"), ("7", "$7.00")],  # noqa: RUF001
)
def test_money_has_two_places(amount, text):
    assert rendering.money(amount) == f'<span class="money">{text}</span>'


def test_times_are_shown_in_the_merchants_zone_with_the_raw_value_on_hover(scoped):
    with time_machine.travel(NOON, tick=False):
        assert rendering.when(NOON) == (
            '<time datetime="2026-03-14T16:00:00+00:00" title="2026-03-14T16:00:00+00:00">'
            "Mar 14, 12:00\N{NO-BREAK SPACE}PM</time>"
        )
        assert "Dec 31, 2025" in rendering.when(datetime(2025, 12, 31, 12, tzinfo=UTC))


def test_times_outside_of_any_store_name_their_zone():
    with time_machine.travel(NOON, tick=False):
        assert ">Mar 14, 4:00\N{NO-BREAK SPACE}PM\N{NO-BREAK SPACE}UTC</time>" in rendering.when(NOON)
        assert 'title="Mar 14, 4:00\N{NO-BREAK SPACE}PM\N{NO-BREAK SPACE}UTC · ' in rendering.when(
            NOON, relative=True
        )


@pytest.mark.parametrize(
    ("seconds", "text"),
    [
        (30, "just now"),
        (60, "1 minute ago"),
        (7300, "2 hours ago"),
        (-200_000, "in 2 days"),
        (-5, "in a moment"),
    ],
)
def test_distance_in_time(seconds, text):
    assert rendering.ago(NOON - timedelta(seconds=seconds), NOON) == text


@pytest.mark.parametrize(
    ("seconds", "text", "state"),
    [
        (899, "14:59 left", "calm"),
        (600, "10:00 left", "near"),
        (301, "5:01 left", "near"),
        (300, "5:00 left, urgent", "urgent"),
        (-10, "overdue", "urgent"),
        (-150, "overdue 2 min", "urgent"),
        (7500, "2 h 05 min left", "calm"),
        (100_000, "1 d 3 h left", "calm"),
    ],
)
def test_countdown_changes_colour_when_time_runs_out(seconds, text, state):
    with time_machine.travel(NOON, tick=False):
        html = rendering.countdown(NOON + timedelta(seconds=seconds))
    assert f"countdown-{state}" in html
    assert html.endswith(f"data-countdown>{text}</time>")


def test_badge_knows_word_colour_explanation_and_jets_word():
    register_statuses({"test.review": Status("In review", "yellow", "Under Jet Review", "Up to two days.")})
    html = rendering.status_badge("test.review", with_jet_word=True)
    assert 'class="status-badge status-yellow" title="Up to two days."' in html
    assert "In review</span>" in html
    assert "Jet: Under Jet Review" in html


def test_unknown_status_shows_its_own_word():
    assert status_of("thing.half_done").label == "Half done"


def test_cells_by_type_and_escaped():
    assert rendering.as_cell(Decimal("1.00")).kind == "money"
    assert rendering.as_cell(True).kind == "yes"
    assert rendering.as_cell(3).kind == "number"
    assert (
        rendering.cell_html(cells.text("<i>", sub="<b>")) == '&lt;i&gt;<div class="cell-sub">&lt;b&gt;</div>'
    )
    assert rendering.cell_html(cells.text("a", url='/x"y')) == '<a href="/x&quot;y">a</a>'


def test_component_values_are_escaped_however_they_are_passed():
    bad = '"><script>x</script>'
    for code in (
        '<c-button :label="bad" :reason="bad" />',
        '<c-button label="{{ bad }}" url="{{ bad }}" />',
        '<c-alert :title="bad" :hint="bad" :hint_url="bad" />',
        '<c-pair label="{{ bad }}" :value="bad" copy="{{ bad }}" />',
        '<c-tile :label="bad" :value="bad" :url="bad" />',
        '<c-empty :title="bad" :text="bad" />',
    ):
        html = render(code, bad=bad)
        assert "<script>" not in html, code
        assert "&lt;script&gt;" in html, code


def test_disabled_button_says_why_and_submits_nothing():
    html = render('<c-button label="Ship" url="/x" method="post" reason="Not acknowledged yet." />')
    assert "<form" not in html
    assert "disabled" in html
    assert "Not available: Not acknowledged yet." in html


class OrderForm(forms.Form):
    name = forms.CharField(help_text="As on the parcel.")
    day = forms.DateField(required=False)
    sent = forms.BooleanField(required=False, help_text="Right now.")
    way = forms.ChoiceField(choices=[("a", "Air")], widget=forms.RadioSelect)


class LockedForm(ReadOnlyForm, OrderForm):
    pass


def test_form_rows_tie_hint_and_error_to_the_input():
    html = str(OrderForm({"name": "", "day": "2026-03-14"}))
    assert 'aria-invalid="true"' in html
    assert 'aria-describedby="id_name_helptext id_name_error"' in html
    assert 'id="id_name_error"' in html
    assert 'id="id_name_helptext">As on the parcel.' in html
    assert 'class="form-control is-invalid"' in html
    assert 'type="date" name="day" value="2026-03-14"' in html
    assert html.count("form-check-input") == 2
    assert "<legend" in html


def test_read_only_form_is_disabled_and_ignores_a_forged_post():
    form = LockedForm({"name": "forged", "way": "a"}, read_only=True, initial={"name": "Mara", "way": "a"})
    assert form.is_valid()
    assert form.cleaned_data["name"] == "Mara"
    html = str(form)
    assert html.count("disabled") == 4
    assert "you may not change it" in html
    assert str(OrderForm()).count("disabled") == 0


def test_read_only_form_says_its_own_reason_and_closes_fields_that_it_adds():
    class Growing(LockedForm):
        read_only_reason = "You may look at schedules, not change them."

        def __init__(self, **kwargs: object) -> None:
            super().__init__(**kwargs)
            self.fields["more"] = forms.CharField(required=False)
            self.close(read_only=True)

    assert all(field.disabled for field in Growing(read_only=True).fields.values())
    assert "You may look at schedules, not change them." in str(Growing(read_only=True))
    assert "Not in a rehearsal." in str(Growing(read_only=True, read_only_reason="Not in a rehearsal."))


@pytest.mark.parametrize(
    ("value", "written"),
    [
        ("=1+1", "'=1+1"),
        ("+1", "'+1"),
        ("-2", "'-2"),
        ("@x", "'@x"),
        ("\tx", "'\tx"),
        ("a=1", "a=1"),
        ("Ida\x07 \x0bMarsh\ud800", "Ida Marsh"),
        ("\x07=1+1", "'=1+1"),
        (-2, -2),
        (None, ""),
    ],
)
def test_cells_that_a_spreadsheet_would_run_are_made_harmless(value, written):
    assert safe_cell(value) == written


def test_small_filters():
    assert [duration(value) for value in (None, 340, 2400, 185_000)] == ["–", "340 ms", "2.4 s", "3 min 05 s"]  # noqa: RUF001
    assert [interval(value) for value in (600, 3600, 86_400, 90)] == [
        "10 minutes",
        "1 hour",
        "1 day",
        "90 seconds",
    ]
    assert pretty_json('{"a": 1}') == '{\n  "a": 1\n}'
    assert pretty_json("no json") == "no json"


def test_json_that_was_cut_is_broken_into_lines_all_the_same():
    whole = {"a": [1, {}], "b": {"c": "x, {y}"}, "d": []}
    text = json.dumps(whole)
    assert pretty_json(text[:-1]) + "\n}" == pretty_json(text)
    assert (
        pretty_json('{"buyer":{"name":"Ann","phone":"55')
        == '{\n  "buyer": {\n    "name": "Ann",\n    "phone": "55'
    )
    assert pretty_json("{") == "{"
    assert "".join(pretty_json(text[:40]).split()) == "".join(text[:40].split())


def test_disabled_icon_button_keeps_its_size_and_says_its_name_and_why():
    html = render('<c-button label="Ship order 7" icon="truck" icon_only="1" reason="It is shipped." />')
    assert "btn-icon" in html
    assert 'aria-label="Ship order 7"' in html
    assert ">Ship order 7<" not in html
    assert "Not available: It is shipped." in html
