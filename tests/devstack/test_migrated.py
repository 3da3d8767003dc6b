"""The migrated database that test runs share: made once, copied afterwards, made anew when a migration changes."""

from __future__ import annotations

import shutil
import subprocess
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from jetsync.devstack import migrated
from jetsync.devstack.postgres import ENVIRONMENT, ROLE, Postgres
from jetsync.devstack.pytest_plugin import fast_folder


def stub_migration(server: Postgres) -> None:
    """Stands in for the twenty seconds of migrating: a database with one table."""
    server.create_database(migrated.TEMPLATE)
    query(server, "create table made_by_migrations (id int)")


def query(server: Postgres, statement: str) -> str:
    command = [server.binaries / "psql", "-At", "-h", "127.0.0.1", "-p", str(server.port), "-U", ROLE]
    done = subprocess.run(  # noqa: S603 -- our own words
        [*command, "-c", statement, migrated.TEMPLATE],
        env=ENVIRONMENT | {"PGPASSWORD": server.password},
        check=True,
        capture_output=True,
        text=True,
    )
    return done.stdout.strip()


@pytest.fixture
def store(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    folder = tmp_path / "store"
    folder.mkdir(mode=0o700)
    monkeypatch.setattr(migrated, "_store", lambda: folder)
    return folder


@pytest.fixture
def new_server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Callable[[], Postgres]]:
    made: list[Postgres] = []

    def make() -> Postgres:
        base = Path(fast_folder() or tmp_path_factory.getbasetemp())
        made.append(Postgres(base / f"migrated-test-{len(made)}-{id(made)}", "secret", durable=False))
        return made[-1]

    yield make
    for server in made:
        server.stop()
        shutil.rmtree(server.folder, ignore_errors=True)


def test_second_run_starts_from_the_copy_of_the_first(
    store: Path, new_server: Callable[[], Postgres], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(migrated, "_migrate", stub_migration)
    migrated.start_migrated(new_server())
    assert len(list(store.iterdir())) == 1

    monkeypatch.setattr(
        migrated, "_migrate", lambda _server: pytest.fail("migrated although a copy was there")
    )
    second = new_server()
    migrated.start_migrated(second)

    assert query(second, "select count(*) from made_by_migrations") == "0"


def test_changed_migration_makes_another_copy(
    new_server: Callable[[], Postgres], monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    server = new_server()
    monkeypatch.setattr(migrated, "PROJECT", tmp_path)
    (tmp_path / "requirements.lock").write_text("django==5.2\n", encoding="ascii")
    migration = tmp_path / "orders" / "migrations" / "0001_initial.py"
    migration.parent.mkdir(parents=True)
    migration.write_text("operations = []\n", encoding="ascii")
    before = migrated._key(server)
    assert migrated._key(server) == before

    migration.write_text("operations = [1]\n", encoding="ascii")

    assert migrated._key(server) != before


def test_only_the_newest_copies_are_kept(
    store: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(migrated, "KEPT", 3)
    cluster = tmp_path / "cluster"
    cluster.mkdir()
    (cluster / "created").touch()

    for number in range(5):
        migrated._keep(cluster, store / f"copy-{number}")

    assert sorted(path.name for path in store.iterdir()) == ["copy-2", "copy-3", "copy-4"]


def test_folder_of_somebody_else_is_not_used(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(migrated.tempfile, "gettempdir", lambda: str(tmp_path))
    found = migrated._store()
    assert found is not None
    assert found.stat().st_mode & 0o777 == 0o700

    found.chmod(0o755)

    assert migrated._store() is None
