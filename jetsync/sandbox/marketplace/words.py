"""Closed word lists of orders, returns and refunds as the last version of the API (2018 to 2020) knew them.

Jet's own texts for wrong words are not known. Lenient mode takes any text where a list below is advisory; strict
mode takes only these. Words are compared without case and stored as sent.
"""

from __future__ import annotations

from django.db import models


class OrderStatus(models.TextChoices):
    CREATED = "created"
    READY = "ready"
    ACKNOWLEDGED = "acknowledged"
    IN_PROGRESS = "inprogress"
    COMPLETE = "complete"


class ReturnStatus(models.TextChoices):
    CREATED = "created"
    IN_PROGRESS = "inprogress"
    COMPLETED = "completed by merchant"


class RefundStatus(models.TextChoices):
    CREATED = "created"
    PROCESSING = "processing"
    ACCEPTED = "accepted"
    REJECTED_CARD = "rejected - customer card not valid"
    REJECTED_POLICY = "rejected - refund conflicts with returns policy"


class SettlementState(models.TextChoices):
    SUBMITTED = "Submitted"
    PAID = "Paid"
    REJECTED = "Rejected"


EXCEPTION_OVER_CANCELLED = "exception - too many units cancelled"
EXCEPTION_OVER_SHIPPED = "exception - too many units shipped"
EXCEPTION_JET_CANCELLED = "exception - jet manual canceled to complete state"
EXCEPTION_REJECTED = "exception - order rejected"
EXCEPTION_RESOLVED = "resolved"

ACCEPTED = "accepted"
REJECTED_ITEM_LEVEL = "rejected - item level error"
ACKNOWLEDGEMENTS = (
    ACCEPTED,
    "rejected - other",
    "rejected - fraud",
    REJECTED_ITEM_LEVEL,
    "rejected - ship from location not available",
    "rejected - shipping method not supported",
    "rejected - unfulfillable address",
)
FULFILLABLE = "fulfillable"
ITEM_ACKNOWLEDGEMENTS = (
    FULFILLABLE,
    "nonfulfillable - invalid merchant SKU",
    "nonfulfillable - no inventory",
)
# The 2015 list had the plain word, and the documentation showed it longer than the API returned it.
ITEM_ACKNOWLEDGEMENTS_OLD = ("nonfulfillable",)

# Order states that a return word of the older clients still reaches.
RETURN_STATUS_ALIASES = {
    "created": ReturnStatus.CREATED,
    "inprogress": ReturnStatus.IN_PROGRESS,
    "completed by merchant": ReturnStatus.COMPLETED,
    "completedbymerchant": ReturnStatus.COMPLETED,
}
# Withdrawn words that kept answering 200 with an empty list because clients polled them for years.
RETURN_STATUS_EMPTY = (
    "acknowledge",
    "acknowledged",
    "refund customer without return",
    "refundcustomerwithoutreturn",
    "jet refunded",
    "jetrefunded",
)

CHARGE_FEEDBACK_OTHER = "other"
CHARGE_FEEDBACK = (
    CHARGE_FEEDBACK_OTHER,
    "outsideMerchantPolicy",
    "notMerchantError",
    "wrongItem",
    "fraud",
    "returnedOutsideWindow",
)
RETURN_FEEDBACK = (
    "Item damaged",
    "Not shipped in original packaging",
    "Item is missing parts/accessories",
    "Wrong Item",
    "Returned outside window",
    "Restocking fee",
    "Rerouting fee",
)
REFUND_FEEDBACK = (*RETURN_FEEDBACK, "Items not received", "Refunded minus shipping cost")
RETURN_REASONS = (
    "No longer want this item",
    "Received the wrong item",
    "Website description is inaccurate",
    "Product is defective / does not work",
    "Item arrived damaged - box intact",
    "Item arrived damaged - box damaged",
    "Package never arrived",
    "Package arrived late",
    "Wrong quantity received",
    "Better price found elsewhere",
    "Unwanted gift",
    "Accidental order",
    "Unauthorized purchase",
    "Item is missing parts / accessories",
    "Item is refurbished",
    "Item is expired",
    "Package arrived after estimated delivery date",
)
REFUND_REASONS = (
    *RETURN_REASONS,
    "Return to Sender - damaged, undeliverable, refused",
    "Return to Sender - lost in transit only",
)
REFUND_REASONS_OLD = (
    "wrong quantity received",
    "received wrong item than what was ordered",
    "accidental order",
    "item is damaged/broken",
    "item is defective/does not work properly",
    "shipping box and item are both damaged",
    "item was different than website description",
    "package arrived later than promised delivery date",
    "package never arrived",
    "unwanted gift",
    "unauthorized purchase",
    "better price available",
    "no longer need/want",
)

