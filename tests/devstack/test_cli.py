"""run.py's words, and manage with the servers of a state."""

# ruff: noqa: S603 -- only programs of this project are started

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path

import psycopg2
import pytest

from jetsync.benchmarks.names import NAMES
from jetsync.devstack import cli
from jetsync.devstack.commands import server_environment
from jetsync.devstack.network import free_port, is_free
from jetsync.devstack.parts import PROJECT
from jetsync.devstack.serve import chosen_port
from jetsync.devstack.state import State
from jetsync.management.commands import bench


@pytest.mark.parametrize(
    ("arguments", "expected"),
    [
        ([], ([], "serve", [])),
        (["--port", "9000"], (["--port", "9000"], "serve", [])),
        (["--state", "test", "--no-demo"], (["--state", "test", "--no-demo"], "serve", [])),
        (["test", "-x", "--port", "1"], ([], "test", ["-x", "--port", "1"])),
        (
            ["--state", "s", "manage", "check", "--deploy"],
            (["--state", "s"], "manage", ["check", "--deploy"]),
        ),
        (["serve", "--port", "9000"], ([], "serve", ["--port", "9000"])),
    ],
)
def test_words_are_split_at_the_command(
    arguments: list[str], expected: tuple[list[str], str, list[str]]
) -> None:
    assert cli.split(arguments) == expected


@pytest.mark.parametrize(
    ("arguments", "words"),
    [([], "No benchmark is named. One of: csv,"), (["speed"], "There is no benchmark 'speed'. One of: csv,")],
)
def test_a_benchmark_that_is_not_there_is_told_before_a_server_starts(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], arguments: list[str], words: str
) -> None:
    assert cli.main(["--state", str(tmp_path), "bench", *arguments]) == 1

    assert words in capsys.readouterr().err
    assert list(tmp_path.iterdir()) == []


def test_the_named_benchmarks_are_those_of_the_command() -> None:
    assert set(NAMES) == {*bench.BENCHMARKS, *bench.OF_ORDERS, "taxonomy"}


@pytest.mark.parametrize(
    ("arguments", "processors", "expected"),
    [
        ([], 2, ["-n", "2", "--dist", "loadfile"]),
        (["--color=no", "-m", "not browser"], 16, ["-n", "4", "--dist", "loadfile"]),
        ([], 1, []),
        (["tests/orders"], 2, []),
        (["-q", "tests/devstack/test_cli.py::test_words"], 2, []),
        (["-n", "0"], 2, []),
        (["--collect-only"], 2, []),
    ],
)
def test_whole_suite_is_spread_over_the_processors(
    arguments: list[str], processors: int, expected: list[str]
) -> None:
    assert cli.spread(arguments, processors) == expected


def test_unknown_command_names_the_known_ones() -> None:
    with pytest.raises(SystemExit, match="unknown command 'strat'; one of: serve, test, check, manage"):
        cli.main(["strat"])


def test_wanted_port_that_is_taken_is_refused(capsys: pytest.CaptureFixture[str], tmp_path: Path) -> None:
    import socket

    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        port = taken.getsockname()[1]
        assert not is_free(port)
        assert cli.main(["--state", str(tmp_path), "--port", str(port)]) == 1

    assert capsys.readouterr().err == f"\nPort {port} is in use. Choose another one with --port.\n"
    assert chosen_port(port) == port


def test_run_py_needs_no_package_before_the_set_up() -> None:
    """The system's Python has only its standard library."""
    look = "print(sorted(set(sys.modules) & {'django', 'jetsync'}))"
    code = f"import sys, runpy; runpy.run_path('run.py', run_name='other'); {look}"
    done = subprocess.run(
        [sys.executable, "-I", "-S", "-c", code], cwd=PROJECT, capture_output=True, text=True, check=False
    )
    assert (done.stdout, done.stderr, done.returncode) == ("[]\n", "", 0)


def test_servers_are_started_for_one_command_and_ended(tmp_path_factory, state_folder, monkeypatch) -> None:
    monkeypatch.delenv("DATABASE_URL")
    monkeypatch.delenv("REDIS_URL")

    with server_environment(State(state_folder)) as variables:
        connection = psycopg2.connect(variables["DATABASE_URL"])
        assert connection.info.user == "jetsync"
        connection.close()
        assert (variables["JETSYNC_LOCAL"], variables["DEBUG"]) == ("1", "0")

    with pytest.raises(psycopg2.OperationalError):
        psycopg2.connect(variables["DATABASE_URL"])


