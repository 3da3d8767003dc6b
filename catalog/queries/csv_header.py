"""What a merchant's earlier files tell of a header: the choice made for the same one, and for single names."""

from __future__ import annotations

from collections.abc import Sequence

from catalog.csv_mapping import guess_columns, needs_choice
from catalog.enums import CsvKind
from catalog.models import CsvUpload
from catalog.node_columns import NO_NODES, NodeColumns, NodePlace
from jetsync.models import Merchant
from jetsync.queries.settings import current_nodes

# Files looked at for what single names meant; the same header is found however long ago it was.
RECENT = 20


def node_columns(merchant: Merchant, kind: str = CsvKind.PRICE_INVENTORY) -> NodeColumns:
    """The columns that the merchant's nodes give; only files of prices have any. One query."""
    if kind != CsvKind.PRICE_INVENTORY:
        return NO_NODES
    rows = current_nodes(merchant).values_list("pk", "node_id", "name", "is_default")
    return NodeColumns.of(NodePlace(*row) for row in rows)


def columns_as_before(merchant: Merchant, kind: str, header: Sequence[str]) -> list[str] | None:
    """The columns of the newest file with just this header, if it had to be chosen what they are."""
    rows = CsvUpload.objects.filter(
        merchant=merchant, kind=kind, header=list(header), columns__contains=["sku"]
    )
    return rows.order_by("-pk").values_list("columns", flat=True).first()


def likely_columns(merchant: Merchant, kind: str, header: Sequence[str]) -> list[str]:
    """Our name per column as a proposal, "" for none."""
    rows = CsvUpload.objects.filter(merchant=merchant, kind=kind, columns__contains=["sku"]).order_by("-pk")
    remembered: dict[str, str] = {}
    for titles, columns in rows.values_list("header", "columns")[:RECENT]:
        for title, name in zip(titles, columns, strict=False):
            remembered.setdefault(title, name)
    return guess_columns(header, kind, remembered, node_columns(merchant, kind))


def settled_columns(
    merchant: Merchant, kind: str, header: Sequence[str], columns: Sequence[str]
) -> list[str] | None:
    """The columns where nothing has to be asked: all are ours, or the same header was mapped before.

    What was chosen before does not count any more once a node that it names is gone or called otherwise.
    """
    nodes = node_columns(merchant, kind)
    own = nodes.resolved(columns)
    if not needs_choice(own, kind, nodes):
        return own
    before = columns_as_before(merchant, kind, header) or []
    is_outdated = kind == CsvKind.PRICE_INVENTORY and any(map(nodes.is_lost, before))
    return nodes.resolved(before) if before and not is_outdated else None
