"""Where Jet's own order and return generators are (protocol: orders, 10): for test keys only."""

from __future__ import annotations

from urllib.parse import urlencode, urlsplit

from django.conf import settings

from jetsync.activation.queries import account_of_test_keys
from jetsync.models import Merchant

JET_PORTAL = "https://partner.jet.com"
JET_API_HOST = "merchant-api.jet.com"
# The page with both generators; an address that speaks Jet's protocol has it beside the API.
TEST_PAGE = "/testapi"


def talks_to_sandbox(api_url: str) -> bool:
    """True when the account's address is the sandbox of this installation."""
    sandbox = urlsplit(settings.SANDBOX_URL).netloc
    return bool(sandbox) and urlsplit(api_url).netloc == sandbox


def portal_of(api_url: str) -> str:
    """The portal that belongs to an address of the API; Jet's own for none."""
    if talks_to_sandbox(api_url):
        return str(settings.SANDBOX_PORTAL_URL)
    parts = urlsplit(api_url)
    if not parts.netloc or parts.netloc == JET_API_HOST:
        return JET_PORTAL
    return f"{parts.scheme}://{parts.netloc}"


def order_generator_url(merchant: Merchant) -> str:
    return _page(merchant, "orders")


def return_generator_url(merchant: Merchant) -> str:
    return _page(merchant, "returns")


def _page(merchant: Merchant, things: str) -> str:
    """Jet's own portal had one page for both and knew who asked; another is told whose keys are stored. One query."""
    account = account_of_test_keys(merchant)
    portal = portal_of(account.api_url if account is not None else "")
    if portal == JET_PORTAL or account is None:
        return f"{portal}{TEST_PAGE}"
    if account.jet_merchant_id:
        return f"{portal}/portal/{account.jet_merchant_id}/test/{things}/generator"
    return f"{portal}{TEST_PAGE}?{urlencode({'user': account.api_user, 'for': things})}"