CARRIERS = (
    "FedEx", "FedEx SmartPost", "FedEx Freight", "UPS", "UPS Freight", "UPS Mail Innovations", "UPS SurePost",
    "OnTrac", "OnTrac Direct Post", "DHL", "DHL Global Mail", "USPS", "CEVA", "Laser Ship", "Spee Dee",
    "A Duie Pyle", "A1", "ABF", "APEX", "Averitt", "Dynamex", "Eastern Connection", "Ensenda", "Estes",
    "Land Air Express", "Lone Star", "Meyer", "New Penn", "Pilot", "Prestige", "RBF", "Reddaway", "RL Carriers",
    "Roadrunner", "Southeastern Freight", "UDS", "UES", "YRC", "Other", "GSO", "A&M Trucking", "SAIA Freight",
)  # fmt: skip
METHOD_NAMES = (
    "Freight", "DHL Global Mail", "FedEx 2 Day", "FedEx Express Saver", "FedEx First Overnight", "FedEx Ground",
    "FedEx Home Delivery", "FedEx Priority Overnight", "FedEx Smart Post", "FedEx Standard Overnight",
    "Ontrac Ground", "UPS 2nd Day Air AM", "UPS 2nd Day Air", "UPS 3 Day Select", "UPS Ground",
    "UPS Mail Innovations", "UPS Next Day Air Saver", "UPS Next Day Air", "UPS SurePost",
    "USPS First Class Mail", "USPS Media Mail", "USPS Priority Mail Express", "USPS Priority Mail",
    "USPS Standard Post",
)  # fmt: skip
METHOD_CODES = (
    "A1", "ABF", "ADuiePyle", "APEX", "Averitt", "A&MTrucking", "CEVA", "DHLEasyReturnPlus", "DHLExpress12",
    "DHLExpress9", "DHLExpressEnvelope", "DHLExpressWorldwide", "DHLeCommerce", "DHLSmartmailFlatsGround",
    "DHLSmartmailParcelGround", "DHLSmartmailParcelPlusGround", "DynamexSameDay", "EasternConnectionExpeditedMail",
    "EasternConnectionGround", "EasternConnectionPriority", "EasternConnectionSameDay", "EnsendaHome",
    "EnsendaNextDay", "EnsendaSameDay", "EnsendaTwoMan", "Estes", "Fedex2Day", "FedExExpeditedFreight",
    "FedexExpressSaver", "FedexFirstOvernight", "FedexFreight", "FedExGround", "FedExHome",
    "FedexPriorityOvernight", "FedexSameDay", "FedExSmartPost", "FedExSmartPostReturns", "FedexStandardOvernight",
    "GSOGround", "LandAirExpress", "LasershipSameDay", "LaserShipNextDay", "LaserShipGlobalPriority", "Prestige",
    "LSO2ndDay", "LSOEarlyNexyDay", "LSOEconomyNextDay", "LSOGround", "LSOPriorityNextDay", "LSOSaturday",
    "Meyer", "NewPenn", "OnTracDirectPost", "OnTracGround", "OnTracPalletizedFreight", "OnTracSaturdayDelivery",
    "OnTracSunrise", "OnTracSunriseGold", "Other", "Pilot", "RBF", "Reddaway", "RLCarriers", "RoadRunner",
    "SAIAFreight", "SoutheasternFreight", "SpeeDee", "UDSNextDay", "UDSSameDay", "UES", "UPSSurepost",
    "UPS2ndDayAir", "UPS2ndDayAirAM", "UPS2ndDayAirFreight", "UPS2ndDayAirFreightNGS", "UPS3DayFreight",
    "UPS3DayFreightNGS", "UPS3DaySelect", "UPSExpressCritical", "UPSFreight", "UPSGround",
    "UPSGroundFreightPricing", "UPSHundredweightService", "UPSMailInnovations", "UPSNextDayAir",
    "UPSNextDayAirEarly", "UPSNextDayAirFreight", "UPSNextDayAirFreightNGS", "UPSNextDayAirSaver", "UPSStandard",
    "USPSFirstClassMail", "USPSMediaMail", "USPSPriorityMail", "USPSPriorityMailExpress", "USPSRetailGround",
    "YRC", "DHLEasyReturnLight", "DHLEasyReturnGround", "DHLSmartmailFlatsExpedited",
    "DHLSmartmailParcelExpedited", "DHLSmartmailParcelPlusExpedited", "GSOPriority", "GSOFreight",
)  # fmt: skip


def is_among(word: str, words: tuple[str, ...]) -> bool:
    """Compare without case: clients differ in it and nothing says Jet minded."""
    return word.casefold() in {known.casefold() for known in words}
