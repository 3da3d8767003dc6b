"""What the checks of one merchant's messages hang on, gathered once per call or file."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property

from jetsync.sandbox.models.account import MerchantAccount, Node
from jetsync.sandbox.switches import Switches
from jetsync.sandbox.taxonomy.lookup import Lookup, lookup


@dataclass
class Rules:
    merchant: MerchantAccount
    switches: Switches

    @cached_property
    def taxonomy(self) -> Lookup:
        return lookup()

    @cached_property
    def nodes(self) -> dict[str, Node]:
        return {node.node_id: node for node in self.merchant.nodes.all()}

    @cached_property
    def return_locations(self) -> set[str]:
        return set(self.merchant.return_locations.values_list("location_id", flat=True))

    @cached_property
    def age(self) -> str:
        return str(self.switches["api_age"])

    @property
    def is_2015(self) -> bool:
        return self.age == "2015"

    @property
    def is_2018(self) -> bool:
        return self.age == "2018"

    @property
    def knows_part_numbers(self) -> bool:
        """Until 2016 brand and part number together were an identity."""
        return not self.is_2018
