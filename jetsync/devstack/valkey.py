"""An embedded Valkey server: broker and cache on loopback, with a password."""

from __future__ import annotations

import signal
import socket
import subprocess
import time
from typing import TYPE_CHECKING

from jetsync.devstack.errors import DevstackError, last_lines
from jetsync.devstack.network import free_port
from jetsync.devstack.runtime import valkey_binary

if TYPE_CHECKING:
    from pathlib import Path

STOP_SIGNAL = signal.SIGTERM
START_SECONDS = 20
STOP_SECONDS = 10


class Valkey:
    """One server with its data in `folder`; `durable=False` keeps nothing on disk (tests)."""

    def __init__(self, folder: Path, password: str, *, durable: bool = True) -> None:
        self.binary = valkey_binary()
        self.folder = folder
        self.folder.mkdir(parents=True, exist_ok=True)
        self.folder.chmod(0o700)
        self.log = folder / "valkey.log"
        self.password = password
        self.durable = durable
        self.port = free_port()
        self.process: subprocess.Popen[bytes] | None = None

    @property
    def url(self) -> str:
        return f"redis://:{self.password}@127.0.0.1:{self.port}"

    def start(self) -> None:
        settings = self.folder / "valkey.conf"
        settings.touch(mode=0o600)
        settings.write_text(self._settings(), encoding="utf-8")
        with self.log.open("ab") as log:
            self.process = subprocess.Popen(
                [self.binary, settings],
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=log,
                cwd="/",
                start_new_session=True,
            )

    def wait_until_ready(self) -> None:
        """Return when the server answers PONG.

        :raises DevstackError: it ended or did not answer in time; the message holds the end of its log.
        """
        if self.process is None:
            raise DevstackError("Valkey was not started.")
        deadline = time.monotonic() + START_SECONDS
        while time.monotonic() < deadline:
            if self.process.poll() is not None:
                raise DevstackError(
                    f"Valkey ended while starting. Its log, {self.log}, ends:\n{last_lines(self.log)}"
                )
            if self._answers():
                return
            time.sleep(0.02)
        raise DevstackError(
            f"Valkey did not answer within {START_SECONDS} s. Its log:\n{last_lines(self.log)}"
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

    def _settings(self) -> str:
        # noeviction: a broker that drops keys to save memory would drop messages.
        return (
            f"port {self.port}\nbind 127.0.0.1\nprotected-mode yes\nrequirepass {self.password}\n"
            f'dir "{self.folder}"\nmaxmemory-policy noeviction\nsave ""\n'
            f"appendonly {'yes' if self.durable else 'no'}\n"
        )

    def _answers(self) -> bool:
        try:
            with socket.create_connection(("127.0.0.1", self.port), timeout=1) as connection:
                connection.sendall(f"AUTH {self.password}\r\nPING\r\n".encode())
                answer = b""
                while b"PONG" not in answer:
                    received = connection.recv(256)
                    if not received:
                        return False
                    answer += received
        except OSError:  # not listening yet, or still loading its data
            return False
        return True
