"""An embedded PostgreSQL server: real, on loopback, with a plain owner role as in production."""

from __future__ import annotations

import contextlib
import re
import shutil
import signal
import subprocess
import time
from typing import TYPE_CHECKING

from jetsync.devstack.errors import DevstackError, last_lines
from jetsync.devstack.network import free_port
from jetsync.devstack.runtime import postgres_binaries, reachable_folder, reachable_postgres, server_account

if TYPE_CHECKING:
    from pathlib import Path

ROLE = "jetsync"
DATABASE = "jetsync"
STOP_SIGNAL = signal.SIGINT  # "fast shutdown": ends sessions, writes a checkpoint
START_SECONDS = 60
STOP_SECONDS = 20
FIRST_WITH_BUILTIN_LOCALE = 17
ENVIRONMENT = {"PATH": "/usr/bin:/bin", "LC_ALL": "C", "TZ": "UTC"}
FAST_AND_FORGETFUL = {
    "fsync": "off",
    "synchronous_commit": "off",
    "full_page_writes": "off",
    "autovacuum": "off",
    "max_wal_size": "2GB",
}


class Postgres:
    """One server with its data in `folder`.

    `durable=False` gives up crash safety for speed (tests). `key` names this state where the data must live
    outside `folder` because the server's account cannot enter it.
    """

    def __init__(self, folder: Path, password: str, *, durable: bool = True, key: str = "") -> None:
        self.account = server_account()
        self.binaries = reachable_postgres(postgres_binaries(), self.account)
        self.folder = reachable_folder(folder, self.account, key=key)
        self.data = self.folder / "data"
        self.log = self.folder / "postgres.log"
        self.password = password
        self.durable = durable
        self.port = free_port()
        self.process: subprocess.Popen[bytes] | None = None

    @property
    def url(self) -> str:
        return f"postgres://{ROLE}:{self.password}@127.0.0.1:{self.port}/{DATABASE}"

    @property
    def completed(self) -> Path:
        """A file written last, so that an interrupted creation starts anew."""
        return self.folder / "created"

    def start(self) -> None:
        """Create the data on the first start, start the server and wait until it answers.

        :raises DevstackError: it ended or did not answer in time; the message holds the end of its log.
        """
        if not self.completed.exists():
            self._create()
        settings = {"shared_buffers": "128MB", "max_connections": "100", "logging_collector": "off"}
        settings |= {} if self.durable else FAST_AND_FORGETFUL
        options = [part for name, value in settings.items() for part in ("-c", f"{name}={value}")]
        with self.log.open("ab") as log:
            self.process = subprocess.Popen(
                [
                    self.binaries / "postgres",
                    "-D",
                    self.data,
                    "-k",
                    "",
                    "-h",
                    "127.0.0.1",
                    "-p",
                    str(self.port),
                    *options,
                ],
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=log,
                env=ENVIRONMENT,
                start_new_session=True,
                **self.account.popen,
            )

    def wait_until_ready(self) -> None:
        """Return when the server accepts connections."""
        if self.process is None:
            raise DevstackError("PostgreSQL was not started.")
        probe = [str(self.binaries / "pg_isready"), "-q", "-h", "127.0.0.1", "-p", str(self.port)]
        deadline = time.monotonic() + START_SECONDS
        while time.monotonic() < deadline:
            if self.process.poll() is not None:
                raise DevstackError(
                    f"PostgreSQL ended while starting. Its log, {self.log}, ends:\n{last_lines(self.log)}"
                )
            if subprocess.run(probe, check=False, **self.account.popen).returncode == 0:
                return
            time.sleep(0.05)
        raise DevstackError(
            f"PostgreSQL did not answer within {START_SECONDS} s. Its log:\n{last_lines(self.log)}"
        )

    def stop(self) -> None:
        """End the server in order; kill it when it does not follow."""
        if self.process is None or self.process.poll() is not None:
            return
        self.process.send_signal(STOP_SIGNAL)
        try:
            self.process.wait(STOP_SECONDS)
        except subprocess.TimeoutExpired:
            self.process.kill()
            self.process.wait(STOP_SECONDS)

    def create_database(self, name: str) -> None:
        """One more database of the role, on the running server."""
        connection = ["-h", "127.0.0.1", "-p", str(self.port), "-U", ROLE]
        self._run("createdb", *connection, name, password=self.password)

    def version(self) -> str:
        """What `postgres --version` prints."""
        return self._run("postgres", "--version").strip()

    def _create(self) -> None:
        shutil.rmtree(self.data, ignore_errors=True)
        self.data.mkdir(mode=0o700)
        if self.account.is_other:
            shutil.chown(self.data, self.account.uid, self.account.gid)
        locale = ["--locale-provider=builtin", "--locale=C.UTF-8"]
        if self._major_version() < FIRST_WITH_BUILTIN_LOCALE:
            locale = ["--locale=C.UTF-8"]
        self._run(
            "initdb",
            "-D",
            str(self.data),
            "-U",
            "postgres",
            "--auth=trust",
            "--encoding=UTF8",
            "--no-sync",
            *locale,
        )
        # A plain owner: a superuser would bypass row-level security. CREATEDB is for the test databases.
        self._single_user(f"create role {ROLE} login createdb password '{self.password}'")
        self._single_user(f"create database {DATABASE} owner {ROLE}")
        (self.data / "pg_hba.conf").write_text("host all all 127.0.0.1/32 scram-sha-256\n", encoding="ascii")
        self.completed.touch()

    def _single_user(self, statement: str) -> None:
        self._run("postgres", "--single", "-D", str(self.data), "postgres", text=f"{statement};\n")

    def _run(self, program: str, *arguments: str, text: str = "", password: str = "") -> str:
        done = subprocess.run(
            [self.binaries / program, *arguments],
            input=text,
            capture_output=True,
            text=True,
            check=False,
            env=ENVIRONMENT | ({"PGPASSWORD": password} if password else {}),
            **self.account.popen,
        )
        # In single-user mode a failed statement is only printed, the program still ends with 0.
        if done.returncode or re.search(
            r"^(ERROR|FATAL|PANIC):|\b(ERROR|FATAL|PANIC): ", done.stderr, re.MULTILINE
        ):
            said = "\n".join(f"    {line}" for line in (done.stderr or done.stdout).splitlines()[-15:])
            with contextlib.suppress(OSError):
                self.completed.unlink()
            raise DevstackError(f"Creating the database failed, {program} said:\n{said}")
        return str(done.stdout)

    def _major_version(self) -> int:
        found = re.search(r"\) (\d+)", self.version())
        return int(found.group(1)) if found else FIRST_WITH_BUILTIN_LOCALE
