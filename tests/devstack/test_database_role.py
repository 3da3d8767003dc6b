"""deploy/database-role.sh and the backup of docs/operations.md on a server as the database container starts it."""
# ruff: noqa: S603 -- only programs of this project are started

from __future__ import annotations

import os
import subprocess
from collections.abc import Iterator
from pathlib import Path

import psycopg2
import pytest

from jetsync.devstack.network import free_port
from jetsync.devstack.parts import PROJECT
from jetsync.devstack.runtime import postgres_binaries, reachable_postgres, server_account
from tests.devstack.conftest import wait_until

PASSWORD = "it's a 'quoted' one"


class Server:
    """A fresh cluster with the superuser `postgres`, as the image makes it, before any script ran."""

    def __init__(self, folder: Path) -> None:
        self.account = server_account()
        self.binaries = reachable_postgres(postgres_binaries(), self.account)
        self.port = free_port()
        self.data = folder / "data"
        self.data.mkdir(mode=0o700)
        os.chown(self.data, self.account.uid, self.account.gid)
        self.environment = {
            "PATH": f"{self.binaries}:/usr/bin:/bin",
            "PGHOST": "127.0.0.1",
            "PGPORT": str(self.port),
            "LC_ALL": "C",
        }
        locale = ["--locale-provider=builtin", "--locale=C.UTF-8", "--encoding=UTF8"]
        self.run("initdb", "-D", str(self.data), "-U", "postgres", "-A", "trust", "--no-sync", *locale)
        self.process = subprocess.Popen(
            [self.binaries / "postgres", "-D", self.data, "-k", "", "-h", "127.0.0.1", "-p", str(self.port)],
            env=self.environment,
            stderr=subprocess.DEVNULL,
            start_new_session=True,
            **self.account.popen,
        )
        assert wait_until(lambda: self.answers("pg_isready", "-q"), 30)

    def answers(self, *command: str) -> bool:
        return subprocess.run(command, env=self.environment, check=False).returncode == 0

    def run(self, *command: str, given: bytes = b"") -> bytes:
        done = subprocess.run(
            command, input=given, env=self.environment, capture_output=True, check=False, **self.account.popen
        )
        assert done.returncode == 0, done.stderr.decode()
        return done.stdout

    def connect(self, user: str, database: str) -> psycopg2.extensions.connection:
        connection = psycopg2.connect(
            host="127.0.0.1", port=self.port, user=user, password=PASSWORD, dbname=database
        )
        connection.autocommit = True
        return connection


@pytest.fixture
def server(state_folder: Path) -> Iterator[Server]:
    state_folder.mkdir(mode=0o711)
    started = Server(state_folder)
    started.environment |= {"POSTGRES_USER": "postgres", "JETSYNC_DB_PASSWORD": PASSWORD}
    assert started.answers(str(PROJECT / "deploy" / "database-role.sh"))
    yield started
    started.process.terminate()
    try:
        started.process.wait(10)
    except subprocess.TimeoutExpired:
        started.process.kill()
        started.process.wait(10)


def test_script_makes_a_plain_owner(server: Server) -> None:
    with server.connect("jetsync", "jetsync") as connection, connection.cursor() as cursor:
        cursor.execute(
            "select rolsuper, rolbypassrls, rolcreaterole from pg_roles where rolname = current_user"
        )
        assert cursor.fetchone() == (False, False, False)
        # What the migrations need of an owner.
        cursor.execute("create extension pg_trgm")
        cursor.execute("create table mine (word text)")
    connection.close()


def test_backup_with_row_level_security_comes_back_whole(server: Server) -> None:
    connection = server.connect("jetsync", "jetsync")
    cursor = connection.cursor()
    cursor.execute("create table orders (merchant int, word text)")
    cursor.execute("insert into orders values (1, 'one'), (2, 'two')")
    cursor.execute("alter table orders enable row level security")
    cursor.execute("alter table orders force row level security")
    cursor.execute("create policy own on orders using (merchant = 1)")
    cursor.execute("select count(*) from orders")
    assert cursor.fetchone() == (1,)

    # As docs/operations.md says: the superuser dumps, because the owner would not see every row.
    backup = server.run("pg_dump", "-U", "postgres", "-Fc", "jetsync")
    cursor.execute("drop table orders")
    restore = ("pg_restore", "-U", "postgres", "-d", "jetsync", "--clean", "--if-exists", "--exit-on-error")
    server.run(*restore, given=backup)

    cursor.execute("select count(*) from orders")
    assert cursor.fetchone() == (1,)
    cursor.execute("alter table orders no force row level security")  # only its owner may
    cursor.execute("select * from orders order by merchant")
    assert cursor.fetchall() == [(1, "one"), (2, "two")]
    connection.close()
