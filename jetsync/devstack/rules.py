"""Rules of this project that no linter knows, checked on the text of the sources."""

from __future__ import annotations

import io
import re
import tokenize
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator
    from pathlib import Path

# Where code may leave the tenant scope: the scope's own module, staff admin, migrations and tests.
MAY_DISABLE_SCOPES = re.compile(
    r"^(jetsync/tenancy/context\.py|tests/.*|(.*/)?admin(/.*)?\.py|.*/migrations/.*|jetsync/devstack/.*)$"
)
# Our own name for it: besides, what is about all merchants by design (claims, reapers, fan-out, addresses from outside,
# retention, new keys, staff admin, a benchmark of a thousand merchants).
MAY_CROSS_MERCHANTS = re.compile(
    rf"{MAY_DISABLE_SCOPES.pattern}"
    r"|^jetsync/(sync/(claims|requests|schedules|tasks|watches)|actions/retention|tenancy/middleware|benchmarks/fetch_turns"
    r"|management/commands/rotate_keys)\.py$"
)
LEAVES_SCOPE = {"scopes_disabled": MAY_DISABLE_SCOPES, "across_merchants": MAY_CROSS_MERCHANTS}
# What the content security policy refuses, so that it would silently do nothing on the page.
INLINE = {
    # `style` is a property of our own components (<c-...>), not an attribute of the page.
    "inline style": re.compile(r"<(?!c-)[a-z][^>]*\sstyle\s*=", re.IGNORECASE),
    "inline <style>": re.compile(r"<style\b", re.IGNORECASE),
    "inline script": re.compile(
        r"<script\b(?![^>]*\bsrc\s*=)(?![^>]*\btype=\"application/json\")", re.IGNORECASE
    ),
    "inline event handler": re.compile(r"<[a-z][^>]*\son[a-z]+\s*=\s*[\"']", re.IGNORECASE),
}
# Letters carry their style with them: mail programs load no style sheet. The panel shows them under a policy of its own.
LETTERS = "templates/mail/"
STYLES = {"inline style", "inline <style>"}
# What the browser never sees: template comments, tags and variables, and comments of the page.
UNSEEN = re.compile(r"\{#.*?#\}|\{% comment .*?endcomment %\}|\{%.*?%\}|\{\{.*?\}\}|<!--.*?-->", re.DOTALL)
FOREIGN_SOURCE = re.compile(r"https?://|file:|--(extra-)?index-url|--find-links|--trusted-host|\s@\s")
IGNORED_FOLDERS = {".venv", ".git", ".state", "node_modules", "staticfiles", "__pycache__"}


def broken_rules(project: Path) -> list[str]:
    """Every breach as `path:line: what`; empty when all rules are kept."""
    return [
        *_scopes_left(project),
        *_inline_in_templates(project),
        *_foreign_sources_in_locks(project),
    ]


def _scopes_left(project: Path) -> Iterator[str]:
    for file in _files(project, "*.py"):
        path = file.relative_to(project).as_posix()
        text = file.read_text(encoding="utf-8")
        refused = {name for name, allowed in LEAVES_SCOPE.items() if name in text and not allowed.match(path)}
        if not refused:
            continue
        for token in tokenize.generate_tokens(io.StringIO(text).readline):
            if token.type == tokenize.NAME and token.string in refused:
                yield f"{path}:{token.start[0]}: {token.string} is not allowed here"


def _inline_in_templates(project: Path) -> Iterator[str]:
    for file in _files(project, "*.html"):
        path = file.relative_to(project).as_posix()
        if path.startswith("static/vendor/"):
            continue
        text = UNSEEN.sub(_blank, file.read_text(encoding="utf-8"))
        for what, pattern in INLINE.items():
            if what in STYLES and path.startswith(LETTERS):
                continue
            for found in pattern.finditer(text):
                yield f"{path}:{text.count(chr(10), 0, found.start()) + 1}: {what}"


def _blank(found: re.Match[str]) -> str:
    """Only the line ends, so that line numbers stay true."""
    return "\n" * found.group().count("\n")


def _foreign_sources_in_locks(project: Path) -> Iterator[str]:
    for file in sorted(project.glob("requirements*.lock")):
        for number, line in enumerate(file.read_text(encoding="utf-8").splitlines(), start=1):
            if FOREIGN_SOURCE.search(line):
                yield f"{file.name}:{number}: a lock names packages and hashes only, no place to get them from"


def _files(project: Path, pattern: str) -> Iterable[Path]:
    return (
        file
        for file in sorted(project.rglob(pattern))
        if not IGNORED_FOLDERS.intersection(file.relative_to(project).parts)
    )
