"""`run.py`: starts every part of a local installation, watches over them and ends them in order."""

from __future__ import annotations

import contextlib
import os
import signal
import threading
import time
import urllib.error
import urllib.request
from dataclasses import dataclass
from typing import TYPE_CHECKING

from jetsync.devstack.errors import DevstackError, last_lines
from jetsync.devstack.guarding import Guard
from jetsync.devstack.network import is_free
from jetsync.devstack.parts import Part, end_all, product_parts, sandbox_part
from jetsync.devstack.servers import EmbeddedServers, environment
from jetsync.devstack.stamps import Stamp, demo_stamp, migration_stamp, static_stamp
from jetsync.devstack.state import State, take_state

if TYPE_CHECKING:
    from pathlib import Path

DEFAULT_PORT = 8000
PORTS_TRIED = 20
READY_SECONDS = 180
# A part that ends is started again, but not for ever: so many starts within so many seconds end the whole run.
STARTS_ALLOWED = 4
STARTS_WINDOW_SECONDS = 60.0
# A proxy named in the environment must not be asked for our own loopback address.
DIRECT = urllib.request.build_opener(urllib.request.ProxyHandler({}))


@dataclass(frozen=True)
class Options:
    """What the command line says. `port` is None when the first free one from 8000 may be taken."""

    state: Path
    port: int | None = None
    demo: bool = True


class Interrupted(Exception):
    """The run was asked to end while it was still starting."""


def chosen_port(wanted: int | None) -> int:
    """The port of the panel.

    :raises DevstackError: the wanted one is taken.
    """
    if wanted is not None:
        if not is_free(wanted):
            raise DevstackError(f"Port {wanted} is in use. Choose another one with --port.")
        return wanted
    for port in range(DEFAULT_PORT, DEFAULT_PORT + PORTS_TRIED):
        if is_free(port):
            return port
    raise DevstackError(f"No free port from {DEFAULT_PORT} on. Choose one with --port.")


def serve(options: Options) -> int:
    """Run until Ctrl-C or SIGTERM; returns the exit code."""
    state = State(options.state)
    lock = take_state(state)
    try:
        return Supervisor(state, options, keep_open=(lock.descriptor,)).run()
    finally:
        state.withdraw()
        lock.release()


