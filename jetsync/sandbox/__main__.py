"""`python -m jetsync.sandbox`: migrate, seed, load the taxonomy, then become gunicorn."""

from __future__ import annotations

import argparse
import os
import secrets
import shutil
import sys
import tempfile
from collections.abc import Mapping
from pathlib import Path

THREADS = 16
DEFAULT_DATABASE = Path(tempfile.gettempdir()) / "jet-sandbox.sqlite3"
# For a start without --account: known in advance, worth nothing elsewhere.
DEFAULT_ACCOUNT = "sandbox-user:sandbox-secret"


def main(arguments: list[str] | None = None) -> None:
    options = _parser().parse_args(arguments)
    _prepare_environment(options)
    try:
        _prepare_database(options.taxonomy)
    except BaseException:
        # Gunicorn clears the folder when it ends; it never came to that.
        shutil.rmtree(os.environ.get("SANDBOX_THROW_AWAY", ""), ignore_errors=True)
        raise
    command = [
        sys.executable, "-m", "gunicorn", "jetsync.sandbox.wsgi:application",
        "--config", "python:jetsync.sandbox.gunicorn_config",
        "--bind", options.bind, "--worker-class", "gthread", "--workers", "1", "--threads", str(THREADS),
        "--no-control-socket",
    ]  # fmt: skip
    os.execv(sys.executable, command)  # noqa: S606 -- our own interpreter, no shell


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog="python -m jetsync.sandbox", description="A Jet.com look-alike server."
    )
    parser.add_argument("--bind", default="127.0.0.1:8099", metavar="HOST:PORT")
    parser.add_argument(
        "--account", action="append", default=[], metavar="USER:SECRET", help="may be repeated"
    )
    parser.add_argument("--name", default="", help="what the portal calls the merchant")
    parser.add_argument("--live", action="store_true", help="the account's keys are live keys, not test keys")
    parser.add_argument(
        "--memory", action="store_true", help="keep nothing: data in shared memory, gone at the end"
    )
    parser.add_argument("--state", type=Path, metavar="DIR", help="where the database file lives")
    parser.add_argument(
        "--taxonomy",
        action="append",
        default=[],
        type=Path,
        metavar="DIR",
        help="folder of taxonomy CSV files to load; repeated folders complete each other",
    )
    parser.add_argument(
        "--public-url", default="", help="base of upload addresses when clients send another Host"
    )
    parser.add_argument(
        "--control-key", default="", help="opens /control/ (or the variable SANDBOX_CONTROL_KEY)"
    )
    return parser


def _prepare_environment(options: argparse.Namespace) -> None:
    env = os.environ
    env["DJANGO_SETTINGS_MODULE"] = "jetsync.sandbox.settings"
    if options.account:
        env["SANDBOX_ACCOUNTS"] = " ".join(options.account)
    elif not env.get("SANDBOX_ACCOUNTS"):
        env["SANDBOX_ACCOUNTS"] = DEFAULT_ACCOUNT
    if options.name:
        env["SANDBOX_NAME"] = options.name
    if options.live:
        env["SANDBOX_LIVE"] = "1"
    if options.control_key:
        env["SANDBOX_CONTROL_KEY"] = options.control_key
    if options.public_url:
        env["SANDBOX_PUBLIC_URL"] = options.public_url
    env.setdefault("SANDBOX_SECRET_KEY", secrets.token_urlsafe(32))
    if options.memory:
        memory = Path("/dev/shm")  # noqa: S108 -- the kernel's shared memory; the folder below is private
        folder = tempfile.mkdtemp(prefix="jet-sandbox-", dir=memory if os.access(memory, os.W_OK) else None)
        env["SANDBOX_DATABASE"] = str(Path(folder) / "sandbox.sqlite3")
        env["SANDBOX_THROW_AWAY"] = folder
        env["SANDBOX_SYNCHRONOUS"] = "OFF"
    elif options.state:
        options.state.mkdir(parents=True, exist_ok=True)
        env["SANDBOX_DATABASE"] = str(options.state / "sandbox.sqlite3")
    env["SANDBOX_ANNOUNCE"] = announcement(options, env)


def announcement(options: argparse.Namespace, env: Mapping[str, str]) -> str:
    """What is printed once the server listens: addresses, account and mode, where the data is, how to end it.

    A secret is only shown when it is the default one, which everybody knows.
    """
    mode = "live keys" if env.get("SANDBOX_LIVE") == "1" else "test keys"
    if env["SANDBOX_ACCOUNTS"] == DEFAULT_ACCOUNT:
        user, _, secret = DEFAULT_ACCOUNT.partition(":")
        account = f"user {user}, secret {secret} ({mode}; the default, choose with --account USER:SECRET)"
    else:
        users = [pair.partition(":")[0] for pair in env["SANDBOX_ACCOUNTS"].split()]
        account = f"user {', '.join(users)} ({mode})"
    kept = env.get("SANDBOX_DATABASE") or DEFAULT_DATABASE
    return "\n".join(
        (
            "The Jet sandbox is running.",
            f"  Portal   http://{options.bind}/",
            f"  API      http://{options.bind}/api",
            f"  Account  {account}",
            f"  State    {'in memory, gone at the end' if options.memory else kept}",
            "  End it with Ctrl-C.",
        )
    )


def _prepare_database(taxonomy: list[Path]) -> None:
    import django  # noqa: PLC0415 -- the settings read the environment prepared above
    from django.core.management import call_command  # noqa: PLC0415 -- as above

    django.setup()
    call_command("migrate", verbosity=0, interactive=False)
    from jetsync.sandbox import seed  # noqa: PLC0415 -- needs the loaded registry
    from jetsync.sandbox.taxonomy.loading import ensure_taxonomy  # noqa: PLC0415 -- as above

    seed.seed_accounts()
    ensure_taxonomy(taxonomy)


if __name__ == "__main__":
    main()
