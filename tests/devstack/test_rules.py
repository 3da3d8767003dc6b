"""The rules that `run.py check` reads from the sources."""

from __future__ import annotations

from pathlib import Path

import pytest

from jetsync.devstack.parts import PROJECT
from jetsync.devstack.rules import broken_rules


def write(folder: Path, path: str, text: str) -> None:
    file = folder / path
    file.parent.mkdir(parents=True, exist_ok=True)
    file.write_text(text)


LEAVE = "from django_scopes import scopes_disabled\n"


@pytest.mark.parametrize(
    "path",
    [
        "jetsync/tenancy/context.py",
        "jetsync/admin.py",
        "orders/admin.py",
        "orders/migrations/0002_fill.py",
        "tests/orders/test_x.py",
    ],
)
def test_scopes_may_be_disabled_in_the_named_places(tmp_path: Path, path: str) -> None:
    write(tmp_path, path, LEAVE)

    assert broken_rules(tmp_path) == []


@pytest.mark.parametrize(
    "path",
    ["orders/views.py", "jetsync/tenancy/middleware.py", "catalog/queries/admin_like.py", "jetsync/tests.py"],
)
def test_scopes_may_not_be_disabled_elsewhere(tmp_path: Path, path: str) -> None:
    write(tmp_path, path, f'"""Words about scopes_disabled."""\n# scopes_disabled in a comment\n{LEAVE}')

    assert broken_rules(tmp_path) == [f"{path}:3: scopes_disabled is not allowed here"]


ACROSS = "from jetsync.tenancy.context import across_merchants\n"


@pytest.mark.parametrize(
    "path", ["jetsync/sync/claims.py", "jetsync/actions/retention.py", "orders/admin.py"]
)
def test_merchants_may_be_crossed_in_the_named_places(tmp_path: Path, path: str) -> None:
    write(tmp_path, path, ACROSS)

    assert broken_rules(tmp_path) == []


@pytest.mark.parametrize("path", ["orders/queries.py", "jetsync/sync/runner.py", "jetsync/actions/job.py"])
def test_merchants_may_not_be_crossed_elsewhere(tmp_path: Path, path: str) -> None:
    """Our own name for it leaves the scope as well as the library's."""
    write(tmp_path, path, ACROSS)

    assert broken_rules(tmp_path) == [f"{path}:1: across_merchants is not allowed here"]


@pytest.mark.parametrize(
    ("line", "what"),
    [
        ('<p class="x" style="color: red">', "inline style"),
        ("<style>p { color: red }</style>", "inline <style>"),
        ("<script>alert(1)</script>", "inline script"),
        ('<button type="button" onclick="go()">', "inline event handler"),
        ('<p class="{{ kind }}" {% if a > b %}hidden{% endif %} style="width: 3%">', "inline style"),
    ],
)
def test_what_the_content_policy_refuses_is_found_in_templates(tmp_path: Path, line: str, what: str) -> None:
    write(tmp_path, "templates/orders/list.html", f"<h1>Orders</h1>\n<!-- {line}\n -->\n{line}\n")

    assert broken_rules(tmp_path) == [f"templates/orders/list.html:4: {what}"]


@pytest.mark.parametrize(
    "line",
    [
        '<script src="/static/app.js" defer></script>',
        '<script type="application/json" id="data">{}</script>',
        '<p class="style" data-style-name="x" title="turn on = off">',
        "{% if option.style == 'a' %}<p>{% endif %}",
        '<c-button label="Save" style="primary" />',
    ],
)
def test_harmless_templates_pass(tmp_path: Path, line: str) -> None:
    write(tmp_path, "templates/page.html", line)

    assert broken_rules(tmp_path) == []


@pytest.mark.parametrize(
    "line",
    [
        "--extra-index-url https://packages.example/simple",
        "--find-links wheels",
        "thing @ file:///wheels/thing.whl",
    ],
)
def test_lock_names_no_place_to_get_packages_from(tmp_path: Path, line: str) -> None:
    write(tmp_path, "requirements.lock", f"django==5.2.19 \\\n    --hash=sha256:00\n{line}\n")

    assert broken_rules(tmp_path) == [
        "requirements.lock:3: a lock names packages and hashes only, no place to get them from"
    ]


def test_this_project_keeps_its_rules() -> None:
    assert broken_rules(PROJECT) == []


def test_letters_may_carry_style_and_nothing_that_runs(tmp_path: Path) -> None:
    text = '<style>p { margin: 0 }</style>\n<p style="margin: 0">\n<script>alert(1)</script>\n<p onclick="x()">\n'
    write(tmp_path, "templates/mail/letter.html", text)

    assert broken_rules(tmp_path) == [
        "templates/mail/letter.html:3: inline script",
        "templates/mail/letter.html:4: inline event handler",
    ]
