"""A merchant's hands in the order tests: calls over real HTTP, and the few rows most tests need."""

from __future__ import annotations

from typing import Any

import requests

from tests.sandbox_server import SandboxServer

USER = "orders-user"
SECRET = "orders-secret"
OTHER_USER = "other-user"
LIVE_USER = "live-user"
LEAF_CATEGORY = 41001001  # "Saucepans" of the small taxonomy that comes with the sandbox


class Market:
    """One account of a running sandbox."""

    def __init__(self, server: SandboxServer, user: str = USER, secret: str = SECRET) -> None:
        self.server = server
        self.control = server.control
        self.user = user
        self.secret = secret
        self.session = requests.Session()
        self.renew()
        self.node_id = self.control.account(user)["nodes"][0]

    def renew(self) -> None:
        """Log in again; a token lives ten hours of the sandbox's clock."""
        keys = {"user": self.user, "pass": self.secret}
        answer = self.session.post(f"{self.server.api_url}/token", json=keys, timeout=30)
        self.session.headers["Authorization"] = f"bearer {answer.json()['id_token']}"

    def close(self) -> None:
        self.session.close()

    def call(self, method: str, path: str, body: Any = None, **more: Any) -> requests.Response:
        return self.session.request(
            method, f"{self.server.api_url}/{path.lstrip('/')}", json=body, timeout=30, **more
        )

    def get(self, path: str) -> Any:
        answer = self.call("GET", path)
        assert answer.status_code == 200, answer.text
        return answer.json()

    def put(self, path: str, body: Any) -> None:
        """A write that must answer 204 with an empty body."""
        answer = self.call("PUT", path, body)
        assert (answer.status_code, answer.text) == (204, "")

    def refusal(self, method: str, path: str, body: Any, status: int = 400) -> list[str]:
        answer = self.call(method, path, body)
        assert answer.status_code == status, answer.text
        assert list(answer.json()) == ["errors"]
        return answer.json()["errors"]

    def add_live_sku(self, sku: str, *, price: float = 24.99, quantity: int = 50) -> str:
        """A SKU that passed its review."""
        self.control.switch(user=self.user, review_delay_seconds=0, review_needs_attributes=False)
        self.add_sku(sku, price=price, quantity=quantity, jet_browse_node_id=LEAF_CATEGORY)
        assert self.get(f"merchant-skus/{sku}")["status"] == "Available for Purchase"
        return sku

    def add_sku(self, sku: str, *, price: float = 24.99, quantity: int = 50, **more: Any) -> str:
        """A SKU with a price and stock; without a category it never goes live, which test mode does not mind."""
        body = more | {
            "product_title": f"Stovetop kettle {sku}",
            "multipack_quantity": 1,
            "brand": "Harrow & Finch",
            "standard_product_codes": [
                {"standard_product_code": "036000291452", "standard_product_code_type": "UPC"}
            ],
            "main_image_url": "https://img.example.com/kettle.jpg",
            "shipping_weight_pounds": 3.25,
            "product_tax_code": "Generic Taxable Product",
        }
        stock = {"fulfillment_nodes": [{"fulfillment_node_id": self.node_id, "quantity": quantity}]}
        for method, path, record in (
            ("PUT", f"merchant-skus/{sku}", body),
            ("PUT", f"merchant-skus/{sku}/price", {"price": price}),
            ("PATCH", f"merchant-skus/{sku}/inventory", stock),
        ):
            answer = self.call(method, path, record)
            assert answer.status_code in (201, 202, 204), answer.text
        return sku

    def generate(self, *lines: tuple[str, int, int], count: int = 1) -> list[str]:
        """Order ids of T1; a line is (sku, ordered, to cancel)."""
        items = [
            {"sku": sku, "order_quantity": qty, "order_cancel_quantity": cancel} for sku, qty, cancel in lines
        ]
        answer = self.call(
            "POST", f"orders/generate/{count}", {"fulfillment_node": self.node_id, "items": items}
        )
        assert answer.status_code == 200, answer.text
        return [url.rsplit("/", 1)[1] for url in answer.json()["order_urls"]]

    def order(self, order_id: str) -> dict[str, Any]:
        return self.get(f"orders/withoutShipmentDetail/{order_id}")

    def listed(self, path: str) -> list[str]:
        return [url.rsplit("/", 1)[1] for url in self.get(f"orders/{path}")["order_urls"]]

    def acknowledgement(self, order_id: str, **more: Any) -> dict[str, Any]:
        items = [
            {"order_item_id": item["order_item_id"], "order_item_acknowledgement_status": "fulfillable"}
            for item in self.order(order_id)["order_items"]
        ]
        return {"acknowledgement_status": "accepted", "order_items": items} | more

    def acknowledge(self, order_id: str) -> None:
        self.put(f"orders/{order_id}/acknowledge", self.acknowledgement(order_id))

    def shipment(self, sku: str, shipped: int, cancelled: int = 0, **more: Any) -> dict[str, Any]:
        return {
            "alt_shipment_id": "S-1",
            "shipment_tracking_number": "612999aa10ba",
            "response_shipment_date": self.time(60),
            "response_shipment_method": "FedExGround",
            "carrier": "FedEx",
            "shipment_items": [
                {
                    "merchant_sku": sku,
                    "response_shipment_sku_quantity": shipped,
                    "response_shipment_cancel_qty": cancelled,
                }
            ],
        } | more

    def ship(self, order_id: str, sku: str, shipped: int, cancelled: int = 0, **more: Any) -> None:
        self.put(
            f"orders/{order_id}/shipped", {"shipments": [self.shipment(sku, shipped, cancelled, **more)]}
        )

    def complete(self, sku: str, quantity: int = 1) -> str:
        """The id of a new order, acknowledged and shipped in full."""
        (order_id,) = self.generate((sku, quantity, 0))
        self.acknowledge(order_id)
        self.ship(order_id, sku, quantity)
        return order_id

    def time(self, seconds: float = 0) -> str:
        """The sandbox's time, some seconds later, as clients write it."""
        from datetime import datetime, timedelta

        moment = datetime.fromisoformat(self.control.now()) + timedelta(seconds=seconds)
        return f"{moment:%Y-%m-%dT%H:%M:%S}.0000000-00:00"

    def counts(self) -> dict[str, dict[str, int]]:
        return self.control.counts(user=self.user)

    def events(self, order_id: str) -> list[str]:
        return [event["eventType"] for event in self.get(f"portal/analytics/order/{order_id}/history")]


def other_market(market: Market) -> Market:
    """A second merchant of the same server."""
    market.control.add_account(OTHER_USER, SECRET)
    return Market(market.server, OTHER_USER)
