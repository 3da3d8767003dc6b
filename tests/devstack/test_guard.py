"""The guard process alone: whom it ends, whom it spares."""

# ruff: noqa: S603 -- only programs of this project are started

from __future__ import annotations

import re
import signal
import subprocess
import sys
from pathlib import Path

import pytest

from jetsync.devstack.guard import Orders, Watched, born, end
from jetsync.devstack.guarding import GUARD_FILE, STAGE_PROGRAMS, STAGE_SERVERS, Guard
from tests.devstack.conftest import wait_until

SLEEP = "import time; time.sleep(600)"


def ignores(pid: int, number: signal.Signals) -> bool:
    mask = re.search(r"^SigIgn:\s*(\w+)", Path(f"/proc/{pid}/status").read_text(), re.MULTILINE)
    return bool(int(mask.group(1), 16) >> (number - 1) & 1)


@pytest.fixture
def sleeper():
    with subprocess.Popen([sys.executable, "-S", "-E", "-c", SLEEP], start_new_session=True) as process:
        yield process
        process.kill()


def test_guard_ends_watched_children_when_the_pipe_closes(
    sleeper: subprocess.Popen[bytes], tmp_path: Path
) -> None:
    folder = tmp_path / "data"
    folder.mkdir()
    guard = Guard()
    guard.watch(sleeper.pid, signal.SIGTERM, STAGE_PROGRAMS)
    guard.remove(folder)

    guard.process.stdin.close()

    assert sleeper.wait(10) == -signal.SIGTERM
    assert guard.process.wait(10) == 0
    assert not folder.exists()


def test_guard_that_was_told_all_is_done_touches_nothing(
    sleeper: subprocess.Popen[bytes], tmp_path: Path
) -> None:
    guard = Guard()
    guard.watch(sleeper.pid, signal.SIGTERM, STAGE_SERVERS)
    guard.remove(tmp_path)

    guard.close()

    assert guard.process.returncode == 0
    assert sleeper.poll() is None
    assert tmp_path.exists()


def test_guard_spares_a_forgotten_child(sleeper: subprocess.Popen[bytes]) -> None:
    guard = Guard()
    guard.watch(sleeper.pid, signal.SIGTERM, STAGE_SERVERS)
    guard.forget(sleeper.pid)

    guard.process.stdin.close()

    assert guard.process.wait(10) == 0
    assert sleeper.poll() is None


def test_guard_kills_a_child_that_does_not_listen(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("jetsync.devstack.guard.PATIENCE_SECONDS", 0.3)
    deaf = (
        f"import signal; signal.signal(signal.SIGTERM, signal.SIG_IGN); print('ready', flush=True); {SLEEP}"
    )
    command = [sys.executable, "-S", "-E", "-c", deaf]
    with subprocess.Popen(command, stdout=subprocess.PIPE, start_new_session=True) as child:
        assert child.stdout.readline() == b"ready\n"

        end([Watched(child.pid, signal.SIGTERM, STAGE_PROGRAMS, born(child.pid))])

        assert child.wait(10) == -signal.SIGKILL


def test_another_process_with_the_same_number_is_spared(sleeper: subprocess.Popen[bytes]) -> None:
    end([Watched(sleeper.pid, signal.SIGKILL, STAGE_PROGRAMS, "born at another time")])
    end([Watched(sleeper.pid, signal.SIGKILL, STAGE_PROGRAMS, None)])

    assert sleeper.poll() is None


@pytest.mark.skipif(sys.platform != "linux", reason="reads /proc")
def test_guard_ignores_ctrl_c(sleeper: subprocess.Popen[bytes]) -> None:
    guard = Guard()
    guard.watch(sleeper.pid, signal.SIGTERM, STAGE_PROGRAMS)
    # All three: a run under nohup inherits that SIGHUP is ignored, before the guard has set anything.
    numbers = (signal.SIGINT, signal.SIGTERM, signal.SIGHUP)
    assert wait_until(lambda: all(ignores(guard.process.pid, number) for number in numbers), 10)

    for number in numbers:
        guard.process.send_signal(number)

    assert guard.is_alive
    guard.process.stdin.close()
    assert sleeper.wait(10) == -signal.SIGTERM
    assert guard.process.wait(10) == 0


def test_orders_are_read_line_by_line() -> None:
    orders = Orders()
    for line in ("watch 1 15 2\n", "watch 999999999 2 1\n", "forget 1\n", "remove /a folder/with blanks\n"):
        orders.take(line)

    assert orders.children == {999999999: Watched(999999999, 2, 1, None)}
    assert orders.folders == ["/a folder/with blanks"]
    assert not orders.done
    orders.take("done\n")
    assert orders.done


def test_guard_file_runs_without_the_project() -> None:
    """A broken project must not keep the guard from starting: standard library only."""
    done = subprocess.run(
        [sys.executable, "-S", "-E", "-I", str(GUARD_FILE)],
        input=b"done\n",
        check=False,
        cwd="/",
        capture_output=True,
    )
    assert (done.returncode, done.stderr) == (0, b"")
