"""Secrets, kept ports and the lock of a state folder."""

from __future__ import annotations

import json
import re
import stat
from pathlib import Path

import pytest
from cryptography.fernet import Fernet

from jetsync.devstack.errors import DevstackError, last_lines
from jetsync.devstack.state import LOG_BYTES_KEPT, State, take_state


def mode(path: Path) -> str:
    return oct(stat.S_IMODE(path.stat().st_mode))


def test_secrets_are_made_once_and_only_the_owner_reads_them(tmp_path: Path) -> None:
    first = State(tmp_path / "state").secrets()

    assert State(tmp_path / "state").secrets() == first
    assert mode(tmp_path / "state" / "secrets.json") == "0o600"
    assert mode(tmp_path / "state") == "0o711"
    assert {mode(tmp_path / "state" / name) for name in ("logs", "mail", "media", "static")} == {"0o700"}
    assert Fernet(first.encryption_key).decrypt(Fernet(first.encryption_key).encrypt(b"key")) == b"key"
    assert State(tmp_path / "other").secrets().secret_key != first.secret_key


def test_secret_of_a_newer_version_is_added_and_the_others_stay(tmp_path: Path) -> None:
    state = State(tmp_path)
    before = state.secrets()
    known = json.loads((tmp_path / "secrets.json").read_text())
    del known["demo_secret"]
    (tmp_path / "secrets.json").write_text(json.dumps(known))

    after = state.secrets()

    assert after.secret_key == before.secret_key
    assert after.demo_secret != before.demo_secret
    assert state.secrets() == after


def test_lost_secrets_beside_data_are_not_made_anew(tmp_path: Path) -> None:
    state = State(tmp_path)
    (tmp_path / "postgres").mkdir()
    (tmp_path / "postgres" / "created").touch()

    with pytest.raises(DevstackError, match="is missing, but there is data that was made with it"):
        state.secrets()

    assert not (tmp_path / "secrets.json").exists()


def test_damaged_secrets_are_named(tmp_path: Path) -> None:
    (tmp_path / "secrets.json").write_text("{half")

    with pytest.raises(DevstackError, match=re.escape(f"{tmp_path / 'secrets.json'} is damaged")):
        State(tmp_path).secrets()


def test_port_stays_the_same(tmp_path: Path) -> None:
    assert State(tmp_path).kept_port("sandbox") == State(tmp_path).kept_port("sandbox")


def test_lock_is_held_once(tmp_path: Path) -> None:
    state = State(tmp_path)
    lock = take_state(state)

    with pytest.raises(DevstackError, match=f"jetsync already runs on {re.escape(str(tmp_path))}"):
        take_state(State(tmp_path))

    lock.release()
    take_state(State(tmp_path)).release()


def test_only_a_running_serve_is_joined(tmp_path: Path) -> None:
    state = State(tmp_path)
    assert state.running_environment() is None
    state.announce("serve", {"DATABASE_URL": "postgres://x"})
    assert state.running_environment() == {"DATABASE_URL": "postgres://x"}
    assert mode(tmp_path / "running.json") == "0o600"

    # Left by a run that was killed: the next owner of the lock takes it away.
    take_state(state).release()
    assert state.running_environment() is None


def test_long_log_is_set_aside(tmp_path: Path) -> None:
    state = State(tmp_path)
    log = state.log("web")
    log.write_bytes(b"x" * (LOG_BYTES_KEPT + 1))

    assert state.log("web") == log

    assert not log.exists()
    assert log.with_suffix(".log.1").stat().st_size == LOG_BYTES_KEPT + 1


def test_last_lines_of_a_log(tmp_path: Path) -> None:
    log = tmp_path / "part.log"
    assert last_lines(log) == f"    (nothing in {log})"
    log.write_text("one\ntwo\nthree\n")
    assert last_lines(log, 2) == "    two\n    three"
