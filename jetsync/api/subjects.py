"""The headings under which calls stand on the API's page, as in docs/api.md. Apps name theirs: `SUBJECTS` of `api_urls`."""

from __future__ import annotations

from collections.abc import Iterator
from importlib import import_module
from importlib.util import find_spec
from types import ModuleType

from django.apps import apps

# The beginning of a path below the merchant's -> its heading.
SUBJECTS = {
    "operations": "Following work",
    "jobs": "Following work",
    "mails": "Following work",
    "log": "Running the panel",
    "schedules": "Running the panel",
    "webhooks": "Running the panel",
    "support-sessions": "Running the panel",
    "activation": "From test keys to live",
    "data-exports": "All data of the store",
}


def api_modules() -> Iterator[tuple[str, ModuleType]]:
    """(label, `<app>.api_urls`) of every installed app that has one."""
    for config in apps.get_app_configs():
        if getattr(config, "has_merchant_pages", False) and find_spec(f"{config.name}.api_urls") is not None:
            yield config.label, import_module(f"{config.name}.api_urls")


def subjects() -> dict[str, str]:
    """Of all calls, the apps' first: `{"catalog/products": "Products and variants", …}`."""
    found = {
        f"{label}/{start}": subject
        for label, module in api_modules()
        for start, subject in module.SUBJECTS.items()
    }
    return found | SUBJECTS


def subject_of(path: str) -> str:
    """The heading of a call by its path below the merchant's, like `catalog/products/`: that of the longest beginning."""
    known = subjects()
    return next(known[start] for start in sorted(known, key=len, reverse=True) if path.startswith(start))
