"""Words of products, files and reports (products.md sections 3 to 10)."""

from __future__ import annotations

from enum import StrEnum


class ListingStatus(StrEnum):
    """`status` of a SKU. `Processing` and `Ready to List` are words of 2015 and 2016."""

    UNDER_JET_REVIEW = "Under Jet Review"
    MISSING_LISTING_DATA = "Missing Listing Data"
    AVAILABLE_FOR_PURCHASE = "Available for Purchase"
    EXCLUDED = "Excluded"
    UNAUTHORIZED = "Unauthorized"
    ARCHIVED = "Archived"
    READY_TO_LIST = "Ready to List"
    PROCESSING = "Processing"


class ListingSubStatus(StrEnum):
    """`sub_status` of a SKU; the last four are older spellings and a portal label."""

    MISSING_VARIATION_INFORMATION = "Missing variation information"
    MISSING_TITLE = "Missing title"
    MISSING_SHIPPING_WEIGHT = "Missing shipping weight"
    MISSING_PRICE = "Missing price"
    MISSING_IMAGE = "Missing image"
    MISSING_CATEGORY = "Missing category"
    MISSING_BRAND = "Missing brand"
    MISSING_ATTRIBUTE_VALUE = "Missing attribute value"
    INVALID_SKU_IDENTIFIER = "Invalid SKU identifier"
    INVALID_CATEGORY = "Invalid category"
    INCORRECT_MULTIPACK_QUANTITY = "Incorrect multipack quantity"
    ADDITIONAL_SKU_ID_NEEDED = "Additional SKU ID needed"
    ATTRIBUTE_DATA_NEEDED = "Attribute Data Needed"
    PRICE_NEEDED = "Price Needed"
    IMAGE_NEEDED = "Image Needed"
    EXCLUDED_CATEGORY_OR_BRAND = "Excluded Category or Brand"


class CodeType(StrEnum):
    """`standard_product_code_type`. ASIN has a member of its own."""

    UPC = "UPC"
    EAN = "EAN"
    ISBN_10 = "ISBN-10"
    ISBN_13 = "ISBN-13"
    GTIN_14 = "GTIN-14"


class MapImplementation(StrEnum):
    """`map_implementation`: 101 no restriction, 102 savings for members only, 103 never."""

    NO_RESTRICTION = "101"
    MEMBERS_ONLY = "102"
    NEVER = "103"


class CpsiaStatement(StrEnum):
    """`cpsia_cautionary_statements`; the first excludes the others."""

    NO_WARNING_APPLICABLE = "no warning applicable"
    CHOKING_HAZARD_SMALL_PARTS = "choking hazard small parts"
    CHOKING_HAZARD_IS_A_SMALL_BALL = "choking hazard is a small ball"
    CHOKING_HAZARD_IS_A_MARBLE = "choking hazard is a marble"
    CHOKING_HAZARD_CONTAINS_A_SMALL_BALL = "choking hazard contains a small ball"
    CHOKING_HAZARD_CONTAINS_A_MARBLE = "choking hazard contains a marble"
    CHOKING_HAZARD_BALLOON = "choking hazard balloon"


class Relationship(StrEnum):
    """`relationship` of a variation. `Accessory` was withdrawn in October 2017 and is read only."""

    VARIATION = "Variation"
    ACCESSORY = "Accessory"


class OverrideType(StrEnum):
    """`override_type` of a shipping exception: replaces the charge, or adds to it."""

    OVERRIDE_CHARGE = "Override charge"
    ADDITIONAL_CHARGE = "Additional charge"


class ShippingExceptionType(StrEnum):
    """`shipping_exception_type`. `include` was withdrawn in October 2017 and is read only."""

    EXCLUSIVE = "exclusive"
    RESTRICTED = "restricted"
    INCLUDE = "include"


class FileType(StrEnum):
    """`file_type` of a bulk file. The last three are known from one client only."""

    MERCHANT_SKUS = "MerchantSKUs"
    PRICE = "Price"
    INVENTORY = "Inventory"
    VARIATION = "Variation"
    ARCHIVE = "Archive"
    SHIPPING_EXCEPTION = "ShippingException"
    RETURNS_EXCEPTION = "ReturnsException"
    SHIPMENTS = "Shipments"


