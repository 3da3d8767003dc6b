"""What a start leaves out because nothing changed."""

from __future__ import annotations

import os
from pathlib import Path
from types import SimpleNamespace

import pytest

from jetsync.devstack import stamps


@pytest.fixture
def project(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    for folder in ("static/css", "orders/migrations", "state/static"):
        (tmp_path / folder).mkdir(parents=True)
    (tmp_path / "orders" / "__init__.py").touch()
    (tmp_path / "requirements.lock").write_text("django==5.2.19\n")
    (tmp_path / "static" / "css" / "panel.css").write_text("p {}")
    (tmp_path / "orders" / "migrations" / "0001_initial.py").write_text("")
    (tmp_path / "created").touch()
    monkeypatch.setattr(stamps, "PROJECT", tmp_path)
    return tmp_path


def test_static_files_are_collected_again_when_one_changes(project: Path) -> None:
    collected = project / "state" / "static"
    assert not stamps.static_stamp(collected).is_current()
    stamps.static_stamp(collected).mark()
    assert stamps.static_stamp(collected).is_current()

    (project / "static" / "css" / "panel.css").write_text("p { color: red }")

    assert not stamps.static_stamp(collected).is_current()


def test_new_locked_package_counts_as_a_change(project: Path) -> None:
    stamps.static_stamp(project / "state" / "static").mark()

    (project / "requirements.lock").write_text("django==5.2.20\n")

    assert not stamps.static_stamp(project / "state" / "static").is_current()


def test_new_migration_and_new_database_are_migrated(project: Path) -> None:
    server = SimpleNamespace(completed=project / "created")
    state = project / "state"
    stamps.migration_stamp(state, server).mark()
    assert stamps.migration_stamp(state, server).is_current()

    (project / "orders" / "migrations" / "0002_more.py").write_text("")
    assert not stamps.migration_stamp(state, server).is_current()

    stamps.migration_stamp(state, server).mark()
    os.utime(server.completed, ns=(1, 1))  # the data folder was removed and made anew
    assert not stamps.migration_stamp(state, server).is_current()
