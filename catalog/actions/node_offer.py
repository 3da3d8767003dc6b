"""What a fulfilment node has of its own of a SKU: its stock and its price."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from decimal import Decimal
from typing import Any

from catalog.models import NodeStock, Variant
from catalog.problems import Problem, moved_problems, raise_moved
from catalog.validators import number_problem, quantity_problem
from jetsync.exceptions import InvalidInput
from jetsync.models import FulfillmentNode, Merchant
from jetsync.queries.settings import current_nodes

NODE_FIELDS = frozenset({"quantity", "price"})


@dataclass(frozen=True)
class NodeOffer:
    """Price and stock of one node; None = take the product's (CSV and forms leave it empty).

    `names` are those of the two that are set, `seen` what they were when the merchant looked.
    """

    node: FulfillmentNode
    quantity: int | None
    price: Decimal | None
    names: frozenset[str] = NODE_FIELDS
    seen: Mapping[str, Any] = field(default_factory=dict)


def node_problems(nodes: Sequence[NodeOffer]) -> list[Problem]:
    found: list[Problem | None] = []
    for offer in nodes:
        if offer.quantity is not None:
            found.append(quantity_problem(offer.quantity, column=f"node_{offer.node.pk}_quantity"))
        if offer.price is not None:
            found.append(number_problem("price", offer.price, column=f"node_{offer.node.pk}_price"))
    return [problem for problem in found if problem]


def set_nodes(variant: Variant, nodes: Sequence[NodeOffer]) -> tuple[dict[str, Any], dict[str, Any]]:
    """The variant is locked, so its rows of nodes stand still."""
    known = {
        row.node_id: row for row in NodeStock.objects.filter(merchant=variant.merchant_id, variant=variant)
    }
    old: dict[str, Any] = {}
    new: dict[str, Any] = {}
    moved: list[Problem] = []
    for offer in nodes:
        row = known.get(offer.node.pk)
        before = {name: getattr(row, name) if row else None for name in NODE_FIELDS}
        values = {name: getattr(offer, name) for name in offer.names}
        moved += [
            replace(problem, field=f"node_{offer.node.pk}_{problem.field}")
            for problem in moved_problems(before, values, offer.seen)
        ]
        after = before | values
        if before == after:
            continue
        NodeStock.objects.update_or_create(
            merchant_id=variant.merchant_id, variant=variant, node=offer.node, defaults=values
        )
        old[offer.node.name], new[offer.node.name] = _offer_text(**before), _offer_text(**after)
    raise_moved(moved, f"SKU {variant.sku}")
    return old, new


def _offer_text(quantity: int | None, price: Decimal | None) -> str:
    own = [
        f"{quantity} pieces" if quantity is not None else "",
        f"{price:.2f} USD" if price is not None else "",
    ]
    return ", ".join(part for part in own if part) or "as the product"


def node_offers(merchant: Merchant, rows: Mapping[str, Mapping[str, Any]]) -> list[NodeOffer]:
    """Offers by Jet node id, as the API takes them. Raises InvalidInput for a node that is not the merchant's."""
    nodes = {node.node_id: node for node in current_nodes(merchant)}
    unknown = sorted(set(rows) - set(nodes))
    if unknown:
        raise InvalidInput(
            f"Fulfilment node {unknown[0]} is not set up.",
            hint="See Settings, Jet account.",
            fields={"nodes": [f"Unknown: {', '.join(unknown)}"]},
        )
    return [NodeOffer(nodes[key], row.get("quantity"), row.get("price")) for key, row in rows.items()]