class Supervisor:
    """One run of all parts."""

    def __init__(self, state: State, options: Options, *, keep_open: tuple[int, ...] = ()) -> None:
        self.state = state
        self.options = options
        self.began = time.monotonic()
        self.stopping = threading.Event()
        self.parts: list[Part] = []
        self.port = chosen_port(options.port)
        secrets = state.secrets()
        self.guard = Guard(keep_open=keep_open)
        self.servers = EmbeddedServers(state, secrets, self.guard)
        self.environment = environment(state, secrets, self.servers, web_port=self.port)
        if not options.demo:
            allowed = os.environ.get("JETSYNC_PRIVATE_HOSTS", "")
            self.environment |= {"JETSYNC_SANDBOX_URL": "", "JETSYNC_PRIVATE_HOSTS": allowed}

    def run(self) -> int:
        for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
            signal.signal(number, lambda *_: self.stopping.set())
        try:
            self.start()
            return self.watch()
        except Interrupted:
            return 0
        finally:
            self.stop()

    def start(self) -> None:
        """1. servers, 2. sandbox beside the migration, 3. web beside the demo data, 4. workers and beat."""
        self.say("starting; logs are in " + str(self.state.folder / "logs"))
        self.servers.start()
        for server in self.servers.all():
            self.say(f"{type(server).__name__} on 127.0.0.1:{server.port}, data in {server.folder}")
        if self.options.demo:
            self.start_part(sandbox_part(self.state, self.environment))
        self.prepare()
        programs = {
            part.name: part for part in product_parts(self.state, self.environment, web_port=self.port)
        }
        self.start_part(programs.pop("web"))
        told = self.demo() if self.options.demo else ""
        self.wait_for(self.environment["JETSYNC_BASE_URL"] + "/", "web")
        for part in programs.values():
            self.start_part(part)
        self.state.announce("serve", self.environment)
        self.welcome(told)

    def prepare(self) -> None:
        """Migrate and collect static files, each only when its sources changed."""
        migrate = ("manage.py", "migrate", "--noinput", "-v", "1")
        if self.servers.postgres:
            self.step_if_changed(
                migration_stamp(self.state.folder, self.servers.postgres), "migrate", *migrate
            )
        else:
            self.step("migrate", *migrate)
        collect = ("manage.py", "collectstatic", "--noinput", "-v", "0")
        uncompressed = ("--settings", "jetsync.devstack.static_settings")
        self.step_if_changed(static_stamp(self.state.folder / "static"), "static", *collect, *uncompressed)

    def demo(self) -> str:
        """Make the demo merchant, or find that he was made before; returns what `manage.py demo` told."""
        self.wait_for(self.environment["JETSYNC_SANDBOX_URL"] + "/", "sandbox")
        command = ("manage.py", "demo")
        if not self.servers.postgres:
            return self.step("demo", *command)
        stamp = demo_stamp(self.state.folder, self.servers.postgres)
        log = self.state.log("demo")
        if not (stamp.is_current() and log.exists()):
            self.step("demo", *command)
            stamp.mark()
        return log.read_text(encoding="utf-8", errors="replace")

    def step_if_changed(self, stamp: Stamp, name: str, *command: str) -> None:
        if not stamp.is_current():
            self.step(name, *command)
            stamp.mark()

    def welcome(self, told: str) -> None:
        """The addresses and, with the demo, what `manage.py demo` says about the log-in."""
        lines = ["", f"  jetsync is ready:  {self.environment['JETSYNC_BASE_URL']}/"]
        if self.options.demo:
            lines.append(f"  Sandbox portal:    {self.environment['JETSYNC_SANDBOX_URL']}/")
        lines.append(f"  Mails are kept in: {self.environment['JETSYNC_MAIL_DIR']}")
        if self.options.demo:
            lines += [f"  {line}" for line in told.splitlines() if line.strip()]
        lines += ["  Ctrl-C ends everything.", ""]
        self.say("ready")
        with contextlib.suppress(OSError):
            print("\n".join(lines), flush=True)

    def watch(self) -> int:
        """Show and restart what ends, until asked to stop; 1 when a part keeps ending."""
        while not self.stopping.wait(0.3):
            for part in self.parts:
                if part.exit_code is not None and not self.revive(part):
                    return 1
            for server in self.servers.all():
                if server.process is not None and server.process.poll() is not None:
                    self.say(f"{type(server).__name__} ended unexpectedly. Its log, {server.log}, ends:")
                    self.show(server.log)
                    self.servers.restart(server)
                    self.say(f"{type(server).__name__} runs again")
            if not self.guard.is_alive:
                # Without it a kill of this process would leave everything running.
                self.say("the guard process ended unexpectedly: stopping")
                return 1
        return 0

    def revive(self, part: Part) -> bool:
        """Tell what happened and start the part again; False when it has been started too often."""
        code = part.exit_code or 0
        how = f"killed by {signal.Signals(-code).name}" if code < 0 else f"exit code {code}"
        self.say(f"{part.name} ended unexpectedly ({how}). Its log, {part.log}, ends:")
        self.show(part.log)
        part.end_remains()
        if part.starts_within(STARTS_WINDOW_SECONDS) >= STARTS_ALLOWED:
            self.say(f"{part.name} was started {STARTS_ALLOWED} times within a minute: stopping everything")
            return False
        part.start(self.guard)
        self.say(f"{part.name} runs again")
        return True

    def start_part(self, part: Part) -> None:
        if self.stopping.is_set():
            raise Interrupted
        self.parts.append(part)
        part.start(self.guard)
        self.say(f"{part.name} started")

    def step(self, name: str, *command: str) -> str:
        """Run a command to its end and return what it printed.

        :raises DevstackError: it failed; the message holds the end of its log.
        :raises Interrupted: the run was asked to end meanwhile.
        """
        log = self.state.log(name)
        log.write_bytes(b"")
        part = Part(name, list(command), self.environment | {"PYTHONUNBUFFERED": "1"}, log)
        part.start(self.guard)
        try:
            while part.exit_code is None:
                if self.stopping.wait(0.05):
                    raise Interrupted
                self.check_parts()
        finally:
            end_all([part])
            if part.process is not None:
                self.guard.forget(part.process.pid)
        if part.exit_code:
            raise DevstackError(
                f"The step `{' '.join(command)}` failed. Its log, {log}, ends:\n{last_lines(log, 30)}"
            )
        self.say(f"{name} done")
        return log.read_text(encoding="utf-8", errors="replace")

    def wait_for(self, address: str, name: str) -> None:
        """Return when the address answers with a page.

        :raises DevstackError: a part ended, or there was no page in time.
        """
        deadline = time.monotonic() + READY_SECONDS
        problem = "no answer"
        while time.monotonic() < deadline:
            self.check_parts()
            try:
                with DIRECT.open(address, timeout=10) as answer:
                    answer.read()
                    return
            except urllib.error.HTTPError as error:
                problem = f"HTTP {error.code}"
                if error.code < 500 and name != "web":  # noqa: PLR2004 -- it serves; it need not have a start page
                    return
            except OSError as error:
                problem = str(error)
            if self.stopping.wait(0.1):
                raise Interrupted
        log = next((part.log for part in self.parts if part.name == name), None)
        shown = f" Its log, {log}, ends:\n{last_lines(log, 30)}" if log else ""
        raise DevstackError(f"{address} did not answer within {READY_SECONDS} s ({problem}).{shown}")

    def check_parts(self) -> None:
        """While starting, a part that ends is an error of the set-up: no second try."""
        for part in self.parts:
            if part.exit_code is not None:
                raise DevstackError(
                    f"{part.name} ended while starting (exit code {part.exit_code}). "
                    f"Its log, {part.log}, ends:\n{last_lines(part.log, 30)}"
                )

    def stop(self) -> None:
        """Programs first, then the servers; the guard leaves last."""
        self.say("stopping")
        # A second Ctrl-C must not cut this short and leave a server behind.
        for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
            signal.signal(number, signal.SIG_IGN)
        end_all(self.parts)
        self.servers.stop()
        self.guard.close()
        self.say("stopped, nothing is left running")

    def say(self, text: str) -> None:
        with contextlib.suppress(OSError):  # the terminal may be gone
            print(f"[{time.monotonic() - self.began:6.1f} s] {text}", flush=True)

    def show(self, log: Path) -> None:
        with contextlib.suppress(OSError):
            print(last_lines(log), flush=True)
