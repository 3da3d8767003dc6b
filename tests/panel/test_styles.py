"""Templates and style sheets agree: every class has a rule, and every rule a class."""

from __future__ import annotations

import re
from collections.abc import Iterator

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


def test_every_rule_has_a_class_that_is_used() -> None:
    """A class that is put together counts by its first part: `tile-{{ level }}` uses `tile-danger`."""
    texts = [text_of("templates/**/*.*"), text_of("static/js/*.js")]
    texts += [text_of(f"{app}/**/*.py") + text_of(f"{app}/**/*.html") for app in APPS]
    words = set(re.findall(NAME, " ".join(texts)))
    beginnings = tuple(name for name, _path in written() if name.endswith("-"))
    beginnings += tuple(set(re.findall(rf"[\s\"]({NAME}-)\{{", " ".join(texts))))
    unused = {
        name for name in rules("static/css/*.css") if name not in words and not name.startswith(beginnings)
    }
    assert unused == set()