class FileStatus(StrEnum):
    """`status` of a bulk file. `Merchant acknowledged` was seen once."""

    ACKNOWLEDGED = "Acknowledged"
    MERCHANT_ACKNOWLEDGED = "Merchant acknowledged"
    PROCESSING = "Processing"
    PROCESSED_WITH_ERRORS = "Processed with errors"
    PROCESSED_SUCCESSFULLY = "Processed successfully"


class ReportType(StrEnum):
    """Kinds of reports."""

    PRODUCT_STATUS = "ProductStatus"
    SALES_DATA = "SalesData"
    SETTLEMENT_DETAILS = "SettlementDetails"


class ReportStatus(StrEnum):
    """`report_status`."""

    REQUESTED = "Requested"
    READY = "Ready"
    FAILED = "Failed"
    EXPIRED = "Expired"


class TaxCode(StrEnum):
    """`product_tax_code`: the list of 2016, three words of 2018, four of the taxonomy of 2017 (spelling as there)."""

    TOILET_PAPER = "Toilet Paper"
    THERMOMETERS = "Thermometers"
    SWEATBANDS = "Sweatbands"
    SPF_SUNCARE_PRODUCTS = "SPF Suncare Products"
    SPARKLING_WATER = "Sparkling Water"
    SMOKING_CESSATION = "Smoking Cessation"
    SHOE_INSOLES = "Shoe Insoles"
    SAFETY_CLOTHING = "Safety Clothing"
    PET_FOODS = "Pet Foods"
    PAPER_PRODUCTS = "Paper Products"
    OTC_PET_MEDS = "OTC Pet Meds"
    OTC_MEDICATION = "OTC Medication"
    ORAL_CARE_PRODUCTS = "Oral Care Products"
    NON_MOTORIZED_BOATS = "Non-Motorized Boats"
    NON_TAXABLE_PRODUCT = "Non Taxable Product"
    MOBILITY_EQUIPMENT = "Mobility Equipment"
    MEDICATED_PERSONAL_CARE_ITEMS = "Medicated Personal Care Items"
    INFANT_CLOTHING = "Infant Clothing"
    HELMETS = "Helmets"
    HANDKERCHIEFS = "Handkerchiefs"
    GENERIC_TAXABLE_PRODUCT = "Generic Taxable Product"
    GENERAL_GROCERY_ITEMS = "General Grocery Items"
    GENERAL_CLOTHING = "General Clothing"
    FLUORIDE_TOOTHPASTE = "Fluoride Toothpaste"
    FEMININE_HYGIENE_PRODUCTS = "Feminine Hygiene Products"
    DURABLE_MEDICAL_EQUIPMENT = "Durable Medical Equipment"
    DRINKS_UNDER_50_PERCENT_JUICE = "Drinks under 50 Percent Juice"
    DISPOSABLE_WIPES = "Disposable Wipes"
    DISPOSABLE_INFANT_DIAPERS = "Disposable Infant Diapers"
    DIETARY_SUPPLEMENTS = "Dietary Supplements"
    DIABETIC_SUPPLIES = "Diabetic Supplies"
    COSTUMES = "Costumes"
    CONTRACEPTIVES = "Contraceptives"
    CONTACT_LENS_SOLUTION = "Contact Lens Solution"
    CARBONATED_SOFT_DRINKS = "Carbonated Soft Drinks"
    CAR_SEATS = "Car Seats"
    CANDY_WITH_FLOUR = "Candy with Flour"
    CANDY = "Candy"
    BREAST_PUMPS = "Breast Pumps"
    BRACES_AND_SUPPORTS = "Braces and Supports"
    BOTTLED_WATER_PLAIN = "Bottled Water Plain"
    BEVERAGES_WITH_51_TO_99_PERCENT_JUICE = "Beverages with 51 to 99 Percent Juice"
    BATHING_SUITS = "Bathing Suits"
    BANDAGES_AND_FIRST_AID_KITS = "Bandages and First Aid Kits"
    BABY_SUPPLIES = "Baby Supplies"
    ATHLETIC_CLOTHING = "Athletic Clothing"
    ADULT_DIAPERS = "Adult Diapers"
    MAGAZINES = "Magazines"
    PRODUCTIVITY_SOFTWARE = "Productivity Software"
    INACTIVE = "N/A - Inactive"
    SCHOOL_SUPPLIES = "School Supplies"
    COMPUTERS_AND_COMPUTER_COMPONENTS = "Computers and Computer Components"
    HURRICANE_PREPARDNESS_SUPPLIES = "Hurricane Prepardness Supplies"
    GENERATORS = "Generators"
