"""Catalogue models."""

from catalog.models.category import CategoryMapping, StoreCategory
from catalog.models.csv_upload import CsvBefore, CsvUpload
from catalog.models.error import SkuError
from catalog.models.exceptions import ReturnException, ReturnExceptionLocation, ShippingException
from catalog.models.file import BulkFile
from catalog.models.image import ImageFact, ImageUse
from catalog.models.listing import Listing
from catalog.models.product import Product, Variant
from catalog.models.profile import AttributeMapping, FieldMapping, Profile, StoreField, ValueMapping
from catalog.models.stock import NodeStock, Reservation
from catalog.models.taxonomy import (
    JetAttribute,
    JetAttributeValue,
    JetCategory,
    JetCategoryAttribute,
    TaxonomyVersion,
)
from catalog.models.vacation import Vacation
from catalog.models.variation import VariationGroup, VariationMember

__all__ = [
    "AttributeMapping",
    "BulkFile",
    "CategoryMapping",
    "CsvBefore",
    "CsvUpload",
    "FieldMapping",
    "ImageFact",
    "ImageUse",
    "JetAttribute",
    "JetAttributeValue",
    "JetCategory",
    "JetCategoryAttribute",
    "Listing",
    "NodeStock",
    "Product",
    "Profile",
    "Reservation",
    "ReturnException",
    "ReturnExceptionLocation",
    "ShippingException",
    "SkuError",
    "StoreCategory",
    "StoreField",
    "TaxonomyVersion",
    "Vacation",
    "ValueMapping",
    "Variant",
    "VariationGroup",
    "VariationMember",
]
