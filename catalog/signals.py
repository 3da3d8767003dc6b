"""The kernel's settings change what Jet should have, and the kernel knows no app: so the catalogue listens."""

from __future__ import annotations

from typing import Any

from django.db.models.signals import post_delete, post_save, pre_save
from django.dispatch import receiver

from catalog.actions.exceptions import ask_refresh_exceptions
from catalog.actions.low_stock import ask_note_all
from catalog.actions.mode import forget_jets_side
from catalog.actions.refresh import ask_refresh
from catalog.actions.stock_drift import note_stock_drift
from catalog.models import Variant
from jetsync.models import FulfillmentNode, Merchant, Options, ReturnLocation
from jetsync.tenancy.context import merchant_scope

# Options that enter a quantity or a price, or let waiting changes go.
WATCHED = (
    "buffer_quantity",
    "zero_quantity_default",
    "send_inventory",
    "send_price",
    "price_rule",
    "price_rule_amount",
    "price_source",
    "price_field",
    "lowest_price",
    "sync_on_edit",
    "edit_sends_price",
    "edit_sends_inventory",
    "edit_sends_images",
    "edit_sends_content",
)

THRESHOLD = ("low_stock_alert", "low_stock_limit")


@receiver(pre_save, sender=Options, dispatch_uid="catalog.options.before")
def note_old_options(instance: Options, **_rest: Any) -> None:
    names = (*WATCHED, *THRESHOLD)
    old = Options.objects.filter(merchant=instance.merchant_id, pk=instance.pk).values(*names).first()
    changed = {name for name in names if old is not None and old[name] != getattr(instance, name)}
    instance._catalog_changed = changed  # type: ignore[attr-defined]  # noqa: SLF001 -- our own mark


@receiver(post_save, sender=Options, dispatch_uid="catalog.options.after")
def refresh_after_options(instance: Options, **_rest: Any) -> None:
    changed: set[str] = getattr(instance, "_catalog_changed", set())
    if changed & {*WATCHED}:
        ask_refresh(instance.merchant)
    if changed & {*THRESHOLD}:
        ask_note_all(instance.merchant)


@receiver(post_save, sender=FulfillmentNode, dispatch_uid="catalog.node.saved")
def refresh_after_node(instance: FulfillmentNode, **_rest: Any) -> None:
    """A new default node takes over the products' own quantity."""
    if Variant.objects.filter(merchant=instance.merchant_id).exists():
        ask_refresh(instance.merchant)


@receiver([post_save, post_delete], sender=FulfillmentNode, dispatch_uid="catalog.node.named")
@receiver([post_save, post_delete], sender=ReturnLocation, dispatch_uid="catalog.location.named")
def refresh_exceptions_after_places(instance: FulfillmentNode | ReturnLocation, **_rest: Any) -> None:
    """Their ids stand in what Jet is told of every SKU with exceptions."""
    ask_refresh_exceptions(instance.merchant)


@receiver(post_delete, sender=FulfillmentNode, dispatch_uid="catalog.node.gone")
def forget_drift_at_node(instance: FulfillmentNode, **_rest: Any) -> None:
    """What Jet showed there is gone with the node's own stock."""
    note_stock_drift(instance.merchant)


@receiver(pre_save, sender=Merchant, dispatch_uid="catalog.mode.before")
def note_old_mode(instance: Merchant, **_rest: Any) -> None:
    old = Merchant.objects.filter(pk=instance.pk).values_list("mode", flat=True).first()
    instance._catalog_mode_changed = old is not None and old != instance.mode  # type: ignore[attr-defined]  # noqa: SLF001 -- our own mark


@receiver(post_save, sender=Merchant, dispatch_uid="catalog.mode.after")
def start_anew_after_switch(instance: Merchant, **_rest: Any) -> None:
    if getattr(instance, "_catalog_mode_changed", False):
        with merchant_scope(instance):
            forget_jets_side(instance)
