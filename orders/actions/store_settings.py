"""Saving what new store orders are given, and the list of the store's own methods."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from django.db import transaction

from jetsync.actions.log import record
from jetsync.enums import Priority
from jetsync.exceptions import InvalidInput
from jetsync.models import Merchant
from jetsync.sync.queue import enqueue
from jetsync.tenancy.actor import Actor
from jetsync.tenancy.managers import bulk_create
from orders.actions.documents import open_book
from orders.enums import MethodKind
from orders.models import StoreBook, StoreMethod
from orders.queries.store import DEFAULT_METHODS, store_methods

# A select that a person can still read; a store has a handful.
MOST_METHODS = 50
LONGEST_NAME = 100


@dataclass(frozen=True)
class MethodInput:
    kind: str
    name: str
    is_on: bool = True


@dataclass(frozen=True)
class StoreSettings:
    """`methods`: all that are to stay, in their order; one left out is removed."""

    payment_method: str
    shipping_method: str
    methods: Sequence[MethodInput]

    def chosen(self) -> dict[str, str]:
        return {MethodKind.PAYMENT: self.payment_method, MethodKind.SHIPPING: self.shipping_method}

    def names(self, kind: str) -> list[str]:
        return [method.name for method in self.methods if method.kind == kind]


@transaction.atomic
def save_store_settings(merchant: Merchant, settings: StoreSettings, *, actor: Actor) -> StoreBook:
    """Stores choice and list, and retries at once what waited for a method. Raises InvalidInput by field.

    A chosen method may be switched off: then new orders wait for their store order (FailureReason.PAYMENT_METHOD).
    """
    _check(settings)
    open_book(merchant)
    book = StoreBook.objects.select_for_update(of=("self",)).get(merchant=merchant)
    old = _described(book, merchant)
    book.payment_method, book.shipping_method = settings.payment_method, settings.shipping_method
    book.save(update_fields=["payment_method", "shipping_method"])
    StoreMethod.objects.filter(merchant=merchant).delete()
    bulk_create(
        StoreMethod,
        [
            StoreMethod(merchant=merchant, kind=method.kind, name=method.name, is_on=method.is_on)
            for method in settings.methods
            if not (method.is_on and method.name == DEFAULT_METHODS[method.kind])
        ],
    )
    new = _described(book, merchant)
    if new != old:
        record(
            merchant,
            "orders.store_settings.changed",
            f"New store orders are paid by “{book.payment_method}” and shipped by “{book.shipping_method}”.",
            actor=actor,
            about=book,
            old=old,
            new=new,
        )
        enqueue(merchant, "orders.sweep", "schedule", priority=Priority.NOW)
    return book


def _described(book: StoreBook, merchant: Merchant) -> dict[str, object]:
    methods = store_methods(merchant)
    return {
        "payment_method": book.payment_method,
        "shipping_method": book.shipping_method,
        **{
            f"{kind}_methods": [f"{row.name}{'' if row.is_on else ' (off)'}" for row in rows]
            for kind, rows in methods.items()
        },
    }


def _check(settings: StoreSettings) -> None:
    fields: dict[str, list[str]] = {}
    for kind, chosen in settings.chosen().items():
        names = settings.names(kind)
        label = MethodKind(kind).label.lower()
        problems = [problem for name in names if (problem := _name_problem(name, label))]
        doubled = {name for name in names if sum(name.casefold() == other.casefold() for other in names) > 1}
        problems += [f"“{min(doubled)}” stands twice among the {label}s."] if doubled else []
        problems += (
            [f"At most {MOST_METHODS} {label}s can be kept; remove some."]
            if len(names) > MOST_METHODS
            else []
        )
        if problems:
            fields[f"new_{kind}"] = problems
        if chosen not in names:
            fields[f"{kind}_method"] = [
                f"“{chosen}” is not among the {label}s. Choose another before you remove it."
            ]
    if fields:
        raise InvalidInput(
            "The settings of store orders were not saved.", hint="Correct what is marked.", fields=fields
        )


def _name_problem(name: str, label: str) -> str:
    if not name.strip():
        return f"A {label} needs a name."
    if len(name) > LONGEST_NAME:
        return f"“{name[:30]}…” is too long: a {label} has at most {LONGEST_NAME} characters."
    return ""
