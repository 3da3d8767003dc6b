"""The Jet category a SKU is listed in."""

from __future__ import annotations

from catalog.facts import CategoryFacts, ListingInput
from catalog.listing.result import HINT, ListingResult
from catalog.problems import Problem

# Only nodes of this level or deeper take products.
LEAF_LEVEL = 2


def add_category(given: ListingInput, result: ListingResult) -> None:
    facts = given.facts
    node_id = facts.jet_node_id
    if node_id is None:
        where = (
            f"The store category “{facts.store_category}” is not mapped"
            if facts.store_category
            else "None is set"
        )
        result.lack(
            "category", "required", f"Jet category is missing. {where}.", fix="Choose or map a Jet category."
        )
        return
    problem = category_problem(
        given.taxonomy.categories.get(node_id), node_id, known=bool(given.taxonomy.version)
    )
    if result.take(problem, "category"):
        origin = "from product" if facts.own_node_id else f"from the mapping of {facts.store_category}"
        result.put("jet_browse_node_id", node_id, origin)
    if not given.taxonomy.version:
        result.lack(
            "taxonomy", "unknown", "No Jet taxonomy is imported, so the category is not checked.", level=HINT
        )


def category_problem(
    category: CategoryFacts | None, node_id: int, *, known: bool = True, column: str = "category"
) -> Problem | None:
    """Only sub-level nodes that the taxonomy in use knows. `known` is False when no taxonomy was imported."""
    if not known:
        return None
    if category is None:
        return Problem(
            column,
            "unknown",
            str(node_id),
            f"Jet category {node_id} is not in the taxonomy in use.",
            "Choose another category.",
        )
    if category.level < LEAF_LEVEL:
        return Problem(
            column,
            "level",
            str(node_id),
            f"Jet category {node_id} “{category.path}” is a top-level node; products go into its sub-categories.",
            "Choose one of its sub-categories.",
        )
    if not category.is_active:
        return Problem(
            column,
            "inactive",
            str(node_id),
            f"Jet has closed category {node_id} “{category.path}”.",
            "Choose another category.",
        )
    return None
