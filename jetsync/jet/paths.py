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
