"""Base of every tenant row: scoped manager and write guard (the second lock; the first is the query itself)."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Any, TypeVar

from django.db import models
from django_scopes import ScopedManager, get_scope

from jetsync.exceptions import DomainError

M = TypeVar("M", bound="TenantModel")


class ForeignTenantWrite(DomainError):
    """A write names another merchant than the active one. Always our bug, never the merchant's."""

    code = "foreign_tenant_write"
    status = 500


def _active_merchant_id() -> int | None:
    scope = get_scope()
    if not scope.get("_enabled", True):
        return None
    merchant = scope.get("merchant")
    if merchant is None:
        raise ForeignTenantWrite("A tenant row was written outside of any merchant's scope.")
    return int(merchant.pk)


def check_tenant(rows: Iterable[TenantModel]) -> None:
    """Raises ForeignTenantWrite unless every row belongs to the active merchant."""
    active = _active_merchant_id()
    if active is None:
        return
    for row in rows:
        if row.merchant_id != active:
            name = type(row).__name__
            raise ForeignTenantWrite(
                f"{name} of merchant {row.merchant_id} written while {active} is active."
            )


class TenantModel(models.Model):
    merchant = models.ForeignKey("jetsync.Merchant", on_delete=models.CASCADE, related_name="+")

    objects = ScopedManager(merchant="merchant")

    class Meta:
        abstract = True

    def save(self, *args: Any, **kwargs: Any) -> None:
        loaded = getattr(self, "_loaded_merchant_id", None)
        if loaded is not None and loaded != self.merchant_id:
            raise ForeignTenantWrite(f"{type(self).__name__} {self.pk} may not change its merchant.")
        check_tenant([self])
        super().save(*args, **kwargs)

    @classmethod
    def from_db(cls, db: str | None, field_names: Any, values: Any, **extra: Any) -> Any:
        row = super().from_db(db, field_names, values, **extra)
        row._loaded_merchant_id = row.__dict__.get("merchant_id")  # type: ignore[attr-defined]  # noqa: SLF001 -- our own mark
        return row


class LargeTenantModel(TenantModel):
    """For tables with very many rows and an index that begins with the merchant: one of the merchant alone is never
    better, and would be written with every row.
    """

    merchant = models.ForeignKey(
        "jetsync.Merchant", on_delete=models.CASCADE, related_name="+", db_index=False
    )

    class Meta:
        abstract = True


def bulk_create(model: type[M], rows: Sequence[M], **kwargs: Any) -> list[M]:
    """`Model.objects.bulk_create` behind the write guard; every bulk insert of tenant rows goes through here."""
    check_tenant(rows)
    return list(model.objects.bulk_create(rows, **kwargs))
