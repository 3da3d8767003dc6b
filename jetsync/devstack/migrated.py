"""A migrated database kept between test runs, so that only the first run after a change of a migration migrates.

The copy is a whole stopped cluster under the system's temporary folder, named after everything that decides what
migrating brings about. PostgreSQL then makes each test database from it (`CREATE DATABASE ... TEMPLATE`).
"""

from __future__ import annotations

import hashlib
import os
import shutil
import subprocess
import sys
import tempfile
from pathlib import Path
from typing import TYPE_CHECKING

from jetsync.devstack.errors import DevstackError
from jetsync.devstack.parts import PROJECT
from jetsync.devstack.postgres import ENVIRONMENT, Postgres

if TYPE_CHECKING:
    from collections.abc import Iterator

TEMPLATE = "jetsync_migrated"
# Read by settings_test.
VARIABLE = "JETSYNC_TEST_TEMPLATE"
# Several branches with migrations of their own are worked on at once; older copies only fill the disk.
KEPT = 10


def start_migrated(server: Postgres) -> None:
    """Starts the server with the migrated database in it: copied when there is a copy, otherwise made and copied."""
    store = _store()
    copy = None if store is None else store / _key(server)
    if copy is not None and copy.exists():
        _copy(copy, server.folder)
        copy.touch()
        _start(server)
        return
    _start(server)
    _migrate(server)
    if store is not None and copy is not None:
        server.stop()
        _keep(server.folder, copy)
        _start(server)


def _start(server: Postgres) -> None:
    server.start()
    server.wait_until_ready()


def _key(server: Postgres) -> str:
    """One name for all that decides the result: migrations, what they call, packages, and the server itself."""
    digest = hashlib.sha256(f"{server.version()} {server.account.uid} {sys.version}".encode())
    for path in _deciding_files():
        digest.update(path.relative_to(PROJECT).as_posix().encode())
        digest.update(path.read_bytes())
    return digest.hexdigest()[:24]


def _deciding_files() -> Iterator[Path]:
    yield PROJECT / "requirements.lock"
    yield from sorted((PROJECT / "jetsync" / "tenancy").rglob("*.py"))
    yield from sorted(PROJECT.glob("*/migrations/*.py"))


def _store() -> Path | None:
    """A folder that only we can enter; None when somebody else holds its name."""
    folder = Path(tempfile.gettempdir()) / f"jetsync-migrated-{os.getuid()}"
    folder.mkdir(mode=0o700, exist_ok=True)
    found = folder.lstat()
    return folder if found.st_uid == os.getuid() and not found.st_mode & 0o077 and folder.is_dir() else None


def _migrate(server: Postgres) -> None:
    server.create_database(TEMPLATE)
    url = server.url.rpartition("/")[0] + f"/{TEMPLATE}"
    done = subprocess.run(
        [sys.executable, "manage.py", "migrate", "--noinput", "-v", "0"],
        cwd=PROJECT,
        env=os.environ
        | {
            "DATABASE_URL": url,
            "REDIS_URL": "redis://127.0.0.1:1",
            "DJANGO_SETTINGS_MODULE": "jetsync.settings_test",
        },
        capture_output=True,
        text=True,
        check=False,
        stdin=subprocess.DEVNULL,
    )
    if done.returncode:
        raise DevstackError(f"Migrating the test database failed:\n{(done.stderr or done.stdout)[-3000:]}")


def _keep(folder: Path, copy: Path) -> None:
    """Made under another name and renamed: two runs at once leave one whole copy, a killed one leaves none."""
    making = copy.with_name(f"{copy.name}.{os.getpid()}")
    shutil.rmtree(making, ignore_errors=True)
    _copy(folder, making)
    making.touch()  # the age of the copy, not of its source
    try:
        making.rename(copy)
    except OSError:  # the other run was quicker
        shutil.rmtree(making, ignore_errors=True)
    copies = sorted(copy.parent.iterdir(), key=lambda found: found.stat().st_mtime, reverse=True)
    for old in copies[KEPT:]:
        shutil.rmtree(old, ignore_errors=True)


def _copy(source: Path, target: Path) -> None:
    """With owners and modes: the server refuses data that is not its account's own."""
    target.mkdir(exist_ok=True)
    subprocess.run(["cp", "-a", f"{source}/.", str(target)], check=True, env=ENVIRONMENT)  # noqa: S607 -- from /bin
    shutil.copystat(source, target)
