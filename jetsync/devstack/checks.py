"""`run.py check`: everything that is checked without running the product."""

from __future__ import annotations

import os
import subprocess
import sys
import time
from dataclasses import dataclass
from pathlib import Path

from jetsync.devstack.parts import PROJECT
from jetsync.devstack.rules import broken_rules

# Settings as in production; nothing is connected to. The values only have to pass Django's own checks.
PRODUCTION_LIKE = {
    "DATABASE_URL": "postgres://jetsync:unused@127.0.0.1:1/jetsync",
    "REDIS_URL": "redis://127.0.0.1:1",
    "SECRET_KEY": "checks-only-0123456789-abcdefghijklmnopqrstuvwxyz-ABCDEFGHIJKLM",
    "JETSYNC_ENCRYPTION_KEYS": "MDEyMzQ1Njc4OWFiY2RlZjAxMjM0NTY3ODlhYmNkZWY=",
    "JETSYNC_BASE_URL": "https://panel.example",
    "ALLOWED_HOSTS": "panel.example",
    "DEBUG": "0",
}
NOT_FOR_CHECKS = ("JETSYNC_LOCAL", "DJANGO_SETTINGS_MODULE")


@dataclass(frozen=True)
class Step:
    """A command that must end with 0."""

    name: str
    command: list[str]


def steps() -> list[Step]:
    # As modules: the scripts in .venv/bin name the folder they were installed in and do not survive a move.
    module = [sys.executable, "-m"]
    import_linter = "from importlinter.cli import lint_imports_command; lint_imports_command()"
    manage = [sys.executable, "manage.py"]
    # makemigrations warns that it cannot ask the database, which it need not do here.
    quiet_manage = [sys.executable, "-W", "ignore::RuntimeWarning", "manage.py"]
    pages = [*PROJECT.glob("templates/**/*.html"), *PROJECT.glob("jetsync/*/templates/**/*.html")]
    # A program without a module of its own; no script, so a moved folder does not hurt it.
    djade = [str(Path(sys.executable).with_name("djade")), "--check", "--target-version", "5.2"]
    schema = ["--builtin-schema", "vendor.compose-spec", "docker-compose.yml"]
    return [
        # The lock is installed as it stands, without resolving: this says whether it is whole.
        Step("packages", [*module, "pip", "check"]),
        Step("format", [*module, "ruff", "format", "--check", "--output-format", "concise", "."]),
        Step("lint", [*module, "ruff", "check", "."]),
        Step("templates", [*djade, *(str(page) for page in sorted(pages))]),
        Step("types", [*module, "mypy"]),
        Step(
            "sandbox types", [*module, "mypy", "--config-file", "jetsync/sandbox/mypy.ini", "jetsync/sandbox"]
        ),
        Step("imports", [sys.executable, "-c", import_linter]),
        Step("migrations", [*quiet_manage, "makemigrations", "--check", "--dry-run"]),
        Step(
            "sandbox migrations",
            [
                sys.executable,
                "-m",
                "django",
                "makemigrations",
                "--check",
                "--dry-run",
                "--settings",
                "jetsync.sandbox.settings",
            ],
        ),
        Step("deployment", [*manage, "check", "--deploy", "--fail-level", "WARNING"]),
        Step("compose file", [*module, "check_jsonschema", *schema]),
    ]


def check() -> int:
    """Run every step and show what failed; 1 when any did."""
    failed = [step.name for step in steps() if not _passes(step)]
    began = time.monotonic()
    breaches = broken_rules(PROJECT)
    _tell("project rules", not breaches, time.monotonic() - began, "\n".join(breaches))
    if breaches:
        failed.append("project rules")
    print(f"\nFailed: {', '.join(failed)}" if failed else "\nAll checks passed.", flush=True)
    return 1 if failed else 0


def _passes(step: Step) -> bool:
    environment = {name: value for name, value in os.environ.items() if name not in NOT_FOR_CHECKS}
    began = time.monotonic()
    done = subprocess.run(
        step.command,
        cwd=PROJECT,
        env=environment | PRODUCTION_LIKE,
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        check=False,
    )
    _tell(step.name, done.returncode == 0, time.monotonic() - began, done.stdout)
    return done.returncode == 0


def _tell(name: str, passed: bool, seconds: float, said: str) -> None:  # noqa: FBT001 -- a result, no switch
    print(f"{'ok    ' if passed else 'FAILED'} {name:14} {seconds:5.1f} s", flush=True)
    if not passed:
        print("\n".join(f"       {line}" for line in said.rstrip().splitlines()), flush=True)
