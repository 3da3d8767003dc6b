"""Every table of the sandbox. `Switches` is read like a table although it is a view over one."""

from __future__ import annotations

from jetsync.sandbox.models.account import (
    LIVE,
    TEST,
    Clock,
    Effect,
    FaultRule,
    MerchantAccount,
    Node,
    ReturnLocation,
    SwitchValue,
)
from jetsync.sandbox.models.file import BulkFile, FileStatus, Report
from jetsync.sandbox.models.order import EventKind, Order, OrderEvent, OrderItem, OrderSource, Shipment
from jetsync.sandbox.models.refund import Refund, RefundItem
from jetsync.sandbox.models.return_ import Return, ReturnItem
from jetsync.sandbox.models.settlement import SettlementReport
from jetsync.sandbox.models.sku import ListingStatus, Sku
from jetsync.sandbox.models.taxonomy import (
    Attribute,
    AttributeValue,
    Category,
    CategoryAttribute,
    TaxonomyVersion,
)
from jetsync.sandbox.switches import Switches

__all__ = [
    "LIVE",
    "TEST",
    "Attribute",
    "AttributeValue",
    "BulkFile",
    "Category",
    "CategoryAttribute",
    "Clock",
    "Effect",
    "EventKind",
    "FaultRule",
    "FileStatus",
    "ListingStatus",
    "MerchantAccount",
    "Node",
    "Order",
    "OrderEvent",
    "OrderItem",
    "OrderSource",
    "Refund",
    "RefundItem",
    "Report",
    "Return",
    "ReturnItem",
    "ReturnLocation",
    "SettlementReport",
    "Shipment",
    "Sku",
    "SwitchValue",
    "Switches",
    "TaxonomyVersion",
]
