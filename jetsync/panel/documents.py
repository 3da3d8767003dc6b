"""What Jet wrote about its API and its taxonomy, for the fields that follow it.

Jet's site went away with Jet. The panel never links its pages: it names them, says so, and leads to the Internet Archive's
list of copies, which is there whether it kept one or not.
"""

from __future__ import annotations

from dataclasses import dataclass

HOST = "developer.jet.com"
_COPIES = "https://web.archive.org/web/*/"


@dataclass(frozen=True)
class JetDocument:
    """`path` is below Jet's site; `tells` says in our words what stood there."""

    key: str
    title: str
    path: str
    tells: str

    @property
    def address(self) -> str:
        """Where it stood, without a scheme: nothing makes a link of it."""
        return f"{HOST}/{self.path}"

    @property
    def copies_url(self) -> str:
        return f"{_COPIES}{self.address}"


DOCUMENTS = {
    document.key: document
    for document in (
        JetDocument(
            "token",
            "Retrieving a token",
            "docs/retrieving-a-token",
            "How API user and secret become a token for ten hours.",
        ),
        JetDocument(
            "sku", "Merchant SKU", "docs/merchant-sku", "Every field of a product, with lengths and units."
        ),
        JetDocument(
            "price",
            "Merchant SKU price",
            "docs/merchant-sku-price",
            "Price for all nodes, and for single ones.",
        ),
        JetDocument(
            "taxonomy",
            "Taxonomy updates",
            "docs/taxonomy-updates",
            "Categories, attributes and their values, and what changed with each version.",
        ),
        JetDocument(
            "acknowledge",
            "Acknowledge order",
            "docs/acknowledge-order",
            "The words for yes and for each no, for the order and its items.",
        ),
        JetDocument(
            "ship",
            "Ship order",
            "docs/ship-order",
            "Parcels, carriers, methods, and units that are cancelled.",
        ),
        JetDocument(
            "errors",
            "Responses and errors",
            "docs/jet-api-responses-and-errors",
            "What Jet's answers and error texts mean.",
        ),
        JetDocument(
            "releases",
            "API release schedule",
            "v1.02/page/api-release-schedule",
            "What changed when; the last big change came on January 30, 2018.",
        ),
    )
}
