"""The supervisor, its guard and the state's lock, with real servers and tiny programs."""

from __future__ import annotations

import os
import signal
import sys
from collections.abc import Callable
from pathlib import Path

import psycopg2
import pytest

from tests.devstack.conftest import Run, processes_of, wait_until

pytestmark = pytest.mark.skipif(sys.platform != "linux", reason="looks for processes in /proc")

Start = Callable[..., Run]


def test_ctrl_c_ends_everything_in_order(start_dummy: Start, state_folder: Path) -> None:
    run = start_dummy()
    run.wait_until_ready()
    assert len(processes_of(state_folder)) > 4

    run.send(signal.SIGINT)

    assert run.process.wait(60) == 0
    assert "stopped, nothing is left running" in run.said
    assert processes_of(state_folder) == {}
    assert not (state_folder / "running.json").exists()
    log = (state_folder / "postgres" / "postgres.log").read_text()
    assert "received fast shutdown request" in log
    assert "database system is shut down" in log


def test_killed_supervisor_leaves_nothing_running(start_dummy: Start, state_folder: Path) -> None:
    run = start_dummy()
    run.wait_until_ready()

    run.send(signal.SIGKILL)
    run.process.wait(10)

    assert wait_until(lambda: processes_of(state_folder) == {}, 25), processes_of(state_folder)
    # The guard let the database close in order, so the next start needs no recovery.
    assert "database system is shut down" in (state_folder / "postgres" / "postgres.log").read_text()


def test_start_right_after_a_kill_waits_for_the_remains(start_dummy: Start) -> None:
    first = start_dummy("--slow-to-end")
    first.wait_until_ready()
    first.send(signal.SIGKILL)
    first.process.wait(10)

    second = start_dummy()

    second.wait_for("is ready")
    assert "waiting for its remains" in second.said


def test_second_start_on_the_same_state_is_refused(start_dummy: Start, state_folder: Path) -> None:
    first = start_dummy()
    first.wait_until_ready()
    before = processes_of(state_folder)

    second = start_dummy()

    assert second.process.wait(60) == 1
    assert f"refused: jetsync already runs on {state_folder} at http://127.0.0.1:" in second.said
    assert processes_of(state_folder) == before


def test_crash_of_a_part_is_shown_and_mended(start_dummy: Start, state_folder: Path) -> None:
    run = start_dummy()
    run.wait_until_ready()
    before = set(processes_of(state_folder))
    victim = run.child("last words of the worker")

    os.kill(victim, signal.SIGKILL)

    run.wait_for("worker runs again")
    assert "worker ended unexpectedly (killed by SIGKILL)" in run.said
    assert "    last words of the worker\n" in run.said
    # The child that the killed worker left is gone too, and as many processes run as before.
    assert wait_until(lambda: len(processes_of(state_folder)) == len(before), 10)
    assert victim not in processes_of(state_folder)


def test_part_that_cannot_start_ends_the_run_with_its_log(start_dummy: Start, state_folder: Path) -> None:
    run = start_dummy("--broken")

    assert run.process.wait(60) == 1
    assert "web ended while starting (exit code 3)" in run.said
    assert "    cannot find the thing" in run.said
    assert "is ready" not in run.said
    assert processes_of(state_folder) == {}


def test_part_that_keeps_ending_ends_the_run(start_dummy: Start, state_folder: Path) -> None:
    run = start_dummy("--short-lived")

    assert run.process.wait(60) == 1
    assert run.said.count("worker runs again") == 3
    assert "worker was started 4 times within a minute: stopping everything" in run.said
    assert processes_of(state_folder) == {}


def test_killed_database_comes_back_on_its_address(start_dummy: Start) -> None:
    run = start_dummy()
    run.wait_until_ready()
    address = run.running()["environment"]["DATABASE_URL"]
    postmaster = int((run.state / "postgres" / "data" / "postmaster.pid").read_text().splitlines()[0])

    os.kill(postmaster, signal.SIGKILL)

    run.wait_for("Postgres runs again", 40)
    with psycopg2.connect(address) as connection, connection.cursor() as cursor:
        cursor.execute("select rolsuper from pg_roles where rolname = current_user")
        assert cursor.fetchone() == (False,)
    connection.close()


def test_taken_port_is_named(start_dummy: Start, state_folder: Path) -> None:
    first = start_dummy()
    first.wait_until_ready()
    port = first.running()["environment"]["JETSYNC_BASE_URL"].rpartition(":")[2]
    other = Run(
        [str(Path(__file__).with_name("dummy_stack.py")), str(state_folder.with_name("other")), port],
        state_folder.with_name("other"),
    )

    assert other.process.wait(60) == 1
    assert f"Port {port} is in use. Choose another one with --port." in other.said


def test_second_start_keeps_data_and_secrets(start_dummy: Start, state_folder: Path) -> None:
    first = start_dummy()
    first.wait_until_ready()
    with psycopg2.connect(first.running()["environment"]["DATABASE_URL"]) as connection:
        connection.cursor().execute("create table kept (word text); insert into kept values ('still here')")
    connection.close()
    secrets = (state_folder / "secrets.json").read_bytes()
    first.send(signal.SIGTERM)
    assert first.process.wait(60) == 0

    second = start_dummy()
    second.wait_until_ready()

    with psycopg2.connect(second.running()["environment"]["DATABASE_URL"]) as connection:
        cursor = connection.cursor()
        cursor.execute("select word from kept")
        assert cursor.fetchall() == [("still here",)]
    connection.close()
    assert (state_folder / "secrets.json").read_bytes() == secrets
