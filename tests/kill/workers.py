"""Real worker processes against the test database and broker, to be killed."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from urllib.parse import quote

from django.conf import settings
from django.db import connection

ROOT = Path(__file__).resolve().parents[2]
WAIT_SECONDS = 60


def database_url() -> str:
    """The test database itself, not the one it was made beside."""
    values = connection.settings_dict
    return f"postgres://{values['USER']}:{quote(values['PASSWORD'])}@{values['HOST']}:{values['PORT']}/{values['NAME']}"


class Worker:
    """`celery worker` in its own process group. `kill` is SIGKILL to all of it: no clean-up of any kind runs."""

    def __init__(self, log: Path, queues: str = "urgent,default,bulk") -> None:
        env = {
            **os.environ,
            "DATABASE_URL": database_url(),
            "REDIS_URL": settings.REDIS_URL,
            "SECRET_KEY": settings.SECRET_KEY,
            "JETSYNC_ENCRYPTION_KEYS": ",".join(settings.ENCRYPTION_KEYS),
            "JETSYNC_LOCAL": "1",
            "JETSYNC_PRIVATE_HOSTS": "127.0.0.1,localhost",
            "DJANGO_SETTINGS_MODULE": "jetsync.settings",
        }
        command = [
            sys.executable,
            "-m",
            "celery",
            "-A",
            "jetsync",
            "worker",
            "-Q",
            queues,
            "-c",
            "1",
            "-l",
            "INFO",
        ]
        command += ["--without-gossip", "--without-mingle", "-n", f"kill-{time.monotonic_ns()}@test"]
        self.log = log
        with log.open("ab") as output:
            self.process = subprocess.Popen(  # noqa: S603 -- our own worker
                command, cwd=ROOT, env=env, stdout=output, stderr=subprocess.STDOUT, start_new_session=True
            )

    def kill(self) -> None:
        if self.process.poll() is None:
            os.killpg(self.process.pid, signal.SIGKILL)
        self.process.wait(timeout=20)


@contextmanager
def worker(tmp_path: Path, queues: str = "urgent,default,bulk") -> Iterator[Worker]:
    running = Worker(tmp_path / f"worker-{time.monotonic_ns()}.log", queues)
    try:
        yield running
    finally:
        running.kill()


def wait_for(condition: Callable[[], object], what: str, seconds: float = WAIT_SECONDS) -> None:
    """Polls until the condition holds; fails with the name of what did not happen."""
    until = time.monotonic() + seconds
    while time.monotonic() < until:
        if condition():
            return
        time.sleep(0.1)
    raise AssertionError(f"did not happen within {seconds:.0f} s: {what}")
