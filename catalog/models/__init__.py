"""Catalogue models."""

from catalog.models.category import CategoryMapping, StoreCategory
from catalog.models.csv_upload import CsvUpload
from catalog.models.file import BulkFile
from catalog.models.listing import Listing
from catalog.models.product import Product, Variant
from catalog.models.stock import NodeStock, Reservation
from catalog.models.taxonomy import (
    JetAttribute,
    JetAttributeValue,
    JetCategory,
    JetCategoryAttribute,
    TaxonomyVersion,
)

__all__ = [
    "BulkFile",
    "CategoryMapping",
    "CsvUpload",
    "JetAttribute",
    "JetAttributeValue",
    "JetCategory",
    "JetCategoryAttribute",
    "Listing",
    "NodeStock",
    "Product",
    "Reservation",
    "StoreCategory",
    "TaxonomyVersion",
    "Variant",
]