def test_given_addresses_switch_the_embedded_servers_off(state_folder, monkeypatch) -> None:
    monkeypatch.setenv("DATABASE_URL", "postgres://elsewhere")
    monkeypatch.setenv("REDIS_URL", "redis://elsewhere")

    with server_environment(State(state_folder)) as variables:
        assert variables["DATABASE_URL"] == "postgres://elsewhere"
        assert variables["REDIS_URL"] == "redis://elsewhere"

    assert not (state_folder / "postgres").exists()
    assert not (state_folder / "valkey").exists()


def test_environment_leads_to_the_sandbox_of_this_state(state_folder, monkeypatch) -> None:
    monkeypatch.setenv("DATABASE_URL", "postgres://elsewhere")
    monkeypatch.setenv("REDIS_URL", "redis://elsewhere")
    monkeypatch.setenv("JETSYNC_PRIVATE_HOSTS", "jet.local:8099")
    with server_environment(State(state_folder)) as first:
        pass
    with server_environment(State(state_folder)) as second:
        pass

    assert first == second
    allowed = first["JETSYNC_PRIVATE_HOSTS"].split(",")
    assert allowed == ["jet.local:8099", first["JETSYNC_SANDBOX_URL"].removeprefix("http://")]
    manage = f"run.py --state {state_folder} manage"
    assert first["JETSYNC_MANAGE_COMMAND"].startswith("python3 /")
    assert first["JETSYNC_MANAGE_COMMAND"].endswith(manage)
    secrets = json.loads((state_folder / "secrets.json").read_text())
    assert (first["JETSYNC_DEMO_USER"], first["JETSYNC_DEMO_SECRET"]) == (
        secrets["demo_user"],
        secrets["demo_secret"],
    )


def test_test_servers_are_reached_as_a_plain_owner() -> None:
    with psycopg2.connect(os.environ["DATABASE_URL"]) as connection, connection.cursor() as cursor:
        cursor.execute("select rolsuper, rolbypassrls from pg_roles where rolname = current_user")
        assert cursor.fetchone() == (False, False)
    connection.close()
    assert free_port() > 0


@pytest.mark.parametrize(
    ("arguments", "expected"),
    [
        ([], ["--state", "s/sandbox-alone"]),
        (["--live"], ["--state", "s/sandbox-alone"]),
        (["--memory"], []),
        (["--state=x"], []),
    ],
)
def test_the_sandbox_alone_keeps_its_data_in_the_state(arguments: list[str], expected: list[str]) -> None:
    assert cli.sandbox_state(Path("s"), arguments) == expected


def test_help_lists_the_live_keys_of_the_sandbox() -> None:
    assert "[--live]" in cli.parser().format_help()


def said_by_sandbox(tmp_path: Path, *arguments: str) -> str:
    """What the sandbox prints until it listens."""
    port = free_port()
    command = [sys.executable, "run.py", "--state", str(tmp_path), "sandbox", "--bind", f"127.0.0.1:{port}"]
    process = subprocess.Popen([*command, *arguments], cwd=PROJECT, stdout=subprocess.PIPE, text=True)
    assert process.stdout is not None
    try:
        said = [process.stdout.readline() for _line in range(6)]
    finally:
        process.terminate()
        process.communicate(timeout=30)
    return "".join(said).replace(str(port), "PORT")


def test_sandbox_without_arguments_says_where_it_is_and_what_it_chose(tmp_path: Path) -> None:
    assert said_by_sandbox(tmp_path) == (
        "The Jet sandbox is running.\n"
        "  Portal   http://127.0.0.1:PORT/\n"
        "  API      http://127.0.0.1:PORT/api\n"
        "  Account  user sandbox-user, secret sandbox-secret "
        "(test keys; the default, choose with --account USER:SECRET)\n"
        f"  State    {tmp_path / 'sandbox-alone' / 'sandbox.sqlite3'}\n"
        "  End it with Ctrl-C.\n"
    )


def test_sandbox_with_live_keys_in_memory_says_so_and_shows_no_secret(tmp_path: Path) -> None:
    said = said_by_sandbox(tmp_path, "--memory", "--live", "--account", "ann:sesame")

    assert "  Account  user ann (live keys)\n  State    in memory, gone at the end\n" in said
    assert "sesame" not in said
