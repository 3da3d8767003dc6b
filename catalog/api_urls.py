"""Addresses of the catalogue's API."""

from __future__ import annotations

from rest_framework.routers import SimpleRouter

from catalog.api.bulk import BulkViewSet
from catalog.api.drift import DriftViewSet
from catalog.api.exceptions import ReturnExceptionViewSet, ShippingExceptionViewSet
from catalog.api.mapping import (
    AttributeMappingViewSet,
    CategoryMappingViewSet,
    JetCategoryViewSet,
    TaxonomyViewSet,
)
from catalog.api.profiles import FieldMappingViewSet, ProfileViewSet, StoreFieldViewSet
from catalog.api.publishing import BulkFileViewSet, SkuErrorViewSet
from catalog.api.sheets import UploadViewSet
from catalog.api.vacation import VacationViewSet
from catalog.api.variations import GroupViewSet
from catalog.api.views import ProductViewSet, VariantViewSet

router = SimpleRouter()
router.register("products", ProductViewSet, basename="product")
router.register("variants", VariantViewSet, basename="variant")
router.register("shipping-exceptions", ShippingExceptionViewSet, basename="shipping-exception")
router.register("return-exceptions", ReturnExceptionViewSet, basename="return-exception")
router.register("taxonomies", TaxonomyViewSet, basename="taxonomy")
router.register("jet-categories", JetCategoryViewSet, basename="jet-category")
router.register("category-mappings", CategoryMappingViewSet, basename="category-mapping")
router.register("attribute-mappings", AttributeMappingViewSet, basename="attribute-mapping")
router.register("profiles", ProfileViewSet, basename="profile")
router.register("field-mappings", FieldMappingViewSet, basename="field-mapping")
router.register("store-fields", StoreFieldViewSet, basename="store-field")
router.register("variation-groups", GroupViewSet, basename="variation-group")
router.register("bulk", BulkViewSet, basename="bulk")
router.register("bulk-files", BulkFileViewSet, basename="bulk-file")
router.register("sku-errors", SkuErrorViewSet, basename="sku-error")
router.register("drift", DriftViewSet, basename="drift")
router.register("vacations", VacationViewSet, basename="vacation")
router.register("csv-uploads", UploadViewSet, basename="csv-upload")
urlpatterns = router.urls
# Under which heading of the API's page the calls stand, by the beginning of their paths.
SUBJECTS = {
    "products": "Products and variants",
    "variants": "Products and variants",
    "taxonomies": "Taxonomy and mapping",
    "jet-categories": "Taxonomy and mapping",
    "category-mappings": "Taxonomy and mapping",
    "attribute-mappings": "Taxonomy and mapping",
    "profiles": "Profiles, field mapping and store fields",
    "field-mappings": "Profiles, field mapping and store fields",
    "store-fields": "Profiles, field mapping and store fields",
    "variation-groups": "Variation groups",
    "bulk": "Publishing",
    "sku-errors": "Publishing",
    "drift": "Publishing",
    "vacations": "Vacations",
    "shipping-exceptions": "Shipping and return exceptions",
    "return-exceptions": "Shipping and return exceptions",
    "csv-uploads": "Files of products and prices",
}
