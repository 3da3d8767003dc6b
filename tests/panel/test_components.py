"""Components are used as they are declared; pages hold no inline script or style; what is served is what was recorded."""

from __future__ import annotations

import hashlib
import json
import re
from collections.abc import Iterator
from pathlib import Path

import pytest
from django.conf import settings
from django.template import engines
from django.template.base import Node, NodeList
from django.template.loader import get_template
from django_cotton.templatetags._component import CottonComponentNode
from django_cotton.templatetags._vars import CottonVarsNode

from jetsync.panel.statuses import all_statuses
from jetsync.panel.views.book import compiled, snippets

TEMPLATES = Path(settings.BASE_DIR) / "templates"
COMPONENTS = TEMPLATES / "components"
STATIC = Path(settings.BASE_DIR) / "static"
PAGES = sorted(path.relative_to(TEMPLATES).as_posix() for path in TEMPLATES.rglob("*.html"))
ICON = re.compile(r"""\{% icon "([^"]+)"|<c-[a-z_-]+[^>]*?\sicon="([^"{]+)\"""")
ALWAYS_ALLOWED = {"slot"}


def nodes_of(nodelist: NodeList) -> Iterator[Node]:
    for node in nodelist:
        yield node
        for name in ("nodelist", "nodelist_true", "nodelist_false", "nodelist_loop", "nodelist_empty"):
            yield from nodes_of(getattr(node, name, None) or NodeList())
        for _condition, inner in getattr(node, "conditions_nodelists", []):
            yield from nodes_of(inner)
        for block in (
            getattr(node, "blocks", {}).values() if not hasattr(node, "conditions_nodelists") else ()
        ):
            if isinstance(block, Node):
                yield from nodes_of(block.nodelist)


def component_path(name: str) -> str:
    return f"components/{name.replace('.', '/').replace('-', '_')}.html"


def declared_props(name: str) -> set[str]:
    template = get_template(component_path(name)).template
    found = [node for node in template.nodelist if isinstance(node, CottonVarsNode)]
    assert len(found) == 1, f"{name} declares no <c-vars>"
    keys = {var.exclude_key for var in found[0]._prepared_vars} | set(found[0].empty_vars)
    return {key.replace("-", "_") for key in keys}


def misuses(nodelist: NodeList) -> list[str]:
    wrong = []
    for node in nodes_of(nodelist):
        if not isinstance(node, CottonComponentNode):
            continue
        if not (TEMPLATES / component_path(node.component_name)).exists():
            wrong.append(f"<c-{node.component_name}> does not exist")
            continue
        known = declared_props(node.component_name) | ALWAYS_ALLOWED
        used = {key.lstrip(":").replace("-", "_") for key in node.attrs}
        slots = {getattr(child, "slot_name", None) for child in node.nodelist} - {None}
        wrong += [f"<c-{node.component_name}> has no {name}" for name in sorted((used | slots) - known)]
    return wrong


@pytest.mark.parametrize("path", PAGES)
def test_components_get_only_declared_props(path):
    assert misuses(get_template(path).template.nodelist) == []


def test_unknown_prop_and_component_are_found():
    template = engines["django"].from_string(compiled('<c-button lable="x" /><c-buton label="x" />')).template
    assert misuses(template.nodelist) == ["<c-button> has no lable", "<c-buton> does not exist"]


def test_no_component_passes_undeclared_attributes_through():
    """`{{ attrs }}` prints values unescaped, so no component may use it."""
    assert [path.name for path in COMPONENTS.rglob("*.html") if "attrs }}" in path.read_text()] == []


def test_every_component_is_in_the_pattern_book():
    shown = "\n".join(code for _title, _wide, code in snippets())
    layouts = {"page", "auth", "account", "actions", "filterbar", "bulkbar", "breadcrumb"}
    names = {path.stem.replace("_", "-") for path in COMPONENTS.rglob("*.html")}
    missing = {name for name in names - layouts if f"<c-{name} " not in shown and f"<c-{name}>" not in shown}
    assert missing == set()


# Mail programs know no style sheet of ours; the policy of the preview's frame is in tests/panel/test_mail_pages.py.
LETTERS = [path for path in PAGES if path.startswith("mail/")]


@pytest.mark.parametrize("path", sorted(set(PAGES) - set(LETTERS)))
def test_no_inline_script_style_or_handler(path):
    text = (TEMPLATES / path).read_text()
    assert (
        re.findall(r"<style|\sstyle=\"[^\"]*:|<script(?![^>]*\bsrc=)[^>]*>|\son[a-z]+=\"|javascript:", text)
        == []
    )
    assert re.findall(r"(?:src|href)=\"(?:https?:)?//", text) == [], "assets come from here"


def icon_names() -> set[str]:
    return set(re.findall(r'<symbol id="([^"]+)"', (STATIC / "vendor" / "icons.svg").read_text()))


def test_every_icon_named_is_in_the_sprite():
    used = set()
    for path in TEMPLATES.rglob("*.html"):
        used |= {first or second for first, second in ICON.findall(path.read_text())}
    for path in Path(settings.BASE_DIR).glob("*/**/*.py"):
        if not {".venv", "tests", "migrations"} & set(path.parts):
            used |= set(re.findall(r"\bicon=\"([a-z0-9-]+)\"", path.read_text()))
    assert used - icon_names() == set()
    assert len(used) > 40


def test_vendored_files_are_those_recorded():
    rows = json.loads((STATIC / "vendor" / "vendor.json").read_text())
    found = {
        row["file"]: hashlib.sha256((STATIC / "vendor" / row["file"]).read_bytes()).hexdigest()
        for row in rows
    }
    assert found == {row["file"]: row["sha256"] for row in rows}
    assert {path.name for path in (STATIC / "vendor").iterdir()} == {*found, "vendor.json"}
    assert all(row["licence"] and row["version"] for row in rows)


def test_static_files_survive_hashed_names(tmp_path, settings):
    """What production does at build time: every reference in a stylesheet must lead to a file."""
    from django.core.management import call_command

    settings.STATIC_ROOT = str(tmp_path)
    settings.STORAGES = {
        **settings.STORAGES,
        "staticfiles": {"BACKEND": "django.contrib.staticfiles.storage.ManifestStaticFilesStorage"},
    }
    call_command("collectstatic", interactive=False, verbosity=0)
    manifest = json.loads((tmp_path / "staticfiles.json").read_text())["paths"]
    assert "css/panel.css" in manifest
    css = (tmp_path / manifest["css/panel.css"]).read_text()
    assert manifest["vendor/inter-latin.woff2"].rpartition("/")[2] in css


def test_statuses_have_words_and_known_colours():
    colours = {"green", "blue", "azure", "yellow", "orange", "red", "purple", "secondary"}
    for key, status in all_statuses().items():
        assert status.label, key
        assert status.colour in colours, key
        assert (
            f".status-{status.colour}" in (STATIC / "css" / "panel.css").read_text()
            or status.colour == "secondary"
        )
