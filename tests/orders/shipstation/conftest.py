from __future__ import annotations

import base64
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any
from xml.etree.ElementTree import Element, fromstring

import pytest
from django.test import Client

from jetsync.models import Merchant
from jetsync.sync.client import shared_redis
from jetsync.tenancy.actor import Actor
from jetsync.tenancy.context import merchant_scope
from orders.models import Order, OrderLine, ShipStationConnection
from orders.shipstation.connecting import renew_key

parse = fromstring  # what the tests read was written here

FORMAT = "%m/%d/%Y %H:%M"


def basic(user_name: str, key: str) -> dict[str, str]:
    return {"Authorization": "Basic " + base64.b64encode(f"{user_name}:{key}".encode()).decode()}


@dataclass
class Caller:
    """ShipStation, as it calls this merchant's address."""

    merchant: Merchant
    connection: ShipStationConnection
    key: str

    @property
    def url(self) -> str:
        return f"/shipstation/{self.merchant.slug}/"

    @property
    def headers(self) -> dict[str, str]:
        return basic(self.connection.user_name, self.key)

    def window(self, **more: Any) -> dict[str, Any]:
        now = datetime.now(UTC)
        return {
            "action": "export",
            "start_date": (now - timedelta(days=1)).strftime(FORMAT),
            "end_date": (now + timedelta(minutes=5)).strftime(FORMAT),
            **more,
        }

    def get(self, **query: Any) -> Any:
        return Client().get(self.url, query, headers=self.headers)

    def export(self, **more: Any) -> Element:
        answer = self.get(**self.window(**more))
        assert answer.status_code == 200, answer.content
        return parse(answer.content)

    def post(self, body: str | bytes = b"", **query: str) -> Any:
        sent = {"action": "shipnotify", **query}
        return Client().post(
            self.url, body, content_type="application/xml", query_params=sent, headers=self.headers
        )


@pytest.fixture(autouse=True)
def _fresh_limits() -> None:
    for key in shared_redis().scan_iter("shipstation:*"):
        shared_redis().delete(key)


def connect(merchant: Merchant, actor: Actor) -> Caller:
    with merchant_scope(merchant):
        connection, key = renew_key(merchant, actor=actor)
    return Caller(merchant, connection, key)


@pytest.fixture
def caller(merchant: Merchant, actor: Actor) -> Caller:
    return connect(merchant, actor)


@pytest.fixture
def settings_of(merchant: Merchant) -> Callable[..., None]:
    def change(**values: Any) -> None:
        with merchant_scope(merchant):
            ShipStationConnection.objects.filter(merchant=merchant).update(**values)

    return change


def age(order: Order, **delta: int) -> None:
    """Makes the order's last change that long ago."""
    with merchant_scope(order.merchant):
        Order.objects.filter(pk=order.pk).update(updated_at=datetime.now(UTC) - timedelta(**delta))


def notice(
    order: Order, *items: tuple[OrderLine | str, int], tracking: str = "1Z999AA10123456784", **more: str
) -> str:
    """The XML of a report; an item names its line, or a SKU."""
    fields = {
        "OrderNumber": str(order),
        "OrderID": str(order.pk),
        "LabelCreateDate": datetime.now(UTC).strftime(FORMAT),
        "ShipDate": datetime.now(UTC).strftime("%m/%d/%Y"),
        "Carrier": "UPS",
        "Service": "UPS Ground",
        "TrackingNumber": tracking,
        **more,
    }
    rows = []
    for named, quantity in items:
        sku, line = (named, "") if isinstance(named, str) else (named.sku, str(named.pk))
        rows.append(
            f"<Item><SKU>{sku}</SKU><Name>x</Name><Quantity>{quantity}</Quantity>"
            f"<LineItemID>{line}</LineItemID></Item>"
        )
    inner = "".join(f"<{name}>{value}</{name}>" for name, value in fields.items())
    return f'<?xml version="1.0" encoding="utf-8"?><ShipNotice>{inner}<Items>{"".join(rows)}</Items></ShipNotice>'
