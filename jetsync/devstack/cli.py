"""The commands of run.py, once the environment is set up."""

from __future__ import annotations

import argparse
import os
import sys
from pathlib import Path
from typing import NoReturn

from jetsync.devstack import checks, commands, features
from jetsync.devstack.errors import DevstackError
from jetsync.devstack.parts import PROJECT
from jetsync.devstack.serve import Options, serve

COMMANDS = {
    "serve": "start everything (this is the default)",
    "test": "run the test suite on real servers; arguments go to pytest",
    "check": "format, lint, types, imports, migrations, deployment settings, compose file, rules of the project",
    "manage": "manage.py with the servers of the state",
    "sandbox": "the Jet sandbox alone: [--bind HOST:PORT] [--account USER:SECRET] [--live] [--name NAME] [--memory]",
    "features": "which rows of docs/features.md a test proves",
    "bench": "run a benchmark by name, in a state of its own",
}
TAKE_A_VALUE = {"--state", "--port"}


def main(arguments: list[str]) -> int:
    """Run one command; returns the exit code. Problems the reader can solve are one message, no traceback."""
    before, command, after = split(arguments)
    # The commands that have options of their own get what follows them untouched.
    passes_on = command in {"test", "manage", "sandbox", "bench"}
    options = parser().parse_args(before if passes_on else before + after)
    try:
        return dispatch(command, options, after)
    except DevstackError as error:
        print(f"\n{error}", file=sys.stderr)
        return 1
    except KeyboardInterrupt:
        return 130


def split(arguments: list[str]) -> tuple[list[str], str, list[str]]:
    """(options before the command, command, everything after it)."""
    for index, word in enumerate(arguments):
        is_value = index > 0 and arguments[index - 1] in TAKE_A_VALUE
        if not word.startswith("-") and not is_value:
            if word not in COMMANDS:
                raise SystemExit(f"run.py: unknown command {word!r}; one of: {', '.join(COMMANDS)}")
            return arguments[:index], word, arguments[index + 1 :]
    return arguments, "serve", []


def parser() -> argparse.ArgumentParser:
    listed = "\n".join(f"  {name:9} {meaning}" for name, meaning in COMMANDS.items())
    made = argparse.ArgumentParser(
        prog="run.py",
        usage="run.py [--port PORT] [--state DIR] [--no-demo] [COMMAND ...]",
        description="Sets up and starts jetsync on this machine.",
        epilog=f"commands:\n{listed}\n\nDATABASE_URL and REDIS_URL in the environment replace the embedded servers.",
        formatter_class=argparse.RawDescriptionHelpFormatter,
        allow_abbrev=False,
    )
    made.add_argument("--port", type=int, help="port of the panel (default: the first free one from 8000)")
    made.add_argument(
        "--state",
        type=Path,
        default=PROJECT / ".state",
        help="folder for data, secrets and logs (default: .state)",
    )
    made.add_argument("--no-demo", action="store_true", help="no demo merchant and no Jet sandbox")
    return made


def dispatch(command: str, options: argparse.Namespace, after: list[str]) -> int:
    state = options.state.resolve()
    if command == "test":
        become(["-m", "pytest", *spread(after), *after])
    if command == "sandbox":
        become(["-m", "jetsync.sandbox", *sandbox_state(state, after), *after])
    match command:
        case "check":
            return checks.check()
        case "manage":
            return commands.manage(state, after)
        case "features":
            return features.report()
        case "bench":
            return commands.bench(state, after)
        case _:
            return serve(Options(state=state, port=options.port, demo=not options.no_demo))


def spread(arguments: list[str], processors: int | None = None) -> list[str]:
    """Options that spread the whole suite over the processors, a file to each; a chosen part runs in one process.

    Every worker has a database, a Valkey and a sandbox of its own, so more than four would only wait for each other.
    """
    names_a_part = any(
        not word.startswith("-") and word[:1].isalpha() and Path(PROJECT, word.split("::")[0]).exists()
        for word in arguments
    )
    is_told = any(
        word.startswith(("-n", "--numprocesses", "--dist", "--pdb", "--collect-only")) for word in arguments
    )
    workers = min(4, processors or os.cpu_count() or 1)
    return [] if names_a_part or is_told or workers == 1 else ["-n", str(workers), "--dist", "loadfile"]


def sandbox_state(state: Path, arguments: list[str]) -> list[str]:
    """The sandbox alone keeps its data in the state, apart from the demo's, unless it is told otherwise."""
    is_told = any(word == "--memory" or word.partition("=")[0] == "--state" for word in arguments)
    return [] if is_told else ["--state", str(state / "sandbox-alone")]


def become(command: list[str]) -> NoReturn:
    """Replace this process by the command, so that signals and the exit code are its own."""
    os.chdir(PROJECT)
    sys.stdout.flush()
    os.execv(sys.executable, [sys.executable, *command])  # noqa: S606 -- no shell is wanted
