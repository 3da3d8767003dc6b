"""The servers of a test run: started, respected, separate per worker, gone at the end and after a kill."""
# ruff: noqa: S603 -- only programs of this project are started

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
from pathlib import Path

import pytest

from jetsync.devstack.parts import PROJECT
from jetsync.devstack.runtime import Account, reachable_folder, server_account
from tests.devstack.conftest import own_environment, processes_of, wait_until

# No Django in the inner runs: they show the plugin alone, and start in a moment.
PYTEST = [sys.executable, "-m", "pytest", "-q", "-p", "jetsync.devstack.pytest_plugin", "-p", "no:django"]
INI = "[pytest]\n"
SHOW_URLS = """
import json, os, pathlib, pytest

@pytest.mark.parametrize("number", range(4))
def test_url(number):
    name = os.environ.get("PYTEST_XDIST_WORKER", "controller")
    pathlib.Path("folder").write_text(os.environ.get("JETSYNC_TEST_FOLDER", ""))
    urls = [os.environ["DATABASE_URL"], os.environ["REDIS_URL"]]
    pathlib.Path("urls-" + name + ".json").write_text(json.dumps(urls))
"""
HANG = """
import os, pathlib, time
def test_hang():
    pathlib.Path("folder").write_text(os.environ["JETSYNC_TEST_FOLDER"])
    pathlib.Path("started").touch()
    time.sleep(600)
"""


def inner_run(folder: Path, source: str, *options: str, **extra: str) -> subprocess.Popen[str]:
    (folder / "pytest.ini").write_text(INI)
    (folder / "test_inner.py").write_text(source)
    surroundings = own_environment() | {"PYTHONPATH": str(PROJECT), "JETSYNC_TEST_MARK": str(folder)} | extra
    return subprocess.Popen(
        [*PYTEST, *options],
        cwd=folder,
        env=surroundings,
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
    )


def urls(folder: Path) -> dict[str, list[str]]:
    return {
        file.stem.removeprefix("urls-"): json.loads(file.read_text()) for file in folder.glob("urls-*.json")
    }


def test_servers_are_started_and_leave_no_files(tmp_path: Path) -> None:
    run = inner_run(tmp_path, SHOW_URLS)
    said, _ = run.communicate(timeout=240)

    assert run.returncode == 0, said
    assert "4 passed" in said
    [(database, redis)] = urls(tmp_path).values()
    assert database.startswith("postgres://jetsync:")
    assert redis.startswith("redis://:")
    folder = Path((tmp_path / "folder").read_text())
    assert folder.name.startswith("jetsync-test-")
    assert not folder.exists()
    assert (processes_of(tmp_path), processes_of(folder)) == ({}, {})


def test_given_addresses_are_respected(tmp_path: Path) -> None:
    given = {"DATABASE_URL": "postgres://mine", "REDIS_URL": "redis://mine"}
    run = inner_run(tmp_path, SHOW_URLS, **given)
    said, _ = run.communicate(timeout=240)

    assert run.returncode == 0, said
    assert urls(tmp_path) == {"controller": ["postgres://mine", "redis://mine"]}


def test_workers_share_postgres_and_have_their_own_valkey(tmp_path: Path) -> None:
    run = inner_run(tmp_path, SHOW_URLS, "-n", "2", "-p", "xdist")
    said, _ = run.communicate(timeout=90)

    assert run.returncode == 0, said
    found = urls(tmp_path)
    assert set(found) == {"gw0", "gw1"}
    assert found["gw0"][0] == found["gw1"][0]
    assert found["gw0"][1] != found["gw1"][1]
    assert processes_of(tmp_path) == {}


@pytest.mark.skipif(sys.platform != "linux", reason="looks for processes in /proc")
def test_killed_run_leaves_nothing(tmp_path: Path) -> None:
    run = inner_run(tmp_path, HANG)
    assert wait_until((tmp_path / "started").exists, 60)
    folder = Path((tmp_path / "folder").read_text())
    servers = " ".join(processes_of(folder).values())
    assert "postgres" in servers
    assert "valkey" in servers

    run.send_signal(signal.SIGKILL)
    run.communicate(timeout=30)

    assert wait_until(lambda: not processes_of(folder) and not processes_of(tmp_path), 25)
    assert wait_until(lambda: not folder.exists(), 10)


def test_broken_server_is_one_plain_sentence(tmp_path: Path) -> None:
    run = inner_run(tmp_path, SHOW_URLS, JETSYNC_PG_BIN="/nowhere")
    said, _ = run.communicate(timeout=240)

    assert run.returncode == pytest.ExitCode.USAGE_ERROR
    assert "JETSYNC_PG_BIN is /nowhere, but there is no initdb in it." in said
    assert "Traceback" not in said


@pytest.mark.skipif(os.geteuid() != 0, reason="only root runs PostgreSQL as another user")
def test_data_moves_where_the_servers_account_can_enter(tmp_path: Path) -> None:
    closed = tmp_path / "closed"
    closed.mkdir(mode=0o700)

    folder = reachable_folder(closed / "postgres", server_account(), key="state-1")

    try:
        assert folder.parent != closed
        assert folder.name.startswith("jetsync-data-")
        assert folder == reachable_folder(closed / "postgres", server_account(), key="state-1")
    finally:
        folder.rmdir()


def test_data_stays_where_the_owner_runs_the_server(tmp_path: Path) -> None:
    same = Account(os.geteuid(), os.getegid(), is_other=False)

    assert reachable_folder(tmp_path / "postgres", same, key="x") == tmp_path / "postgres"
