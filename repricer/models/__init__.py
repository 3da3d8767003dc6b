from repricer.models.offers import OfferReading, SalesData
from repricer.models.rules import ProfileRule, RepriceRule

__all__ = ["OfferReading", "ProfileRule", "RepriceRule", "SalesData"]
