"""Templates and style sheets agree: every class has a rule, and every rule a class."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator
from functools import cache

from jetsync.devstack.parts import PROJECT

APPS = ("jetsync", "catalog", "orders", "returns", "refunds", "repricer")
TAG = r"\{%.*?%\}|\{\{.*?\}\}"
CLASS = re.compile(rf'\sclass="((?:[^"{{]|{TAG})*)"')
NAME = r"[A-Za-z_][\w-]*"


def text_of(pattern: str) -> str:
    return "\n".join(file.read_text(encoding="utf-8") for file in sorted(PROJECT.glob(pattern)))


def rules(pattern: str) -> set[str]:
    """The classes that the selectors of these style sheets name."""
    css = re.sub(r"/\*.*?\*/", "", text_of(pattern), flags=re.DOTALL)
    return set(re.findall(rf"\.({NAME})", " ".join(re.findall(r"([^{}]+)\{", css))))


def written() -> Iterator[tuple[str, str]]:
    """(class, template) of those that a template writes out; one that is put together ends with its first part, "tile-"."""
    for file in sorted((PROJECT / "templates").rglob("*.html")):
        if "mail" in file.relative_to(PROJECT / "templates").parts:  # letters carry their styles with them
            continue
        for value in CLASS.findall(file.read_text(encoding="utf-8")):
            words = re.sub(r"\{%.*?%\}", "\0", re.sub(r"\{\{.*?\}\}", "\1", value))
            # What a tag ends is put together: `call-{% if x %}ok{% else %}bad{% endif %}`. Else a tag ends a word.
            for word in re.sub(r"-\0\S*", "- ", words).replace("\0", " ").split():
                if found := re.match(rf"{NAME}", word):
                    yield found[0], file.relative_to(PROJECT).as_posix()


def test_every_class_of_a_template_has_a_rule() -> None:
    """Or a script looks for it."""
    known = rules("static/css/*.css") | rules("static/vendor/*.css")
    scripts = text_of("static/js/*.js")
    loose = {
        f"{name} in {path}"
        for name, path in written()
        if name not in known and not name.endswith("-") and not re.search(rf"\.{name}\b", scripts)
    }
    assert loose == set()


def strings_of(app: str) -> Iterator[str]:
    """The texts of the app's code, without docstrings."""
    for file in sorted((PROJECT / app).rglob("*.py")):
        tree = ast.parse(file.read_text(encoding="utf-8"))
        prose = {id(node.value) for node in ast.walk(tree) if isinstance(node, ast.Expr)}
        for node in ast.walk(tree):
            if isinstance(node, ast.Constant) and isinstance(node.value, str) and id(node) not in prose:
                yield node.value


def named_by_code() -> Iterator[str]:
    """In markup, or as a text of nothing but classes with a hyphen: "note" alone may be anything."""
    for text in (text for app in APPS for text in strings_of(app)):
        for value in re.findall(r'class="([^"]*)', text):
            yield from re.findall(NAME, value)
        if re.fullmatch(rf"{NAME}(?: {NAME})*", text):
            yield from (name for name in text.split() if "-" in name)


def named_by_templates() -> Iterator[str]:
    """In `class`, which components hand on, and of icons: `{% icon "x" "menu-chevron" %}`."""
    for words in re.findall(r'\{% icon \S+ "([^"]*)"', text_of("templates/**/*.*")):
        yield from words.split()
    yield from (name for name, _path in written())


def named_by_scripts() -> Iterator[str]:
    """As selectors, in markup, and what is given to `classList` or `className`."""
    code = text_of("static/js/*.js")
    for text in re.findall(r"""["'`]([^"'`\n]*)["'`]""", code):
        yield from re.findall(rf"\.({NAME})", text)
    for words in re.findall(r"class(?:List\.\w+\(|Name = |=)([^;>]*)", code):
        yield from re.findall(NAME, words)


def beginnings() -> set[str]:
    """A class that is put together counts by its first part: `tile-{{ level }}` uses `tile-danger`."""
    values = re.findall(r'class="([^"]*)', "".join(text_of(f"{app}/**/*.py") for app in APPS))
    by_code = {found[1] for value in values for found in re.finditer(rf"(?<!\S)({NAME}-)\{{", value)}
    return by_code | {name for name, _path in written() if name.endswith("-")}


@cache
def used() -> tuple[frozenset[str], tuple[str, ...]]:
    """(whole classes, beginnings). Read once: it takes some seconds."""
    names = {*named_by_code(), *named_by_templates(), *named_by_scripts()}
    return frozenset(names), tuple(beginnings())


def unused(names: set[str]) -> set[str]:
    whole, begun = used()
    return {name for name in names if name not in whole and not name.startswith(begun)}


def test_every_rule_has_a_class_that_is_used() -> None:
    assert unused(rules("static/css/*.css")) == set()


def test_a_word_that_stands_everywhere_is_no_class_for_that() -> None:
    """So that the test above can fail: these are words of the code, of sentences and of docstrings."""
    assert unused({"order", "page", "merchant", "made-up"}) == {"order", "page", "merchant", "made-up"}
