"""Categories and attributes (products.md section 11)."""

from __future__ import annotations

from decimal import Decimal
from typing import Annotated

from jetsync.jet.types.base import AsList, JetModel, Texts, either_or


class TaxonomyNode(JetModel):
    """`jet_level` is 0 to 2, with a rare 3; `parent_id` is 0 at the root."""

    jet_node_id: int
    jet_node_name: str = ""
    jet_node_path: str = ""
    parent_id: int = 0
    jet_level: int = 0
    amazon_node_ids: Annotated[list[int], AsList] = either_or([], "amazon_node_ids", "amazon_node_id")
    suggested_tax_code: str | None = None
    active: bool = True


class Validation(JetModel):
    data_type: str | None = None
    min_value: Decimal | None = None
    max_value: Decimal | None = None


class TaxonomyAttribute(JetModel):
    """`values` when the attribute is not free text; `units` when free text takes a unit."""

    attribute_id: int
    attribute_description: str = ""
    free_text: bool = False
    variant: bool = False
    values: Texts = []
    units: Texts = []
    validation: Validation | None = None
