"""The state folder of one local installation: secrets, ports, data, logs, and the lock that keeps it single."""

from __future__ import annotations

import base64
import fcntl
import json
import os
import secrets
import time
from dataclasses import asdict, dataclass, fields
from pathlib import Path
from typing import Any

from jetsync.devstack.errors import DevstackError
from jetsync.devstack.network import free_port

LOCK_SECONDS = 30
LOG_BYTES_KEPT = 5 * 1024 * 1024


@dataclass(frozen=True)
class Secrets:
    """Made once per state. Losing them means losing what the encryption key protects."""

    state_id: str
    postgres_password: str
    valkey_password: str
    secret_key: str
    encryption_key: str
    sandbox_secret_key: str
    sandbox_control_key: str
    demo_user: str
    demo_secret: str

    @staticmethod
    def new() -> Secrets:
        return Secrets(
            state_id=secrets.token_hex(8),
            postgres_password=secrets.token_urlsafe(24),
            valkey_password=secrets.token_urlsafe(24),
            secret_key=secrets.token_urlsafe(48),
            # The form of a Fernet key: 32 bytes in URL-safe base64.
            encryption_key=base64.urlsafe_b64encode(secrets.token_bytes(32)).decode(),
            sandbox_secret_key=secrets.token_urlsafe(48),
            sandbox_control_key=secrets.token_urlsafe(24),
            demo_user=secrets.token_hex(20),
            demo_secret=secrets.token_urlsafe(32),
        )


class State:
    """One state folder. Everything that is kept between two starts lies in it."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        try:
            folder.mkdir(parents=True, exist_ok=True)
            # Others may pass through but not look: PostgreSQL under root runs as `nobody` and has to get in.
            folder.chmod(0o711)
            for name in ("logs", "mail", "media", "static"):
                (folder / name).mkdir(mode=0o700, exist_ok=True)
        except PermissionError as error:
            raise DevstackError(
                f"No right to write to {folder} (was it made by another user?). Choose a folder with --state."
            ) from error

    def secrets(self) -> Secrets:
        """Read the secrets; make them on the first start, and those that a newer version added."""
        path = self.folder / "secrets.json"
        known = _read_json(path)
        if not known and (self.folder / "postgres" / "created").exists():
            raise DevstackError(
                f"{path} is missing, but there is data that was made with it. Put the file back from your backup, "
                f"or remove {self.folder} to begin with an empty installation."
            )
        names = [field.name for field in fields(Secrets)]
        complete = asdict(Secrets.new()) | {name: known[name] for name in names if name in known}
        if complete != known:
            _write_private(path, complete)
        return Secrets(**complete)

    def kept_port(self, name: str) -> int:
        """The port that this state uses for `name`, chosen once (accounts hold the sandbox's address)."""
        path = self.folder / "ports.json"
        ports = _read_json(path)
        if name not in ports:
            ports[name] = free_port()
            _write_private(path, ports)
        return int(ports[name])

    def log(self, name: str) -> Path:
        """Log file of a part; a long one is set aside first, so that two starts back can be read."""
        path = self.folder / "logs" / f"{name}.log"
        if path.exists() and path.stat().st_size > LOG_BYTES_KEPT:
            path.replace(path.with_suffix(".log.1"))
        return path

    def announce(self, kind: str, environment: dict[str, str]) -> None:
        """Tell other commands how to reach the servers that run on this state now."""
        _write_private(self._running, {"kind": kind, "pid": os.getpid(), "environment": environment})

    def running_environment(self) -> dict[str, str] | None:
        """Environment of a running `serve`, None when there is none."""
        running = _read_json(self._running)
        return dict(running["environment"]) if running.get("kind") == "serve" else None

    def withdraw(self) -> None:
        self._running.unlink(missing_ok=True)

    def lock(self, *, patience: float = 0.0) -> StateLock | None:
        """Take the state for this process; None when another one still has it after `patience` seconds."""
        descriptor = os.open(self.folder / "lock", os.O_RDWR | os.O_CREAT, 0o600)
        deadline = time.monotonic() + patience
        while True:
            try:
                fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
            except BlockingIOError:
                if time.monotonic() >= deadline:
                    os.close(descriptor)
                    return None
                time.sleep(0.1)
            else:
                self.withdraw()  # left by a run that was killed
                os.ftruncate(descriptor, 0)
                os.pwrite(descriptor, f"{os.getpid()}\n".encode(), 0)
                return StateLock(descriptor)

    def owner_is_alive(self) -> bool:
        """Whether the process that took the lock still runs.

        When it was killed, its guard keeps the lock until the last child has ended: worth waiting for.
        """
        try:
            pid = int((self.folder / "lock").read_text(encoding="ascii"))
            os.kill(pid, 0)
        except (OSError, ValueError) as error:
            return isinstance(error, PermissionError)
        return True

    @property
    def _running(self) -> Path:
        return self.folder / "running.json"


@dataclass
class StateLock:
    """Held until closed, by every process that has the descriptor."""

    descriptor: int

    def release(self) -> None:
        os.close(self.descriptor)


def take_state(state: State) -> StateLock:
    """The lock for a server run; waits for the remains of a killed run, refuses a second one.

    :raises DevstackError: jetsync already runs on this state.
    """
    lock = state.lock()
    if lock is None and not state.owner_is_alive():
        print("The last run did not end in order; waiting for its remains to end ...", flush=True)
        lock = state.lock(patience=LOCK_SECONDS)
    if lock is None:
        running = state.running_environment()
        where = f" at {running['JETSYNC_BASE_URL']}" if running else ""
        raise DevstackError(
            f"jetsync already runs on {state.folder}{where}. "
            "End it first, or start a second installation with --state and --port."
        )
    return lock


def _read_json(path: Path) -> dict[str, Any]:
    try:
        found = json.loads(path.read_text(encoding="utf-8"))
    except FileNotFoundError:
        return {}
    except PermissionError as error:
        raise DevstackError(f"No right to read {path} (was it made by another user?).") from error
    except ValueError as error:
        raise DevstackError(f"{path} is damaged: {error}") from error
    return dict(found)


def _write_private(path: Path, content: dict[str, Any]) -> None:
    """Complete or not at all, readable by the owner only."""
    draft = path.with_name(f".{path.name}.{os.getpid()}")
    descriptor = os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
    with os.fdopen(descriptor, "w", encoding="utf-8") as file:
        json.dump(content, file, indent=2)
    draft.replace(path)
