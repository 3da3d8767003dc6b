"""Writing what SKUs have of their own at one fulfilment node: the editor in a table and files of prices both end here."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from catalog.bulk import insert_rows, update_rows
from catalog.models import NodeStock
from jetsync.models import Merchant


def write_at_node(merchant: Merchant, node_id: int, name: str, given: Mapping[int, Any]) -> None:
    """`name` of NodeStock (quantity or price) by variant pk; None takes the product's again. Three statements.

    The variants are locked by the caller, who refreshes their targets.
    """
    new = [{"variant": pk, "node": node_id, name: value} for pk, value in given.items()]
    insert_rows(NodeStock, merchant, ("variant", "node", name), new, skip_known=True)
    known = NodeStock.objects.filter(merchant=merchant, node=node_id, variant__in=list(given))
    old = [{"id": pk, name: given[variant]} for pk, variant in known.values_list("pk", "variant_id")]
    update_rows(NodeStock, merchant, (name,), old)
