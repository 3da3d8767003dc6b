"""Jet's categories and their attributes (products.md section 11)."""

from __future__ import annotations

from collections.abc import Iterator

from jetsync.jet.errors import JetNotFound
from jetsync.jet.paths import last_segment, segment
from jetsync.jet.requestor import Requestor
from jetsync.jet.types.taxonomy import TaxonomyAttribute, TaxonomyNode

PAGE = 1000


class TaxonomyService:
    def __init__(self, requestor: Requestor) -> None:
        self._requestor = requestor

    def links(self, version: str = "v1", offset: int = 0, limit: int = PAGE) -> list[str]:
        """GET /taxonomy/links/{version}?offset=&limit=: addresses of nodes; at most 1,000 a call.

        `v1` and `1.03` were both in use. Raises JetNotFound. Documented: products.md section 11.
        """
        path = f"/taxonomy/links/{segment(version)}"
        return self._requestor.get(path, {"offset": offset, "limit": limit}).addresses("node_urls")

    def iter_node_ids(self, version: str = "v1", page: int = PAGE) -> Iterator[int]:
        """Every node's id, page by page, until Jet has no more or repeats itself. Odd addresses are left out."""
        offset, before = 0, None
        while (urls := self.links(version, offset, page)) and urls != before:
            yield from (int(name) for name in map(last_segment, urls) if name.isdecimal())
            offset, before = offset + len(urls), urls

    def node(self, node_id: int) -> TaxonomyNode:
        """GET /taxonomy/nodes/{id}. Raises JetNotFound. Documented: products.md section 11."""
        return self._requestor.get(f"/taxonomy/nodes/{int(node_id)}").parse(TaxonomyNode)

    def attributes(self, node_id: int) -> list[TaxonomyAttribute]:
        """GET /taxonomy/nodes/{id}/attributes; a node without any answers 404 and reads as empty.

        Documented, the 404 seen by one client: products.md section 11, fixture taxonomy_attributes.json.
        """
        try:
            reply = self._requestor.get(f"/taxonomy/nodes/{int(node_id)}/attributes")
        except JetNotFound:
            return []
        found = reply.value.get("attributes", []) if isinstance(reply.value, dict) else None
        if not isinstance(found, list | None) or not isinstance(reply.value, dict):
            raise reply.bad("no list “attributes”")
        return [reply.parse_value(TaxonomyAttribute, item) for item in found or []]
