"""A Jet that only knows ready orders: the sandbox's bodies, answered after a set latency, from one process.

`python -m jetsync.benchmarks.jet_stub --orders 100 --latency 0.05` prints its address. It stands in where the sandbox,
with its database and its rules, would be the slower of the two and the benchmark would measure it instead of the product.

Merchant `bench-3` gets the orders `00000003…`. With `--every 600` his orders become ready one by one, spread over that
many seconds; else all at once. `GET /report` tells what was acknowledged, and when.
"""

from __future__ import annotations

import argparse
import asyncio
import json
import time
from collections import Counter
from dataclasses import dataclass, field
from datetime import UTC, datetime
from functools import lru_cache
from typing import Any

LIST_LIMIT = 1000
SKUS = 500
PRICE, TAX, SHIPPING = 24.99, 1.66, 3.5
Body = dict[str, Any]


def order_id_of(merchant: int, number: int) -> str:
    return f"{merchant:08x}{number:024x}"


def sku_of(number: int) -> str:
    """The catalogue of `make_catalogue` calls its SKUs so."""
    return f"BENCH-{number % SKUS + 1:04d}"


def net_time(seconds: float) -> str:
    return datetime.fromtimestamp(seconds, UTC).strftime("%Y-%m-%dT%H:%M:%S.%f0Z")


def order_body(order_id: str, ready_at: float, node_id: str, *, status: str = "ready") -> Body:
    """One unit of one SKU, as the sandbox shows a new order."""
    number = int(order_id[8:], 16)
    return {
        "merchant_order_id": order_id,
        "reference_order_id": str(300_000_000_000 + int(order_id, 16) % 10**11),
        "customer_reference_order_id": str(7_000_000_000_000 + number),
        "fulfillment_node": node_id,
        "alt_order_id": None,
        "hash_email": f"q{number}@customer.example.com",
        "status": status,
        "order_placed_date": net_time(ready_at - 1800),
        "order_transmission_date": net_time(ready_at - 1797),
        "order_ready_date": net_time(ready_at),
        "has_shipments": False,
        "jet_request_directed_cancel": False,
        "order_detail": _detail(ready_at),
        "buyer": _SHOPPER,
        "shipping_to": {"recipient": _SHOPPER, "address": _ADDRESS},
        "order_totals": {"item_price": _MONEY, **_FEES},
        "order_items": [_item(number)],
    }


_SHOPPER = {"name": "Ida Marsh", "phone_number": "2015550143"}
_ADDRESS = {
    "address1": "48 Quarry Lane",
    "address2": "Unit 3",
    "city": "Montclair",
    "state": "NJ",
    "zip_code": "07042",
}
_MONEY = {"base_price": PRICE, "item_tax": TAX, "item_shipping_cost": SHIPPING, "item_shipping_tax": None}


def _fee(kind: str, commission_id: str, value: float) -> Body:
    name = f"{kind.capitalize()} commission"
    return {
        "adjustment_name": name,
        "adjustment_type": kind,
        "commission_id": commission_id,
        "value": value,
    }


_FEES: Body = {
    "item_fees": 3.75,
    "fee_adjustments": [_fee("base", "0c5b", 2.5), _fee("variable", "7be1", 1.25)],
    "regulatory_fees": None,
}


def _detail(ready_at: float) -> Body:
    return {
        "request_shipping_carrier": "FedEx",
        "request_shipping_method": "FedEx Ground",
        "request_service_level": "Standard",
        "request_ship_by": net_time(ready_at + 86_400),
        "request_delivery_by": net_time(ready_at + 6 * 86_400),
    }


def _item(number: int) -> Body:
    return {
        "order_item_id": f"{number:032x}",
        "alt_order_item_id": None,
        "merchant_sku": sku_of(number),
        "product_title": f"Stovetop kettle {number % SKUS}",
        "request_order_quantity": 1,
        "item_tax_code": "Generic Taxable Product",
        "url": "https://img.example.com/kettle.jpg",
        **_FEES,
        "item_price": _MONEY,
    }


