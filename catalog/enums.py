"""Word lists of the catalogue."""

from enum import StrEnum

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


class Step(StrEnum):
    """The parts of an operation, in the order Jet wants them."""

    CONTENT = "content"
    PRICE = "price"
    INVENTORY = "inventory"
    VARIATION = "variation"
    SHIPPING = "shipping"
    RETURNS = "returns"
    ARCHIVE = "archive"
    STATUS = "status"


FILE_OF_STEP = {
    Step.CONTENT: FileType.MERCHANT_SKUS,
    Step.PRICE: FileType.PRICE,
    Step.INVENTORY: FileType.INVENTORY,
    Step.VARIATION: FileType.VARIATION,
    Step.SHIPPING: FileType.SHIPPING_EXCEPTION,
    Step.RETURNS: FileType.RETURNS_EXCEPTION,
    Step.ARCHIVE: FileType.ARCHIVE,
}
STEP_OF_FILE = {file_type: step for step, file_type in FILE_OF_STEP.items()}


class ErrorCode(StrEnum):
    """Codes of a SKU's errors beside `<step>_refused`, which is Jet's refusal of that step."""

    # Jet refused a whole file and named no SKU: each of them is a candidate.
    FILE_REFUSED = "file_refused"
    UNKNOWN_AT_JET = "unknown_at_jet"
    # The refused value is another by now: the error holds nothing back any more.
    CHANGED_SINCE = "changed_since"


class FileState(TextChoices):
    """`building -> sent -> processing -> done | with_errors | failed`; Jet's own word is kept beside it.

    A file with errors that was built anew is `resubmitted`, and `n_a` once Jet took its successor without error.
    """

    BUILDING = "building", "Being built"
    SENT = "sent", "Sent"
    PROCESSING = "processing", "Processing at Jet"
    DONE = "done", "Processed successfully"
    WITH_ERRORS = "with_errors", "Processed with errors"
    FAILED = "failed", "Not sent"
    RESUBMITTED = "resubmitted", "Resubmitted"
    NOT_APPLICABLE = "n_a", "N/A"


class CsvKind(TextChoices):
    PRODUCTS = "products", "Products"
    PRICE_INVENTORY = "price_inventory", "Price and inventory"
    VARIATIONS = "variations", "Variations"


class CsvState(TextChoices):
    """`checking -> checked -> importing -> done`; the merchant starts the import after reading the preview.

    `mapping` stands before them where the merchant has to say what the file's columns are.
    """

    MAPPING = "mapping", "Waiting for the meaning of its columns"
    CHECKING = "checking", "Being checked"
    CHECKED = "checked", "Checked, waiting for you"
    IMPORTING = "importing", "Being imported"
    DONE = "done", "Imported"
    CANCELLED = "cancelled", "Cancelled"


class StoreFieldKind(TextChoices):
    FIELD = "field", "Store field"
    OPTION = "option", "Variation option"


class Relationship(TextChoices):
    """How the SKUs of a group belong together (protocol: variation)."""

    VARIATION = "Variation", "Variation"
    ACCESSORY = "Accessory", "Accessory (until 2017)"


class GroupOrigin(TextChoices):
    PRODUCT = "product", "From a variable product"
    CSV = "csv", "From a variations file"
    PANEL = "panel", "Made in the panel"


class GroupState(TextChoices):
    """Of a variation group, in the order in which the states are judged."""

    DISSOLVING = "dissolving", "Being dissolved"
    INCOMPLETE = "incomplete", "Something is missing"
    REFUSED = "refused", "Refused by Jet"
    SENT = "sent", "As Jet has it"
    WAITING = "waiting", "Waits for its SKUs"
    QUEUED = "queued", "About to be sent"


class OverrideType(TextChoices):
    OVERRIDE = "Override charge", "Override charge"
    ADDITIONAL = "Additional charge", "Additional charge"


class ShippingExceptionType(TextChoices):
    EXCLUSIVE = "exclusive", "Exclusive: ship only this way"
    RESTRICTED = "restricted", "Restricted: never ship this way"


class ImageState(TextChoices):
    WAITING = "waiting", "Not looked at yet"
    FINE = "fine", "Fetched and measured"
    UNREACHABLE = "unreachable", "Could not be fetched"
    NOT_IMAGE = "not_image", "Not a picture"


class VacationState(TextChoices):
    PLANNED = "planned", "Planned"
    ON = "on", "On vacation"
    OVER = "over", "Over"
    CANCELLED = "cancelled", "Cancelled"


OPEN_VACATIONS = (VacationState.PLANNED, VacationState.ON)


# How a file is read, under the names that people know.
ENCODING_NAMES = {
    "utf-8": "UTF-8",
    "utf-8-sig": "UTF-8",
    "utf-16": "UTF-16",
    "cp1252": "Windows-1252",
    "xlsx": "Excel workbook",
}
