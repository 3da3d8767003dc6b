from repricer.models.offers import OfferReading, SalesData

__all__ = ["OfferReading", "SalesData"]
