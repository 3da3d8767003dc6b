from repricer.models.offers import OfferReading, SalesData
from repricer.models.rules import ProfileRule, RepriceRule
from repricer.models.runs import RepriceChange, RepricerSetting, RepriceRun

__all__ = [
    "OfferReading",
    "ProfileRule",
    "RepriceChange",
    "RepriceRule",
    "RepriceRun",
    "RepricerSetting",
    "SalesData",
]
