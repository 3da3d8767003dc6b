"""A merchant at the sandbox with kettles that Jet has, a second node and two return locations."""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import pytest
from django.test import Client

from catalog.actions import publish
from catalog.models import Variant
from jetsync.models import FulfillmentNode, Merchant, ReturnLocation
from jetsync.sync.client import client_for as jet_client_for
from jetsync.sync.client import current_account
from jetsync.tenancy.actor import SYSTEM
from tests.catalog import rows
from tests.catalog.sync.conftest import kettle, shop

__all__ = ["kettle", "shop"]


def make_location(shop: Merchant, return_id: str, *, is_default: bool = False) -> ReturnLocation:
    node = FulfillmentNode.objects.filter(merchant=shop, is_default=True).get()
    return ReturnLocation.objects.create(
        merchant=shop,
        account=node.account,
        return_id=return_id,
        address1=f"{return_id[:4]} Mill Street",
        city="Hoboken",
        state="NJ",
        zip_code="07030",
        is_default=is_default,
    )


@pytest.fixture
def node(shop: Merchant) -> FulfillmentNode:
    return FulfillmentNode.objects.get(merchant=shop, is_default=True)


@pytest.fixture
def reno(shop: Merchant, sandbox: Any) -> FulfillmentNode:
    """A second node, known to Jet too."""
    node = rows.make_node(shop)
    node.node_id = sandbox.control.add_node("demo-user", "Reno")
    node.save(update_fields=["node_id"])
    return node


@pytest.fixture
def place(shop: Merchant, sandbox: Any) -> ReturnLocation:
    return make_location(shop, sandbox.control.add_return_location("demo-user", "Hoboken"), is_default=True)


@pytest.fixture
def on_jet(shop: Merchant, sandbox: Any, kettle: Callable[..., Variant], drain: Callable[[], int]) -> Variant:
    """A kettle that Jet has, with nothing left to send and an empty record of calls."""
    variant = kettle("HF-1")
    publish.upload(shop, [variant.pk], actor=SYSTEM)
    drain()
    sandbox.control.clear_requests()
    return variant


@dataclass
class Desk:
    """An owner at his browser, the sandbox at the other end, and one kettle that Jet has."""

    shop: Merchant
    sandbox: Any
    client: Client
    drain: Callable[[], int]
    kettle: Variant
    node: FulfillmentNode

    def url(self, rest: str) -> str:
        return f"/m/{self.shop.slug}/catalog/products/variants/{self.kettle.pk}/{rest}"

    def row_url(self, pk: int, rest: str = "") -> str:
        return f"/m/{self.shop.slug}/catalog/products/shipping-exceptions/{pk}/{rest}"

    def page(self, rest: str) -> str:
        return self.client.get(self.url(rest)).content.decode()

    def add(self, at: FulfillmentNode | None = None, **values: str) -> Any:
        given = {"exception_type": "exclusive", **values}
        given.setdefault("node", str((at or self.node).pk))
        return self.client.post(self.url("shipping-exceptions/new/"), given)

    def sent(self, part: str) -> list[Any]:
        rows = [
            row for row in self.sandbox.control.requests() if row["method"] == "PUT" and part in row["path"]
        ]
        return [json.loads(row["body"]) for row in rows]

    def at_jet(self, sku: str = "HF-1") -> dict[str, list[Any]]:
        """Node id -> exceptions, as Jet shows them."""
        jet = jet_client_for(current_account(self.shop))
        return {
            node.fulfillment_node_id: [
                row.model_dump(exclude_none=True, exclude={"raw"}) for row in node.shipping_exceptions
            ]
            for node in jet.products.get_shipping_exceptions(sku)
        }

    def returns_at_jet(self, sku: str = "HF-1") -> list[str]:
        jet = jet_client_for(current_account(self.shop))
        return list(jet.products.get_returns_exception(sku).return_location_ids)


@pytest.fixture
def desk(request: pytest.FixtureRequest, shop: Merchant, on_jet: Variant, node: FulfillmentNode) -> Desk:
    given = request.getfixturevalue
    return Desk(shop, given("sandbox"), given("client_for")("owner"), given("drain"), on_jet, node)
