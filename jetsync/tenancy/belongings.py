"""What belongs to a merchant: every table with rows of a tenant, and how such a row leads to its owner. From the registry
of models, so that a new table cannot be forgotten.
"""

from __future__ import annotations

from functools import cache
from typing import Any

from django.apps import apps
from django.db.models import CASCADE, Model, QuerySet

from jetsync.models import Merchant


@cache
def owner_lookups() -> dict[type[Model], str]:
    """Table -> the lookup of its merchant: `merchant`, `owner`, or `version__owner` for what goes with such a row."""
    models = [model for model in apps.get_models() if not model._meta.proxy and model is not Merchant]
    found: dict[type[Model], str] = {}
    for model in models:
        direct = [field.name for field in model._meta.concrete_fields if field.related_model is Merchant]
        if direct:
            found[model] = direct[0]
    while more := {
        model: lookup for model in models if model not in found and (lookup := _through(model, found))
    }:
        found |= more
    return found


def _through(model: type[Model], found: dict[type[Model], str]) -> str:
    for field in model._meta.concrete_fields:
        remote: Any = field.remote_field
        if remote is not None and remote.on_delete is CASCADE and remote.model in found:
            return f"{field.name}__{found[remote.model]}"
    return ""


def rows_of_merchant(model: type[Model], merchant: Merchant) -> QuerySet[Any]:
    """Call it inside the merchant's scope."""
    return model._default_manager.filter(**{owner_lookups()[model]: merchant.pk})


def plural_of(model: type[Model]) -> str:
    """What rows of the table are called, for people: Django's own plural knows no "entries"."""
    name = str(model._meta.verbose_name)
    if model._meta.verbose_name_plural != f"{name}s":
        return str(model._meta.verbose_name_plural)
    if name.endswith("y") and name[-2] not in "aeou":
        return f"{name[:-1]}ies"
    return name if name.endswith(("s", "data")) else f"{name}s"