@dataclass
class Stub:
    """What it knows: when orders become ready, which it showed, and which were acknowledged when."""

    orders: int
    latency: float
    every: float
    node_id: str
    started: float = field(default_factory=time.time)
    acknowledged: Counter[str] = field(default_factory=Counter)
    answers: list[tuple[int, float]] = field(default_factory=list)
    calls: Counter[str] = field(default_factory=Counter)

    def ready_at(self, merchant: int, number: int) -> float:
        """Merchants are spread over the first interval, so that they do not all buy in one second."""
        if not self.every:
            return self.started
        offset = (merchant * 0.618034) % 1.0
        return self.started + self.every * (number + offset) / self.orders

    def ready_ids(self, merchant: int) -> list[str]:
        now, found = time.time(), []
        for number in range(self.orders):
            if self.ready_at(merchant, number) > now:
                break
            name = order_id_of(merchant, number)
            if name not in self.acknowledged:
                found.append(name)
                if len(found) == LIST_LIMIT:
                    break
        return found

    def answer(self, method: str, path: str, body: bytes, token: str) -> tuple[int, Any]:
        parts = path.strip("/").split("/")
        if parts[0] == "report":
            return 200, self.report()
        if path.lower() == "/api/token":
            return 200, _token(json.loads(body)["user"])
        merchant = int(token.rsplit("-", 1)[-1])
        kind = f"{method} {parts[-1] if method == 'PUT' else parts[2]}"
        self.calls[kind] += 1
        if kind == "PUT acknowledge":
            return self._acknowledge(parts[2])
        if method == "GET" and parts[1] == "orders":
            return self._read(merchant, parts)
        return (204, None) if method in {"PUT", "PATCH"} else (404, {"errors": ["Not found"]})

    def _read(self, merchant: int, parts: list[str]) -> tuple[int, Any]:
        if parts[2] == "withoutShipmentDetail":
            name = parts[3]
            status = "acknowledged" if name in self.acknowledged else "ready"
            ready_at = self.ready_at(int(name[:8], 16), int(name[8:], 16))
            return 200, order_body(name, ready_at, self.node_id, status=status)
        ids = self.ready_ids(merchant) if parts[2] == "ready" else []
        return 200, {"order_urls": [f"/orders/withoutShipmentDetail/{name}" for name in ids]}

    def _acknowledge(self, name: str) -> tuple[int, Any]:
        self.acknowledged[name] += 1
        self.answers.append((int(name[:8], 16), time.time()))
        return 204, None

    def report(self) -> Body:
        """`answers`: (merchant, seconds since 1970) of each acknowledgement, in order."""
        return {
            "acknowledged": len(self.acknowledged),
            "doubled": sum(count > 1 for count in self.acknowledged.values()),
            "answers": self.answers,
            "calls": dict(self.calls),
        }

    async def serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        """One connection, kept open for as long as the client likes."""
        try:
            while head := await reader.readuntil(b"\r\n\r\n"):
                method, path, headers = _head(head)
                body = await reader.readexactly(int(headers.get("content-length", "0")))
                if path != "/report":
                    await asyncio.sleep(self.latency)
                token = headers.get("authorization", "")
                status, value = self.answer(method, path.partition("?")[0], body, token)
                writer.write(_message(status, value))
                await writer.drain()
        except (asyncio.IncompleteReadError, ConnectionError):
            pass
        finally:
            writer.close()


def _head(head: bytes) -> tuple[str, str, dict[str, str]]:
    first, *rest = head.decode("latin-1").split("\r\n")
    method, path, _version = first.split(" ", 2)
    pairs = (line.partition(":") for line in rest if line)
    return method, path, {name.lower(): value.strip() for name, _colon, value in pairs}


def _message(status: int, value: Any) -> bytes:
    body = b"" if value is None else json.dumps(value).encode()
    head = f"HTTP/1.1 {status} -\r\nContent-Type: application/json\r\nContent-Length: {len(body)}\r\n\r\n"
    return head.encode() + body


@lru_cache(maxsize=4096)
def _token(user: str) -> Body:
    end = net_time(time.time() + 36_000)
    return {"id_token": f"token-of-{user}", "token_type": "Bearer", "expires_on": end}


async def run(stub: Stub) -> None:
    server = await asyncio.start_server(stub.serve, "127.0.0.1", 0, backlog=1024)
    port = server.sockets[0].getsockname()[1]
    print(f"http://127.0.0.1:{port}", flush=True)
    async with server:
        await server.serve_forever()


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--orders", type=int, required=True, help="per merchant")
    parser.add_argument("--latency", type=float, default=0.0, help="seconds before each answer")
    parser.add_argument("--every", type=float, default=0.0, help="seconds over which the orders become ready")
    parser.add_argument("--node", default="a" * 32)
    given = parser.parse_args()
    asyncio.run(run(Stub(given.orders, given.latency, given.every, given.node)))


if __name__ == "__main__":
    main()
