"""The walk of the client through the sandbox: the account, and the goods it sells."""

from __future__ import annotations

from collections.abc import Callable
from decimal import Decimal

from jetsync.jet import JetClient
from jetsync.jet.types import MerchantSkuBody
from tests.sandbox_server import SandboxServer

USER, SECRET = "walker-of-the-whole-api", "walker-secret-0123456789"


def eventually(server: SandboxServer, ready: Callable[[], bool]) -> None:
    """Moves the sandbox's clock until it holds."""
    for _ in range(100):
        if ready():
            return
        server.control.advance(60)
    raise AssertionError(f"not reached:\n{server.log()[-2000:]}")


def mug(code: str) -> MerchantSkuBody:
    return {
        "product_title": f"Enamel Camping Mug {code}",
        "multipack_quantity": 1,
        "brand": "Tarn & Pike",
        "standard_product_codes": [{"standard_product_code": code, "standard_product_code_type": "UPC"}],
        "main_image_url": "https://img.example.com/mug.jpg",
        "shipping_weight_pounds": Decimal("1.25"),
    }


def list_sku(client: JetClient, node: str, sku: str, code: str = "036000291452") -> None:
    client.products.put(sku, mug(code))
    client.products.set_price(sku, price=Decimal("24.99"), node_prices={node: Decimal("24.50")})
    client.products.set_inventory(sku, {node: 12})
