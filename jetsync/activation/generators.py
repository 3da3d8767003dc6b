"""Where Jet's own order and return generators are (protocol: orders, 10): for test keys only."""

from __future__ import annotations

from urllib.parse import urlsplit

from jetsync.activation.queries import account_of_test_keys
from jetsync.models import Merchant

JET_PORTAL = "https://partner.jet.com"
JET_API_HOST = "merchant-api.jet.com"
# The page with both generators; an address that speaks Jet's protocol has it beside the API.
TEST_PAGE = "/testapi"


def portal_of(api_url: str) -> str:
    """The portal that belongs to an address of the API; Jet's own for none."""
    parts = urlsplit(api_url)
    if not parts.netloc or parts.netloc == JET_API_HOST:
        return JET_PORTAL
    return f"{parts.scheme}://{parts.netloc}"


def order_generator_url(merchant: Merchant) -> str:
    return _page(merchant, "orders/generator")


def return_generator_url(merchant: Merchant) -> str:
    return _page(merchant, "returns/generator")


def _page(merchant: Merchant, path: str) -> str:
    """Straight to the merchant's page where its id is known; Jet's own portal had one page for both. One query."""
    account = account_of_test_keys(merchant)
    portal = portal_of(account.api_url if account is not None else "")
    if portal == JET_PORTAL or account is None or not account.jet_merchant_id:
        return f"{portal}{TEST_PAGE}"
    return f"{portal}/portal/{account.jet_merchant_id}/test/{path}"
