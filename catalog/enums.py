"""Word lists of the catalogue."""

from django.db.models import IntegerChoices, TextChoices


class ProductKind(TextChoices):
    SIMPLE = "simple", "Simple"
    VARIABLE = "variable", "Variable"
    UNSUPPORTED = "unsupported", "Not supported"


class FreeText(IntegerChoices):
    """How a Jet attribute takes its value (taxonomy files, column free_text)."""

    LISTED = 0, "Pick from values"
    FREE = 1, "Free text"
    FREE_WITH_UNIT = 2, "Free text with unit"


class ListingStatus(TextChoices):
    """Local states first, then Jet's own (protocol: listing status). Jet's exact word is kept beside it."""

    NOT_UPLOADED = "not_uploaded", "Not uploaded"
    UPLOADED = "uploaded", "Uploaded"
    UNDER_REVIEW = "under_review", "Under Jet Review"
    MISSING_DATA = "missing_data", "Missing Listing Data"
    AVAILABLE = "available", "Available for Purchase"
    ARCHIVED = "archived", "Archived"
    UNAUTHORIZED = "unauthorized", "Unauthorized"
    EXCLUDED = "excluded", "Excluded"
    OTHER = "other", "Other"


class Readiness(TextChoices):
    NOT_READY = "not_ready", "Not ready"
    NEVER_LIVE = "never_live", "Can be sent, will not go live"
    READY = "ready", "Ready"


class FileType(TextChoices):
    """Jet's bulk file types, spelt as Jet spells them."""

    MERCHANT_SKUS = "MerchantSKUs", "Products"
    PRICE = "Price", "Prices"
    INVENTORY = "Inventory", "Quantities"
    VARIATION = "Variation", "Variations"
    ARCHIVE = "Archive", "Archive"
    SHIPPING_EXCEPTION = "ShippingException", "Shipping exceptions"
    RETURNS_EXCEPTION = "ReturnsException", "Return exceptions"


class FileState(TextChoices):
    """`building -> sent -> processing -> done | with_errors | failed`; Jet's own word is kept beside it."""

    BUILDING = "building", "Being built"
    SENT = "sent", "Sent"
    PROCESSING = "processing", "Processing at Jet"
    DONE = "done", "Processed successfully"
    WITH_ERRORS = "with_errors", "Processed with errors"
    FAILED = "failed", "Not sent"


class CsvKind(TextChoices):
    PRODUCTS = "products", "Products"
    PRICE_INVENTORY = "price_inventory", "Price and inventory"
