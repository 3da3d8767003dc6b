"""Path segments: how ids and SKUs enter an address, and how they are read out of the addresses Jet lists."""

from __future__ import annotations

from collections.abc import Mapping
from urllib.parse import quote, unquote, urlencode, urlsplit

from jetsync.jet.errors import JetNotSendable


def segment(value: str) -> str:
    """`value` percent-encoded as one path segment.

    Raises JetNotSendable when no encoding carries it: empty, a dot name (every HTTP library folds it away, and the
    call would reach another address), or with a slash, which Jet cannot take (products.md section 1).
    """
    if value in {"", ".", ".."}:
        raise JetNotSendable(f"“{value}” cannot stand in an address at Jet.")
    if "/" in value or "\\" in value:
        raise JetNotSendable(f"“{value[:100]}” has a slash; Jet cannot take it in an address.")
    try:
        return quote(value, safe="")
    except UnicodeEncodeError:
        raise JetNotSendable("The value is not valid text.") from None


def last_segment(address: str) -> str:
    """The id at the end of `/orders/withoutShipmentDetail/<id>`, `merchant-skus/<sku>` or a full address."""
    path = urlsplit(address).path if "://" in address else address.split("?", 1)[0]
    return unquote(path.rstrip("/").rsplit("/", 1)[-1])


def with_query(path: str, query: Mapping[str, str | int | bool | None]) -> str:
    """`path?…` with the members that are not None; booleans in lower case, spaces as %20."""
    pairs = {
        name: str(value).lower() if isinstance(value, bool) else value
        for name, value in query.items()
        if value is not None
    }
    return f"{path}?{urlencode(pairs, quote_via=quote)}" if pairs else path


def order_paths(order_id: str) -> frozenset[str]:
    """Every address about one order, by `merchant_order_id`."""
    reads = _about(order_id, "/orders/withoutShipmentDetail/{}", "/orders/withShipmentDetail/{}")
    return reads | _about(order_id, "/orders/{}/acknowledge", "/orders/{}/shipped", "/orders/{}/tag")


def return_paths(return_id: str) -> frozenset[str]:
    """Every address about one return, by `merchant_return_authorization_id`."""
    return _about(return_id, "/returns/state/{}", "/returns/{}/complete")


def refund_paths(order_id: str, alt_refund_id: str, refund_id: str) -> frozenset[str]:
    """Every address about one refund, by the order's id and ours, and by Jet's once there is one."""
    starts = _about(order_id, "/refunds/{}")
    return _about(refund_id, "/refunds/state/{}") | _about(
        alt_refund_id, *(f"{path}/{{}}" for path in starts)
    )


def _about(value: str, *paths: str) -> frozenset[str]:
    """Empty for an id that no address can carry: then no call was ever made."""
    try:
        own = segment(value)
    except JetNotSendable:
        return frozenset()
    return frozenset(path.replace("{}", own) for path in paths)
