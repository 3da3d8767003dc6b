"""Settlement (orders.md section 7), fulfilment nodes (section 8) and the activation checklist (section 10)."""

from __future__ import annotations

from typing import Annotated

from pydantic import Field

from jetsync.jet.types.base import JetModel, Money, OptionalMoment, OptionalMoney, either, either_or, spelled
from jetsync.jet.types.orders import ZERO
from jetsync.jet.words import SettlementState


class OrderBalance(JetModel):
    """Prices, taxes and shipping positive, commissions negative."""

    merchant_price: Money = ZERO
    jet_variable_commission: Money = ZERO
    fixed_commission: Money = ZERO
    tax: Money = ZERO
    shipping_revenue: Money = ZERO
    shipping_tax: Money = ZERO
    shipping_charge: Money = ZERO
    fulfillment_fee: Money = ZERO
    product_cost: Money = ZERO


class ReturnBalance(JetModel):
    """The signs of OrderBalance reversed."""

    merchant_price: Money = ZERO
    jet_variable_commission: Money = ZERO
    fixed_commission: Money = ZERO
    tax: Money = ZERO
    shipping_tax: Money = ZERO
    merchant_return_charge: Money = ZERO
    return_processing_fee: Money = ZERO
    product_cost: Money = ZERO


class SettlementReport(JetModel):
    """US dollars. `settlement_value` = `order_balance` + `return_balance` + `jet_adjustment`."""

    settlement_report_id: str
    settlement_state: Annotated[str, spelled(SettlementState)] = ""
    currency: str = "dollars"
    unavailable_balance: OptionalMoney = None
    settlement_period_start: OptionalMoment = None
    settlement_period_end: OptionalMoment = None
    order_balance_details: OrderBalance = OrderBalance()
    order_balance: Money = ZERO
    return_balance_details: ReturnBalance = ReturnBalance()
    return_balance: Money = ZERO
    jet_adjustment: Money = ZERO
    settlement_value: Money = ZERO


class FulfillmentNode(JetModel):
    """One shape for the three that Jet had."""

    node_id: str = either(
        "jet_fulfillment_node_id", "fulfillment_node_id", "FulfillmentNodeId", "node_id", "id"
    )
    name: str | None = either_or(None, "location_name", "Name", "name")
    address1: str | None = either_or(None, "address_1", "Address1", "address1")
    address2: str | None = either_or(None, "address_2", "Address2", "address2")
    city: str | None = either_or(None, "city", "City")
    state: str | None = either_or(None, "state", "State")
    zip_code: str | None = either_or(None, "zip_code", "ZipCode")
    time_zone: str | None = None
    is_daylight_savings_enabled: bool | None = None


class ReturnLocation(JetModel):
    """A place for returned goods. Jet's own body was never published: the spellings follow those of the nodes."""

    location_id: str = either(
        "return_location_id", "jet_return_location_id", "ReturnLocationId", "return_node_id", "id"
    )
    name: str | None = either_or(None, "location_name", "Name", "name")
    address1: str | None = either_or(None, "address_1", "Address1", "address1")
    address2: str | None = either_or(None, "address_2", "Address2", "address2")
    city: str | None = either_or(None, "city", "City")
    state: str | None = either_or(None, "state", "State")
    zip_code: str | None = either_or(None, "zip_code", "ZipCode")


class SetupStatus(JetModel):
    """The activation checklist: which groups of the API the merchant has used with his test keys."""

    is_merchant_sku_uploaded: bool = Field(default=False, validation_alias="IsMerchantSkuUploaded")
    is_price_uploaded: bool = Field(default=False, validation_alias="IsPriceUploaded")
    is_inventory_uploaded: bool = Field(default=False, validation_alias="IsInventoryUploaded")
    is_order_created: bool = Field(default=False, validation_alias="IsOrderCreated")
    is_order_acknowledged: bool = Field(default=False, validation_alias="IsOrderAcknowledged")
    is_order_shipped: bool = Field(default=False, validation_alias="IsOrderShipped")
    is_order_canceled: bool = Field(default=False, validation_alias="IsOrderCanceled")
    is_return_complete: bool = Field(default=False, validation_alias="IsReturnComplete")
    message: str | None = Field(default=None, validation_alias="Message")

    @property
    def is_enabled(self) -> bool:
        """All eight steps are done."""
        return all(
            (
                self.is_merchant_sku_uploaded,
                self.is_price_uploaded,
                self.is_inventory_uploaded,
                self.is_order_created,
                self.is_order_acknowledged,
                self.is_order_shipped,
                self.is_order_canceled,
                self.is_return_complete,
            )
        )
