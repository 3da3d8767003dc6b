#!/usr/bin/env python3
"""One command: `python3 run.py` sets everything up and starts it; `python3 run.py --help` lists the rest.

Needs nothing but Python 3.11 or newer. The first call makes `.venv` from the hash-pinned lock, later ones only look
at a stamp. The work itself is in jetsync/devstack/.
"""

import fcntl
import hashlib
import importlib.util
import os
import shutil
import subprocess
import sys
import time
from pathlib import Path

PROJECT = Path(__file__).resolve().parent
ENVIRONMENT = PROJECT / ".venv"
PYTHON = ENVIRONMENT / "bin" / "python"
STAMP = ENVIRONMENT / ".stamp"
LOCK_FILE = PROJECT / "requirements.lock"
OLDEST = (3, 11)


def main() -> int:
    if sys.version_info < OLDEST:
        return fail(f"Python 3.11 or newer is needed, this is {sys.version.split()[0]} ({sys.executable}).")
    if Path(sys.prefix) != ENVIRONMENT:
        try:
            set_up()
        except SetUpError as error:
            return fail(str(error))
        os.execv(PYTHON, [str(PYTHON), str(PROJECT / "run.py"), *sys.argv[1:]])  # noqa: S606 -- no shell is wanted
    sys.path.insert(0, str(PROJECT))
    from jetsync.devstack.cli import main as run  # noqa: PLC0415 -- exists only inside the environment

    return run(sys.argv[1:])


class SetUpError(Exception):
    """What went wrong while setting up, and what to do about it."""


def set_up() -> None:
    """Make or renew `.venv` when the lock or the Python version changed; two calls at once wait for each other."""
    wanted = hashlib.sha256(LOCK_FILE.read_bytes() + sys.version.encode()).hexdigest()
    if is_set_up(wanted):
        return
    folder = os.open(PROJECT, os.O_RDONLY)
    try:
        fcntl.flock(folder, fcntl.LOCK_EX)
        if not is_set_up(wanted):
            began = time.monotonic()
            print("Setting up .venv, once: this takes about half a minute ...", flush=True)
            make_environment()
            install()
            STAMP.write_text(wanted, encoding="ascii")
            print(f"Set up in {time.monotonic() - began:.0f} s.", flush=True)
    finally:
        os.close(folder)


def is_set_up(wanted: str) -> bool:
    # access, not exists: the Python behind the link may be out of this user's reach.
    return os.access(PYTHON, os.X_OK) and STAMP.exists() and STAMP.read_text(encoding="ascii") == wanted


def make_environment() -> None:
    """A fresh environment with pip, also where the system's Python comes without ensurepip (Debian)."""
    STAMP.unlink(missing_ok=True)
    if os.access(PYTHON, os.X_OK) and run_quietly(PYTHON, "-m", "pip", "--version") and same_python():
        return
    if ENVIRONMENT.exists():
        shutil.rmtree(ENVIRONMENT)
    if importlib.util.find_spec("ensurepip") and run_quietly(sys.executable, "-m", "venv", ENVIRONMENT):
        return
    if run_quietly(sys.executable, "-m", "venv", "--clear", "--without-pip", ENVIRONMENT) and run_quietly(
        sys.executable, "-m", "pip", "--python", PYTHON, "install", "pip"
    ):
        return
    version = f"{sys.version_info.major}.{sys.version_info.minor}"
    raise SetUpError(
        f"This Python cannot make virtual environments. On Debian or Ubuntu: apt-get install python{version}-venv"
    )


def same_python() -> bool:
    """Whether `.venv` was made by this version of Python; an older one has to be made anew."""
    code = f"import sys; sys.exit(sys.version_info[:2] != {sys.version_info[:2]!r})"
    return run_quietly(PYTHON, "-c", code)


def install() -> None:
    """Exactly what the lock names, each file checked against its hash."""
    # The lock names every package, so pip has nothing to resolve: left to it, a newer release behind an extra
    # ("coverage[toml]") is tried first and refused for want of a hash. Without --no-compile pip spends half of
    # its time on modules that are never imported.
    options = ["--disable-pip-version-check", "--no-input", "--no-compile", "--quiet", "--no-deps"]
    done = subprocess.run(
        [str(PYTHON), "-m", "pip", "install", *options, "--require-hashes", "-r", str(LOCK_FILE)],
        capture_output=True,
        text=True,
        check=False,
        stdin=subprocess.DEVNULL,
    )
    if done.returncode:
        said = "\n".join(f"    {line}" for line in (done.stderr or done.stdout).splitlines()[-15:])
        raise SetUpError(f"Installing the locked packages failed. pip said:\n{said}")


def run_quietly(*command: object) -> bool:
    words = [str(word) for word in command]
    return subprocess.run(words, capture_output=True, check=False, stdin=subprocess.DEVNULL).returncode == 0


def fail(message: str) -> int:
    print(message, file=sys.stderr)
    return 1


if __name__ == "__main__":
    sys.exit(main())
